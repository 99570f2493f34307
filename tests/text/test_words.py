import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.tokenize.destructive import NLTKWordTokenizer

from treernn.text import words

NLTK = NLTKWordTokenizer().tokenize


@given(st.from_regex(words._SIMPLE, fullmatch=True), st.booleans())
def test_simple_words_are_divided_as_nltk_divides_them(run, final):
    assert words._divided(run, final) == (NLTK(run) if final else NLTK(f"{run} x")[:-1])


@pytest.mark.parametrize("word", ["cannot", "Cannot,", "gonna.", "wanna!", "lemme", "gotta;"])
@pytest.mark.parametrize("final", [False, True])
def test_words_that_nltk_divides(word, final):
    assert words._divided(word, final) == (NLTK(word) if final else NLTK(f"{word} x")[:-1])


def test_words_of_the_treebank_are_divided_as_nltk_divides_them(sst_dev):
    runs = {word + sign for tree in sst_dev for word in tree.words for sign in ("", ".", ",", "!")}
    for run in runs:
        assert words._divided(run, False) == NLTK(f"{run} x")[:-1], run
