"""Datasets of Ray Data, scored where they lie."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from treernn.integrations.arrow import ArrowScorer
from treernn.integrations.ray.resources import pool_of_ray
from treernn.optional import require
from treernn.scoring.job import PART_ROWS

READING = 1.0
"""CPUs that a task of Ray Data takes which reads or cuts blocks."""


def score_dataset(
    dataset: Any,
    column: str = "text",
    *,
    actors: int | None = None,
    num_cpus: float | None = None,
    num_gpus: float = 0.0,
    **settings: Any,
) -> Any:
    """Add the sentiment of the texts in a column to a dataset of Ray Data.

    Like other operations of Ray Data it is done when the result is read, in a pool of actors, each
    of which loads the models once. The rows keep their order. Columns are those of ``ArrowScorer``;
    a row that cannot be scored keeps its place. A killed actor is started again.

    Args:
        dataset: a ``ray.data.Dataset``.
        column: the one with the texts.
        actors: default: one for each CPU of the cluster, or as many as its GPUs take.
        num_cpus: that Ray reserves for each actor; default: so many that each machine has one CPU
            left for the tasks that read, without which Ray would wait for ever.
        num_gpus: the same, for example 0.25 for four actors on each GPU.
        settings: as for ``ArrowScorer``; ``device`` is ``cuda`` with GPUs.

    Returns:
        A ``ray.data.Dataset``.

    Raises:
        MissingPackageError: Ray is not installed.
        InputError: the cluster has too little for the actors, or the dataset no such column, as
            far as it knows its columns; or as ``ArrowScorer``.
    """
    require("ray.data", "ray")
    from ray.data import ActorPoolStrategy

    if num_gpus:
        settings = {"device": "cuda", **settings}
    scorer = ArrowScorer(column, **settings)
    known = dataset.schema(fetch_if_missing=False)
    if known is not None and isinstance(known.base_schema, pa.Schema):
        scorer.schema(known.base_schema)  # which checks it
    pool = pool_of_ray(actors, num_cpus, num_gpus, kept=READING)
    # A block is the work of one actor; Ray makes few of small files.
    blocks = dataset.repartition(target_num_rows_per_block=PART_ROWS)
    scored = blocks.map_batches(
        _Actor,
        fn_constructor_args=(scorer,),
        batch_format="pyarrow",
        batch_size=PART_ROWS,
        compute=ActorPoolStrategy(size=pool.actors),
        num_cpus=pool.cpus,
        num_gpus=pool.gpus,
    )
    scored.context.execution_options.preserve_order = True
    return scored


class _Actor:
    """Loads the models when it starts."""

    def __init__(self, scorer: ArrowScorer) -> None:
        self._scorer = scorer

    def __call__(self, table: pa.Table) -> pa.Table:
        return self._scorer(table)
