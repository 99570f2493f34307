"""What ``make matrix`` makes of a choice, and of the reports of pytest."""

import re
import tomllib
from pathlib import Path

from tests.helpers.matrix import counts, row

ROOT = Path(__file__).resolve().parents[1]
REPORT = """<?xml version="1.0"?><testsuites><testsuite name="pytest" errors="1" failures="2"
skipped="3" tests="1006" time="1.0"></testsuite></testsuites>"""


def test_a_row_of_the_table():
    versions = {"python": "3.14.8", "torch": "2.15.0", "numpy": "2.5.5"}
    expected = "| 3.14.8 | newest | 2.15.0 | 2.5.5 | none | 1,000 | 3 | 3 |"
    assert row("3.14", versions, counts(REPORT)) == expected
    assert row("3.14,lowest", versions, counts(REPORT)) == expected.replace("newest", "lowest")


def test_the_pythons_of_the_metadata_are_on_the_page_on_installation():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = re.findall(r"Python :: (3\.\d+)$", "\n".join(project["classifiers"]), re.M)
    page = (ROOT / "docs" / "install.md").read_text("utf-8")
    tested = re.findall(r"^\| (3\.\d+)\b", page, re.M)
    assert named
    assert set(named) <= set(tested)
