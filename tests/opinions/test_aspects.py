"""Counts of terms, and the aspects that stand out."""

import random
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.errors import InputError
from treernn.opinions.aspects import AspectCounts, names, subject
from treernn.opinions.frequency import log_likelihood, share

KEYS = ("battery", "battery life", "screen", "service", "customer service", "time", "lens cap", "x")
texts = st.lists(
    st.lists(st.tuples(st.sampled_from(KEYS), st.floats(0, 1)), max_size=5), max_size=12
)


def counts_of(texts, most=100):
    counts = AspectCounts(most)
    for mentions in texts:
        counts.add(mentions)
    return counts


def test_batteries_and_battery_life_are_about_the_battery():
    found = counts_of([[("battery life", 1)], [("battery", 1)], [("battery", 0)], [("film", 1)]])
    [aspect] = found.aspects()
    assert (aspect.name, aspect.count, aspect.opinion) == ("battery", 3, pytest.approx(2 / 3))
    assert aspect.forms == (("battery", 2), ("battery life", 1))
    assert names([aspect]) == {"battery": "battery", "battery life": "battery"}


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("battery life", "battery"),
        ("screen size", "screen"),
        ("phone battery", "battery"),
        ("customer service", "service"),
        ("ice cream", "ice cream"),  # there is no other cream
        ("battery", "battery"),
        ("unheard thing", "unheard thing"),
    ],
)
def test_what_a_term_is_about(key, expected):
    counts = dict.fromkeys(("battery", "life", "screen", "size", "phone", "service", "thing"), 4)
    assert subject(key, counts | {key: max(4, counts.get(key, 0))}) == expected


def test_words_that_are_in_all_texts_are_no_aspects():
    keys = ["time", "thing", "lot", "camera", "year", "lens", "customer service"]
    found = counts_of([[(key, 1.0) for key in keys]] * 5).aspects()
    assert {aspect.name for aspect in found} == {"camera", "lens", "customer service"}


def test_what_attracts_opinions_comes_first():
    found = counts_of([[("camera", 0.1), ("lens", 1.0)]] * 5).aspects()
    assert [aspect.name for aspect in found] == ["lens", "camera"]
    assert counts_of([[("camera", 1.0), ("lens", 1.0)]] * 5).aspects(most=1)[0].opinion == 1
    assert counts_of([[("camera", 1.0)]]).aspects() == ()
    assert [each.name for each in counts_of([[("camera", 1.0)]]).aspects(min_count=1)] == ["camera"]


@given(texts, texts, texts, st.randoms())
def test_the_order_of_merging_makes_no_difference(first, second, third, shuffler):
    whole = counts_of([*first, *second, *third])
    parts = [counts_of(part) for part in (first, second, third)]
    shuffler.shuffle(parts)
    one, two, three = parts
    one.merge(two)
    one.merge(three)
    assert one.aspects(min_count=1) == whole.aspects(min_count=1)
    assert (one.mentions, one.texts, one.error) == (whole.mentions, whole.texts, 0)


@given(st.lists(st.lists(st.sampled_from("abcdefghijklmnopqrst"), max_size=8), max_size=40))
def test_bounded_counts_say_by_how_much_they_are_too_low(keys):
    true = counts_of([[(key, 1.0) for key in text] for text in keys])
    halves = [
        counts_of([[(key, 1.0) for key in text] for text in half], most=3)
        for half in (keys[::2], keys[1::2])
    ]
    halves[0].merge(halves[1])
    bounded = halves[0]
    assert len(bounded._counts) <= 6 + 8  # a text's keys come at once
    for key, (count, _) in true._counts.items():
        kept = bounded._counts.get(key, (0, 0))[0]
        assert count - bounded.error <= kept <= count


def test_memory_does_not_grow_with_the_corpus():
    counts = AspectCounts(most=1_000)
    rng = random.Random(1)
    began = time.perf_counter()
    for number in range(30_000):
        counts.add([("battery", 1.0), (f"word{number}", 1.0), (f"w{rng.randrange(10**6)}", 0.0)])
    assert time.perf_counter() - began < 20
    assert sys.getsizeof(counts._counts) < 200_000
    best = counts.aspects()[0]
    assert (best.name, best.count) == ("battery", 30_000)
    with pytest.raises(InputError, match="most is 0"):
        AspectCounts(0)


def test_general_frequencies():
    assert share("the") > share("service") > share("camera") > share("viewfinder") > 0
    assert share("qqqq") == share("qqqqq") < share("viewfinder")
    assert log_likelihood(0, 5.0) < 0 < log_likelihood(9, 5.0)
    assert log_likelihood(5, 5.0) == 0
