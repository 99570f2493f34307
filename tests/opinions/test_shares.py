"""Intervals of shares, compared with those of scipy, and with a published table."""

import pytest

from treernn.opinions.shares import Share, change


@pytest.mark.parametrize(("count", "total"), [(0, 1), (1, 1), (3, 7), (0, 90), (999, 1000)])
def test_intervals_are_those_of_scipy(count, total):
    stats = pytest.importorskip("scipy.stats")
    wilson = stats.binomtest(count, total).proportion_ci(method="wilson")
    assert Share(count, total).interval() == pytest.approx(tuple(wilson), abs=1e-6)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17:873, Table II, method 10
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_changes_are_those_that_were_published(one, other, low, high):
    found = change(Share(*other), Share(*one))
    assert found[1:] == pytest.approx((low, high), abs=5e-4)


def test_nothing():
    assert (Share(0, 0).value, Share(0, 0).interval()) == (0.0, (0.0, 1.0))
