"""Rows of output: one for each review, or for each of its sentences or phrases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from treernn.errors import InputError
from treernn.types import LABELS

if TYPE_CHECKING:
    from treernn.scoring.result import Result
    from treernn.scoring.rows import Scored
    from treernn.scoring.sentence import Sentence

LEVELS = ("review", "sentence", "phrase")

PLACE_COLUMNS = ("row", "sentence", "start", "end")
NESTED_COLUMNS = ("label", "sentiment", "probabilities", "error", "note")
PROBABILITY_COLUMNS = tuple(f"p_{label.replace(' ', '_')}" for label in LABELS)
FLAT_COLUMNS = ("label", "sentiment", *PROBABILITY_COLUMNS, "error", "note")


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
    """

    level: str = "review"
    column: str = "text"
    explain: bool = False
    phrases: bool = True
    texts: bool | None = None
    escape_formulas: bool = False

    def __post_init__(self) -> None:
        if self.level == "phrase" and self.explain:
            raise InputError("a phrase has no explanation, use --level review or sentence")

    @property
    def places(self) -> tuple[str, ...]:
        """The columns that say where a sentence or phrase is."""
        return () if self.level == "review" else PLACE_COLUMNS

    @property
    def last(self) -> tuple[str, ...]:
        """The columns after the sentiment."""
        return ("explanation",) if self.explain else ()


class Entry(NamedTuple):
    """A row of output.

    Attributes:
        review: its index in the chunk, from 0.
        values: the columns of the review, with the text of the sentence or phrase.
        place: the values of ``Detail.places``: the number of the review's row and of the sentence,
            both from 1, and the half-open character range in the text of the review.
        label, probabilities: None where there is an error.
        error, note: texts, or None.
        result: the whole result; None below the level of reviews, and where there is an error.
        explanation: a result that explains itself, or None.
    """

    review: int
    values: Mapping[str, Any]
    place: tuple[int | None, ...] = ()
    label: str | None = None
    probabilities: tuple[float, ...] | None = None
    error: str | None = None
    note: str | None = None
    result: Result | None = None
    explanation: Result | None = None

    def nested(self) -> tuple[Any, ...]:
        """The values of ``NESTED_COLUMNS``; without a result all but the error are None."""
        if self.label is None or self.probabilities is None:
            return None, None, None, self.error, None
        rounded = [round(probability, 6) for probability in self.probabilities]
        return self.label, LABELS.index(self.label), rounded, None, self.note

    def flat(self) -> tuple[Any, ...]:
        """The values of ``FLAT_COLUMNS``."""
        label, sentiment, probabilities, error, note = self.nested()
        return label, sentiment, *(probabilities or [None] * len(LABELS)), error, note


def entry(
    result: Result | None,
    error: str | None,
    index: int = 0,
    values: Mapping[str, Any] | None = None,
) -> Entry:
    """The row of a review."""
    values = values or {}
    if result is None or result.label is None:
        return Entry(index, values, error=error)
    note = "; ".join(result.problems) or None
    return Entry(index, values, (), result.label, result.probabilities, None, note, result, result)


def entries(scored: Scored, detail: Detail) -> Iterator[Entry]:
    """The rows of output of a chunk, in order."""
    for index, (values, result, error) in enumerate(scored.rows()):
        if detail.level == "review":
            yield entry(result, error, index, values)
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
                    part.label,
                    part.probabilities,
                    None,
                    note,
                    None,
                    _alone(sentence) if detail.explain else None,
                )


def _alone(sentence: Sentence) -> Result:
    """A sentence as a text of its own."""
    from treernn.scoring.result import Result

    return Result(sentence.text, (sentence,), sentence.probabilities)


def sentence_heads(result: Result) -> list[dict[str, Any]]:
    """The sentences of a text as values for JSON, without their trees."""
    from treernn.scoring.sentence import rounded

    return [
        {
            "text": sentence.text,
            "start": sentence.start,
            "end": sentence.end,
            "label": sentence.label,
            "probabilities": rounded(sentence.distributions[-1]),
        }
        for sentence in result.sentences
    ]
