"""What the models read of a text and of a sentence.

Links and user names are no opinion, and neither are brackets and quotes around a sentence: they
are not read, and become neutral leaves of the tree. A word alone is read as a sentence in lower
case, so that its case and its full stop do not matter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np

from treernn.text.characters import INVISIBLE
from treernn.text.cleaning import HANDLE, LINK
from treernn.text.language import other_language
from treernn.text.tokenizer import tokenize
from treernn.types import LABELS, Token, Tree

_SURROGATE = re.compile("[\ud800-\udfff]")
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_LETTERS = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ]")
_UNREAD = frozenset((HANDLE, LINK))
_OPENING, _CLOSING = frozenset("([{") | {"``", "`", "''", "'"}, frozenset(")]}") | {"''", "'", "``"}
_BRACKETS = {"(": ")", "[": "]", "{": "}"}
_MOST_WRAPPED = 4  # so that the tree of "((((" does not become deep
_FEW = 6  # tokens of a sentence that may be a word with signs around it
_LONGEST_ASIDE = 3  # words in brackets that are read without them
_MARK = re.compile(r"\(?\d{1,2}[.)]|[-*+•⁃◦‣·▪–—~>]|--")  # of a list
_NEUTRAL = np.eye(len(LABELS), dtype=np.float32)[LABELS.index("neutral")]


class OwnEntries(Protocol):
    """A lexicon, ``treernn.scoring.lexicon.own_words``."""

    def has_entry(self, text: str, sentences: Sequence[Sequence[Token]]) -> bool:
        """Whether an entry of it is in one of the sentences."""
        ...


Scored: TypeAlias = tuple[tuple[Token, ...], Tree, np.ndarray]
"""A sentence with its tree, and ``[nodes, 5]`` distributions."""


class Document(NamedTuple):
    """A text ready to score, with the tokens of its sentences; see ``Result``."""

    text: str
    sentences: list[tuple[Token, ...]]
    problems: tuple[str, ...]


MISSING = Document("", [], ("missing text, nothing to score",))


def prepare(
    original: str,
    tokens: Iterable[Sequence[Token]] | None = None,
    newline_ends: bool = False,
    own: OwnEntries | None = None,
) -> Document:
    """Check a text; tokenize it unless its sentences of tokens are known.

    Args:
        original: the text.
        tokens: its sentences; empty ones are skipped.
        newline_ends: whether each line is a sentence.
        own: a lexicon, whose entries can be an opinion too.
    """
    problems = []
    text, replaced = _SURROGATE.subn("\ufffd", original)
    if replaced:
        problems.append(f"characters that are no text (lone surrogates) were replaced: {replaced}")
    sentences = (
        tokenize(text, newline_ends) if tokens is None else [tuple(each) for each in tokens if each]
    )
    plain = text if text.isascii() else _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    if not text:
        problems.append("empty text, nothing to score")
    elif not sentences:
        problems.append("only white space or markup, nothing to score")
    elif not any(map(has_word, sentences)) and not (own and own.has_entry(text, sentences)):
        problems.append("no word in it, nothing to score")
        sentences = []
    elif not plain.isascii() and not _is_latin(plain):
        problems.append("mostly not in Latin script, but the models know English only")
    elif language := other_language(plain):
        problems.append(f"probably in {language}, but the models know English only")
    return Document(text, sentences, tuple(problems))


def _is_latin(text: str) -> bool:
    """Whether at least half of its letters are of the Latin script."""
    letters = "".join(_LETTERS.findall(text))
    return 2 * len(_LATIN.findall(letters)) >= len(letters)


def has_word(tokens: Sequence[Token]) -> bool:
    """Whether a sentence has anything that can be an opinion: a letter or a digit."""
    return any(any(map(str.isalnum, token.text)) for token in tokens if token.text not in _UNREAD)


class Reading(NamedTuple):
    """A sentence as the models read it.

    Attributes:
        words: the words to parse and classify.
        tokens: indices of the tokens that ``words`` are, in order; without the full stop that a
            word alone gets, and empty if there is nothing to read.
    """

    words: tuple[str, ...]
    tokens: Sequence[int]


def read(tokens: Sequence[Token]) -> Reading:
    """What the models read of the tokens of a sentence.

    >>> read([Token("(", 0, 1), Token("Terrible", 1, 9), Token(")", 9, 10)]).words
    ('terrible', '.')
    """
    texts = [token.text for token in tokens]
    kept: Sequence[int] = range(len(texts))
    unread = _asides(texts) | {place for place in kept if texts[place] in _UNREAD}
    if unread:
        kept = [place for place in kept if place not in unread]
    if len(kept) > 1 and _MARK.fullmatch(texts[kept[0]]):
        kept = kept[1:]
    kept = _unwrapped(texts, kept)
    words = tuple([texts[place] for place in kept])
    if not words:
        return Reading((".",), [])
    if len(words) < _FEW:
        spoken = [word for word in words if any(map(str.isalnum, word))]
        if len(spoken) == 1 and spoken[0][0].isalpha() and "!" not in words and "?" not in words:
            place = kept[words.index(spoken[0])]
            stop = kept[-1] if words[-1] == "." else None
            return Reading((spoken[0].lower(), "."), [place] if stop is None else [place, stop])
    return Reading(words, kept)


def _unwrapped(texts: Sequence[str], kept: Sequence[int]) -> Sequence[int]:
    """Without brackets and quotes around all of it; a full stop may follow them."""
    for _ in range(_MOST_WRAPPED):
        stop = kept[-1:] if len(kept) > 3 and texts[kept[-1]] == "." else kept[:0]
        inner = kept[: len(kept) - len(stop)]
        if len(inner) < 3 or texts[inner[0]] not in _OPENING or texts[inner[-1]] not in _CLOSING:
            break
        kept = [*inner[1:-1], *stop]
    return kept


def _asides(texts: Sequence[str]) -> set[int]:
    """Places of brackets around a few words: "a (terrible) film"."""
    found: set[int] = set()
    for place, text in enumerate(texts):
        if text in _BRACKETS:
            for end in range(place + 2, min(place + _LONGEST_ASIDE + 2, len(texts))):
                if texts[end] == _BRACKETS[text]:
                    found |= {place, end}
                    break
    return found


def whole(
    reading: Reading, tokens: Sequence[Token], tree: Tree, distributions: np.ndarray
) -> tuple[Tree, np.ndarray]:
    """The tree of a sentence with all its tokens, and the distributions of its nodes.

    A token that was not read is a neutral leaf. It joins the word before it, or the whole tree if
    it is at the start or the end; the phrase with it has the distribution of the one without it.

    Args:
        reading: what was read of it.
        tokens: those of the sentence.
        tree: the tree of what was read.
        distributions: ``[nodes, 5]`` of that tree.
    """
    words = tuple([token.text for token in tokens])
    if words == reading.words:
        return tree, distributions
    if len(reading.tokens) < len(
        reading.words
    ):  # nothing, or a word with the full stop it was given
        root = distributions[-1] if len(reading.tokens) else _NEUTRAL
        tree, distributions = Tree(words[:1]), root[None]
    leaves = list(reading.tokens) or [0]
    rows = [_NEUTRAL] * len(words)
    children: list[tuple[int, ...]] = []

    def merge(parts: tuple[int, ...], row: np.ndarray) -> int:
        children.append(parts)
        rows.append(row)
        return len(rows) - 1

    nodes: list[int] = []
    for leaf, following, row in zip(leaves, [*leaves[1:], None], distributions, strict=False):
        rows[leaf] = row
        node = leaf
        for unread in range(leaf + 1, following or leaf):
            node = merge((node, unread), row)
        nodes.append(node)
    for parts, row in zip(tree.children, distributions[len(leaves) :], strict=True):
        nodes.append(merge(tuple([nodes[part] for part in parts]), row))
    root_node = nodes[-1]
    for unread in reversed(range(leaves[0])):
        root_node = merge((unread, root_node), distributions[-1])
    for unread in range(leaves[-1] + 1, len(words)):
        root_node = merge((root_node, unread), distributions[-1])
    return Tree(words, tuple(children)), np.array(rows, dtype=np.float32)
