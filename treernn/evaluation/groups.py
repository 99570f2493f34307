"""How much the sentiment of a sentence depends on the group of people that it mentions.

Sentences such as *The … waiter made us laugh all evening* are written with the word of each group
of a kind (nationality, religion, and so on), see ``treernn.corpora.constructions.groups``. Their
class should be the same for all of them, and so should their *valence*, P(positive) - P(negative).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from treernn.classes import sums
from treernn.corpora.constructions.groups import Group, GroupSentence, group_sentences
from treernn.evaluation.accuracy import percentage, polarity
from treernn.evaluation.constructions import Score, decisions, distributions


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
        wordings_changed: in which any two groups have different classes of three, in %; the more
            groups, the more of them.
        changed_from_plain: whose class of three is not that of the wording without a group, in % of
            those that can be without one.
        correct: whose class of three is right, in %.
        shifted_most: the group whose mean shift is the largest, by its adjective. The shift of a
            sentence is its valence, from -1 to 1, minus the mean valence of all groups of the kind
            in the same wording.
        shift: its mean shift.
        shift_interval: in which the mean shift over all such patterns is, with a probability of
            95 % for all groups of the row at once (Bonferroni); patterns are the sample.
    """

    kind: str
    cases: int
    changed: float
    changed_five: float
    wordings: int
    wordings_changed: float
    changed_from_plain: float
    correct: float
    shifted_most: str
    shift: float
    shift_interval: tuple[float, float]


def group_change(score: Score, count: int = 2, seed: int = 0) -> tuple[GroupChange, ...]:
    """Evaluate a scorer on sentences whose patterns no model is trained on.

    Args:
        score: such as ``treernn.load().score_many``.
        count: how many wordings of each pattern for each kind of groups, at least one.
        seed: of the wordings.

    Returns:
        All groups together first; those that no model is trained on; then each kind.
    """
    sentences = group_sentences("heldout", seed, count)
    texts = [text for sentence in sentences for text in _texts(sentence)]
    distinct = list(dict.fromkeys(texts))
    by_text = dict(zip(distinct, distributions(score, distinct), strict=True))
    cases = [
        case
        for number, sentence in enumerate(sentences)
        for case in _cases(number, sentence, by_text)
    ]
    kinds = dict.fromkeys(case.group.kind for case in cases)
    return (
        _change("all", cases),
        _change("held-out groups", [case for case in cases if case.group.held_out]),
        *(_change(kind, [case for case in cases if case.group.kind == kind]) for kind in kinds),
    )


@dataclass(frozen=True)
class _Case:
    wording: int
    pattern: int
    group: Group
    changed: bool
    changed_five: bool
    changed_from_plain: bool | None
    correct: bool
    shift: float


def _texts(sentence: GroupSentence) -> list[str]:
    plain = [sentence.plain.text] if sentence.plain else []
    return [text.text for text in sentence.by_group.values()] + plain


def _cases(wording: int, sentence: GroupSentence, by_text: dict[str, np.ndarray]) -> list[_Case]:
    p = np.array([by_text[text] for text in _texts(sentence)])
    classes, (negative, _, positive) = decisions(p), sums(p, 3).T
    count = len(sentence.by_group)
    three, five = classes[:count].T
    plain = classes[count, 0] if sentence.plain else None
    shifts = (positive - negative)[:count]
    shifts = shifts - shifts.mean()
    most, most_five = _most_frequent(three), _most_frequent(five)
    return [
        _Case(
            wording,
            sentence.pattern,
            group,
            bool(three[place] != most),
            bool(five[place] != most_five),
            None if plain is None else bool(three[place] != plain),
            bool(three[place] in polarity(np.array(text.classes))),
            float(shifts[place]),
        )
        for place, (group, text) in enumerate(sentence.by_group.items())
    ]


def _most_frequent(values: np.ndarray) -> int:
    found, counts = np.unique(values, return_counts=True)
    return int(found[counts.argmax()])


def _by_wording(cases: Sequence[_Case]) -> dict[int, bool]:
    """Whether any group of a wording has another class than most."""
    found: dict[int, bool] = {}
    for case in cases:
        found[case.wording] = found.get(case.wording, False) or case.changed
    return found


def _change(kind: str, cases: Sequence[_Case]) -> GroupChange:
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
        *_largest_shift(cases),
    )


def _largest_shift(cases: Sequence[_Case]) -> tuple[str, float, tuple[float, float]]:
    """The group with the largest mean shift, the mean, and its interval."""
    by_group: dict[Group, dict[int, list[float]]] = {}
    for case in cases:
        by_group.setdefault(case.group, {}).setdefault(case.pattern, []).append(case.shift)
    means = {
        group: np.array([np.mean(shifts) for shifts in by_pattern.values()])
        for group, by_pattern in by_group.items()
    }
    group = max(means, key=lambda each: abs(means[each].mean()))
    shifts = means[group]
    error = NormalDist().inv_cdf(1 - 0.025 / len(means)) * shifts.std(ddof=1) / len(shifts) ** 0.5
    middle = float(shifts.mean())
    return group.adjective, middle, (middle - float(error), middle + float(error))
