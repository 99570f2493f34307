"""How well aspects are found: compared with features of products that are marked by hand (Hu and
Liu 2004), and with terms that are marked in sentences (SemEval, MAMS).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treernn.opinions.aspects import Aspect, subject
from treernn.opinions.terms import Term
from treernn.text.tokenizer import tokenize

if TYPE_CHECKING:
    from treernn.opinions.aspects import AspectCounts

FIRST = 40
"""So many of the aspects a summary shows at most."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class FeatureScore:
    """Aspects compared with marked features, in %.

    Attributes:
        marked: different features that are marked; merged as aspects are.
        found: aspects.
        precision: share of the aspects that are marked.
        recall: share of the features that are found.
        recall_of_marks: the same with each feature as often as it is marked.
        precision_of_first: of the ``FIRST`` aspects with the highest score.
        exact_marked, exact_found, exact_precision, exact_recall: of features and of all forms of
            aspects with at least two mentions, not merged.
    """

    marked: float
    found: float
    precision: float
    recall: float
    recall_of_marks: float
    precision_of_first: float
    exact_marked: float
    exact_found: float
    exact_precision: float
    exact_recall: float


def feature_score(
    aspects: Sequence[Aspect], counts: AspectCounts, marks: Iterable[str]
) -> FeatureScore:
    """Compare the aspects of a corpus with features.

    Names are the same if their words are the same in small letters and in the singular, however
    they are divided: "auto-focus" is "autofocus".

    Args:
        aspects: of the corpus, by falling score.
        counts: by which they were found: features are merged in the same way.
        marks: every mark of a feature that is named in its sentence.
    """
    exact = Counter(map(key_of, marks))
    del exact[""]
    mentions = counts.mentions_of
    merged: Counter[str] = Counter()
    for key, count in exact.items():
        merged[_joined(subject(key, mentions))] += count
    whole = Counter({_joined(key): count for key, count in exact.items()})
    names = [_joined(aspect.name) for aspect in aspects]
    forms = {_joined(form) for each in aspects for form, count in each.forms if count > 1}
    precision, recall = _compare(set(names), merged)
    exact_precision, exact_recall = _compare(forms, whole)
    return FeatureScore(
        len(merged),
        len(set(names)),
        precision,
        recall,
        _percent(sum(merged[name] for name in {*names}), sum(merged.values())),
        _percent(sum(name in merged for name in names[:FIRST]), len(names[:FIRST])),
        len(whole),
        len(forms),
        exact_precision,
        exact_recall,
    )


def key_of(name: str) -> str:
    """The key of a name, as that of a term."""
    from treernn.opinions.lemmas import singular

    tokens = (token.text.lower() for sentence in tokenize(name) for token in sentence)
    return " ".join(singular(token) for token in tokens if any(map(str.isalnum, token)))


def _joined(key: str) -> str:
    return re.sub(r"[\W_]", "", key)


def _compare(found: Collection[str], wanted: Mapping[str, int]) -> tuple[float, float]:
    right = sum(name in wanted for name in found)
    return _percent(right, len(found)), _percent(right, len(wanted))


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else float("nan")


@dataclass(frozen=True, slots=True)
class TermScore:
    """Terms compared with marked ones, in %.

    Attributes:
        marked: terms.
        found: terms.
        precision: share of the found terms that are marked, with the same first and last character.
        recall: share of the marked terms that are found so.
        recall_of_ends: share of those of which a found term has the last character: the same noun.
        recall_of_parts: share of those of which a found term has a character.
    """

    marked: int
    found: int
    precision: float
    recall: float
    recall_of_ends: float
    recall_of_parts: float


def term_score(found: Sequence[Sequence[Term]], marked: Sequence[Collection[Span]]) -> TermScore:
    """Compare the terms of texts with marked ones.

    Args:
        found: terms of each text.
        marked: character ranges in each text.
    """
    right = ends = parts = 0
    for terms, wanted in zip(found, marked, strict=True):
        spans = {(term.start, term.end) for term in terms}
        last = {end for _, end in spans}
        right += len(spans & {*wanted})
        ends += sum(end in last for _, end in wanted)
        covered = {place for span in spans for place in range(*span)}
        parts += sum(not covered.isdisjoint(range(*span)) for span in wanted)
    number, total = sum(map(len, found)), sum(map(len, marked))
    return TermScore(
        total,
        number,
        _percent(right, number),
        *(_percent(each, total) for each in (right, ends, parts)),
    )
