"""What is installed: every package, and every file that is read at run time."""

import fnmatch
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
FOLDERS = {"treernn.corpora": ROOT / "corpora", "treernn.cli": ROOT / "cli"}


def folder_of(package):
    for name, folder in FOLDERS.items():
        if package == name or package.startswith(f"{name}."):
            return folder.joinpath(*package.split(".")[2:])
    return ROOT.joinpath(*package.split("."))


def test_every_package_is_installed():
    found = set()
    for name, folder in {"treernn": ROOT / "treernn", **FOLDERS}.items():
        for path in folder.rglob("*.py"):
            inner = path.parent.relative_to(folder).parts
            found.add(".".join((name, *inner)))
    assert {*SETTINGS["packages"]} == found


def test_every_other_file_is_installed():
    files = {path for path in (ROOT / "treernn").rglob("*") if path.is_file()}
    files = {path for path in files if path.suffix not in (".py", ".pyc")}
    for package, patterns in SETTINGS["package-data"].items():
        folder = folder_of(package)
        files -= {
            path
            for path in files
            if path.is_relative_to(folder)
            for pattern in patterns
            if len(path.relative_to(folder).parts) == len(pattern.split("/"))
            and fnmatch.fnmatch(path.relative_to(folder).as_posix(), pattern)
        }
    assert files == set()
