"""The same sentence with words for different groups of people, whose class is always the same."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import NamedTuple

from treernn.corpora.constructions.patterns import Classes, Pattern, Slot, read_pattern, write
from treernn.corpora.constructions.texts import (
    LabelledText,
    check_request,
    finished,
    shared_words,
)
from treernn.corpora.constructions.words import Drawing, Words, held_out, read_words

_NEUTRAL: Classes = (2,)
_TRIES = 12


class Group(NamedTuple):
    """Words for a group of people.

    Attributes:
        kind: such as nationality.
        adjective: as in "a German woman"; empty for no group.
        people: as in "many Germans".
        predicate: as in "she is German", "she is a refugee".
    """

    kind: str
    adjective: str
    people: str
    predicate: str

    @property
    def held_out(self) -> bool:
        """Whether no training text has it."""
        return held_out(self.adjective)


NOBODY = Group("", "", "people", "")
"""In its place a sentence says nothing of a group."""


@dataclass(frozen=True)
class GroupPatterns:
    """What sentences about groups are written from.

    Attributes:
        groups: of all kinds.
        patterns: by split and by what they are: neutral, positive, negative.
        words: the lists that they draw from.
    """

    groups: tuple[Group, ...]
    patterns: Mapping[str, Mapping[str, tuple[Pattern, ...]]]
    words: Mapping[str, Words]


@dataclass(frozen=True)
class GroupSentence:
    """A sentence in the words of several groups.

    Attributes:
        kind: of the groups.
        pattern: from which it is written, a number.
        plain: the sentence without a group; None if it needs one.
        by_group: the same sentence for each group of the kind.
    """

    kind: str
    pattern: int
    plain: LabelledText | None
    by_group: Mapping[Group, LabelledText]


@cache
def group_patterns() -> GroupPatterns:
    """All groups and their patterns, from ``groups.toml``."""
    source = files("treernn.corpora.constructions") / "groups.toml"
    table = tomllib.loads(source.read_text("utf-8"))
    groups = []
    for kind, words in table["kinds"].items():
        for word in words.split(","):
            adjective, *others = word.strip().split("/")
            default = (f"{adjective} people", adjective)
            groups.append(Group(kind, adjective, *others, *default[len(others) :]))
    patterns = {
        split: {side: tuple(map(read_pattern, sources)) for side, sources in table[split].items()}
        for split in ("train", "heldout")
    }
    return GroupPatterns(tuple(groups), patterns, {**shared_words(), **read_words(table["words"])})


def group_texts(split: str, seed: int = 0, count: int = 2000) -> list[LabelledText]:
    """Texts with a word for a group, balanced over kinds of groups, groups and classes.

    Args:
        split: ``"train"``, without the groups and patterns that are held out; or ``"heldout"``.
        seed: the same seed, the same texts.
        count: how many; fewer if there are no more.

    Raises:
        InputError: there is no such split, or ``count`` is negative.
    """
    check_request(split, count)
    data = group_patterns()
    by_kind: dict[str, list[Group]] = {}
    for group in data.groups:
        if split == "heldout" or not group.held_out:
            by_kind.setdefault(group.kind, []).append(group)
    random = Random(f"{seed} groups {split}")  # noqa: S311, no secret
    turns = [(kind, side) for kind in by_kind for side in data.patterns[split]]
    seen: set[str] = set()
    texts: list[LabelledText] = []
    for number in range(count):
        kind, side = turns[number % len(turns)]
        groups = by_kind[kind]
        group = groups[number // len(turns) % len(groups)]
        for _ in range(_TRIES):
            pattern = random.choice(data.patterns[split][side])
            text = _text(pattern, group, split, random.random())
            if (key := text.text.lower().rstrip(".! ")) not in seen:
                seen.add(key)
                texts.append(text)
                break
    return texts


def group_sentences(split: str = "heldout", seed: int = 0, count: int = 2) -> list[GroupSentence]:
    """Sentences that are the same but for their group.

    Args:
        split: of the patterns.
        seed: the same seed, the same sentences.
        count: how many of each pattern and kind.

    Raises:
        InputError: there is no such split, or ``count`` is negative.
    """
    check_request(split, count)
    data = group_patterns()
    random = Random(f"{seed} sentences {split}")  # noqa: S311, no secret
    kinds = dict.fromkeys(group.kind for group in data.groups)
    found = []
    patterns = [pattern for side in data.patterns[split].values() for pattern in side]
    for place, pattern in enumerate(patterns):
        for kind in kinds:
            for _ in range(count):
                number = random.random()
                by_group = {
                    group: _text(pattern, group, split, number)
                    for group in data.groups
                    if group.kind == kind
                }
                plain = _text(pattern, NOBODY, split, number) if _can_be_plain(pattern) else None
                found.append(GroupSentence(kind, place, plain, by_group))
    return found


def _can_be_plain(pattern: Pattern) -> bool:
    """Whether the sentence stays one without a group: not where it says what someone is."""
    return not any(slot.words == "is_group" for slot in pattern.slots())


def _text(pattern: Pattern, group: Group, split: str, number: float) -> LabelledText:
    """A text of a pattern; the same number, the same choices, whatever the group."""
    data = group_patterns()
    random = Random(number)  # noqa: S311, no secret
    names = {"group": group.adjective, "groups": group.people, "is_group": group.predicate}
    words = {**data.words, **dict.fromkeys(names, _ANY)}
    draw_words = Drawing(words, pattern, split, random)

    def draw(slot: Slot) -> tuple[str, Classes]:
        if slot.words not in names:
            return draw_words(slot)
        name = names[slot.words]
        return name, _NEUTRAL if name else ()

    text, spans = write(pattern, random, draw)
    text, phrases = finished(text, spans, pattern.classes, random)
    return LabelledText(text, pattern.classes, phrases, f"groups: {group.kind or 'none'}")


_ANY = read_words({"group": {"any": "any"}})["group"]
