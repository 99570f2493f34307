"""Parts of a data set that have no text in common, each text once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from hashlib import sha256

from treernn.corpora.targets import TargetText
from treernn.types import Splits

_NAMES = re.compile(r"(?:https?://|www\.)\S+|@\w+")


def text_key(text: str) -> str:
    """What texts that are the same have in common: all but case, white space, links and users.

    >>> text_key("@ann  Look at THIS http://t.co/x") == text_key("look at this")
    True
    """
    return " ".join(_NAMES.sub(" ", text).casefold().split())


def distinct(
    texts: Iterable[TargetText], others: Iterable[Sequence[TargetText]] = ()
) -> list[TargetText]:
    """The texts without repetitions; one that occurs with different targets is left out.

    Args:
        texts: in any order, which is kept.
        others: parts whose texts are left out too.
    """
    taken = {text_key(each.text) for part in others for each in part}
    found: dict[str, TargetText] = {}
    contradicted = set()
    for each in texts:
        if (key := text_key(each.text)) in taken:
            continue
        if found.setdefault(key, each).target != each.target:
            contradicted.add(key)
    return [each for key, each in found.items() if key not in contradicted]


def distinct_splits(splits: Splits[TargetText]) -> Splits[TargetText]:
    """Parts without repetitions: what is in test is not in dev, what is in either not in train."""
    test = distinct(splits.test)
    dev = distinct(splits.dev, [splits.test])
    return Splits(distinct(splits.train, [splits.dev, splits.test]), dev, test)


def fraction_of(text: str) -> float:
    """A number from 0 to 1, without 1, that depends on a text alone: a part that no later version
    of a data set, and no order, changes."""
    return int.from_bytes(sha256(text.encode("utf-8", "replace")).digest()[:6], "big") / (1 << 48)
