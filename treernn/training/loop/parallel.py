"""Data parallel training: several processes train one model, by ``DistributedDataParallel``.

Each process has the whole model and computes a share of each batch. The gradients are summed (Li et
al. 2020, "PyTorch Distributed: Experiences on Accelerating Data Parallel Training"), so that they
are those of the batch, and all processes make the same step. Process 0 alone reads and writes the
files of a run.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from treernn.errors import InputError, ProcessError
from treernn.models.device import AUTO, usable_device
from treernn.training.loop.moving_average import sparse_tables
from treernn.training.loop.task import Task

Value = TypeVar("Value")

STORE = "TREERNN_STORE"
"""The environment variable with the file through which processes of one machine find each other;
without it they do as ``torchrun`` tells them."""

_NO_LIMIT = timedelta(days=365)
_LOST = "another process of this training has ended, or cannot be reached"


@contextlib.contextmanager
def joined(device: str) -> Iterator[torch.device]:
    """Join the other processes, if this is one of several that ``torchrun`` has started.

    They end if what started them is killed.

    Args:
        device: see ``usable_device``; ``cuda`` is a GPU of its own for each process of a machine.

    Yields:
        The device of this process.

    Raises:
        InputError: there are not enough GPUs, or torch cannot connect them.
        ProcessError: the others cannot be reached.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield usable_device(device)
        return
    where = _own_device(device)
    threading.Thread(target=_exit_with_parent, args=(os.getppid(),), daemon=True).start()
    if where.type == "cuda":
        torch.cuda.set_device(where)
    elif "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(1)
    store = os.environ.get(STORE)
    numbers: dict[str, Any] = {
        name: int(os.environ[name.upper()]) for name in ("rank", "world_size")
    }
    try:
        dist.init_process_group(
            "nccl" if where.type == "cuda" else "gloo",
            init_method=store,
            device_id=where if where.type == "cuda" else None,
            **(numbers if store else {}),
        )
    except (RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise ProcessError(f"the processes of this training do not connect: {reason}") from None
    yield where
    dist.destroy_process_group()  # not after an error, when others may wait for this process


def _own_device(device: str) -> torch.device:
    chosen = usable_device(device)
    if chosen.type == "cpu":
        return chosen
    if chosen.index is not None:
        raise InputError(f"device {device!r} is one GPU, for several processes expected cuda")
    number, count = int(os.environ.get("LOCAL_RANK", "0")), torch.cuda.device_count()
    processes = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    if processes > count:
        hint = "; --device cpu trains on the processor" if device == AUTO else ""
        raise InputError(f"{processes} processes need as many GPUs, torch finds {count}{hint}")
    if not dist.is_nccl_available():
        raise InputError(f"several GPUs need NCCL, which torch {torch.__version__} has not")
    return torch.device("cuda", number)


def _exit_with_parent(parent: int) -> None:
    """A process is not notified when the one that started it is killed."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def rank() -> int:
    """The number of this process, 0 if it trains alone."""
    return dist.get_rank() if dist.is_available() and dist.is_initialized() else 0


@dataclass(frozen=True)
class Workers:
    """The processes that train a model.

    Attributes:
        rank: the number of this one.
        count: of processes.
        control: for what may take process 0 any time, such as evaluation.
    """

    rank: int = 0
    count: int = 1
    control: Any = None

    @classmethod
    def current(cls) -> Workers:
        """All processes of the default group of ``torch.distributed``; without one this alone."""
        if not (dist.is_available() and dist.is_initialized()) or dist.get_world_size() == 1:
            return cls()
        dist.barrier()  # all are here, within the group's time limit
        group = dist.new_group(backend="gloo", timeout=_NO_LIMIT)
        return cls(dist.get_rank(), dist.get_world_size(), group)

    def of_first(self, function: Callable[[], Value]) -> Value:
        """What ``function`` returns in process 0, which alone calls it, in all processes.

        Args:
            function: returns plain values, as JSON has them.

        Raises:
            ProcessError: it raised an error in process 0.
        """
        if self.count == 1:
            return function()
        text, failure = b"", None
        if self.rank == 0:
            try:
                text = json.dumps([value := function()]).encode()
            except BaseException as error:
                failure = error
        length = torch.tensor([len(text)])
        dist.broadcast(length, 0, self.control)
        if failure is not None:
            raise failure
        if not length.item():
            raise ProcessError(_LOST)
        content = torch.zeros(int(length), dtype=torch.uint8)
        if self.rank == 0:
            content = torch.tensor([*text], dtype=torch.uint8)
        dist.broadcast(content, 0, self.control)
        return value if self.rank == 0 else json.loads(content.numpy().tobytes())[0]

    def tensors_of_first(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The tensors of process 0 in all processes, on the CPU; those of the others do not
        count."""
        if self.count == 1:
            return dict(tensors)
        shapes: list[Any] = self.of_first(
            lambda: [[name, str(each.dtype), [*each.shape]] for name, each in tensors.items()]
        )
        shared: dict[str, Tensor] = {}
        for name, dtype, shape in shapes:
            kind = getattr(torch, dtype.removeprefix("torch."))
            tensor = tensors[name] if self.rank == 0 else torch.empty(shape, dtype=kind)
            dist.broadcast(tensor, 0, self.control)
            shared[name] = tensor
        return shared

    def check_same(self, values: Any) -> None:
        """Check that plain values are the same in all processes.

        Raises:
            InputError: they are not.
        """
        if self.count == 1:
            return
        digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).digest()
        own = torch.tensor([*digest], dtype=torch.uint8)
        found = [torch.empty_like(own) for _ in range(self.count)]
        dist.all_gather(found, own, self.control)
        different = [number for number, each in enumerate(found) if not each.equal(found[0])]
        if different:
            raise InputError(
                f"process {different[0]} of this training has other settings, data, word vectors "
                "or versions than process 0"
            )

    def add_up(self, tensor: Tensor) -> Tensor:
        """Sum a tensor over all processes, in place."""
        if self.count > 1:
            dist.all_reduce(tensor)
        return tensor


@contextlib.contextmanager
def connected(workers: Workers) -> Iterator[None]:
    """Raise ``ProcessError`` where torch finds that another process is gone."""
    try:
        yield
    except RuntimeError as error:
        of_network = isinstance(error, dist.DistError) or "gloo" in str(error).lower()
        if workers.count == 1 or not of_network:
            raise
        raise ProcessError(_LOST) from None


def shares(sizes: Sequence[int], count: int) -> list[list[int]]:
    """Cut items into shares of about equal sums of sizes.

    The largest item goes first, each to the smallest share so far (Graham 1969, "Bounds on
    Multiprocessing Timing Anomalies"). A share can be empty.

    Args:
        sizes: of the items.
        count: of shares.

    Returns:
        The indices of the items of each share, rising.

    >>> shares([3, 9, 2, 5], 2)
    [[1], [0, 2, 3]]
    """
    found: list[list[int]] = [[] for _ in range(count)]
    sums = [0] * count
    for item in sorted(range(len(sizes)), key=lambda item: -sizes[item]):
        smallest = sums.index(min(sums))
        found[smallest].append(item)
        sums[smallest] += sizes[item]
    return [sorted(share) for share in found]


class Replica:
    """The model of this process, whose gradients become the sums over all processes.

    Args:
        task: its model stays as it is; dense weights are set to those of process 0.
        workers: all processes.
    """

    def __init__(self, task: Task, workers: Workers) -> None:
        self.task, self.workers = task, workers
        if workers.count == 1:
            return
        self._tables = [each for each in sparse_tables(task.model) if each.requires_grad]
        with warnings.catch_warnings():
            self._parallel = DistributedDataParallel(
                _Scores(task, self._tables),
                find_unused_parameters=True,  # no word of a share may be composed, for example
                gradient_as_bucket_view=True,
            )

    def scores(self, inputs: Any, last: bool = True) -> Tensor:
        """``task.scores``.

        Args:
            inputs: of a part of a batch.
            last: whether it is the last one of this process, whose backward pass sums up.
        """
        if self.workers.count == 1:
            return self.task.scores(inputs)
        with warnings.catch_warnings(), self._parallel.no_sync() if not last else _NOTHING:
            # It says once that all parameters were used, and that this could be made faster.
            warnings.filterwarnings("ignore", "find_unused_parameters=True was specified")
            scores: Tensor = self._parallel(inputs)
            return scores

    def sum_tables(self) -> None:
        """Sum the gradients of embedding tables, which stay sparse; call it after the last backward
        pass. The others are summed in it."""
        if self.workers.count > 1:
            for table in self._tables:
                _sum_rows(table, self.workers)


_NOTHING: contextlib.AbstractContextManager[None] = contextlib.nullcontext()


class _Scores(nn.Module):
    """``task.scores`` as a module with all weights but ``tables``: NCCL adds no sparse
    gradients."""

    def __init__(self, task: Task, tables: Sequence[Tensor]) -> None:
        super().__init__()
        excluded = {id(table) for table in tables}
        weights = (each for each in task.model.parameters() if id(each) not in excluded)
        self.weights = nn.ParameterList([each for each in weights if each.requires_grad])
        self.task = task

    def forward(self, inputs: Any) -> Tensor:
        return self.task.scores(inputs)


def _sum_rows(table: Tensor, workers: Workers) -> None:
    """Replace a sparse gradient by the mean over all processes, the sum of its rows: as the losses
    are scaled, this is the sum."""
    gradient = table.grad
    if gradient is None:
        rows, values = table.new_empty(0, dtype=torch.int64), table.new_empty(0, table.shape[1])
    else:
        rows, values = gradient._indices()[0], gradient._values()
    own = torch.tensor([len(rows)])
    counts = [torch.zeros_like(own) for _ in range(workers.count)]
    dist.all_gather(counts, own, workers.control)  # on the CPU: nothing waits for a GPU
    sizes = [int(each) for each in counts]
    if not any(sizes):
        return
    gathered = []
    for tensor in (rows, values / workers.count):
        padded = tensor.new_zeros(max(sizes), *tensor.shape[1:])
        padded[: len(tensor)] = tensor
        parts = [torch.empty_like(padded) for _ in sizes]
        dist.all_gather(parts, padded)
        gathered.append(torch.cat([part[:size] for part, size in zip(parts, sizes, strict=True)]))
    # Not ``check_invariants=False``, of which torch 2.11 warns that they are not checked.
    with torch.sparse.check_sparse_tensor_invariants(False):
        indices, values = gathered[0].unsqueeze(0), gathered[1]
        table.grad = torch.sparse_coo_tensor(indices, values, table.shape).coalesce()
