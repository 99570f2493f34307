"""The singular of nouns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.opinions.lemmas import singular
from treernn.text.lexicon import common_words

PAIRS = """
    batteries battery, lenses lens, glasses glasses, dishes dish, boxes box, knives knife,
    menus menu, people person, women woman, salesmen salesman, children child, t-zones t-zone,
    movies movie, cookies cookie, potatoes potato, photos photo, cases case, buses bus, prices
    price, houses house, viruses virus, analyses analysis, glass glass, lens lens, status
    status, service service, waiters waiter, iphones iphone, cds cd, entrees entree, quizzes
    quiz, watches watch, caches cache, tissues tissue, keys key, speeches speech, focus focus,
    series series, news news, bass bass
"""


@pytest.mark.parametrize("pair", [pair.strip() for pair in PAIRS.split(",")])
def test_singular(pair):
    word, expected = pair.split()
    assert singular(word) == expected


@given(st.text(max_size=30))
def test_any_string_has_a_singular_that_is_no_longer(word):
    assert len(singular(word)) <= len(word) + 1  # "people"
    assert not word or singular(word)


def test_the_singular_of_a_singular_is_itself():
    words = [*common_words()][:20_000]
    again = [word for word in words if singular(singular(word)) != singular(word)]
    assert len(again) < 20, again
