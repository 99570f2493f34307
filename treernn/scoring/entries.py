"""Rows of output: one for each review, or for each of its sentences or phrases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from treernn.classes import names
from treernn.errors import InputError

if TYPE_CHECKING:
    from treernn.scoring.result import Result
    from treernn.scoring.rows import Scored
    from treernn.scoring.sentence import Phrase, Sentence
    from treernn.scoring.target import Target
    from treernn.scoring.target_names import TargetNames

LEVELS = ("review", "sentence", "phrase")

PLACE_COLUMNS = ("row", "sentence", "start", "end")
YIELDING_COLUMNS = ("score", "stars")
"""Where a table of reviews has such a column of its own, that stays, and ours is left out."""


def probability_columns(classes: int) -> tuple[str, ...]:
    """The columns of the probabilities of so many classes, in formats of plain cells.

    >>> probability_columns(2)
    ('p_negative', 'p_positive')
    """
    return tuple(f"p_{label.replace(' ', '_')}" for label in names(classes))


@dataclass(frozen=True, slots=True)
class Detail:
    """What the output says of each review.

    Attributes:
        level: one of ``LEVELS``, what a row of output is.
        column: of the table, which contains the texts; at the lower levels those of sentences or
            phrases instead.
        explain: whether there is a column ``explanation``.
        phrases: whether JSON has the trees of the sentences.
        texts: whether their nodes have their texts, see ``Sentence.to_dict``.
        escape_formulas: whether texts that a spreadsheet takes for formulas follow an apostrophe,
            in CSV and TSV.
        classes: of how many classes the results are, see ``Result.with_classes``.
        own: those of ``YIELDING_COLUMNS`` that the table has itself.
        targets: what else each row is asked about; None: nothing.
        model: the name of the model, for tasks of annotation tools.
        least_sure: how many tasks there are at most, see ``treernn.scoring.tasks``; 0: all.
    """

    level: str = "review"
    column: str = "text"
    explain: bool = False
    phrases: bool = True
    texts: bool | None = None
    escape_formulas: bool = False
    classes: int = 5
    own: tuple[str, ...] = ()
    targets: TargetNames | None = None
    model: str = ""
    least_sure: int = 0

    def __post_init__(self) -> None:
        if self.targets is not None and self.level != "review":
            raise InputError("the sentiment toward a target is of a review, use --level review")
        if self.level == "phrase" and self.explain:
            raise InputError("a phrase has no explanation, use --level review or sentence")

    def of_table(self, column: str, columns: Sequence[str] | None, prefix: str) -> Detail:
        """The same for a table with these columns, see ``own``."""
        own = tuple(name for name in YIELDING_COLUMNS if prefix + name in (columns or ()))
        return replace(self, column=column, own=own)

    @property
    def nested(self) -> tuple[str, ...]:
        """The columns with the sentiment, in formats that have lists."""
        return self._without_own("probabilities")

    @property
    def flat(self) -> tuple[str, ...]:
        """The same in formats of plain cells."""
        return self._without_own(*probability_columns(self.classes))

    def _without_own(self, *probabilities: str) -> tuple[str, ...]:
        # Those that may be missing are last, so that the others are always in the same places.
        columns = ("label", "sentiment", *probabilities, "error", "note", *YIELDING_COLUMNS)
        return tuple(name for name in columns if name not in self.own)

    @property
    def places(self) -> tuple[str, ...]:
        """The columns that say where a sentence or phrase is."""
        return () if self.level == "review" else PLACE_COLUMNS

    def last(self, flat: bool) -> tuple[str, ...]:
        """The columns after the sentiment, in formats of plain cells or of lists."""
        explanation = ("explanation",) if self.explain else ()
        return (*explanation, *(self.target_columns(flat) if self.targets else ()))

    def target_columns(self, flat: bool) -> tuple[str, ...]:
        """The columns of the sentiment toward a target."""
        shares = probability_columns(self.classes) if flat else ("probabilities",)
        return tuple(f"target_{name}" for name in ("label", "score", *shares))


class Entry(NamedTuple):
    """A row of output.

    Attributes:
        review: its index in the chunk, from 0.
        values: the columns of the review, with the text of the sentence or phrase.
        place: the values of ``Detail.places``: the number of the review's row and of the sentence,
            both from 1, and the half-open character range in the text of the review.
        scored: the text, sentence or phrase; None where there is an error.
        error, note: texts, or None.
        result: the whole result; None below the level of reviews, and where there is an error.
        explanation: a result that explains itself, or None.
        target: the sentiment toward the target of the row, or None.
    """

    review: int
    values: Mapping[str, Any]
    place: tuple[int | None, ...] = ()
    scored: Result | Sentence | Phrase | None = None
    error: str | None = None
    note: str | None = None
    result: Result | None = None
    explanation: Result | None = None
    target: Target | None = None

    def cells(self, columns: Sequence[str]) -> tuple[Any, ...]:
        """The values of ``Detail.nested`` or ``Detail.flat``; without a result None but for the
        error."""
        if self.scored is None:
            return tuple(self.error if name == "error" else None for name in columns)
        from treernn.scoring.sentence import sentiment_fields

        found = {**sentiment_fields(self.scored), "error": None, "note": self.note}
        classes = self.scored.classes
        found["sentiment"] = names(classes).index(found["label"])
        found |= zip(probability_columns(classes), found["probabilities"], strict=True)
        return tuple(found[name] for name in columns)

    def target_cells(self, columns: Sequence[str]) -> tuple[Any, ...]:
        """The values of ``Detail.target_columns``."""
        if self.target is None:
            return (None,) * len(columns)
        from treernn.scoring.sentence import sentiment_fields

        found = sentiment_fields(self.target)
        found |= zip(probability_columns(self.target.classes), found["probabilities"], strict=True)
        return tuple(found[name.removeprefix("target_")] for name in columns)


def entry(
    result: Result | None,
    error: str | None,
    index: int = 0,
    values: Mapping[str, Any] | None = None,
    target: Target | None = None,
    note: str | None = None,
) -> Entry:
    """The row of a review."""
    values = values or {}
    if result is None or result.label is None:
        return Entry(index, values, error=error)
    notes = "; ".join([*result.problems, *([note] if note else [])]) or None
    return Entry(index, values, (), result, None, notes, result, result, target)


def entries(scored: Scored, detail: Detail) -> Iterator[Entry]:
    """The rows of output of a chunk, in order."""
    for index, (values, result, error) in enumerate(scored.rows()):
        if detail.level == "review":
            target, extra = scored.targets.get(index), scored.notes.get(index)
            yield entry(result, error, index, values, target, extra)
            continue
        row = scored.chunk.first + index
        if result is None:
            yield Entry(index, values, (row, None, None, None), error=error)
            continue
        note = "; ".join(result.problems) or None
        for number, sentence in enumerate(result.sentences, 1):
            for part in [sentence] if detail.level == "sentence" else sentence.phrases():
                yield Entry(
                    index,
                    {**values, detail.column: part.text},
                    (row, number, part.start, part.end),
                    part,
                    None,
                    note,
                    None,
                    _alone(sentence) if detail.explain else None,
                )


def _alone(sentence: Sentence) -> Result:
    """A sentence as a text of its own."""
    from treernn.scoring.result import Result

    distribution = tuple(sentence.distributions[-1].tolist())
    return Result(sentence.text, (sentence,), distribution, classes=sentence.classes)


def sentence_heads(result: Result) -> list[dict[str, Any]]:
    """The sentences of a text as values for JSON, without their trees."""
    from treernn.scoring.sentence import sentiment_fields

    return [
        {
            "text": sentence.text,
            "start": sentence.start,
            "end": sentence.end,
            **sentiment_fields(sentence),
        }
        for sentence in result.sentences
    ]
