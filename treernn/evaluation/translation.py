"""Quality of translations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from treernn.errors import InputError
from treernn.optional import require


class TranslationMetrics(NamedTuple):
    """How well translations match the references.

    Attributes:
        bleu: BLEU (Papineni et al. 2002), 0 to 100.
        chrf: chrF (Popović 2015), 0 to 100.
        signatures: sacrebleu's description of its settings for each metric.
    """

    bleu: float
    chrf: float
    signatures: tuple[str, str]


def translation_metrics(
    translations: Sequence[str], references: Sequence[str]
) -> TranslationMetrics:
    """Compare translations with one reference each, with sacrebleu's default settings (Post 2018).

    Raises:
        InputError: there are no references.
        MissingPackageError: sacrebleu is not installed.
    """
    if not references:
        raise InputError("no translations to evaluate")
    metrics = require("sacrebleu.metrics", extra="translation")
    bleu, chrf = metrics.BLEU(), metrics.CHRF()
    scores = [
        metric.corpus_score(list(translations), [list(references)]).score for metric in (bleu, chrf)
    ]
    signatures = (str(bleu.get_signature()), str(chrf.get_signature()))
    return TranslationMetrics(scores[0], scores[1], signatures)
