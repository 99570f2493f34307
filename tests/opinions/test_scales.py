"""Which scale ratings are on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.opinions.scales import Scale, scale_of


@pytest.mark.parametrize(
    ("ratings", "scale"),
    [
        (dict.fromkeys(range(1, 6), 9), (1, 5)),
        ({4.5: 3, 3: 1}, (1, 5)),
        ({0: 4, 1: 6}, (0, 1)),
        ({-1: 4, 0: 2, 1: 6}, (-1, 1)),
        ({0: 1, 3: 5, 5: 9}, (0, 5)),
        ({2: 3, 8: 9, 10: 1}, (1, 10)),
        ({0: 1, 8: 9, 10: 1}, (0, 10)),
        ({35: 3, 80: 9}, (0, 100)),
        ({500: 3, 800: 9}, (500, 800)),
        ({1: 40, 5: 160, 55: 1}, (1, 5)),  # one slip
    ],
)
def test_scales(ratings, scale):
    assert scale_of(ratings) == scale


def test_there_is_none():
    assert scale_of({}) is None
    assert scale_of({700: 3}) is None


@given(st.dictionaries(st.floats(-1e6, 1e6), st.integers(1, 100), min_size=1))
def test_stars_are_between_1_and_5(ratings):
    if scale := scale_of(ratings):
        stars = [scale.stars(rating) for rating in ratings]
        found = [each for each in stars if each is not None]
        assert found
        assert all(1 <= each <= 5 for each in found)


def test_stars():
    assert [Scale(0, 1).stars(each) for each in (0, 0.5, 1, 2)] == [1, 3, 5, None]
