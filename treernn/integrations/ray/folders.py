"""Many tables scored by the actors of a Ray cluster, each into files that the actor writes.

Ray passes the names of inputs to actors, and what has become of them back; rows go from the input
to an actor, and from there into the output folder, which all machines see. What is finished is
known by the output folder (``scoring.folders.output``), so that a killed job goes on.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from treernn.errors import TreernnError
from treernn.integrations.ray.cluster import check_machines, connected
from treernn.integrations.ray.resources import Pool, cluster_of_ray, pool_of_ray
from treernn.models.pretrained import SENTIMENT_MODELS
from treernn.optional import require
from treernn.parsing import PARSERS
from treernn.scoring.folders import fragments
from treernn.scoring.folders.fragments import FRAGMENT_ROWS, LARGE_INPUT, Fragment
from treernn.scoring.folders.inputs import InputFile
from treernn.scoring.folders.run import Ended, FolderJob, Step


@contextlib.contextmanager
def on_cluster(
    folder: FolderJob,
    files: Sequence[InputFile],
    address: str | None = None,
    actors: int | None = None,
) -> Iterator[Iterator[Step]]:
    """Score inputs on a cluster, see ``score_inputs_on_ray``.

    Args:
        folder, files: what to do.
        address: see ``cluster.connected``.
        actors: default: one for each CPU, with the device ``cuda`` one for each GPU.

    Raises:
        MissingPackageError: Ray is not installed.
        InputError: there is no such cluster, it is too small, or its machines differ.
    """
    with connected(address):
        gpus = 0.0
        if folder.settings.device != "cpu":
            gpus = min(1.0, cluster_of_ray().total("GPU") / actors) if actors else 1.0
        pool = pool_of_ray(actors, gpus=gpus or float(folder.settings.device != "cpu"))
        check_machines([str(folder.output.folder.absolute()), *(file.path for file in files[:1])])
        yield score_inputs_on_ray(folder, files, pool)


def score_inputs_on_ray(
    folder: FolderJob,
    files: Sequence[InputFile],
    pool: Pool,
    large: int = LARGE_INPUT,
    rows: int = FRAGMENT_ROWS,
) -> Iterator[Step]:
    """Score inputs, those that an earlier run has scored excepted.

    Args:
        folder: what to do; its output folder is one that all machines see.
        files: the inputs, which all machines see too.
        pool: the actors.
        large: bytes of an input that is scored in fragments.
        rows: of a fragment.

    Returns:
        What is done, when it is done, in any order.

    Raises:
        TreernnError: a model cannot be used.
    """
    require("ray.data", "ray")
    folder = _anywhere(folder)
    work: list[InputFile | Fragment] = []
    progress = _Progress(sum(file.size for file in files))
    to_plan = [file for file in files if fragments.in_fragments(folder, file, large)]
    waiting: dict[str, list[Ended | None]] = {}
    for plan in _map(partial(fragments.plan, folder), to_plan, Pool(0, 1.0)):
        if plan.ended is not None:
            yield progress.step(plan.ended, plan.file.size, plan.ended)
            continue
        parts = plan.fragments(rows)
        fragments.remove_results(folder, plan.file, len(parts))
        waiting[plan.file.name] = [None] * len(parts)
        work += parts
    work += [file for file in files if not fragments.in_fragments(folder, file, large)]
    for number, ended in _map(_Worker(folder), work, pool):
        if number is None:
            yield progress.step(ended, ended.file.size, ended)
            continue
        of_file = waiting[ended.file.name]
        of_file[number] = ended
        whole = None
        if None not in of_file:
            whole = fragments.ended([each for each in of_file if each is not None])
            if whole.done is None:  # as on one machine, where it has no file
                fragments.remove_results(folder, whole.file)
        yield progress.step(ended, ended.file.size / len(of_file), whole)
    folder.output.remove_temporary(file.name for file in files)  # of actors that were killed


def _anywhere(folder: FolderJob) -> FolderJob:
    """The same for processes with another working folder."""
    settings, output = folder.settings, folder.output
    model, parser = settings.model, settings.parser
    if model not in SENTIMENT_MODELS and os.path.isdir(model):
        settings = replace(settings, model=os.path.abspath(model))
    if parser not in PARSERS and os.path.isdir(parser):
        settings = replace(settings, parser=os.path.abspath(parser))
    output = replace(output, folder=output.folder.absolute())
    return replace(folder, settings=settings, output=output)


@dataclass(frozen=True)
class _Worker:
    """Scores an input or a fragment; returns the number of the fragment too."""

    folder: FolderJob

    def __call__(self, work: InputFile | Fragment) -> tuple[int | None, Ended]:
        if isinstance(work, Fragment):
            return work.number, fragments.score_fragment(self.folder, work)
        return None, self.folder(work)


class _Progress:
    """Steps of a job over so many bytes."""

    def __init__(self, total: int) -> None:
        self._total, self._size = total or 1, 0.0

    def step(self, scored: Ended, size: float, whole: Ended | None = None) -> Step:
        """So many bytes more are scored; ``whole`` is the input, if it was its last fragment."""
        self._size += size
        rows = scored.done.rows if scored.done else 0
        return Step(rows, scored.earlier, min(1.0, self._size / self._total), whole)


def _map(function: Callable[[Any], Any], items: Sequence[Any], pool: Pool) -> Iterator[Any]:
    """What a function returns for items, in any order; without actors in tasks.

    Raises:
        TreernnError: the function raised it.
    """
    if not items:
        return
    import ray
    from ray.data import ActorPoolStrategy, DataContext, TaskPoolStrategy

    logging.getLogger("ray.data").setLevel(logging.ERROR)
    DataContext.get_current().enable_progress_bars = False
    # An item is a block of its own, so that an actor takes the next one when it is free.
    numbers = ray.data.from_items(
        [{"item": pickle.dumps(item)} for item in items], override_num_blocks=len(items)
    )
    actors = min(pool.actors, len(items))
    compute: Any = TaskPoolStrategy()
    if actors:
        compute = ActorPoolStrategy(size=actors, max_tasks_in_flight_per_actor=1)
    made: Any = {"fn_constructor_args": (function,)} if actors else {"fn_args": (function,)}
    called: Any = _Actor if actors else _call
    results = numbers.map(
        called,
        compute=compute,
        num_cpus=pool.cpus,
        num_gpus=pool.gpus,
        **made,
    )
    for row in results.iter_rows():
        result = pickle.loads(row["result"])  # noqa: S301 - of our own processes
        if isinstance(result, TreernnError):
            raise result
        yield result


class _Actor:
    """Calls a function, which keeps its models in the process."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        import torch

        torch.set_num_threads(1)
        self._function = function

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        return _call(row, self._function)


def _call(row: dict[str, Any], function: Callable[[Any], Any]) -> dict[str, Any]:
    try:
        result = function(pickle.loads(row["item"]))  # noqa: S301 - of our own processes
    except TreernnError as error:
        result = error
    return {"result": pickle.dumps(result)}
