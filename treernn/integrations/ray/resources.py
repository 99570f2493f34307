"""How many actors a cluster takes, checked before Ray would wait for ever for what it lacks."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from treernn.errors import InputError

GIVING_BACK = 10.0
"""Seconds within which Ray has back what a job that has ended had reserved."""

_ROUNDING = 1e-6


class BusyError(InputError):
    """Too little of a cluster is free."""


class Pool(NamedTuple):
    """Processes that score.

    Attributes:
        actors: their number.
        cpus, gpus: what Ray reserves for each.
    """

    actors: int
    cpus: float
    gpus: float = 0.0


class Cluster(NamedTuple):
    """What the machines of a cluster have.

    Attributes:
        nodes: the resources of each machine, by Ray's names.
        free: those of all machines together that nothing uses.
    """

    nodes: Sequence[Mapping[str, float]]
    free: Mapping[str, float]

    def total(self, name: str) -> float:
        """A resource of all machines together."""
        return sum(node.get(name, 0.0) for node in self.nodes)


def cluster_of_ray() -> Cluster:
    """The cluster that this process is connected to."""
    import ray

    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    return Cluster(nodes, ray.available_resources())


def pool_of_ray(
    actors: int | None = None, cpus: float | None = None, gpus: float = 0.0, kept: float = 0.0
) -> Pool:
    """``pool_of`` the cluster that this process is connected to.

    Raises:
        InputError: as ``pool_of``; too little is free also after some seconds.
    """
    end = time.monotonic() + GIVING_BACK
    while True:
        try:
            return pool_of(cluster_of_ray(), actors, cpus, gpus, kept)
        except BusyError:
            if time.monotonic() > end:
                raise
        time.sleep(0.2)


def pool_of(
    cluster: Cluster,
    actors: int | None = None,
    cpus: float | None = None,
    gpus: float = 0.0,
    kept: float = 0.0,
) -> Pool:
    """The pool that is asked for, or one that uses all CPUs, or all GPUs.

    Args:
        cluster: see ``cluster_of_ray``.
        actors: default: one for each CPU, or as many as the GPUs take.
        cpus: for each actor; default: as many as leave ``kept`` on the largest machine.
        gpus: for each actor.
        kept: CPUs that one machine must have left beside the actors, for what reads.

    Raises:
        InputError: the cluster has too little for it.
        BusyError: too little is free.

    >>> two = Cluster([{"CPU": 2}], {"CPU": 2})
    >>> pool_of(two), pool_of(two, kept=1)
    (Pool(actors=2, cpus=1.0, gpus=0.0), Pool(actors=2, cpus=0.5, gpus=0.0))
    """
    if cpus is None:
        largest = max((node.get("CPU", 0.0) for node in cluster.nodes), default=0.0)
        cpus = max(0.0, 1.0 - kept / largest) if largest else 1.0
    if actors is None:
        most = cluster.total("GPU") / gpus if gpus else cluster.total("CPU")
        actors = int(most + _ROUNDING)
        if gpus:  # which may have more places than their machines have CPUs
            actors = min(actors, _places(cluster, cpus, gpus, kept))
        actors = max(1, actors)
    pool = Pool(actors, cpus, gpus)
    _check(cluster, pool, kept)
    return pool


def _check(cluster: Cluster, pool: Pool, kept: float) -> None:
    actors, cpus, gpus = pool
    wanted = {"CPU": actors * cpus + kept, "GPU": actors * gpus}
    wanted = {name: number for name, number in wanted.items() if number}
    needs = " and ".join(f"{number:g} {name}" for name, number in wanted.items())
    reader = f" (of which {kept:g} CPU reads)" if kept else ""
    needed = f"{_counted(actors, 'actor')} {'need' if actors > 1 else 'needs'} {needs}{reader}"
    fewer = "ask for fewer actors, or for less for each"
    if _places(cluster, cpus, gpus, kept) < actors:
        has = " and ".join(f"{cluster.total(name):g} {name}" for name in wanted)
        raise InputError(
            f"the Ray cluster is too small: {needed}, there is {has} on "
            f"{_counted(len(cluster.nodes), 'machine')}; {fewer}"
        )
    for name, number in wanted.items():
        free = cluster.free.get(name, 0.0)
        if free + _ROUNDING < number:
            raise BusyError(
                f"the Ray cluster is busy: {needed}, and {free:g} of its "
                f"{cluster.total(name):g} {name} is free; wait, or {fewer}"
            )


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'s' if number != 1 else ''}"


def _places(cluster: Cluster, cpus: float, gpus: float, kept: float) -> int:
    """How many actors fit, if one machine keeps so many CPUs."""
    all_cpus = [_places_of(node, cpus, gpus) for node in cluster.nodes]
    return max(
        (
            sum(all_cpus) - places + _places_of({**node, "CPU": node["CPU"] - kept}, cpus, gpus)
            for node, places in zip(cluster.nodes, all_cpus, strict=True)
            if node.get("CPU", 0.0) >= max(kept, _ROUNDING)
        ),
        default=0,
    )


def _places_of(node: Mapping[str, float], cpus: float, gpus: float) -> int:
    wanted = {"CPU": cpus, "GPU": gpus}
    places = [int(node.get(name, 0.0) / each + _ROUNDING) for name, each in wanted.items() if each]
    return min(places, default=1 << 20)  # what needs nothing fits everywhere
