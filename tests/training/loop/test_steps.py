"""A step of each task: nothing in it waits for a GPU, and mixed precision changes it little."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from training_tasks import TASKS

from treernn.training.loop.step import train_step

READS = [
    *("_local_scalar_dense", "nonzero", "is_nonzero", "masked_select", "equal", "bincount"),
    *("_unique", "_unique2", "unique_dim", "unique_consecutive"),
]


class NoWaiting(TorchDispatchMode):
    """Raises where the result of an operation, or its shape, is a value of a tensor: on a GPU the
    program waits there for all that it has started."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func._schema.name.removeprefix("aten::")
        indices = args[1] if name in ("index", "index_put", "index_put_") else ()
        by_mask = any(each is not None and each.dtype == torch.bool for each in indices)
        if name in READS or by_mask:
            raise AssertionError(f"a step reads values: {name}")
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("name", TASKS)
def test_a_step_waits_for_nothing(name):
    task = TASKS[name]("float32")
    task.model.train()
    task.loss(range(2))  # which finds out what is fast on this processor
    prepared = task.prepare(range(2))
    with NoWaiting():
        loss = task.total_loss(task.scores(prepared.inputs), prepared)
        loss.backward()
    assert loss.item() > 0


@pytest.mark.parametrize("name", TASKS)
def test_mixed_precision(name):
    """Weights and gradients stay in float32; the loss differs in the third digit at most."""
    losses = {}
    for precision in "float32", "bfloat16":
        task = TASKS[name](precision)
        torch.manual_seed(3)
        losses[precision] = train_step(task, range(2), 0.5)
        weights = [*task.model.parameters()]
        assert {weight.dtype for weight in weights} == {torch.float32}
        assert any(weight.grad is not None for weight in weights)
    assert losses["bfloat16"] == pytest.approx(losses["float32"], rel=0.02)
