"""Lists of words, by domain and with their class.

The lists are in ``words.toml``; a file of patterns may have lists of its own. A table is a list.
Its words stand in a string, separated by commas, or in an array, under the name of their domain or
under ``any``; its ``class``, if it has one, is that of each word alone. Lists with a class have a
held-out part, unless they are short.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from treernn.corpora.constructions.patterns import Classes, Pattern, Slot
from treernn.errors import DataError

DOMAINS = ("film", "food", "product", "service", "hotel", "everyday")
_HELD_OUT = 256 // 5  # of the first byte of a hash: a fifth of the words


@dataclass(frozen=True)
class Words:
    """A list of words.

    Attributes:
        classes: of each word alone; empty if it has no label.
        of: the words by domain, those of ``any`` among each.
    """

    classes: Classes
    of: Mapping[str, tuple[str, ...]]

    def part(self, domain: str, split: str) -> tuple[str, ...]:
        """The words of a domain in a split; all, if the list has no class or is too short."""
        words = self.of[domain]
        parts: dict[str, tuple[str, ...]] = {
            "train": tuple([word for word in words if not held_out(word)]),
            "heldout": tuple([word for word in words if held_out(word)]),
        }
        return parts[split] if self.classes and min(map(len, parts.values())) > 1 else words


@cache
def held_out(word: str) -> bool:
    """Whether a word with a class is kept out of training.

    >>> held_out("good"), held_out("Good")
    (False, False)
    """
    return hashlib.sha256(word.lower().encode()).digest()[0] < _HELD_OUT


def read_words(tables: Mapping[str, Any]) -> dict[str, Words]:
    """The lists of some tables, see the module.

    Raises:
        DataError: a table has another key than those.
    """
    lists = {}
    for name, table in tables.items():
        if unknown := set(table) - {"class", "any", *DOMAINS}:
            raise DataError(f"words {name!r} have the key {min(unknown)!r}")
        by_domain = {key: _divided(table.get(key, ())) for key in ("any", *DOMAINS)}
        classes = tuple(int(digit) for digit in str(table.get("class", "")))
        lists[name] = Words(
            classes, {domain: by_domain["any"] + by_domain[domain] for domain in DOMAINS}
        )
    return lists


class Drawing:
    """Draws the words of one text.

    Args:
        lists: by name.
        pattern: whose slots are filled.
        split: ``"train"`` or ``"heldout"``.
        random: chooses the domain and the words.

    Raises:
        DataError: a list is missing, or has no words for any domain of the pattern.
    """

    def __init__(
        self, lists: Mapping[str, Words], pattern: Pattern, split: str, random: Random
    ) -> None:
        slots = pattern.slots()
        if missing := {slot.words for slot in slots} - set(lists):
            raise DataError(f"no words {min(missing)!r} for the pattern {pattern.source!r}")
        domains = [
            domain
            for domain in pattern.domains or DOMAINS
            if all(lists[slot.words].part(domain, split) for slot in slots)
        ]
        if not domains:
            raise DataError(f"some words are of no domain in the pattern {pattern.source!r}")
        self._lists, self._split, self._random = lists, split, random
        self._domain = random.choice(domains)
        self._drawn: dict[tuple[str, str], str] = {}

    def __call__(self, slot: Slot) -> tuple[str, Classes]:
        """The word of a slot, and its classes, which may be none."""
        words = self._lists[slot.words]
        key = slot.words, slot.number
        if key not in self._drawn:
            taken = {word for (name, _), word in self._drawn.items() if name == slot.words}
            known = words.part(self._domain, self._split)
            left = [word for word in known if word not in taken] or known
            self._drawn[key] = self._random.choice(left)
        return self._drawn[key], words.classes if slot.labelled else ()


def _divided(words: str | Sequence[str]) -> tuple[str, ...]:
    parts = words.split(",") if isinstance(words, str) else words
    return tuple(part.strip() for part in parts if part.strip())
