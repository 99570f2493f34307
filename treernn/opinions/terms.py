"""The terms of texts: the noun phrases that an opinion can be about.

A term is a run of nouns ("battery life"); the articles and adjectives before it say something about
it and do not belong to it. The trees have no names of phrases, so parts of speech come from the
tagger that is included in the package.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from treernn.opinions.lemmas import singular
from treernn.text.lexicon import common_words

if TYPE_CHECKING:
    from treernn.models.tagger import Tagger
    from treernn.scoring.result import Result
    from treernn.scoring.sentence import Sentence
    from treernn.types import Token

NOUNS = frozenset(("NN", "NNS", "NNP", "NNPS"))

_PRONOUNS = frozenset(
    "anybody anyone anything everybody everyone everything nobody none nothing one ones somebody "
    "someone something".split()
)
"""The tagger's teacher calls some of them nouns."""

_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)", re.IGNORECASE)

MAX_WORDS = 6
"""Longer runs of nouns are lists without commas, not the name of one thing."""


MAX_SENTENCE = 150
"""Words that are tagged as one sentence, as many as are parsed as one."""


@dataclass(frozen=True, slots=True)
class Term:
    """A noun phrase of a text.

    Attributes:
        text: as written in the original text.
        start, end: its half-open character range in the original text.
        key: its words in lower case and in the singular, with a space between them: terms with the
            same key are about the same thing.
        head: the last of these words, what the others specify.
        sentence: the index of its sentence in the result.
    """

    text: str
    start: int
    end: int
    key: str
    head: str
    sentence: int


def terms(result: Result) -> tuple[Term, ...]:
    """The terms of a scored text, in their order.

    >>> import treernn
    >>> result = treernn.load()("The battery life is great, but the lenses scratch easily.")
    >>> [(term.text, term.key, term.head) for term in terms(result)]
    [('battery life', 'battery life', 'life'), ('lenses', 'lens', 'lens')]
    """
    return terms_of([result])[0]


def terms_of(results: Sequence[Result]) -> list[tuple[Term, ...]]:
    """The terms of many scored texts, which are tagged together; see ``terms``.

    Args:
        results: scored texts; one without sentences has no terms.
    """
    tags = iter(
        tags_of(
            [
                tuple(token.text for token in sentence.tokens)
                for result in results
                for sentence in result.sentences
            ]
        )
    )
    return [
        tuple(
            term
            for index, sentence in enumerate(result.sentences)
            for term in _terms(sentence, next(tags), index)
        )
        for result in results
    ]


def tags_of(sentences: Sequence[Sequence[str]]) -> list[list[str]]:
    """The parts of speech of words, as in the Penn Treebank.

    Args:
        sentences: words of each. Longer ones than ``MAX_SENTENCE`` are tagged in pieces: the tagger
            takes a step after the other.
    """
    pieces = [
        words[start : start + MAX_SENTENCE]
        for words in sentences
        for start in range(0, len(words), MAX_SENTENCE)
    ]
    tags = iter(included_tagger().tag(pieces))
    return [
        [tag for _ in range(0, len(words), MAX_SENTENCE) for tag in next(tags)]
        for words in sentences
    ]


@cache
def included_tagger() -> Tagger:
    """The tagger of the package, which is loaded once."""
    from treernn.models.pretrained import TAGGER
    from treernn.models.tagger import Tagger

    return Tagger.load(TAGGER)


def _terms(sentence: Sentence, tags: Sequence[str], index: int) -> Iterator[Term]:
    tokens = sentence.tokens
    # Emoji are read as words ("headphone"), but nobody has named what they show.
    words = ["" if _is_picture(_written(sentence, each)) else each.text for each in tokens]
    for first, last in noun_runs(words, tags):
        start, end = tokens[first].start, tokens[last - 1].end
        lemmas = [lemma(tokens[place].text, tags[place]) for place in range(first, last)]
        text = sentence.text[start - sentence.start : end - sentence.start]
        yield Term(text, start, end, " ".join(lemmas), lemmas[-1], index)


def _written(sentence: Sentence, token: Token) -> str:
    return sentence.text[token.start - sentence.start : token.end - sentence.start]


def _is_picture(written: str) -> bool:
    """Whether a token is an emoji or emoticon: ``🔥``, ``:fire:``."""
    return written.startswith(":") or not any(map(str.isalnum, written))


def lemma(word: str, tag: str) -> str:
    """A noun in lower case and in the singular; a name ("James") stays as it is.

    >>> lemma("Batteries", "NNP"), lemma("James", "NNP"), lemma("t-zones", "NNS")
    ('battery', 'james', 't-zone')
    """
    word = word.lower()
    found = singular(word)
    return word if tag == "NNP" and found not in common_words() else found


def noun_runs(words: Sequence[str], tags: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The half-open ranges of the longest runs of nouns."""
    first = 0
    for place in range(len(words) + 1):
        if place < len(words) and tags[place] in NOUNS and _named(words[place]):
            continue
        if 0 < place - first <= MAX_WORDS:
            yield first, place
        first = place + 1


def _named(word: str) -> bool:
    """Whether a word that is tagged as a noun can be of a name: no address, user or tag."""
    if len(word) < 2 or word[0] in "<@#" or word.lower() in _PRONOUNS or _ORDINAL.fullmatch(word):
        return False
    return any(map(str.isalpha, word)) and "/" not in word
