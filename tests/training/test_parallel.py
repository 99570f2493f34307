"""Several processes that train one model: their gradients, weights and metrics are those of one."""

import os
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from together import together
from training_tasks import TASKS

from treernn.training.parallel import Replica, Workers, shares
from treernn.training.step import prepare, set_gradients

DROPOUTS = ("dropout", "weight_dropout", "word_dropout", "input_dropout", "target_dropout")

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@given(st.lists(st.integers(1, 50), max_size=40), st.integers(1, 6))
def test_shares_are_about_equal(sizes, count):
    cut = shares(sizes, count)
    assert len(cut) == count
    assert sorted(item for share in cut for item in share) == [*range(len(sizes))]
    assert all(share == sorted(share) for share in cut)
    sums = [sum(sizes[item] for item in share) for share in cut]
    assert max(sums) - min(sums) <= max(sizes, default=0)


def exact(task, **settings):
    """The task in float64, without random numbers."""
    task.model.double()
    for module in task.model.modules():
        for name in ("p", *DROPOUTS):
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, 0.0)
        if hasattr(module, "config"):
            known = {*DROPOUTS} & {*vars(module.config)}
            module.config = replace(module.config, **dict.fromkeys(known, 0.0))
    known = {"word_dropout", "distortion"} & {*vars(task.settings)}
    task.settings = replace(task.settings, **dict.fromkeys(known, 0.0), **settings)
    in_float32 = task.prepare
    task.prepare = lambda batch: doubled(in_float32(batch))
    return task


def doubled(value):
    """With all numbers in float64."""
    if isinstance(value, torch.Tensor):
        return value.double() if value.is_floating_point() else value
    if isinstance(value, tuple):
        parts = map(doubled, value)
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return value


def gradients(task, workers, batch):
    """The gradients of a batch by name; sparse ones as pairs of rows and values."""
    loss = set_gradients(Replica(task, workers), prepare(task, workers, batch))
    found = {}
    for name, weight in task.model.named_parameters():
        if weight.grad is not None and weight.grad.is_sparse:
            grad = weight.grad.coalesce()
            found[name] = grad.indices(), grad.values()
        elif weight.grad is not None:
            found[name] = (weight.grad.clone(),)
    return workers.add_up(loss.clone()), found


@needs_fork
@pytest.mark.parametrize("count", [2, 3])
def test_gradients_are_those_of_one_process(tmp_path, count):
    def work():
        workers, results = Workers.current(), {}
        for name, make in TASKS.items():
            task = exact(make("float32"))
            batch = range(min(7, len(task.data.train)))
            task.model.train()
            expected = gradients(task, Workers(), batch)
            results[name] = expected, gradients(task, workers, batch)
        return results

    first, *others = together(count, work, tmp_path)
    for expected, found in first.values():
        torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-12)
    for results in others:
        for name, (_, found) in results.items():
            torch.testing.assert_close(found, first[name][1], rtol=0, atol=0)
