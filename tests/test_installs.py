"""treernn as it is installed: editable, from a wheel, and from the sources that are published."""

import email
import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
PLACES = ("parent", "parent/treernn", "elsewhere")
BIN = "Scripts" if os.name == "nt" else "bin"
PIP = (sys.executable, "-m", "pip")
OPTIONS = ("--quiet", "--no-deps", "--no-index", "--no-build-isolation")
# What is imported, and from where.
CODE = """
import treernn, treernn.corpora.sst, treernn.cli.app
treernn.load
for package in (treernn, treernn.corpora, treernn.cli):
    print(package.__path__[0])
"""


def run(*command: object, cwd: Path, **variables: str) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | variables,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module", autouse=True)
def links() -> Iterator[None]:
    """Links to packages in an ignored folder, as `make lint` has them; they change nothing."""
    folder = ROOT / "build" / "links of tests"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("treernn", "corpora", "cli"):
        (folder / name).symlink_to(ROOT / name)
    yield
    shutil.rmtree(folder)


def build(kind: str, sources: Path, folder: Path) -> Path:
    run(sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", folder, cwd=sources)
    (path,) = folder.iterdir()
    return path


def digest(path: Path) -> str:
    """For comparisons: pytest would look for the difference of large files for hours."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("installs")
    for place in ("parent", "elsewhere"):
        (folder / place).mkdir()
    return folder


@pytest.fixture(scope="module")
def sdist(folder) -> Path:
    return build("sdist", ROOT, folder / "sdist")


@pytest.fixture(scope="module")
def clone(folder, sdist) -> Path:
    """What the sdist has in it, in a folder whose name is the package's."""
    with tarfile.open(sdist) as packed:
        packed.extractall(folder, filter="data")
    (unpacked,) = folder.glob("treernn-*")
    (unpacked / "PKG-INFO").unlink()  # which no clone has
    return unpacked.rename(folder / "parent" / "treernn")


@pytest.fixture(scope="module")
def wheel(folder, sdist) -> Path:
    """The wheel that an installation of the sdist makes and installs."""
    run(*PIP, "wheel", *OPTIONS, "-w", folder / "wheel", sdist, cwd=folder)
    (path,) = (folder / "wheel").iterdir()
    return path


@pytest.fixture(scope="module", params=["editable", "of the wheel"])
def python(request, folder) -> Path:
    """An environment of its own with treernn, and with the other packages of this one."""
    environment = folder / request.param
    venv.create(environment)
    python = environment / BIN / "python"
    library = run(python, "-c", "import sysconfig as s; print(s.get_path('purelib'))", cwd=folder)
    Path(library.strip(), "others.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    if request.param == "editable":
        target = ["--editable", request.getfixturevalue("clone")]
    else:
        target = [request.getfixturevalue("wheel")]
    run(*PIP, "--python", python, "install", *OPTIONS, *target, cwd=folder)
    return python


def test_from_everywhere(python, folder, clone):
    for place in PLACES:
        # In the root of the clone its own sources come first, as in any project of this layout.
        here = "editable" in python.parts or place == "parent/treernn"
        names = run(python, "-c", CODE, cwd=folder / place).splitlines()
        if here:
            assert names == [str(clone / name) for name in ("treernn", "corpora", "cli")]
        else:
            assert all(name.startswith(str(python.parents[1])) for name in names)
        for command in ((python, "-m", "treernn"), (python.with_name("treernn"),)):
            assert run(*command, "--version", cwd=folder / place).startswith("treernn ")
    command = (python, "-m", "treernn", "score", "--json", "It isn't good.")
    assert '"label": "negative"' in run(*command, cwd=folder / "parent")


def test_the_sources_test_themselves(python, clone):
    """Whatever is installed, pytest tests the sources that it stands in."""
    test = clone / "tests" / "test_place.py"
    code = "from treernn import __file__ as file\n\ndef test():\n    assert file.startswith"
    test.write_text(f"{code}({str(clone)!r})\n", "utf-8")
    options = ("-P", "-m", "pytest", "-q", "-p", "no:cacheprovider")
    run(python, *options, "tests/test_place.py", "tests/test_packages.py", cwd=clone)
    test.unlink()


@pytest.mark.parametrize("kind", ["sdist", "wheel"])
def test_the_description_needs_no_other_file(kind, request):
    """On a package index relative pictures and links lead nowhere; all else is as in README.md."""
    packed = request.getfixturevalue(kind)
    if kind == "sdist":
        with tarfile.open(packed) as archive:
            name = f"{packed.name.removesuffix('.tar.gz')}/PKG-INFO"
            text = archive.extractfile(name).read().decode()
    else:
        with zipfile.ZipFile(packed) as archive:
            (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
            text = archive.read(name).decode()
    metadata = email.message_from_string(text)
    assert metadata["Description-Content-Type"] == "text/markdown"
    words, targets = shown(metadata.get_payload())
    assert [target for target in targets if not re.match(r"https?:|#", target)] == []
    assert words == shown((ROOT / "README.md").read_text("utf-8"))[0]


def shown(text: str) -> tuple[list[str], list[str]]:
    """What a page in Markdown shows but for pictures, and the addresses in it."""
    lines, targets = [], []
    for block in MarkdownIt("commonmark").enable("table").parse(text):
        parts = block.children or []
        lines.append(block.content if block.type == "fence" else "")
        lines.append("".join(part.content for part in parts if part.type != "image"))
        targets += [
            part.attrs[name] for part in parts for name in ("href", "src") if name in part.attrs
        ]
    return [line for line in lines if line], targets


def test_the_same_sources_give_the_same_bytes(folder, sdist, wheel, clone):
    for path in clone.rglob("*.py"):
        os.utime(path, (1e9, 1e9))
    assert digest(build("sdist", clone, folder / "sdist again")) == digest(sdist)
    assert digest(build("wheel", ROOT, folder / "wheel again")) == digest(wheel)
