"""Texts with labelled phrases, written from the patterns of a construction or of groups."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from treernn.corpora.constructions.patterns import Classes, Pattern, Span, read_pattern, write
from treernn.corpora.constructions.words import Drawing, Words, read_words
from treernn.corpora.targets import SpanTarget, TargetText, target_of_classes
from treernn.errors import DataError, InputError

SPLITS = ("train", "heldout")
_TRIES = 12  # for a text that has not been written yet
_CONTRASTS = 2  # of five texts
_LOWER = 0.1  # of the texts are all in lower case
_OPENED = 0.08  # of the texts have an opening word
_OPENINGS = (
    "honestly, ",
    "well, ",
    "tbh ",
    "btw ",
    "so ",
    "ok, ",
    "I mean, ",
    "look, ",
    "in short, ",
)
_NEUTRAL = (2,)
_OTHERS = ("words.toml", "groups.toml", "examples.toml")
_FOLDER = files("treernn.corpora.constructions")


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A text with its class, and the classes of some of its phrases.

    Attributes:
        text: as people write it.
        classes: of the whole text: of these classes, 0 to 4, one is right.
        spans: its labelled phrases.
        construction: the name of what it is an example of.
        contrast: whether it is a counterexample: similar words in another construction.
    """

    text: str
    classes: Classes
    spans: tuple[Span, ...]
    construction: str
    contrast: bool = False

    def with_targets(self) -> TargetText:
        """The text with a target for each phrase, and for the whole last."""
        whole = Span(0, len(self.text), self.classes)
        spans = [span for span in self.spans if span[:2] != whole[:2]] + [whole]
        return TargetText(
            self.text,
            tuple(
                SpanTarget(each.start, each.end, target_of_classes(each.classes)) for each in spans
            ),
        )


@dataclass(frozen=True)
class Construction:
    """A construction and its patterns.

    Attributes:
        name: for people.
        about: what it is, in a few words.
        patterns: by split.
        contrasts: patterns of counterexamples, by split.
        words: the lists that its patterns draw from.
    """

    name: str
    about: str
    patterns: Mapping[str, tuple[Pattern, ...]]
    contrasts: Mapping[str, tuple[Pattern, ...]]
    words: Mapping[str, Words]


@cache
def all_constructions() -> tuple[Construction, ...]:
    """Every construction of the files ``*.toml``, which are beside this module."""
    found = []
    for entry in sorted(_FOLDER.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".toml") and entry.name not in _OTHERS:
            table = tomllib.loads(entry.read_text("utf-8"))
            own = {**shared_words(), **read_words(table.get("words", {}))}
            found += [_construction(each, own) for each in table["construction"]]
    return tuple(found)


@cache
def shared_words() -> Mapping[str, Words]:
    """The lists of ``words.toml``, which all patterns may use."""
    return read_words(tomllib.loads((_FOLDER / "words.toml").read_text("utf-8")))


@cache
def examples() -> tuple[LabelledText, ...]:
    """Sentences written by hand for each construction; no training text is one of them."""
    table = tomllib.loads((_FOLDER / "examples.toml").read_text("utf-8"))
    texts = []
    for name, sources in table.items():
        for classes, _, text in (source.partition(": ") for source in sources):
            label = tuple(int(digit) for digit in classes)
            texts.append(LabelledText(text, label, (), name))
    return tuple(texts)


def check_request(split: str, count: int | None) -> None:
    """Check what texts are asked for.

    Raises:
        InputError: there is no such split, or ``count`` is negative.
    """
    if split not in SPLITS:
        raise InputError(f"no split {split!r}, expected one of {', '.join(SPLITS)}")
    if count is not None and count < 0:
        raise InputError(f"count is {count}, expected 0 or more")


def constructions(split: str, seed: int = 0, count: int | None = None) -> list[LabelledText]:
    """Texts that each construction is in, with the right reading at each phrase.

    Two of five are counterexamples. All are different. No pattern is in both splits, and of longer
    lists no word with a class.

    Args:
        split: ``"train"`` or ``"heldout"``.
        seed: the same seed, the same texts.
        count: how many in all, equally many for each construction; fewer where its patterns have
            no more. Default: 200 for each construction.

    Raises:
        InputError: there is no such split, or ``count`` is negative.
    """
    check_request(split, count)
    kinds = all_constructions()
    count = 200 * len(kinds) if count is None else count
    seen = {_key(text.text) for text in examples()}
    texts = []
    for place, kind in enumerate(kinds):
        wanted = count // len(kinds) + (place < count % len(kinds))
        random = Random(f"{seed} {kind.name}")  # noqa: S311, no secret
        texts += _write_some(kind, split, wanted, random, seen)
    return texts


def _write_some(
    kind: Construction, split: str, wanted: int, random: Random, seen: set[str]
) -> list[LabelledText]:
    contrasts = round(wanted * _CONTRASTS / 5) if kind.contrasts[split] else 0
    texts = []
    for patterns, number, contrast in (
        (kind.patterns[split], wanted - contrasts, False),
        (kind.contrasts[split], contrasts, True),
    ):
        # By turns, so that all patterns have equally many texts as far as they can.
        left = list(patterns)
        while number > 0 and left:
            random.shuffle(left)
            for pattern in left[:number]:
                if text := _new_text(pattern, kind, split, random, seen, contrast):
                    texts.append(text)
                    number -= 1
                else:
                    left.remove(pattern)
    return texts


def _new_text(
    pattern: Pattern,
    kind: Construction,
    split: str,
    random: Random,
    seen: set[str],
    contrast: bool,
) -> LabelledText | None:
    for _ in range(_TRIES):
        text, spans = write(pattern, random, Drawing(kind.words, pattern, split, random))
        text, phrases = finished(text, spans, pattern.classes, random)
        if (key := _key(text)) not in seen:
            seen.add(key)
            return LabelledText(text, pattern.classes, phrases, kind.name, contrast)
    return None


def _key(text: str) -> str:
    """The same for texts that differ in case and in the mark at their end only."""
    return text.lower().rstrip(".! ")


def finished(
    text: str, spans: list[Span], classes: Classes, random: Random
) -> tuple[str, tuple[Span, ...]]:
    """A text as a person may write it, and its phrases.

    It has a capital at its start, and perhaps a mark at its end; some have an opening word, some
    are in lower case.
    """
    if text[-1].isalnum():
        text += random.choice(("", ".", ".", ".", "." if classes == _NEUTRAL else "!"))
    if text[0].isalpha() and not text.endswith("?") and random.random() < _OPENED:
        opening = random.choice(_OPENINGS)
        text = opening + text
        spans = [
            Span(start + len(opening), end + len(opening), label) for start, end, label in spans
        ]
    lower = text.lower()
    if random.random() < _LOWER and len(lower) == len(text):
        return lower, tuple(spans)
    return text[0].upper() + text[1:], tuple(spans)


def _construction(table: Mapping[str, Any], words: Mapping[str, Words]) -> Construction:
    contrast = table.get("contrast", {})
    patterns = {split: _patterns(table.get(split, ())) for split in SPLITS}
    contrasts = {split: _patterns(contrast.get(split, ())) for split in SPLITS}
    if unknown := set(table) - {"name", "about", "contrast", *SPLITS}:
        raise DataError(f"construction {table['name']!r} has the key {min(unknown)!r}")
    return Construction(table["name"], table["about"], patterns, contrasts, words)


def _patterns(sources: Sequence[str]) -> tuple[Pattern, ...]:
    return tuple(map(read_pattern, sources))
