"""What a wheel has in it, and where this package may be imported from."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).resolve().parents[1]


def test_a_wheel_has_every_file_of_the_three_folders():
    packed = {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    folders = {"treernn": "", "corpora": "treernn/", "cli": "treernn/"}
    assert {Path(path).as_posix() for path in packed} == {
        above + path.relative_to(ROOT).as_posix()
        for folder, above in folders.items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def test_the_page_on_installation_has_every_extra():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    page = (ROOT / "docs" / "install.md").read_text("utf-8")
    _, _, table = page.partition("| extra | for |\n")
    names = re.findall(r"^\| (`.*?) \|", table, re.M)
    listed = [name.strip("`") for row in names for name in row.split(", ")]
    assert sorted(listed) == sorted(extras["optional-dependencies"])


def python(*arguments: str, cwd: Path, path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-S", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(path)},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("cwd", ["parent", "parent/treernn", "elsewhere"])
def test_a_clone_on_the_path_is_imported_from_everywhere(tmp_path, cwd):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "parent").mkdir()
    # In the folder above it, a clone of this name looks like a package without code.
    clone = tmp_path / "parent" / "treernn"
    clone.symlink_to(ROOT, target_is_directory=True)
    code = "import treernn, treernn.corpora as a, treernn.cli as b; print(treernn, a, b, sep='\\n')"
    done = python("-c", code, cwd=tmp_path / cwd, path=clone)
    assert (done.returncode, done.stderr) == (0, "")
    for line, folder in zip(done.stdout.splitlines(), ("treernn", "corpora", "cli"), strict=True):
        assert str(Path(folder, "__init__.py")) in line


def test_a_package_in_an_archive_is_refused_in_one_line(tmp_path):
    archive = tmp_path / "treernn.zip"
    with ZipFile(archive, "w") as packed:
        for path in (ROOT / "treernn").glob("*.py"):
            packed.write(path, f"treernn/{path.name}")
    done = python("-m", "treernn", cwd=tmp_path, path=archive)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    line = f"treernn is in an archive, {archive / 'treernn'}: install it with pip, as files"
    assert line in done.stderr
