"""How well aspects are found, on product reviews with marked features and on sentences about
restaurants with marked terms.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from typing import Any

import numpy as np
from rich.console import Group
from rich.table import Table
from rich.text import Text

from treernn.classes import label_places
from treernn.corpora import features, locations, products, restaurants
from treernn.errors import MissingDataError
from treernn.evaluation.aspects import FeatureScore, TermScore, feature_score, term_score
from treernn.evaluation.plain import to_plain
from treernn.opinions.aspects import AspectCounts
from treernn.opinions.terms import terms_of
from treernn.scoring.scorer import Scorer, load
from treernn.studies.report import Report, table
from treernn.views.terminal import number

CHOSEN_ON = products.PARTS[0]
"""The products that thresholds and lists of words were chosen on."""

_NEUTRAL = 2


def bench(
    model: str | os.PathLike[str] = "small",
    source: str | os.PathLike[str] | None = None,
    device: str = "cpu",
) -> Report:
    """Find the aspects of each product's reviews and the terms of MAMS' validation sentences.

    Args:
        model: see ``treernn.load``; its sentiment toward terms is what ranks aspects.
        source: a folder with the data sets; default: those of ``corpora.locations``.
        device: where it runs, as for ``treernn.load``.

    Returns:
        An object: ``model``; ``products``, a ``FeatureScore`` for each, and its means for all, for
        those that thresholds were chosen on, and for the others; ``terms``, a ``TermScore``;
        ``microseconds_per_word``, the processor's time to find the terms; ``missing`` data sets.

    Raises:
        ModelError: there is no such model.
        MissingDataError: both data sets are missing.
    """
    scorer = load(model, device)
    found = [locations.find(each.DATA, source) for each in (products, restaurants)]
    missing = [
        f"no {each.DATA.filename}, get it from {each.DATA.url}"
        for each, path in zip((products, restaurants), found, strict=True)
        if path is None
    ]
    if len(missing) == len(found):
        raise MissingDataError("; ".join(missing))
    spent = [0.0, 0.0]
    rows = _features(scorer, found[0], spent) if found[0] else {}
    terms = _terms(scorer, found[1], spent) if found[1] else None
    speed = 1e6 * spent[0] / spent[1]
    values: dict[str, Any] = {
        "model": os.fspath(model),
        "products": {name: to_plain(score, ".2f") for name, score in rows.items()},
        "terms": to_plain(terms, ".2f") if terms else None,
        "microseconds_per_word": round(speed, 1),
        "missing": missing,
    }
    caption = {"model": os.fspath(model), "µs per word": f"{speed:.1f}"}
    return Report(values, Group(_feature_table(rows), "", _term_table(terms, caption, missing)))


def _features(
    scorer: Scorer, path: os.PathLike[str], spent: list[float]
) -> dict[str, FeatureScore]:
    scores = {}
    for product, reviews in features.load(path).items():
        sentences = [sentence for review in reviews for sentence in review]
        counts = _counts(scorer, [sentence.text for sentence in sentences], spent)
        marks = (name for sentence in sentences for name in sentence.features)
        scores[product] = feature_score(counts.aspects(), counts, marks)
    others = {name for name in scores if name not in CHOSEN_ON}
    means = {"mean": {*scores}, "mean, chosen on": {*CHOSEN_ON} & {*scores}, "mean, others": others}
    return scores | {
        name: _mean([scores[product] for product in sorted(of)]) for name, of in means.items() if of
    }


def _mean(scores: Sequence[FeatureScore]) -> FeatureScore:
    columns = zip(*(asdict(score).values() for score in scores), strict=True)
    return FeatureScore(*(float(np.mean(column)) for column in columns))


def _counts(scorer: Scorer, texts: Iterable[str], spent: list[float]) -> AspectCounts:
    counts = AspectCounts()
    results = scorer.score_many([*texts])
    terms = _timed_terms(results, spent)
    spans = [[(term.start, term.end) for term in each] for each in terms]
    for of_text, targets in zip(terms, scorer.targets(results, spans), strict=True):
        shares = np.array([target.distribution for target in targets]).reshape(-1, 5)
        opinions = (label_places(shares, 3) != _NEUTRAL).tolist()
        counts.add((term.key, float(one)) for term, one in zip(of_text, opinions, strict=True))
    return counts


def _timed_terms(results: Any, spent: list[float]) -> list[Any]:
    began = time.process_time()
    terms = terms_of(results)
    spent[0] += time.process_time() - began
    spent[1] += sum(len(sentence.tokens) for result in results for sentence in result.sentences)
    return terms


def _terms(scorer: Scorer, path: os.PathLike[str], spent: list[float]) -> TermScore:
    data = restaurants.load(path)
    sentences = [*data.dev, *data.test]
    results = scorer.score_many([each.text for each in sentences])
    marked = [
        {
            (span.start, span.end)
            for span in each.targets
            if (span.start, span.end) != (0, len(each.text))  # what the sentence says as a whole
        }
        for each in sentences
    ]
    return term_score(_timed_terms(results, spent), marked)


def _feature_table(rows: dict[str, FeatureScore]) -> Table:
    titles = [field.name.replace("_", " ") for field in fields(FeatureScore)]
    shown = table({"features": "of product reviews, in %"}, ["product", *titles])
    for name, score in rows.items():
        cells = (number(value) for value in asdict(score).values())
        shown.add_row(name, *cells, end_section=not name.startswith("mean"))
    return shown


def _term_table(terms: TermScore | None, caption: dict[str, str], missing: Sequence[str]) -> Table:
    titles = [field.name.replace("_", " ") for field in fields(TermScore)]
    shown = table(caption, ["sentences", *titles])
    if terms is not None:
        cells = (str(n) if isinstance(n, int) else number(n) for n in asdict(terms).values())
        shown.add_row("MAMS, validation", *cells)
    shown.caption = Text("\n".join([str(shown.caption), *(f"missing: {line}" for line in missing)]))
    return shown
