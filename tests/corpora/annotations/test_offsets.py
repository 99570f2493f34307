import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.corpora.annotations.offsets import UNITS, places, to_code_points

FAMILY = "👨‍👩‍👧"

PIECES = st.lists(
    st.sampled_from(["a", " ", "é", "e\u0301", "🎉", FAMILY, "🇺🇸", "\r\n", "好", "\u200d"])
    | st.text()
).map("".join)


@pytest.mark.parametrize(
    ("units", "start", "end"), [("code points", 8, 11), ("utf-16", 12, 15), ("graphemes", 4, 7)]
)
def test_a_word_after_emoji(units, start, end):
    text = f"a🎉{FAMILY} bad."
    assert (len(text), text[8:11]) == (12, "bad")
    assert to_code_points(text, start, end, units) == (8, 11)


@given(PIECES)
def test_units_of_utf_16_are_those_of_javascript(text):
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    counted = [len(text[:place].encode("utf-16-le")) // 2 for place in range(len(text) + 1)]
    assert [*places(text, "utf-16")] == counted


@given(PIECES, st.data())
def test_any_range_of_code_points_comes_back(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(0, len(text)))
    for units in UNITS:
        at = places(text, units)
        assert len(at) == len(text) + 1
        found = to_code_points(text, at[start], at[end], units)
        if -1 in (at[start], at[end]):  # inside of what a reader takes for one character
            assert units == "graphemes"
            assert found is None
        else:
            assert found == ((start, end) if start < end else None)


@pytest.mark.parametrize(
    ("start", "end", "units"),
    [
        (2, 3, "utf-16"),  # half of the emoji
        (1, 2, "utf-16"),
        (-1, 1, "code points"),
        (0, 4, "code points"),
        (1, 1, "code points"),
        (2, 1, "graphemes"),
        (0, 9, "graphemes"),
    ],
)
def test_no_range(start, end, units):
    assert to_code_points("a🎉b", start, end, units) is None
