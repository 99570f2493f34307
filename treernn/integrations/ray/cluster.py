"""A connection to a Ray cluster, or a cluster on this machine for as long as it is needed."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator, Sequence

from treernn.errors import InputError, one_line
from treernn.optional import require
from treernn.stores import place
from treernn.version import __version__

PATIENCE = 5.0
"""Seconds within which the head of a cluster must answer; Ray itself would try for minutes."""

START = 60.0
"""Seconds within which a machine of a cluster must have started a process."""

OBJECT_STORE = 128 << 20
"""Bytes of the store of a cluster on this machine, through which no table passes."""

EXAMPLE = "pass that of its head, such as 10.0.0.5:6379"


@contextlib.contextmanager
def connected(address: str | None = None) -> Iterator[None]:
    """Connect to a cluster for a block; a process that is connected already stays so.

    Args:
        address: of the head of a cluster, ``host:port``; or ``auto`` for the cluster that this
            machine belongs to; default: start one on this machine.

    Raises:
        MissingPackageError: Ray is not installed.
        InputError: there is no cluster at the address, or it has another version of Ray or Python.
    """
    ray = require("ray", "ray")
    if ray.is_initialized():
        yield
        return
    quiet = {"logging_level": "ERROR", "log_to_driver": False}
    try:
        if address is None:
            ray.init("local", include_dashboard=False, object_store_memory=OBJECT_STORE, **quiet)
        else:
            ray.init(_reachable(address), **quiet)
    except (RuntimeError, ConnectionError, ValueError, OSError) as error:
        raise InputError(f"the Ray cluster cannot be used: {_told(error)}") from None
    try:
        yield
    finally:
        ray.shutdown()


def check_machines(paths: Sequence[str]) -> None:
    """Check that all machines have this version of treernn, and see files and folders.

    Raises:
        InputError: one does not; or it does not answer.
    """
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    probe = ray.remote(num_cpus=0, max_retries=0)(_probe)
    asked = {}
    for node in ray.nodes():
        if node["Alive"]:
            there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            answer = probe.options(scheduling_strategy=there).remote([*paths])
            asked[answer] = node["NodeManagerAddress"]
    answered, silent = ray.wait([*asked], num_returns=len(asked), timeout=START)
    if silent:
        raise InputError(f"{asked[silent[0]]}: does not answer within {START:.0f} seconds")
    for answer in answered:
        machine = asked[answer]
        try:
            version, missing = ray.get(answer)
        except ray.exceptions.RayError as error:
            reason = one_line(getattr(error, "cause", None) or error)
            if "No module named" in str(error):
                reason = "it is not installed there"
            raise InputError(f"{machine}: cannot use treernn {__version__} ({reason})") from None
        if version != __version__:
            raise InputError(
                f"{machine}: has treernn {version}, this process {__version__}; install the same"
            )
        if missing:
            raise InputError(
                f"{machine}: does not see {missing[0]}; all machines of a cluster need the same "
                "files, on a file system that they share"
            )


def _probe(paths: list[str]) -> tuple[str, list[str]]:
    return __version__, [path for path in paths if not place(path).exists()]


def _reachable(address: str) -> str:
    """The address of a cluster whose head answers."""
    if address.startswith("ray://"):
        raise InputError(
            f"{address}: an address for Ray Client; run the command on a machine of the cluster "
            "(`ray job submit` does that) with --address auto"
        )
    if address == "auto":
        from ray._private.services import get_ray_address_from_environment

        try:
            address = get_ray_address_from_environment("auto", None)
        except ConnectionError:
            raise InputError(
                "no Ray cluster on this machine; start it with `ray start --head`, leave out "
                "--address, or pass that of its head"
            ) from None
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535:
        raise InputError(f"{address}: no address of a Ray cluster, {EXAMPLE}")
    try:
        socket.create_connection((host.strip("[]"), int(port)), PATIENCE).close()
    except OSError as error:
        raise InputError(
            f"{address}: no Ray cluster answers ({one_line(error)}); {EXAMPLE}"
        ) from None
    return address


def _told(error: Exception) -> str:
    """What Ray says, without its advice."""
    return one_line(error).rstrip(".")
