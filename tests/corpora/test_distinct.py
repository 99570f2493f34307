"""Parts of data sets: nothing occurs in two of them, and nothing twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.corpora.distinct import distinct, distinct_splits, fraction_of, text_key
from treernn.corpora.targets import NO_TARGET, TargetText, target_of_side
from treernn.types import Splits

POSITIVE, NEGATIVE = map(target_of_side, ("positive", "negative"))


def texts(*names, target=POSITIVE):
    return [TargetText.whole(name, target) for name in names]


@pytest.mark.parametrize(
    "other",
    [
        "good FILM",
        " good\n film ",
        "@ann good film",
        "good film https://t.co/a?b=1",
        "good www.x.y film",
    ],
)
def test_texts_that_are_the_same(other):
    assert text_key(other) == text_key("good film")


@pytest.mark.parametrize("other", ["good film!", "goodfilm", "good", "good ann film"])
def test_texts_that_differ(other):
    assert text_key(other) != text_key("good film")


def test_the_first_of_equal_texts_stays():
    assert distinct(texts("A", "b", "a @x", "b")) == texts("A", "b")
    assert distinct(texts("a", "b"), [texts("B")]) == texts("a")


def test_a_text_with_two_labels_is_left_out():
    assert distinct([*texts("a", "b"), *texts("A", target=NEGATIVE)]) == texts("b")
    assert distinct([*texts("a"), *texts("a", target=NO_TARGET)]) == []


def test_what_test_contradicts_is_in_no_part():
    test = [*texts("a"), *texts("a", target=NEGATIVE)]
    assert distinct_splits(Splits(texts("a"), texts("A"), test)) == ([], [], [])


some = st.lists(
    st.builds(
        TargetText.whole,
        st.sampled_from(["a", "A", "b", " b", "b @x", "c", "http://x c", "d"]),
        st.sampled_from([POSITIVE, NEGATIVE]),
    )
)


@given(some, some, some)
def test_parts_have_nothing_in_common(train, dev, test):
    parts = distinct_splits(Splits(train, dev, test))
    keys = [text_key(each.text) for part in parts for each in part]
    assert len(keys) == len({*keys})
    for part, before in zip(parts, (train, dev, test), strict=True):
        assert all(each in before for each in part)
    assert distinct_splits(parts) == parts


@given(st.text(st.characters()))
def test_a_fraction_is_that_of_the_text(text):
    assert 0 <= fraction_of(text) < 1
    assert fraction_of(text) == fraction_of(text)


def test_fractions_are_even():
    """And those of earlier versions."""
    found = [fraction_of(str(number)) for number in range(2000)]
    assert sum(each < 0.8 for each in found) == pytest.approx(1600, abs=60)
    assert fraction_of("good") == pytest.approx(0.4650631, abs=1e-6)
