"""Speeds as ratios to a reference that takes turns with what is measured, on one thread.

A ratio depends much less on the machine, and on its other load, than a speed does. The references
are the products with weights of a step of the engine (``MatrixProducts``), and ``torch.nn.LSTM``
over the same sentences.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

import torch

from treernn.cells import CELLS
from treernn.scoring.scorer import load
from treernn.studies.benchmarks import chain, engine
from treernn.studies.benchmarks.common import (
    BATCH_SIZES,
    HIDDEN_SIZE,
    INPUT_SIZE,
    Implementation,
    medians,
)
from treernn.studies.benchmarks.score import plain_texts, stage_speeds
from treernn.studies.machine import seconds
from treernn.types import Tree

REPEATS = 20
"""Steps per measurement, as in ``treernn bench engine`` and ``chain``."""

ROUNDS = 5
"""Of scoring."""


def ratios(
    train: Sequence[Tree],
    test: Sequence[Tree],
    repeats: int = REPEATS,
    rounds: int = ROUNDS,
) -> dict[str, float]:
    """The speed of everything divided by that of its reference.

    Args:
        train, test: parts of the treebank; the engine is measured on trees of the first, scoring
            on the sentences of the second.
        repeats: steps per measurement.
        rounds: of scoring.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        found = {**dict(_trees(train, repeats)), **dict(_chains(train, repeats))}
        found |= _scoring(test, rounds)
    finally:
        torch.set_num_threads(threads)
    return {name: round(ratio, 3) for name, ratio in found.items()}


def _trees(trees: Sequence[Tree], repeats: int) -> Iterator[tuple[str, float]]:
    """The Tree-LSTM, relative to its products."""
    examples, vectors = engine.examples_of(trees)
    cell = CELLS["lstm"](INPUT_SIZE, HIDDEN_SIZE)
    both: list[Implementation] = [
        engine.Engine(vectors, cell, HIDDEN_SIZE),
        engine.MatrixProducts(cell),
    ]
    for mode, size, (ours, products) in medians(both, examples, repeats, batch_sizes=BATCH_SIZES):
        yield f"trees, {mode}, batches of {size}", products / ours


def _chains(trees: Sequence[Tree], repeats: int) -> Iterator[tuple[str, float]]:
    """The LSTM, relative to torch's."""
    examples, vectors = chain.examples_of(trees)
    both = chain.both("lstm", vectors, examples[: max(BATCH_SIZES)])
    for mode, size, (ours, torchs) in medians(both, examples, repeats, batch_sizes=BATCH_SIZES):
        yield f"chains, {mode}, batches of {size}", torchs / ours


def _scoring(trees: Sequence[Tree], rounds: int) -> dict[str, float]:
    """The stages of scoring texts with ``small``, relative to torch's LSTM over the same words in
    batches of 25."""
    scorer, texts = load("small"), plain_texts(trees)
    examples, vectors = chain.examples_of(trees)
    _, reference = chain.both("lstm", vectors, examples[: max(BATCH_SIZES)])
    batches = [examples[start : start + 25] for start in range(0, len(examples), 25)]

    def read() -> None:
        for batch in batches:
            reference.step(batch, "inference")

    read()  # warm up
    scorer.score_many(texts[:300])
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        per_s = len(texts) / seconds(read)
        for stage, speed in stage_speeds(scorer, texts).items():
            found.setdefault(f"scoring, {stage}", []).append(speed / per_s)
    return {name: statistics.median(values) for name, values in found.items()}
