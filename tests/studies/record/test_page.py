"""The page of records on the site."""

import importlib
from dataclasses import replace
from pathlib import Path

import pytest

from treernn.studies.record.records import read_records, write_record

DOCS = Path(__file__).resolve().parents[3] / "docs"


@pytest.fixture
def page(monkeypatch):
    """``docs/generate/record.py``."""
    for package in ("sphinx", "myst_nb", "latex2mathml", "matplotlib"):
        pytest.importorskip(package, reason="the extra docs is not installed")
    monkeypatch.syspath_prepend(DOCS)
    return importlib.import_module("generate.record")


@pytest.fixture
def last():
    return read_records(DOCS / "record")[-1]


def rows(text):
    """Cells of the tables on a page."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_records_are_drawn_from_three_on(count, page, last, tmp_path):
    for day in range(1, count + 1):
        write_record(replace(last, date=f"2026-01-0{day}T00:00:00+00:00"), tmp_path)
    pages = page.pages(tmp_path)
    text = pages.pop("project/record.md")
    assert (len(pages) > len(page.SPEEDS)) == (count == 3)
    assert text.count("![") == len(pages)


def test_no_records(page, tmp_path):
    assert page.pages(tmp_path) == {}


def test_each_row_is_that_of_the_last_record_that_has_it(page, last, tmp_path):
    """An encoder of a model may be missing where the last record was made."""
    old = replace(
        last,
        date="2026-01-01T08:15:00+00:00",
        commit="of-all",
        accuracy=tuple(replace(count, right=count.right - 1) for count in last.accuracy),
        speed={**last.speed, "trees, no more": 1.25},
    )
    new = replace(
        last,
        date="2026-01-02T09:30:00+00:00",
        commit="of-some",
        accuracy=tuple(count for count in last.accuracy if count.model != "large"),
    )
    for record in (old, new):
        write_record(record, tmp_path)
    found = rows(page.pages(tmp_path)["project/record.md"])
    for expected, record in ((old, "2026-01-01 08:15"), (new, "2026-01-02 09:30")):
        assert [row[1] for row in found if row[0] == record] == [expected.commit]
    for count in last.accuracy:
        [row] = [row for row in found if row[:2] == [count.model, count.set]]
        from_old = count.model == "large"
        assert row[2] == f"{count.right - from_old:,}"
        assert row[-1] == ("2026-01-01 08:15" if from_old else "2026-01-02 09:30")
    assert [row for row in found if row[1] == "1.25"] == [["no more", "1.25", "2026-01-01 08:15"]]
    # A record that no row is from is not named.
    write_record(replace(last, date="2026-01-03T10:00:00+00:00", commit="newest"), tmp_path)
    text = page.pages(tmp_path)["project/record.md"]
    assert "of-some" not in text
    assert "newest" in text
