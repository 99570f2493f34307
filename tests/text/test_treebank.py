"""NLTK's tokenizer is the definition."""

from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.tokenize.destructive import NLTKWordTokenizer

from treernn.text.treebank import divide

SIGNS = [*" .,:;?!'\"`*-()[]{}<>@#$%&/_«»“”‘’„–—\n\t", "--", "...", "''", "``"]
ENDINGS = ["n't", "N'T", "'s", "'S", "'ll", "'re", "'VE", "'m", "'d", "'n", "'ye", "'tis", "'Twas"]
WORDS = ["a", "It", "can", "cannot", "d", "gimme", "gonna", "GOTTA", "more", "wanna", "é", "3", "x"]


@settings(max_examples=1000)
@given(st.lists(st.sampled_from([*SIGNS, *ENDINGS, *WORDS])).map("".join))
def test_words_are_those_of_nltk(text):
    assert divide(text) == NLTKWordTokenizer().tokenize(text)
