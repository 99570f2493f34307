"""The modules of the page, read but not run; the other tests run them in a browser."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from treernn.scoring.script import STATIC

MODULES = sorted(STATIC.rglob("*.js"))
_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?:const|class|(?:async )?function\*?) (\w+)", re.MULTILINE)

# Whatever makes markup, styles or code of texts.
_UNSAFE = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc"
    r"|setAttribute\(\"(?:style|on)|https?://(?!www\.w3\.org/2000/svg)"
)


def exports(module: Path) -> list[str]:
    return _EXPORT.findall(module.read_text("utf-8"))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(STATIC).as_posix())
def test_a_module(module):
    """It imports what there is, and uses it; it says what it is for; it has no unsafe calls."""
    text = module.read_text("utf-8")
    assert text.startswith("/**")
    assert len(text.splitlines()) < 400
    assert not _UNSAFE.search(text)
    imported = _IMPORT.findall(text)
    assert len(imported) == len(re.findall("^import ", text, re.MULTILINE))
    for names, place in imported:
        there = exports((module.parent / place).resolve())
        for name in filter(None, map(str.strip, names.split(","))):
            assert name in there, f"{place} has no {name}"
            assert len(re.findall(rf"\b{name}\b", text)) > 1, f"{name} is not used"


def test_every_module_is_used():
    imported = {
        (module.parent / place).resolve()
        for module in MODULES
        for _, place in _IMPORT.findall(module.read_text("utf-8"))
    }
    entries = {STATIC / "file.js", STATIC / "page" / "main.js"}
    assert imported | entries == set(MODULES)


def test_the_page_has_no_code_of_its_own():
    """The policy of the server allows files only."""
    page = (STATIC / "index.html").read_text("utf-8")
    assert re.findall(r"<script[^>]*>[^<]", page) == []
    assert not re.search(r"<style|\sstyle=|\son\w+=|https?:", page)
    for name in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert (STATIC / name).is_file()


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
