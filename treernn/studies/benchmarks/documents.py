"""Accuracy on whole reviews, by how the predictions for their sentences are combined.

The reviews are those of polarity dataset 2.0 (``treernn.corpora.reviews``), divided into sentences
by the scorer. Folds 0 to 2 are the development set, which the method was chosen on; the others are
held out. A method gives each review a score, and predicts positive if it is above zero. A second
pair of accuracies has the median score of the development set as threshold, because half of its
reviews are positive. The external baseline is VADER (Hutto and Gilbert 2014), as in NLTK.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from treernn.classes import probabilities
from treernn.corpora import reviews
from treernn.corpora.reviews import Review
from treernn.errors import InputError, MissingDataError
from treernn.evaluation.calibration import reliability
from treernn.optional import require
from treernn.scoring.document import combine, discourse
from treernn.scoring.scorer import Scorer, load
from treernn.studies.benchmarks.vader import load_vader
from treernn.studies.machine import machine
from treernn.studies.report import Report, table
from treernn.types import Token

DEVELOPMENT_FOLDS = 3
CHOSEN = "evidence and agreement (chosen)"
_POLARITY = np.array([-1.0, -1.0, 0.0, 1.0, 1.0])
_CLASSES = np.arange(-2.0, 3.0)


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """The predictions for a review.

    Attributes:
        sentences: ``[n, 5]``, distributions of its sentences.
        lengths: ``[n]``, numbers of words.
        phrases: ``[5]``, the mean distribution of all phrases and words.
        tokens: those of each sentence; empty if no sentence depends on another.
    """

    sentences: np.ndarray
    lengths: np.ndarray
    phrases: np.ndarray
    tokens: Sequence[Sequence[Token]] = ()


def bench(
    model: str | os.PathLike[str] = "small",
    source: str | os.PathLike[str] | None = None,
    device: str = "cpu",
    precision: str = "float32",
) -> Report:
    """Score all reviews and compare the methods: ``rows``, see ``accuracies``, and ``metadata``.

    Args:
        model: see ``treernn.load``.
        source: the reviews; see ``treernn.corpora.reviews.load``.
        device, precision: where and in which type it runs, as for ``treernn.load``.

    Raises:
        MissingDataError: there are no reviews.
        ModelError: there is no such model.
        InputError: all reviews are in the same set.
    """
    data = reviews.load(source)
    positive = np.array([review.positive for review in data])
    development = np.array([review.fold < DEVELOPMENT_FOLDS for review in data])
    if development.all() or not development.any():
        raise InputError(
            f"reviews of folds 0 to {DEVELOPMENT_FOLDS - 1} and of other folds are needed, "
            "use the whole archive"
        )
    predictions = predict(load(model, device, precision=precision), data)
    scores = {name: np.array([*map(method, predictions)]) for name, method in METHODS.items()}
    scores["logistic regression"] = _regression(predictions, positive, development)
    metadata = machine(
        precision=precision,
        reviews=len(data),
        held_out=int((~development).sum()),
        sentences=sum(len(review.sentences) for review in predictions),
        calibration_error={
            name: round(_calibration_error([*map(function, predictions)], positive), 1)
            for name, function in DISTRIBUTIONS.items()
        },
    )
    try:
        scores |= _vader(data)
    except MissingDataError as error:
        metadata["vader"] = str(error)
    columns = ("development", "held out", "threshold", "development", "held out")
    shown, rows = table(metadata, ("method", *columns)), []
    for name, values in scores.items():
        row = accuracies(values, positive, development)
        rows.append({"name": name, **row})
        cells = (f"{row[key]:+.3f}" if key == "threshold" else f"{row[key]:.1%}" for key in row)
        shown.add_row(name, *cells, style="bold" if name == CHOSEN else None)
    return Report({"rows": rows, "metadata": metadata}, shown)


def predict(scorer: Scorer, data: Sequence[Review]) -> list[Prediction]:
    """Score the reviews."""
    from tqdm import tqdm

    predictions = []
    for review in tqdm(data, leave=False, disable=None):
        sentences = scorer(review.text).sentences
        nodes = [sentence.distributions for sentence in sentences]
        roots = np.stack([rows[-1] for rows in nodes]).astype(np.float64)
        lengths = np.array([len(sentence.tokens) for sentence in sentences])
        phrases = np.concatenate(nodes).mean(axis=0)
        tokens = [sentence.tokens for sentence in sentences]
        predictions.append(Prediction(roots, lengths, phrases, tokens))
    return predictions


def accuracies(
    scores: np.ndarray, positive: np.ndarray, development: np.ndarray
) -> dict[str, float]:
    """Accuracies of a method, over the development set and over the other reviews.

    Args:
        scores: of the reviews.
        positive: which reviews are positive.
        development: which ones are in the development set.

    Returns:
        ``development`` and ``held_out``; the median ``threshold``, and the accuracies with it,
        ``development_threshold`` and ``held_out_threshold``.
    """
    threshold = float(np.median(scores[development]))
    parts = [
        float(((scores > limit) == positive)[part].mean())
        for limit in (0.0, threshold)
        for part in (development, ~development)
    ]
    return {
        "development": parts[0],
        "held_out": parts[1],
        "threshold": threshold,
        "development_threshold": parts[2],
        "held_out_threshold": parts[3],
    }


def _mean(review: Prediction, weights: np.ndarray | None = None) -> np.ndarray:
    return np.average(review.sentences, axis=0, weights=weights)


def _rising(review: Prediction) -> np.ndarray:
    """A weight for each sentence that rises from 1 to 2."""
    n = len(review.sentences)
    return 1 + (np.arange(n) + 0.5) / n


def _subjective(review: Prediction) -> np.ndarray:
    return 1 - review.sentences[:, 2]


def _subjective_rising(review: Prediction) -> np.ndarray:
    return _mean(review, _subjective(review) * _rising(review))


def _combined(review: Prediction) -> np.ndarray:
    return combine(list(review.sentences), review.tokens)


def _late(review: Prediction) -> float:
    """The sum of the evidence, with weights that rise from 1 at the eleventh sentence to 3 at the
    51st; see ``treernn.scoring.document``."""
    means, weights, _ = discourse(review.sentences, review.tokens, ())
    rising = np.interp(np.arange(len(means)), (10, 50), (1, 3))
    return float((rising * weights * means * np.abs(means)).sum())


def _calibration_error(distributions: Sequence[np.ndarray], positive: np.ndarray) -> float:
    """Expected calibration error in % of p(positive) against p(negative), without the neutral."""
    return reliability(positive.astype(int), probabilities(np.stack(distributions), 2)).ece


def _not_neutral(review: Prediction) -> float:
    polar = review.sentences[review.sentences.argmax(axis=1) != 2]
    return float(polar.mean(axis=0) @ _POLARITY) if len(polar) else 0.0


def _log_odds(review: Prediction) -> float:
    p = review.sentences
    return float(np.log((p[:, 3] + p[:, 4] + 1e-3) / (p[:, 0] + p[:, 1] + 1e-3)).sum())


METHODS: dict[str, Callable[[Prediction], float]] = {
    "first sentence": lambda review: review.sentences[0] @ _POLARITY,
    "last sentence": lambda review: review.sentences[-1] @ _POLARITY,
    "mean of all phrases": lambda review: review.phrases @ _POLARITY,
    "mean": lambda review: _mean(review) @ _POLARITY,
    "mean weighted by length": lambda review: _mean(review, review.lengths) @ _POLARITY,
    "mean of the expected class": lambda review: _mean(review) @ _CLASSES,
    "votes of the sentences": lambda review: np.sign(review.sentences.argmax(axis=1) - 2).mean(),
    "mean without neutral sentences": _not_neutral,
    "sum of log odds": _log_odds,
    "rising weights": lambda review: _mean(review, _rising(review)) @ _POLARITY,
    "subjective": lambda review: _mean(review, _subjective(review)) @ _POLARITY,
    "subjective, rising weights": lambda review: _subjective_rising(review) @ _POLARITY,
    CHOSEN: lambda review: _combined(review) @ _POLARITY,
    "evidence, more weight after ten sentences": _late,
    "subjective squared, rising weights": lambda review: (
        _mean(review, _subjective(review) ** 2 * _rising(review)) @ _POLARITY
    ),
}
"""The score of a review, positive for positive reviews; see docs/documents.md."""

DISTRIBUTIONS: dict[str, Callable[[Prediction], np.ndarray]] = {
    "mean": _mean,
    "subjective, rising weights": _subjective_rising,
    CHOSEN: _combined,
}
"""The distribution of a review by some of the methods; their calibration is compared."""


def _regression(
    predictions: Sequence[Prediction], positive: np.ndarray, development: np.ndarray
) -> np.ndarray:
    """Log odds of a logistic regression, fitted on the development set, over the mean
    distribution, the score with rising weights, the last sentence and the length."""
    for name in ("linear_model", "pipeline", "preprocessing"):
        require(f"sklearn.{name}", extra="reproduction")
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    names = ("rising weights", "last sentence")
    features = np.array(
        [
            (*_mean(p)[[0, 1, 3, 4]], *(METHODS[n](p) for n in names), np.log(len(p.sentences)))
            for p in predictions
        ]
    )
    model = make_pipeline(StandardScaler(), LogisticRegression())
    return model.fit(features[development], positive[development]).decision_function(features)


def _vader(data: Sequence[Review]) -> dict[str, np.ndarray]:
    """VADER's compound score of the whole text, and its mean over the lines, which are sentences.

    Raises:
        MissingDataError: there is no lexicon for it.
    """
    compound = load_vader()
    lines = [[line for line in review.text.split("\n") if line.strip()] for review in data]
    return {
        "VADER, whole text": np.array([compound(review.text) for review in data]),
        "VADER, mean of sentences": np.array([np.mean([*map(compound, each)]) for each in lines]),
    }
