"""All runs of some rows: which there are, their data, several processes."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from treernn import workers
from treernn.corpora import glove, sst
from treernn.encoders.base_model import MINILM
from treernn.encoders.distilled import concatenate_vectors, distil_vectors
from treernn.encoders.encoder import load_encoder
from treernn.errors import InputError, TreernnError
from treernn.parsing.dependencies import default_model, dependency_trees
from treernn.studies.reproduction.records import Record, Run
from treernn.studies.reproduction.rows import ROWS, Ensemble
from treernn.studies.reproduction.runs import Data, members, run_once
from treernn.training.data.provenance import fingerprint
from treernn.training.data.reading import frequent_words
from treernn.training.tasks.sentiment_settings import EncoderSettings

# Quick runs: a chain, and trees with and without memory cells, on every third training tree (the
# file begins with the positive ones).
QUICK_ROWS = ("lstm", "rnn", "constituency-tuned")
QUICK_STEP = 3

DISTILLED_SIZE = 200
"""Dimensions of the vectors of an encoder that are concatenated with the word vectors."""


@dataclass(frozen=True)
class Source:
    """Where the data are.

    Attributes:
        treebank: see ``treernn.corpora.sst.load``.
        vectors: see ``treernn.corpora.glove.fetch``.
        out: folder of all results, also of distilled word vectors.
        quick: whether to use a part of the training trees.
        device: where the models are trained and run.
    """

    treebank: str | None
    vectors: str | None
    out: Path
    quick: bool = False
    device: str = "cpu"


def runs_of(rows: Sequence[str], seeds: int) -> list[Run]:
    """The runs of these rows: the first seed of all rows before the second of any, then missing
    members of ensembles, then the ensembles.

    Raises:
        InputError: a row does not exist, or is named twice.
    """
    for name in rows:
        if name not in ROWS:
            raise InputError(f"no row is called {name!r}; there are {', '.join(ROWS)}")
    if not rows or len(set(rows)) < len(rows):
        raise InputError(f"rows: {', '.join(rows) or 'none'}; expected one or more, each once")
    runs = [
        Run(name, task, seed)
        for seed in range(1, seeds + 1)
        for name in rows
        for task in ROWS[name].tasks
        if seed == 1 or ROWS[name].seeded
    ]
    runs += [member for run in runs for member in members(run)]
    return sorted(dict.fromkeys(runs), key=_is_ensemble)


def reproduce(
    runs: Sequence[Run], source: Source, jobs: int = 1
) -> Iterator[tuple[Run, Record | TreernnError]]:
    """Do the runs that were not done, each on one thread; read the records of the others.

    Args:
        runs: see ``runs_of``; ensembles last.
        source: the data, and the folder of the results.
        jobs: number of processes.

    Yields:
        Each run, in their order, with its record, or the error if it failed.

    Raises:
        TreernnError: data, a parser or an encoder is missing; or ``source.out`` cannot be created.
    """
    load(source)  # whatever is missing is reported here, before any training
    if any(ROWS[run.row].dependency for run in runs):
        default_model()
    for settings in dict.fromkeys(ROWS[run.row].settings for run in runs):
        if isinstance(settings, EncoderSettings):
            settings.load_encoder()
    try:
        (source.out / "runs").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"{source.out}: cannot be created ({error.strerror}); choose another --out"
        ) from None
    single = [run for run in runs if not _is_ensemble(run)]
    work = functools.partial(_work, source)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as in a worker, so that results do not depend on ``jobs``
    try:
        if any(ROWS[run.row].distilled for run in runs):
            load(source, "distilled")
        with workers.parallel_map(max(1, min(jobs, len(single))), len(single)) as parallel_map:
            results = itertools.chain(parallel_map(work, single), map(work, runs[len(single) :]))
            yield from zip(runs, results, strict=True)
    finally:
        torch.set_num_threads(threads)


def _is_ensemble(run: Run) -> bool:
    return isinstance(ROWS[run.row].settings, Ensemble)


def _work(source: Source, run: Run) -> Record | TreernnError:
    row = ROWS[run.row]
    kind = "dependency" if row.dependency else "distilled" if row.distilled else "plain"
    try:
        return run_once(run, load(source, kind), source.out, source.device)
    except TreernnError as error:
        return error


@functools.lru_cache
def load(source: Source, kind: str = "plain") -> Data:
    """The treebank and the word vectors.

    Args:
        source: where they are.
        kind: ``plain``; ``dependency``, with dependency trees; or ``distilled``, with the vectors
            that an encoder gives to single words concatenated to the word vectors.

    Raises:
        MissingDataError, DataError: they are missing or damaged.
    """
    if kind == "dependency":
        return load(source).map(dependency_trees)
    if kind == "distilled":
        return _with_distilled(load(source), source.out, source.device)
    trees = sst.load_splits(source.treebank)
    if source.quick:
        trees = trees._replace(train=trees.train[::QUICK_STEP])
    path = glove.fetch(source.vectors)
    vectors = glove.read(path)
    return Data(trees, vectors, _name(path, vectors.dimension), source.quick)


def _name(path: Path, dimension: int) -> str:
    """The name of word vectors, from their file."""
    match = re.match(r"glove\.(\d+B)\b", path.name)
    return f"GloVe {match[1]} {dimension}-d" if match else path.name


def _with_distilled(data: Data, out: Path, device: str) -> Data:
    """The data with distilled vectors, see ``treernn.encoders.distilled``, which are written to a
    file in ``out`` the first time; it is named after what they were made from."""
    words = frequent_words(tree for part in data.trees for tree in part)
    origin = [MINILM, DISTILLED_SIZE, data.vectors_name, data.vectors.vectors.shape, words]
    path = out / f"distilled-{fingerprint(origin)[:16]}.txt.gz"
    if not path.exists():
        encoder = load_encoder(MINILM).to(device)
        size = min(DISTILLED_SIZE, encoder.output_size, len(words) - 1)  # of a small treebank fewer
        glove.write(path, concatenate_vectors(data.vectors, distil_vectors(encoder, words, size)))
    vectors = glove.read(path)
    size, encoder_name = vectors.dimension - data.vectors.dimension, MINILM.rpartition("/")[2]
    name = f"{data.vectors_name} + {encoder_name} {size}-d"
    return replace(data, vectors=vectors, vectors_name=name)
