"""The form of CHANGELOG.md: Keep a Changelog 1.1, newest first."""

import re
from pathlib import Path

import pytest

import treernn

ROOT = Path(__file__).resolve().parents[1]
KINDS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
VERSION = re.compile(r"\[Unreleased\]|\[(\d+)\.(\d+)\.(\d+)\] - \d{4}-\d\d-\d\d( \[YANKED\])?")


@pytest.fixture(scope="module")
def text():
    return (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_versions_are_dated_and_the_newest_is_first(text):
    titles = re.findall(r"^## (.*)$", text, re.M)
    matches = [VERSION.fullmatch(title) for title in titles]
    assert all(matches), titles
    numbers = [tuple(map(int, match.groups()[:3])) for match in matches if match[1]]
    assert titles.count("[Unreleased]") == 1
    assert titles[0] == "[Unreleased]"
    assert numbers == sorted(numbers, reverse=True)
    now = tuple(map(int, re.findall(r"\d+", treernn.__version__)[:3]))
    assert not numbers or numbers[0] <= now


def test_each_version_has_the_known_kinds_of_change_once(text):
    for version in re.split(r"^## ", text, flags=re.M)[1:]:
        kinds = re.findall(r"^### (.*)$", version, re.M)
        assert kinds == [kind for kind in KINDS if kind in kinds]
        assert kinds
        for part in re.split(r"^### ", version, flags=re.M)[1:]:
            assert re.search(r"^- ", part, re.M), part[:40]
