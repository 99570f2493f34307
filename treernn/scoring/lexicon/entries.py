"""The entries of a lexicon: a word or phrase, its score, and the domain that it holds in."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from treernn.checks import brief
from treernn.corpora.labelled import FIVE_CLASSES
from treernn.errors import InputError
from treernn.scoring.lexicon.forms import Key, key_of
from treernn.types import LABELS

MAX_ENTRIES, MAX_CHARACTERS = 100_000, 200

_THREE = {"neg": 1, "neu": 2, "pos": 3}
_SCORES = np.linspace(-1, 1, len(LABELS))


@dataclass(frozen=True, slots=True)
class Entry:
    """A word or phrase.

    Attributes:
        text: as the user writes it.
        score: from -1 (very negative) to 1 (very positive).
        domain: the only one that it holds in; empty if it holds in all.

    Raises:
        InputError: the text has no word, or is several sentences, or a value is out of range.
    """

    text: str
    score: float
    domain: str = ""
    key: Key = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.text, str) or not isinstance(self.domain, str):
            wrong = self.domain if isinstance(self.text, str) else self.text
            raise InputError(f"{brief(wrong)} is no text")
        object.__setattr__(self, "text", " ".join(self.text.split()))
        object.__setattr__(self, "domain", " ".join(self.domain.split()))
        if not self.text:
            raise InputError("the text is empty, expected a word or a phrase")
        if len(self.text) > MAX_CHARACTERS or len(self.domain) > MAX_CHARACTERS:
            raise InputError(f"{brief(self.text)} is longer than {MAX_CHARACTERS} characters")
        object.__setattr__(self, "score", check_score(self.score))
        object.__setattr__(self, "key", key_of(self.text))

    @property
    def place(self) -> tuple[Key, str]:
        """What no two entries may have in common: how the text is found, and the domain."""
        return self.key, self.domain.casefold()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Lexicon:
    """Entries, each for a text of its own. Lexicons are compared by their content.

    Args:
        entries: of which none contradicts another; see ``of_entries``.
    """

    entries: tuple[Entry, ...]
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        content = [[each.text, each.score, each.domain] for each in self.entries]
        digest = hashlib.sha256(json.dumps(content).encode("utf-8", "surrogatepass")).hexdigest()
        object.__setattr__(self, "digest", digest)

    def __repr__(self) -> str:
        return f"Lexicon({len(self.entries)} entries)"

    def __len__(self) -> int:
        return len(self.entries)

    def __eq__(self, other: object) -> bool:
        return self.digest == other.digest if isinstance(other, Lexicon) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.digest)

    def over(self, other: Lexicon) -> Lexicon:
        """This one and what another has besides."""
        return Lexicon((*{each.place: each for each in (*other.entries, *self.entries)}.values(),))

    def in_domain(self, domain: str | None) -> Lexicon:
        """The entries that hold in a domain, or in none; those of the domain replace those of all.

        Raises:
            InputError: no entry is of this domain.
        """
        held = {each.key: each for each in self.entries if not each.domain}
        if domain is not None:
            wanted = " ".join(domain.split()).casefold()
            own = [each for each in self.entries if each.domain.casefold() == wanted]
            if not own or not wanted:
                names = sorted({each.domain for each in self.entries if each.domain})
                there = f"its domains are {', '.join(names)}" if names else "it has no domains"
                raise InputError(f"no entry of the lexicon has the domain {brief(domain)}; {there}")
            held |= {each.key: Entry(each.text, each.score) for each in own}
        return Lexicon((*held.values(),))


def of_entries(entries: Iterable[tuple[Entry, str]]) -> Lexicon:
    """A lexicon of entries and where each is, for messages.

    Raises:
        InputError: two have one text and domain but not one score, or there are too many or none.
    """
    found: dict[tuple[Key, str], tuple[Entry, str]] = {}
    for entry, where in entries:
        first, before = found.setdefault(entry.place, (entry, where))
        if first.score != entry.score:
            raise InputError(
                f"{where}: {brief(entry.text)} has the score {entry.score:g}, but "
                f"{first.score:g} at {before}; leave one of them out, or give it a domain"
            )
        if len(found) > MAX_ENTRIES:
            raise InputError(f"{where}: more than {MAX_ENTRIES:,} entries")
    if not found:
        raise InputError("the lexicon has no entries")
    return Lexicon(tuple(entry for entry, _ in found.values()))


def of_mapping(words: Mapping[Any, Any]) -> Lexicon:
    """A lexicon of a mapping in Python.

    Args:
        words: by word or phrase a score (a number from -1 to 1), or a class by its name, or a
            mapping of domains to such values, in which None stands for all domains.

    Raises:
        InputError: an entry cannot be used.

    >>> lexicon = of_mapping({"glorpy": "very positive", "sick": {None: -0.5, "games": 1}})
    >>> [(entry.text, entry.score, entry.domain) for entry in lexicon.entries]
    [('glorpy', 1.0, ''), ('sick', -0.5, ''), ('sick', 1.0, 'games')]
    """

    def entries() -> Iterable[tuple[Entry, str]]:
        for text, value in words.items():
            where = f"lexicon, {brief(text)}"
            by_domain = value if isinstance(value, Mapping) else {None: value}
            for domain, said in by_domain.items():
                try:
                    score = class_score(said) if isinstance(said, str) else said
                    yield Entry(text, score, "" if domain is None else domain), where
                except InputError as error:
                    raise InputError(f"{where}: {error}") from None

    return of_entries(entries())


def class_score(name: str) -> float:
    """The score of a class: its name, also of three classes, or its number, 0 to 4.

    >>> class_score("Very Positive"), class_score("neg"), class_score("2")
    (1.0, -0.5, 0.0)

    Raises:
        InputError: it is none.
    """
    label = FIVE_CLASSES.class_of(name)
    if label is None:
        label = _THREE.get(name.strip().lower())
    if label is None:
        raise InputError(f"class {brief(name)}, expected {FIVE_CLASSES.expected()}")
    return float(_SCORES[label])


def check_score(score: Any) -> float:
    """A score as a float.

    Raises:
        InputError: it is no number from -1 to 1.
    """
    number = not isinstance(score, bool) and isinstance(score, int | float | np.number)
    if not number or not math.isfinite(score) or not -1 <= score <= 1:
        raise InputError(
            f"score {brief(score)}, expected a number from -1 to 1, or a class by name"
        )
    return float(score)


def distribution(score: float) -> np.ndarray:
    """The distribution of this score that is on one class, or on two beside each other.

    Args:
        score: from -1 to 1.

    Returns:
        ``(5,)`` float32.

    >>> distribution(0.5).tolist(), distribution(-0.875).tolist()
    ([0.0, 0.0, 0.0, 1.0, 0.0], [0.75, 0.25, 0.0, 0.0, 0.0])
    """
    row = np.zeros(len(LABELS), np.float32)
    place = (score + 1) / 2 * (len(LABELS) - 1)
    lower = min(int(place), len(LABELS) - 2)
    row[lower], row[lower + 1] = lower + 1 - place, place - lower
    return row
