"""Quality of captions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from treernn.corpora.captions import Captioned
from treernn.errors import InputError
from treernn.models.captioner import tokenize_caption
from treernn.optional import require


class CaptionMetrics(NamedTuple):
    """How well captions match the references.

    Attributes:
        exact: images whose caption equals one of the references, word by word, in %.
        bleu: corpus BLEU (Papineni et al. 2002) against all references, 0 to 100; words are those
            of ``treernn.models.captioner.tokenize_caption``.
        images: number of images.
    """

    exact: float
    bleu: float
    images: int


def caption_metrics(captions: Sequence[str], images: Sequence[Captioned]) -> CaptionMetrics:
    """Compare captions with the references of their images.

    Args:
        captions: one for each image; words separated by spaces.
        images: at least one.

    Raises:
        InputError: there are no images, or another number of captions.
        MissingPackageError: sacrebleu is not installed.
    """
    if not images or len(captions) != len(images):
        raise InputError(f"{len(captions)} captions of {len(images)} images, expected one of each")
    metrics = require("sacrebleu.metrics", extra="captioning")
    references = [[" ".join(tokenize_caption(each)) for each in image.captions] for image in images]
    exact = sum(caption in each for caption, each in zip(captions, references, strict=True))
    # sacrebleu takes the first references of all images, then the second; None where there is none.
    columns: Any = [
        [each[n] if n < len(each) else None for each in references]
        for n in range(max(map(len, references)))
    ]
    bleu = metrics.BLEU(tokenize="none", force=True).corpus_score(list(captions), columns)
    return CaptionMetrics(100 * exact / len(images), bleu.score, len(images))
