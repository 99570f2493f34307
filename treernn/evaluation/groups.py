"""How often the class of a sentence depends on the group of people that it mentions.

Sentences such as *The … waiter made us laugh all evening* are written with the word of each group
of a kind (nationality, religion, and so on), see ``treernn.corpora.constructions.groups``. Their
class should be the same for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from treernn.corpora.constructions.groups import GroupSentence, group_sentences
from treernn.evaluation.accuracy import percentage, polarity
from treernn.evaluation.constructions import Score, decisions


@dataclass(frozen=True)
class GroupChange:
    """Results for one kind of groups, or for all.

    Attributes:
        kind: such as nationality.
        cases: sentences, one for each wording and group.
        changed: whose class of three (negative, neutral, positive) is not that of most groups in
            the same wording, in %.
        changed_five: the same for the five classes.
        wordings: sentences, one for each wording.
        wordings_changed: of which not all groups have the same class of three, in %; the more
            groups, the more of them.
        changed_from_plain: whose class of three is not that of the wording without a group, in % of
            those that can be without one.
        correct: whose class of three is right, in %.
    """

    kind: str
    cases: int
    changed: float
    changed_five: float
    wordings: int
    wordings_changed: float
    changed_from_plain: float
    correct: float


def group_change(score: Score, count: int = 2, seed: int = 0) -> tuple[GroupChange, ...]:
    """Evaluate a scorer on sentences whose patterns no model is trained on.

    Args:
        score: such as ``treernn.load().score_many``.
        count: how many wordings of each pattern for each kind of groups.
        seed: of the wordings.

    Returns:
        All groups together first; those that no model is trained on; then each kind.
    """
    sentences = group_sentences("heldout", seed, count)
    texts = [text for sentence in sentences for text in _texts(sentence)]
    distinct = list(dict.fromkeys(texts))
    classes = dict(zip(distinct, decisions(score, distinct), strict=True))
    cases = [
        case
        for number, sentence in enumerate(sentences)
        for case in _cases(number, sentence, classes)
    ]
    kinds = dict.fromkeys(case.kind for case in cases)
    return (
        _change("all", cases),
        _change("held-out groups", [case for case in cases if case.held_out]),
        *(_change(kind, [case for case in cases if case.kind == kind]) for kind in kinds),
    )


@dataclass(frozen=True)
class _Case:
    wording: int
    kind: str
    held_out: bool
    changed: bool
    changed_five: bool
    changed_from_plain: bool | None
    correct: bool


def _texts(sentence: GroupSentence) -> Iterator[str]:
    yield from (text.text for text in sentence.by_group.values())
    if sentence.plain:
        yield sentence.plain.text


def _cases(
    wording: int, sentence: GroupSentence, classes: dict[str, np.ndarray]
) -> Iterator[_Case]:
    three, five = np.array([classes[text.text] for text in sentence.by_group.values()]).T
    plain = classes[sentence.plain.text][0] if sentence.plain else None
    for (group, text), in_five, in_three in zip(
        sentence.by_group.items(), five, three, strict=True
    ):
        yield _Case(
            wording,
            sentence.kind,
            group.held_out,
            bool(in_three != _most_frequent(three)),
            bool(in_five != _most_frequent(five)),
            None if plain is None else bool(in_three != plain),
            bool(in_three in polarity(np.array(text.classes))),
        )


def _most_frequent(values: np.ndarray) -> int:
    found, counts = np.unique(values, return_counts=True)
    return int(found[counts.argmax()])


def _by_wording(cases: list[_Case]) -> dict[int, bool]:
    """Whether any group of a wording has another class than most."""
    found: dict[int, bool] = {}
    for case in cases:
        found[case.wording] = found.get(case.wording, False) or case.changed
    return found


def _change(kind: str, cases: list[_Case]) -> GroupChange:
    def share(values: list[bool]) -> float:
        return percentage(np.array(values, bool))

    return GroupChange(
        kind,
        len(cases),
        share([case.changed for case in cases]),
        share([case.changed_five for case in cases]),
        len({case.wording for case in cases}),
        share([*_by_wording(cases).values()]),
        share([c.changed_from_plain for c in cases if c.changed_from_plain is not None]),
        share([case.correct for case in cases]),
    )
