from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.text.spelling import corrected, known_words, words_of_hashtag
from treernn.text.tokenizer import tokenize


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("soooo", "so"),
        ("amaaaazing", "amazing"),
        ("goood", "good"),
        ("noooo", "no"),
        ("boooring", "boring"),
        ("terribel", "terrible"),
        ("excelent", "excellent"),
        ("wonderfull", "wonderful"),
        ("definately", "definitely"),
        ("recieve", "receive"),
        ("sh*t", "shit"),
        ("f**king", "fucking"),
        ("cr*p", "crap"),
        # as they are: names, short words, rare words and their forms
        ("Tolkein", "Tolkein"),
        ("teh", "teh"),
        ("preachy", "preachy"),
        ("herbivore", "herbivore"),
        ("wuxia", "wuxia"),
        ("***", "***"),
        ("5*", "5*"),
        ("好好好", "好好好"),
    ],
)
def test_what_is_meant(word, meant):
    assert corrected(word) == meant


@given(st.sampled_from(sorted(known_words())))
def test_known_words_stay(word):
    assert corrected(word) == word
    assert corrected(word.upper()) == word.upper()


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("#LoveThisFilm", "Love This Film"),
        ("#worst_film_ever", "worst film ever"),
        ("#bestmovieever", "best movie ever"),
        ("#BBCNews2024", "BBC News 2024"),
        ("#xqzvk", "xqzvk"),
        ("#NeverAgain!", "Never Again !"),
    ],
)
def test_words_of_a_hashtag(tag, words):
    (tokens,) = tokenize(tag)
    assert [token.text for token in tokens] == words.split()
    assert "".join(tag[token.start : token.end] for token in tokens) == "".join(words.split())


@given(st.text(st.sampled_from("abelovefilm_AB12é"), min_size=1, max_size=30))
def test_ranges_of_a_hashtag_are_in_order_and_cover_its_letters(tag):
    ranges = words_of_hashtag(tag)
    assert all(a < b <= c < d for (a, b), (c, d) in pairwise(ranges))
    covered = {at for start, end in ranges for at in range(start, end)}
    assert {at for at, char in enumerate(tag) if char.isalnum()} <= covered | {
        at for at, char in enumerate(tag) if char == "_"
    }
