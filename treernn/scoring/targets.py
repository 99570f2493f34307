"""Sentiment toward parts of a text: what is said of "battery" in "great screen, awful battery".

A target is a range of characters. What the models say of it is read at the smallest phrase of the
parse tree that holds it, seen in its sentence, see ``treernn.models.target_classifier``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, NamedTuple

from treernn.checks import brief
from treernn.classes import label_places
from treernn.errors import InputError
from treernn.models.target_classifier import TargetClassifier
from treernn.models.target_places import Place, target_places
from treernn.scoring.reading import Reading, read
from treernn.scoring.target import Target
from treernn.types import LABELS, Token, Tree

if TYPE_CHECKING:
    from treernn.scoring.lexicon.own_words import OwnWords
    from treernn.scoring.result import Result

Span = tuple[int, int]


class Located(NamedTuple):
    """Where a target is in a sentence.

    Attributes:
        place: in the tree of what was read.
        start, end: the character range of the smallest phrase that holds it.
    """

    place: Place
    start: int
    end: int


def targets_of(
    classifier: TargetClassifier,
    results: Sequence[Result],
    spans: Sequence[Iterable[Span]],
    own: OwnWords | None = None,
) -> list[list[Target]]:
    """The sentiment toward parts of scored texts, in one batch.

    Args:
        classifier: of the model that has scored them.
        results: the texts.
        spans: for each the character ranges of its targets.
        own: the lexicon that they were scored with.

    Returns:
        For each text its targets, in the order of ``spans``.

    Raises:
        InputError: a range is not in its text, holds no word, or crosses sentences.
    """
    if len(results) != len(spans):
        raise InputError(f"targets of {len(spans):,} texts for {len(results):,} results")
    wanted = [
        [_checked(span, result) for span in of] for result, of in zip(results, spans, strict=True)
    ]
    trees: list[Tree] = []
    places: list[list[Place]] = []
    order: list[tuple[int, int, Located]] = []  # text, target, place; sentence after sentence
    for number, (result, of_text) in enumerate(zip(results, wanted, strict=True)):
        by_sentence: dict[int, list[int]] = {}
        for index, span in enumerate(of_text):
            by_sentence.setdefault(_sentence_of(result, span), []).append(index)
        for sentence, indices in by_sentence.items():
            tokens, tree = result.sentences[sentence].tokens, result.sentences[sentence].tree
            if own is not None:
                tokens, tree = own.folded(result.text, tokens, tree)
            reading = read(tokens)
            trees.append(read_tree(tree, reading))
            located = locate(trees[-1], tokens, reading, [of_text[i] for i in indices])
            places.append([each.place for each in located])
            order += zip([number] * len(indices), indices, located, strict=True)
    rows = classifier.distributions(trees, places)
    found: list[list[Target]] = [[] for _ in results]
    flat = (row for of_tree in rows for row in of_tree)
    placed = sorted(zip(order, flat, strict=True), key=lambda each: each[0][:2])
    for (number, index, located_at), row in placed:
        (start, end), result = wanted[number][index], results[number]
        label = LABELS[int(label_places(row, result.classes))]
        a, b, c, d, e = row.tolist()
        text = result.text[start:end]
        shares = (a, b, c, d, e)
        found[number].append(
            Target(
                text, start, end, located_at.start, located_at.end, label, shares, result.classes
            )
        )
    return found


def mentions(text: str, term: str) -> list[Span]:
    """Where a text mentions a term: as whole words, in any case.

    >>> mentions("Batteries? The battery, my BATTERY!", "battery")
    [(15, 22), (27, 34)]
    """
    if not isinstance(term, str):
        raise InputError(f"target {brief(term)}, expected words of the text")
    words = term.split()
    if not words:
        raise InputError("the target is empty, expected words of the text")
    pattern = r"\s+".join(map(re.escape, words))
    before = r"(?<!\w)" if words[0][0].isalnum() else ""
    after = r"(?!\w)" if words[-1][-1].isalnum() else ""
    return [found.span() for found in re.finditer(before + pattern + after, text, re.IGNORECASE)]


def spans_within(result: Result, term: str) -> list[Span]:
    """The mentions of a term that are within a sentence."""
    found = mentions(result.text, term)
    return [span for span in found if len(_sentences_with(result, span)) == 1]


def mentions_in(result: Result, term: str) -> list[Span]:
    """``spans_within``.

    Raises:
        InputError: there is none.
    """
    inside = spans_within(result, term)
    if not inside:
        where = "within a sentence of" if mentions(result.text, term) else "in"
        raise InputError(f"target {brief(term)} is not {where} the text {brief(result.text)}")
    return inside


def strongest(targets: Sequence[Target]) -> Target:
    """Of several mentions the one with the strongest opinion; of equal ones the first."""
    return max(targets, key=lambda target: abs(target.score))


def locate(
    tree: Tree, tokens: Sequence[Token], reading: Reading, spans: Sequence[Span]
) -> list[Located]:
    """The places of targets, and the phrases that hold them.

    A target of tokens that are not read, such as a user name, is held by the nearest word on its
    left, or all of the sentence.

    Args:
        tree: of what was read.
        tokens: those of the sentence.
        reading: what was read of it.
        spans: character ranges in it, each with a token.
    """
    places = {token: place for place, token in enumerate(reading.tokens)}
    ranges = []
    for start, end in spans:
        inside = _tokens_in(tokens, start, end)
        words = [places[token] for token in inside if token in places]
        if words:
            ranges.append((words[0], words[-1] + 1))
            continue
        before = [place for token, place in places.items() if token < inside.start]
        after = any(token >= inside.stop for token in places)
        ranges.append((before[-1], before[-1] + 1) if before and after else (0, len(tree.words)))
    leaves = tree.spans()
    found = []
    for place in target_places(tree, ranges):
        first, end = leaves[place.node]
        read_tokens = reading.tokens[first:end] or range(len(tokens))
        last = tokens[read_tokens[-1]]
        found.append(Located(place, tokens[read_tokens[0]].start, last.end))
    return found


def read_tree(tree: Tree, reading: Reading) -> Tree:
    """The tree of what was read of a sentence, from that of all its tokens: the inverse of
    ``treernn.scoring.reading.whole``."""
    if len(reading.tokens) < len(reading.words):  # nothing, or a word with a full stop
        return Tree(reading.words, ((0, 1),)) if len(reading.words) > 1 else Tree(reading.words)
    if len(reading.words) == len(tree.words):
        return Tree(reading.words, tree.children)
    n = len(reading.words)
    new: dict[int, int] = {token: place for place, token in enumerate(reading.tokens)}
    children: list[tuple[int, ...]] = []
    for node, parts in enumerate(tree.children, len(tree.words)):
        kept = tuple(new[part] for part in parts if part in new)
        if len(kept) == 1:
            new[node] = kept[0]
        elif kept:
            children.append(kept)
            new[node] = n + len(children) - 1
    return Tree(reading.words, tuple(children))


def _checked(span: Span, result: Result) -> Span:
    start, end = span
    length = len(result.text)
    whole = all(isinstance(each, Integral) and not isinstance(each, bool) for each in span)
    if not whole or not 0 <= start < end <= length:
        raise InputError(
            f"target from {brief(start)} to {brief(end)}, expected whole numbers, "
            f"0 <= start < end <= {length}, the length of the text"
        )
    return int(start), int(end)  # those of NumPy and data frames too


def _sentence_of(result: Result, span: Span) -> int:
    """The number of the sentence that holds a target.

    Raises:
        InputError: none does.
    """
    start, end = span
    holding = _sentences_with(result, span)
    shown = brief(result.text[start:end])
    if not holding:
        raise InputError(f"target {shown}: no word of a sentence is there")
    if len(holding) > 1:
        raise InputError(f"target {shown}: it crosses sentences, expected a part of one")
    return holding[0]


def _sentences_with(result: Result, span: Span) -> list[int]:
    """The numbers of the sentences of which a word is in a character range."""
    start, end = span
    first = bisect_right(result.sentences, start, key=lambda sentence: sentence.end)
    found = []
    for number in range(first, len(result.sentences)):
        sentence = result.sentences[number]
        if sentence.start >= end:
            break
        if _tokens_in(sentence.tokens, start, end):
            found.append(number)
    return found


def _tokens_in(tokens: Sequence[Token], start: int, end: int) -> range:
    """The places of the tokens that a character range overlaps."""
    inside = [i for i, token in enumerate(tokens) if token.start < end and start < token.end]
    return range(inside[0], inside[-1] + 1) if inside else range(0)
