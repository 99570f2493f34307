"""All runs: which there are, and several at a time."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from treernn import workers
from treernn.corpora import glove, sst
from treernn.errors import InputError, TreernnError
from treernn.parsing.dependencies import default_model, dependency_trees
from treernn.studies.reproduction.distilled import distil, with_distilled
from treernn.studies.reproduction.rows import ROWS, Ensemble
from treernn.studies.reproduction.runs import Data, Run, members, run
from treernn.training.encoder_structures import EncoderSettings

# Of a quick look: a chain, and trees with and without a memory, on a part of the treebank.
QUICK_ROWS = ("lstm", "rnn", "constituency-tuned")
QUICK_SHARE = 3  # every third train tree: the file begins with the positive ones


@dataclass(frozen=True)
class Source:
    """Where the data come from, and how much of them.

    Attributes:
        treebank: see ``treernn.corpora.sst.load``.
        vectors: see ``treernn.corpora.glove.fetch``.
        quick: whether a smaller treebank will do.
    """

    treebank: str | None = None
    vectors: str | None = None
    quick: bool = False


def runs(rows: Sequence[str], seeds: int) -> list[Run]:
    """The runs of these rows, the first seed of all rows before the second of any; then those that
    an ensemble is made of, as far as they are not among them, and the ensembles last.

    Raises:
        InputError: there is no such row, or one is named twice.
    """
    for name in rows:
        if name not in ROWS:
            raise InputError(f"no row is called {name!r}; there are {', '.join(ROWS)}")
    if not rows or len(set(rows)) < len(rows):
        raise InputError(f"rows: {', '.join(rows) or 'none'}; expected some, and each once")
    found = [
        Run(name, task, seed)
        for seed in range(1, seeds + 1)
        for name in rows
        for task in ROWS[name].tasks
        if seed == 1 or ROWS[name].seeded
    ]
    found += [each for which in found for each in members(which)]
    return sorted(dict.fromkeys(found), key=lambda which: _ensemble(which.row))


def reproduce(
    wanted: Sequence[Run],
    source: Source,
    out: Path,
    jobs: int = 1,
    report: Callable[[Run, dict[str, Any] | TreernnError], None] = lambda *_: None,
) -> list[dict[str, Any]]:
    """Do all runs that have not been done, and read those that have, on one thread each.

    A run that fails does not keep the others from being done.

    Args:
        wanted: see ``runs``.
        source: of the data.
        out: the folder that they are written to.
        jobs: how many at a time, each in a process of its own.
        report: called after each run, in their order, with what it gave or why it failed.

    Returns:
        What ``runs.run`` gives, in the order of ``wanted`` but ensembles last,
        without those that failed.
    """
    load(source)  # what is missing is said here, and once
    if any(ROWS[which.row].dependency for which in wanted):
        default_model()
    for settings in dict.fromkeys(ROWS[which.row].settings for which in wanted):
        if isinstance(settings, EncoderSettings):
            settings.new()
    one = functools.partial(_one, source, out)
    # Ensembles after all others, whose models they take.
    alone = [which for which in wanted if not _ensemble(which.row)]
    rest = [which for which in wanted if _ensemble(which.row)]
    found = []
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as in a process of its own: figures are the same for any ``jobs``
    try:
        if any(ROWS[which.row].distilled for which in wanted):
            distil(load(source), out)
        with workers.started(max(1, min(jobs, len(alone))), len(alone)) as each:
            results = itertools.chain(each(one, alone), map(one, rest))
            for which, result in zip([*alone, *rest], results, strict=True):
                report(which, result)
                if not isinstance(result, TreernnError):
                    found.append(result)
    finally:
        torch.set_num_threads(threads)
    return found


def _ensemble(row: str) -> bool:
    return isinstance(ROWS[row].settings, Ensemble)


def _one(source: Source, out: Path, which: Run) -> dict[str, Any] | TreernnError:
    row = ROWS[which.row]
    try:
        data = load(source)
        if row.dependency:
            data = _dependencies(source)
        if row.distilled:
            data = _distilled(source, out)
        return run(which, data, out)
    except TreernnError as error:
        return error


@functools.lru_cache(maxsize=1)
def load(source: Source) -> Data:
    """The treebank and the word vectors.

    Raises:
        MissingDataError, DataError: they are not there, or damaged.
    """
    train, dev, test = (sst.load(split, source.treebank) for split in sst.SPLITS)
    path = glove.fetch(source.vectors)
    if source.quick:
        train = train[::QUICK_SHARE]
    vectors = glove.read(path)
    return Data(train, dev, test, vectors, _name(path, vectors.dimension), source.quick)


@functools.lru_cache(maxsize=1)
def _dependencies(source: Source) -> Data:
    return load(source).map(dependency_trees)


@functools.lru_cache(maxsize=1)
def _distilled(source: Source, out: Path) -> Data:
    return with_distilled(load(source), out)


def _name(path: Path, dimension: int) -> str:
    """What word vectors are called, by their file."""
    glove_of = re.match(r"glove\.(\d+B)\b", path.name)
    return f"GloVe {glove_of[1]} {dimension}-d" if glove_of else path.name
