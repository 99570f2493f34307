"""Days put together to periods."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.opinions.periods import MOST_PERIODS, middle_of, periods_of


def days(*texts, count=20):
    return [(date.fromisoformat(text).toordinal(), (count, 1)) for text in texts]


@pytest.mark.parametrize(
    ("first", "last", "names"),
    [
        ("2024-03-04", "2024-03-06", ["2024-03-04", "2024-03-05", "2024-03-06"]),
        ("2024-03-05", "2024-05-02", ["2024-03-04", "2024-03-11"]),
        ("2023-12-31", "2025-01-01", ["2023-12", "2024-01"]),
        ("2020-02-29", "2025-01-01", ["2020 Q1", "2020 Q2"]),
        ("1999-12-31", "2025-01-01", ["1999", "2000"]),
        ("1907-05-05", "2025-01-01", ["1900s", "1910s"]),
    ],
)
def test_kinds(first, last, names):
    found = periods_of(days(first, last, count=200))
    assert [period.name for period in found][: len(names)] == names
    assert found[0].counts == found[-1].counts == (200, 1)
    assert all(period.counts == (0, 0) for period in found[1:-1])


def test_few_reviews_have_few_periods():
    assert len(periods_of(days("2024-01-01", "2024-02-20", count=1))) == 2


@given(st.dictionaries(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.integers(1, 9)))
def test_no_review_is_lost(reviews):
    counted = sorted((day.toordinal(), (0, n, 0)) for day, n in reviews.items())
    periods = periods_of(counted)
    assert len(periods) <= MOST_PERIODS
    assert sum(period.counts[1] for period in periods) == sum(reviews.values())
    assert [*periods] == sorted(periods, key=lambda period: period.start)
    middle = middle_of(counted)
    assert (middle is None) == (len(reviews) < 2)
    if middle is not None:
        assert counted[0][0] < middle <= counted[-1][0]
