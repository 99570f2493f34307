"""Rows of a table to reviews with their opinions, in any process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from treernn.classes import label_places, scores
from treernn.opinions.columns import Unread, date_of, group_of, rating_of
from treernn.opinions.find import Phrases, targets_of
from treernn.opinions.listed import ListedAspects
from treernn.opinions.opinion import Opinion, Review, StrongPhrase, encode
from treernn.opinions.scored import ScoredColumns
from treernn.opinions.terms import Term, terms_of
from treernn.scoring.job import Part
from treernn.scoring.loaded import loaded
from treernn.scoring.rows import Chunk, score_chunk
from treernn.tables.encoding import replace_surrogates

if TYPE_CHECKING:
    from treernn.scoring.lexicon.entries import Lexicon
    from treernn.scoring.result import Result
    from treernn.scoring.scorer import Scorer
    from treernn.scoring.sentence import Sentence

_SHOWN = 500  # characters that are kept of a review with an error
_FEWEST_WORDS, _MOST_WORDS, _STRONG = 2, 6, 0.5
_NEUTRAL_PLACE = 2


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a table has what; names are as they are written in it.

    Attributes:
        text, group, time, rating: columns; None for what it does not have.
        scored: those with verdicts, if it was scored already.
    """

    text: str = "text"
    group: str | None = None
    time: str | None = None
    rating: str | None = None
    scored: ScoredColumns | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """How to find the opinions of a chunk of rows; calling it does, in any process.

    Attributes:
        model, device, parser, precision, newline_ends_sentence: as for ``treernn.load``.
        columns: of the table.
        listed: the aspects that are looked for; None: those that are found.
        known_targets: whether the model has learnt the sentiment toward targets.
        lexicon: of one domain, as for ``Scorer``.
    """

    model: str = "small"
    device: str = "cpu"
    parser: str = "embedded"
    precision: str = "float32"
    newline_ends_sentence: bool = False
    columns: Columns = field(default_factory=Columns)
    listed: ListedAspects | None = None
    known_targets: bool = True
    lexicon: Lexicon | None = None

    def __call__(self, chunk: Chunk) -> Part:
        """See ``review_part``."""
        models = (self.model, self.device, self.parser, self.precision)
        scorer = loaded(*models, self.newline_ends_sentence, lexicon=self.lexicon)
        return review_part(scorer, self, chunk)


def review_part(scorer: Scorer, settings: Settings, chunk: Chunk) -> Part:
    """The reviews of a chunk, encoded."""
    reviews = reviews_of(scorer, settings, chunk, scorer.score_many)
    errors = tuple(
        f"{row.place}: {review.error}"
        for row, review in zip(chunk.rows, reviews, strict=True)
        if review.error is not None
    )
    return Part(encode(reviews), len(chunk.rows), len(errors), chunk.fraction, errors)


def reviews_of(
    scorer: Scorer,
    settings: Settings,
    chunk: Chunk,
    score_many: Callable[[Sequence[str]], list[Result]],
) -> list[Review]:
    """The reviews of a chunk; ``score_many`` is that of the scorer, or knows its results."""
    scored = score_chunk(score_many, chunk)
    found = [result for result in scored.results if result is not None and not _foreign(result)]
    opinions = iter(opinions_of(scorer, found, settings))
    reviews = []
    for number, (row, (values, result, error)) in enumerate(
        zip(chunk.rows, scored.rows(), strict=True), chunk.first
    ):
        review = _read_columns(number, values, settings.columns)
        if result is None:
            reason = row.error or (error or "").removeprefix(f"{row.place}: ")
            text = row.text or values.get(settings.columns.text)
            shown = replace_surrogates(text[:_SHOWN]) if isinstance(text, str) else ""
            reviews.append(review._replace(text=shown, error=replace_surrogates(reason)))
            continue
        verdict = _verdict(values, result, settings.columns.scored)
        review = review._replace(text=result.text, distribution=verdict)
        if _foreign(result):
            reviews.append(review._replace(foreign=True))
            continue
        phrases = [each for each in map(_strongest, result.sentences) if each]
        reviews.append(review._replace(phrases=phrases, opinions=next(opinions)))
    return reviews


def _verdict(
    values: Mapping[str, Any], result: Result, scored: ScoredColumns | None
) -> Sequence[float] | None:
    """The distribution of a row: that of a scored table, or else ours over the same classes."""
    if scored is None:
        return result.probabilities
    return scored.verdict(values) or result.with_classes(scored.classes).probabilities


def opinions_of(
    scorer: Scorer, results: Sequence[Result], settings: Settings
) -> list[list[Opinion]]:
    """For each result what it says of the things that it names."""
    listed = settings.listed
    terms = terms_of(results) if listed is None else listed.terms_of(results)
    spans = [[(term.start, term.end) for term in each] for each in terms]
    targets = targets_of(scorer, results, spans, settings.known_targets)
    flat = [target for each in targets for target in each]
    if not flat:
        return [[] for _ in results]
    rows = np.array([target.distribution for target in flat])
    signs = iter((label_places(rows, 3) - _NEUTRAL_PLACE).tolist())
    numbers = iter(scores(rows).tolist())
    opinions = []
    for result, *pair in zip(results, terms, targets, strict=True):
        phrases = Phrases(result)
        opinions.append(
            [
                _opinion(result, phrases, term, target, next(signs), next(numbers))
                for term, target in zip(*pair, strict=True)
            ]
        )
    return opinions


def _opinion(
    result: Result, phrases: Phrases, term: Term, target: Any, sign: int, score: float
) -> Opinion:
    sentence = result.sentences[term.sentence]
    saying = phrases.saying(term.start, term.end, sign) if sign else None
    phrase_start, phrase_end = saying or (target.phrase_start, target.phrase_end)
    return Opinion(
        *(term.sentence + 1, sentence.start, sentence.end, term.start, term.end),
        *(phrase_start, phrase_end, term.key, term.head),
        *(sign, score, target.distribution),
    )


def _foreign(result: Result) -> bool:
    return any(problem.endswith("the models know English only") for problem in result.problems)


def _read_columns(number: int, values: Mapping[str, Any], columns: Columns) -> Review:
    """The review without its text and verdict."""
    day: date | Unread | None = date_of(values.get(columns.time)) if columns.time else None
    rating = rating_of(values.get(columns.rating)) if columns.rating else None
    return Review(
        row=number,
        text="",
        group=group_of(values.get(columns.group)) if columns.group else None,
        day=day.toordinal() if isinstance(day, date) else None,
        rating=None if isinstance(rating, Unread) else rating,
        unread_time=day.value if isinstance(day, Unread) else None,
        unread_rating=rating.value if isinstance(rating, Unread) else None,
    )


def _strongest(sentence: Sentence) -> StrongPhrase | None:
    """Of the phrases of a few words the strongest, if it says something."""
    spans = sentence.tree.spans()
    nodes = [
        node
        for node, (start, end) in enumerate(spans)
        if _FEWEST_WORDS <= end - start <= _MOST_WORDS
    ]
    if not nodes:
        return None
    found = scores(sentence.distributions[nodes])
    best = int(np.abs(found).argmax())
    if abs(found[best]) < _STRONG:
        return None
    first, last = spans[nodes[best]]
    tokens = sentence.tokens
    return StrongPhrase(tokens[first].start, tokens[last - 1].end, float(found[best]))
