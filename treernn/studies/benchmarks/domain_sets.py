"""The held-out parts of data sets of several kinds of text, as negative, neutral or positive."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from treernn.corpora import locations, products, pros_cons, restaurants, reviews, sst, tweets
from treernn.corpora.locations import DataSet
from treernn.corpora.targets import NEUTRAL, SIDES, TargetText, target_of_classes
from treernn.errors import InputError, MissingDataError
from treernn.studies.benchmarks.score import plain_texts
from treernn.text.emoticons import EMOJI, FACE, WORDS
from treernn.types import Splits

SPLITS = ("dev", "test")

Source = str | os.PathLike[str] | None
Load = Callable[[Source], Splits[TargetText]]

_CLASSES = {target_of_classes(classes): number for number, classes in enumerate(SIDES.values())}
_NEUTRAL = target_of_classes(NEUTRAL)
_LINK = re.compile(r"https?://\S+")
_PICTURE = re.compile(rf"{FACE}|{EMOJI}|(?<!\w)(?:{'|'.join(map(re.escape, WORDS))})(?!\w)")


@dataclass(frozen=True, slots=True, eq=False)
class DomainSet:
    """Texts of one kind.

    Attributes:
        name: for people.
        texts: each once, as people write them.
        gold: ``[n]``, negative (0), neutral (1) or positive (2).
    """

    name: str
    texts: tuple[str, ...]
    gold: np.ndarray

    @classmethod
    def of(cls, name: str, texts: Iterable[TargetText]) -> DomainSet:
        """Those of the texts whose target is one of the three; others are left out."""
        found = {each.text: _CLASSES[each.target] for each in texts if each.target in _CLASSES}
        return cls(name, (*found,), np.array([*found.values()], dtype=int))


def has_picture(text: str) -> bool:
    """Whether a text has an emoticon or an emoji.

    >>> has_picture("fun :)"), has_picture("fun 🎉"), has_picture("fun: http://t.co/x")
    (True, True, False)
    """
    return _PICTURE.search(_LINK.sub("", text)) is not None


def load_sets(split: str = "test", source: Source = None) -> tuple[list[DomainSet], list[str]]:
    """The sets on this machine; nothing is downloaded.

    Args:
        split: ``"dev"`` or ``"test"``.
        source: a folder with their files; default: search as in ``treernn.corpora.locations``.

    Returns:
        The sets, and one line for each that is missing.

    Raises:
        InputError: there is no such split.
        MissingDataError: all are missing.
        DataError: a set is damaged.
    """
    if split not in SPLITS:
        raise InputError(f"no split {split!r}, expected one of {', '.join(SPLITS)}")
    if source is None:
        locations.check_variable()
    sets, missing = [], []
    for data, (load, names) in _SOURCES.items():
        if locations.find(data, source) is None:
            missing.append(f"{', '.join(names)}: no {data.filename}, get it from {data.url}")
            continue
        texts = getattr(load(source), split)
        found = (DomainSet.of(name, filter(chosen, texts)) for name, chosen in names.items())
        sets += [each for each in found if each.texts]
    if not sets:
        files = ", ".join(data.filename for data in _SOURCES)
        place = f"the folder that {locations.VARIABLE} names" if source is None else source
        raise MissingDataError(f"no data sets in {place}, expected some of {files}")
    return sets, missing


def _treebank(source: Source) -> Splits[TargetText]:
    """The sentences of the SST in usual spelling, with the classes of their roots."""
    parts = []
    for trees in sst.load_splits(source):
        sides = ((0, 1), (0, 1), NEUTRAL, (3, 4), (3, 4))
        roots = [target_of_classes(sides[tree.labels[tree.root]]) for tree in trees]
        parts.append([*map(TargetText.whole, plain_texts(trees), roots)])
    return Splits(*parts)


def _has_opinion(text: TargetText) -> bool:
    return text.target != _NEUTRAL


def _has_picture(text: TargetText) -> bool:
    return _has_opinion(text) and has_picture(text.text)


_SOURCES: Mapping[DataSet, tuple[Load, Mapping[str, Callable[[TargetText], bool]]]] = {
    sst.DATA: (_treebank, {"SST sentences": _has_opinion}),
    reviews.DATA: (reviews.load_splits, {"film reviews": _has_opinion}),
    products.DATA: (products.load, {"product reviews": _has_opinion}),
    pros_cons.DATA: (pros_cons.load, {"pros and cons": _has_opinion}),
    restaurants.DATA: (restaurants.load, {"restaurant sentences": _has_opinion}),
    tweets.DATA: (
        tweets.load,
        {"tweets": lambda _: True, "tweets with emoticons or emoji": _has_picture},
    ),
}
"""How to load each data set, and which of its texts are in the sets that it gives."""
