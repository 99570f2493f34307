"""Copies of this process that train together."""

import multiprocessing
import os
import pickle
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from treernn.training.loop.parallel import STORE, joined

_SECONDS = 120


def together(count: int, work: Callable[[], Any], folder: Path) -> list[Any]:
    """What ``work`` returns in each of ``count`` copies of this process, which form a group.

    Args:
        count: of processes.
        work: without arguments; what it returns is pickled. None for a copy that dies.
        folder: of temporary files.
    """
    context = multiprocessing.get_context("fork")
    store = folder / f"store-{time.monotonic_ns()}"
    pipes = [context.Pipe(duplex=False) for _ in range(count)]
    children = [
        context.Process(target=_child, args=(rank, count, work, store, pipes[rank][1]))
        for rank in range(count)
    ]
    for child in children:
        child.start()
    try:
        results, end = [], time.monotonic() + _SECONDS
        for receiver, sender in pipes:
            sender.close()
            assert receiver.poll(max(0, end - time.monotonic())), "processes hang"
            try:
                results.append(pickle.loads(receiver.recv_bytes()))
            except EOFError:
                results.append((False, None))
        for child in children:
            child.join(30)
    finally:
        for child in children:
            child.kill()
    for failed, result in results:
        assert not failed, result
    return [result for _, result in results]


def _child(rank: int, count: int, work: Callable[[], Any], store: Path, result: Any) -> None:
    os.environ |= {"RANK": str(rank), "WORLD_SIZE": str(count), STORE: f"file://{store}"}
    try:
        with joined("cpu"):
            answer = False, work()
    except BaseException:
        answer = True, traceback.format_exc()
    result.send_bytes(pickle.dumps(answer))
