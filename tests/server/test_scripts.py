"""The modules of the page, read but not run; the other tests run them in a browser."""

import re
import shutil
import subprocess
from os.path import dirname, join, normpath
from pathlib import Path

import pytest

from treernn.scoring.script import SCRIPTS
from treernn.server.page import STATIC

# The server shows both folders as one; so do the imports of the modules.
FILES = {
    path.relative_to(folder).as_posix(): path
    for folder in (STATIC, SCRIPTS)
    for path in sorted(folder.rglob("*"))
    if path.is_file()
}
MODULES = [name for name in FILES if name.endswith(".js")]
_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?:const|class|(?:async )?function\*?) (\w+)", re.MULTILINE)

# Whatever makes markup, styles or code of texts.
_UNSAFE = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc"
    r"|setAttribute\(\"(?:style|on)|https?://(?!www\.w3\.org/2000/svg)"
)


def exports(module: str) -> list[str]:
    return _EXPORT.findall(FILES[module].read_text("utf-8"))


def imported(module: str) -> list[tuple[str, str]]:
    """The names that a module imports, and from which module."""
    return [
        (names, normpath(join(dirname(module), place)))
        for names, place in _IMPORT.findall(FILES[module].read_text("utf-8"))
    ]


@pytest.mark.parametrize("module", MODULES)
def test_a_module(module):
    """It imports what there is, and uses it; it says what it is for; it has no unsafe calls."""
    text = FILES[module].read_text("utf-8")
    assert text.startswith("/**")
    assert len(text.splitlines()) < 400
    assert not _UNSAFE.search(text)
    found = imported(module)
    assert len(found) == len(re.findall("^import ", text, re.MULTILINE))
    for names, place in found:
        there = exports(place)
        for name in filter(None, map(str.strip, names.split(","))):
            assert name in there, f"{place} has no {name}"
            assert len(re.findall(rf"\b{name}\b", text)) > 1, f"{name} is not used"


def test_every_module_is_used():
    used = {place for module in MODULES for _, place in imported(module)}
    assert used | {"file.js", "page/main.js"} == {*MODULES}


def test_what_draws_results_needs_nothing_of_the_server():
    """A file of results has no server; and no file is in both folders."""
    folders = [{p.relative_to(f) for p in f.rglob("*") if p.is_file()} for f in (STATIC, SCRIPTS)]
    assert folders[0].isdisjoint(folders[1])
    for path in SCRIPTS.rglob("*.js"):
        for _, place in imported(path.relative_to(SCRIPTS).as_posix()):
            assert (SCRIPTS / place).is_file()


def test_the_page_has_no_code_of_its_own():
    """The policy of the server allows files only."""
    page = FILES["index.html"].read_text("utf-8")
    assert re.findall(r"<script[^>]*>[^<]", page) == []
    assert not re.search(r"<style|\sstyle=|\son\w+=|https?:", page)
    for name in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert name in FILES


def test_the_server_shows_all_files(server):
    for name, path in FILES.items():
        answer = server.client.get(f"/{name}")
        assert (answer.status_code, answer.content) == (200, path.read_bytes())
        assert "require-trusted-types-for" in answer.headers["content-security-policy"]
    for name in ("result", "result/", "page", "static/index.html", "script.py", "../script.py"):
        assert server.client.get(f"/{name}").status_code == 404


@pytest.mark.slow
def test_types():
    """The types in the comments, checked by TypeScript; that is the lint of these files too."""
    folder = Path(__file__).parents[2] / "build" / "node"
    compiler = shutil.which("tsc", path=folder / "node_modules" / ".bin") or shutil.which("tsc")
    if not compiler:
        pytest.skip("no tsc: npm install --prefix build/node typescript@5")
    project = Path(__file__).with_name("tsconfig.json")
    done = subprocess.run([compiler, "-p", project], capture_output=True, text=True, timeout=300)
    assert done.stdout == ""
    assert done.returncode == 0
