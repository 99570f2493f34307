"""Sets of texts with labelled targets to train on.

Most sentences of reviews have one opinion, from which a model learns that every target has the
sentiment of its sentence. So product reviews, and short pros and cons, are also joined to pairs
that say the opposite, in which each target keeps its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import cycle

import numpy as np

from treernn.corpora import products as product_reviews
from treernn.corpora import pros_cons, restaurants
from treernn.corpora.targets import (
    NEUTRAL,
    SpanTarget,
    Target,
    TargetText,
    target_of_classes,
)
from treernn.opinions.terms import noun_runs, tags_of
from treernn.text.tokenizer import tokenize

_JOINTS = (", but ", ", ", "; ", ", and ", " although ", ", however ", ", ")
_LONGEST_PART = 20
"""Words of a sentence that becomes half of a pair."""

_LONGEST_POINT, _POINTS = 6, 3_000
"""Words of a pro or con, and how many of them are used."""

_DENIAL = re.compile(r"n't\b|\b(?:no|not|never|nothing|none|without|cannot)\b|!", re.IGNORECASE)

_FACTS = 300
"""Sentences about products without an opinion of a feature."""


def mams() -> list[TargetText]:
    """The train part of MAMS."""
    return restaurants.load_published()[0]


def products() -> list[TargetText]:
    """The train part of the product reviews: marked features, pairs of them, and plain facts, in
    sentences without a mark."""
    marked = product_reviews.load_features().train
    facts = [
        text
        for text in product_reviews.load().train
        if not any(text.target) and not _DENIAL.search(text.text)  # "the batteries won't charge"
    ]
    neutral = with_terms(facts, _LONGEST_PART, target_of_classes(NEUTRAL))
    return [*marked, *contrasts(marked), *sample(neutral, _FACTS)]


def points() -> list[TargetText]:
    """Pairs of short pros and cons that name one thing: "great screen, awful battery"."""
    short = [text for text in pros_cons.load().train if len(text.text.split()) <= _LONGEST_POINT]
    named = [text for text in with_terms(short, _LONGEST_POINT) if len(text.targets) == 1]
    return contrasts(sample(named, _POINTS))


SETS: dict[str, Callable[[], Sequence[TargetText]]] = {
    "mams": mams,
    "products": products,
    "pros-cons": points,
}
"""By name: the texts to train on."""


def contrasts(texts: Sequence[TargetText]) -> list[TargetText]:
    """Pairs of texts that say the opposite, joined in one sentence."""
    sides: dict[bool, list[TargetText]] = {True: [], False: []}
    for text in texts:
        found = {any(target.target[3:]) for target in text.targets}
        if len(found) == 1 and len(text.text.split()) <= _LONGEST_PART:
            sides[found.pop()].append(text)
    if not sides[True] or not sides[False]:
        return []
    pairs = []
    for number, (good, bad) in enumerate(zip(sides[True], cycle(sides[False]), strict=False)):
        pair = (good, bad) if number % 2 else (bad, good)
        pairs.append(_joined(*pair, _JOINTS[number % len(_JOINTS)]))
    return pairs


def _joined(first: TargetText, second: TargetText, joint: str) -> TargetText:
    start = first.text.rstrip(" .!") + joint
    moved = (
        SpanTarget(each.start + len(start), each.end + len(start), each.target)
        for each in second.targets
    )
    kept = (each for each in first.targets if each.end <= len(start) - len(joint))
    return TargetText(start + second.text, (*kept, *moved))


def with_terms(
    texts: Sequence[TargetText], longest: int, target: Target | None = None
) -> list[TargetText]:
    """Texts of one sentence with the things that they name as targets.

    Args:
        texts: labelled as a whole.
        longest: words of a text; longer ones, and those that only name a thing, are left out.
        target: of each thing; None: that of its text.
    """
    found = [(text, sentences[0]) for text in texts if len(sentences := tokenize(text.text)) == 1]
    found = [(text, tokens) for text, tokens in found if len(tokens) <= longest + 2]
    tags = tags_of([[token.text for token in tokens] for _, tokens in found])
    named = []
    for (text, tokens), tagged in zip(found, tags, strict=True):
        runs = [*noun_runs([token.text for token in tokens], tagged)]
        spoken = sum(any(map(str.isalnum, token.text)) for token in tokens)
        if not runs or spoken <= sum(last - first for first, last in runs):
            continue
        spans = [(tokens[first].start, tokens[last - 1].end) for first, last in runs]
        parts = (SpanTarget(*span, target or text.target) for span in spans)
        named.append(TargetText(text.text, tuple(parts)))
    return named


def sample(texts: Sequence[TargetText], count: int) -> list[TargetText]:
    """So many of them, the same in every run."""
    chosen = np.random.default_rng(1).permutation(len(texts))[:count]
    return [texts[place] for place in sorted(chosen.tolist())]
