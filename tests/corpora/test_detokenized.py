"""Sentences as a person would write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.corpora.detokenized import detokenize


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("i did n't like it .", "i didn't like it."),
        ("i 'm sure it 's fine , they 've said so", "i'm sure it's fine, they've said so"),
        ("you can 't go wrong !", "you can't go wrong!"),
        ("i wo n't ; i ca n't", "i won't; i can't"),
        ("the battery ( a good one ) lasts .", "the battery (a good one) lasts."),
        ('a " media sniffer " , he said', 'a "media sniffer", he said'),
        ("for just 50 $ and more", "for just 50$ and more"),
        ("it costs $ 300 , not 50 $", "it costs $300, not 50$"),
        ("wonderful ... my only gripe", "wonderful... my only gripe"),
        ("a media player / file manager", "a media player / file manager"),
        ("great", "great"),
        ("", ""),
    ],
)
def test_examples(tokens, text):
    assert detokenize(tokens) == text


@given(st.text("abn't \".,$(5"))
def test_nothing_is_lost(text):
    def plain(text):
        text = text.replace("``", '"').replace("''", '"')
        return sorted("".join(text.split()))  # nltk moves quotation marks behind a full stop

    assert plain(detokenize(text)) == plain(text)


@given(st.lists(st.text("abcxyz", min_size=1), min_size=1))
def test_plain_words_stay(words):
    text = " ".join(words)
    if not {*words} & {"cannot", "gimme", "wanna", "gonna", "gotta", "lemme"}:
        assert detokenize(text) == text
