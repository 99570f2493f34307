"""Dates, ratings and groups as files and data frames have them: read, missing, or unread."""

import math
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.opinions.columns import Unread, date_of, group_of, rating_of
from treernn.tables.arrow import to_python

DAY = date(2024, 3, 4)
MISSING = [None, "", "  ", "NaN", "null", "N/A", "None", math.nan, "NaT"]


@pytest.mark.parametrize(
    "value",
    [
        *("2024-03-04", "2024-03-04T23:59:59", "2024-03-04 10:00:00+02:00", "2024-03-04T10:00:00Z"),
        *("20240304", "2024/03/04", "2024/3/4 10:00", "2024.03.04", "2024-W10-1"),
        *("March 4, 2024", "Mar 4, 2024", "4 March 2024", "4-Mar-2024", "Monday, March 4, 2024"),
        *("4th March 2024", "Mon, 04 Mar 2024 10:00:00 GMT", "1709510400", 1709510400, 20240304),
        *(1709510400000, 1709510400.5, "2024-03-04 00:00:00.000000000", "2024-03-04 10:00:00 UTC"),
        *(DAY, datetime(2024, 3, 4, 23, tzinfo=UTC), np.datetime64("2024-03-04T10")),
    ],
    ids=str,
)
def test_dates(value):
    assert date_of(value) == DAY


def test_beginnings_of_months_and_years():
    assert date_of("2024-03") == date(2024, 3, 1)
    assert date_of("2024") == date_of(2024) == date_of(2024.0) == date(2024, 1, 1)


@pytest.mark.parametrize(
    "kind",
    [pa.date32(), pa.date64(), *(pa.timestamp(unit) for unit in ("s", "ms", "us", "ns"))],
    ids=str,
)
def test_dates_of_arrow(kind):
    [row] = to_python(pa.record_batch({"day": pa.array([DAY]).cast(kind)}))
    assert date_of(row["day"]) == DAY


def test_dates_of_arrow_in_a_zone():
    there = pa.array([datetime(2024, 3, 4, 12, tzinfo=UTC)], pa.timestamp("us", "Europe/Berlin"))
    [row] = to_python(pa.record_batch({"day": there}))
    assert date_of(row["day"]) == DAY


def test_dates_of_pandas():
    pandas = pytest.importorskip("pandas")
    column = pandas.Series(pandas.to_datetime(["2024-03-04", None]))
    assert [date_of(value) for value in column.to_list()] == [DAY, None]


@pytest.mark.parametrize(
    "value",
    [
        *("yesterday", "3/4/2024", "2024-02-30", "2024-13", "0001-01-01", "9999-12-31"),
        "Smarch 4, 2024",
        *(True, -5, 10**40, math.inf, "1e400", "٤", [2024], {"a": 1}, "=1+1"),
    ],
    ids=str,
)  # fmt: skip
def test_dates_that_cannot_be_read(value):
    assert isinstance(date_of(value), Unread)


@pytest.mark.parametrize("value", MISSING, ids=repr)
def test_what_is_missing(value):
    assert date_of(value) is rating_of(value) is group_of(value) is None


@pytest.mark.parametrize(
    ("value", "number"),
    [
        *((4, 4), (4.5, 4.5), ("4", 4), (" 4.5 ", 4.5), ("4,5", 4.5), ("4/5", 4), ("8/10", 8)),
        *(("4 out of 5", 4), ("4.0 out of 5 stars", 4), ("4 stars", 4), ("1 star", 1)),
        *(("★★★★", 4), ("★★☆☆☆", 2), ("⭐⭐⭐", 3), (True, 1), (Decimal("3.5"), 3.5), ("-1", -1)),
        *((np.int64(4), 4), (np.float32(4.5), 4.5)),
    ],
    ids=str,
)
def test_ratings(value, number):
    assert rating_of(value) == number


@pytest.mark.parametrize(
    "value",
    ["so so", "4 or 5", math.inf, "★ bad", "1e999", "=5", [4], -1.7e308, 10**400, "9" * 99],
    ids=lambda value: str(value)[:20],
)
def test_ratings_that_cannot_be_read(value):
    assert isinstance(rating_of(value), Unread)


@given(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.dates()
    | st.datetimes()
    | st.binary()
    | st.lists(st.integers())
)
def test_any_value(value):
    assert isinstance(date_of(value), date | Unread | None)
    rating = rating_of(value)
    assert rating is None or isinstance(rating, Unread) or math.isfinite(rating)
    group = group_of(value)
    assert group is None or (group.isprintable() and 0 < len(group) <= 60)


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_any_day(day):
    for text in (day.isoformat(), f"{day:%Y%m%d}", f"{day:%d %B %Y}", f"{day:%B %d, %Y}"):
        assert date_of(text) == day
