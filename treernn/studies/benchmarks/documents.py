"""How the sentiment of a review comes from its sentences': ways to combine them, measured.

On the movie reviews of polarity 2.0 (``treernn.corpora.reviews``), with the sentences as the
scorer divides them. Folds 0 to 2 were there to choose by, the other folds are for the figure that
counts. A way gives a review a number, and the verdict is its sign; beside that stands the verdict
with another limit than zero, the median over the reviews to choose by, half of which are positive.
VADER (Hutto and Gilbert 2014), as NLTK has it, is the outside comparison.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from treernn.corpora import reviews
from treernn.corpora.reviews import Review
from treernn.errors import InputError
from treernn.optional import require
from treernn.scoring.document import combine
from treernn.scoring.scorer import Scorer, load
from treernn.studies.benchmarks.common import Report, table

FOLDS_TO_CHOOSE_BY = 3
CHOSEN = "by opinion, the end twice the start (chosen)"
_BATCH = 20
_MARGIN = np.array([-1.0, -1.0, 0.0, 1.0, 1.0])
_CLASSES = np.arange(-2.0, 3.0)


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """What the ways look at of a review.

    Attributes:
        sentences: ``[n, 5]``, the distributions of its sentences.
        lengths: ``[n]``, their words.
        phrases: ``[5]``, the mean distribution of all its phrases, words included.
    """

    sentences: np.ndarray
    lengths: np.ndarray
    phrases: np.ndarray


@dataclass(frozen=True, slots=True)
class Row:
    """A way to combine sentences and what share of the verdicts is right.

    Attributes:
        name: of the way.
        development: right of the reviews to choose by.
        held_out: right of the others.
        limit: the median of the reviews to choose by.
        limit_development, limit_held_out: right when what is above ``limit`` is positive.
    """

    name: str
    development: float
    held_out: float
    limit: float
    limit_development: float
    limit_held_out: float


def bench(
    model: str | os.PathLike[str] = "small", source: str | os.PathLike[str] | None = None
) -> Report:
    """Score all reviews and compare the ways.

    Args:
        model: as in ``treernn.load``.
        source: the reviews; see ``treernn.corpora.reviews.load``.

    Raises:
        MissingDataError: the reviews are not at hand.
        ModelError: there is no such model.
        InputError: the reviews are all to choose by, or none of them.
    """
    found = reviews.load(source)
    _truth(found)  # before anything takes time
    scored = score(load(model), found)
    about: dict[str, Any] = {
        "reviews": len(found),
        "held_out": sum(review.fold >= FOLDS_TO_CHOOSE_BY for review in found),
        "sentences": sum(len(each.sentences) for each in scored),
        "threads": torch.get_num_threads(),
    }
    numbers = {name: np.array([way(each) for each in scored]) for name, way in WAYS.items()}
    numbers["logistic regression"] = _regression(found, scored)
    try:
        numbers |= _vader(found)
    except LookupError:
        about["vader"] = "not measured, get it by: python -m nltk.downloader vader_lexicon"
    rows = compare(found, numbers)
    titles = ("to choose by", "held out", "limit", "to choose by", "held out")
    made = table(about, ("a review from its sentences", *titles))
    for row in rows:
        made.add_row(
            row.name,
            f"{row.development:.1%}",
            f"{row.held_out:.1%}",
            f"{row.limit:+.3f}",
            f"{row.limit_development:.1%}",
            f"{row.limit_held_out:.1%}",
            style="bold" if row.name == CHOSEN else None,
        )
    return Report({"rows": [asdict(row) for row in rows], "about": about}, made)


def score(scorer: Scorer, found: Sequence[Review]) -> list[Scored]:
    """What the ways look at, for each review."""
    from tqdm import tqdm

    scored = []
    with tqdm(total=len(found), unit="review", leave=False, disable=None) as progress:
        for start in range(0, len(found), _BATCH):
            results = scorer.score_many([each.text for each in found[start : start + _BATCH]])
            for result in results:
                nodes = [sentence.distributions for sentence in result.sentences]
                scored.append(
                    Scored(
                        np.stack([each[-1] for each in nodes]).astype(np.float64),
                        np.array([len(sentence.tokens) for sentence in result.sentences]),
                        np.concatenate(nodes).mean(axis=0),
                    )
                )
            progress.update(len(results))
    return scored


def compare(found: Sequence[Review], numbers: dict[str, np.ndarray]) -> tuple[Row, ...]:
    """A row for each way.

    Args:
        found: the reviews.
        numbers: by the name of the way, what it gives each review: positive for a positive one.

    Raises:
        InputError: the reviews are all to choose by, or none of them.
    """
    positive, chosen_by = _truth(found)
    rows = []
    for name, values in numbers.items():
        limit = float(np.median(values[chosen_by]))
        plain, shifted = (values > 0) == positive, (values > limit) == positive
        parts = [
            float(right[part].mean())
            for right in (plain, shifted)
            for part in (chosen_by, ~chosen_by)
        ]
        rows.append(Row(name, parts[0], parts[1], limit, parts[2], parts[3]))
    return tuple(rows)


def _mean(rows: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    return np.average(rows, axis=0, weights=weights)


def _place(n: int) -> np.ndarray:
    """Where each of n sentences stands, from 0 to 1."""
    return (np.arange(n) + 0.5) / n


def _opinion(each: Scored) -> np.ndarray:
    return 1 - each.sentences[:, 2]


def _not_neutral(each: Scored) -> float:
    kept = each.sentences[each.sentences.argmax(axis=1) != 2]
    return float(_mean(kept) @ _MARGIN) if len(kept) else 0.0


def _log_odds(each: Scored) -> float:
    p = each.sentences
    return float(np.log((p[:, 3] + p[:, 4] + 1e-3) / (p[:, 0] + p[:, 1] + 1e-3)).sum())


WAYS: dict[str, Callable[[Scored], float]] = {
    "first sentence": lambda each: each.sentences[0] @ _MARGIN,
    "last sentence": lambda each: each.sentences[-1] @ _MARGIN,
    "mean of all phrases": lambda each: each.phrases @ _MARGIN,
    "mean": lambda each: _mean(each.sentences) @ _MARGIN,
    "mean by length": lambda each: _mean(each.sentences, each.lengths) @ _MARGIN,
    "mean of the expected class": lambda each: _mean(each.sentences) @ _CLASSES,
    "votes of the sentences": lambda each: np.sign(each.sentences.argmax(axis=1) - 2).mean(),
    "mean without neutral sentences": _not_neutral,
    "sum of log odds": _log_odds,
    "the end twice the start": lambda each: (
        _mean(each.sentences, 1 + _place(len(each.sentences))) @ _MARGIN
    ),
    "by opinion": lambda each: _mean(each.sentences, _opinion(each)) @ _MARGIN,
    CHOSEN: lambda each: combine(list(each.sentences)) @ _MARGIN,
    "by opinion squared, the end twice the start": lambda each: (
        _mean(each.sentences, _opinion(each) ** 2 * (1 + _place(len(each.sentences)))) @ _MARGIN
    ),
}
"""Each gives a review a number, which is positive for a positive one."""


def _regression(found: Sequence[Review], scored: Sequence[Scored]) -> np.ndarray:
    """Log odds of a logistic regression, fitted on the reviews to choose by, over the mean
    distribution, the margin when the end counts more, the last sentence and the length."""
    linear_model, pipeline, preprocessing = (
        require(f"sklearn.{name}", extra="reproduction")
        for name in ("linear_model", "pipeline", "preprocessing")
    )
    positive, chosen_by = _truth(found)
    features = np.array(
        [
            (
                *_mean(each.sentences)[[0, 1, 3, 4]],
                WAYS["the end twice the start"](each),
                WAYS["last sentence"](each),
                np.log(len(each.sentences)),
            )
            for each in scored
        ]
    )
    model = pipeline.make_pipeline(
        preprocessing.StandardScaler(), linear_model.LogisticRegression()
    )
    model.fit(features[chosen_by], positive[chosen_by])
    return model.decision_function(features)


def _vader(found: Sequence[Review]) -> dict[str, np.ndarray]:
    """VADER's compound score: of the whole text, and the mean over the file's lines, which are
    sentences.

    Raises:
        LookupError: NLTK has not got the lexicon.
    """
    from nltk.sentiment.vader import SentimentIntensityAnalyzer

    vader = SentimentIntensityAnalyzer()
    whole, lines = [], []
    for review in found:
        sentences = [line for line in review.text.split("\n") if line.strip()]
        whole.append(vader.polarity_scores(review.text)["compound"])
        lines.append(np.mean([vader.polarity_scores(line)["compound"] for line in sentences]))
    return {"VADER, whole text": np.array(whole), "VADER, mean of sentences": np.array(lines)}


def _truth(found: Sequence[Review]) -> tuple[np.ndarray, np.ndarray]:
    """Which reviews are positive, and which are there to choose by."""
    positive = np.array([review.positive for review in found])
    chosen_by = np.array([review.fold < FOLDS_TO_CHOOSE_BY for review in found])
    if chosen_by.all() or not chosen_by.any():
        raise InputError(
            f"reviews of folds 0 to {FOLDS_TO_CHOOSE_BY - 1} and of others are needed, "
            "take the whole archive"
        )
    return positive, chosen_by
