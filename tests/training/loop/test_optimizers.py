"""Optimizers without torch's compiler: the same steps as torch's, and no import of it."""

import copy
import subprocess
import sys

import pytest
import torch

from treernn.training.loop import optimizers

OPTIONS = {
    "SGD": {"lr": 0.1},
    "Adagrad": {"lr": 0.1, "weight_decay": 0.01},
    "AdamW": {"lr": 0.1, "fused": True},
    "SparseAdam": {"lr": 0.1},
}


@pytest.mark.parametrize("name", OPTIONS)
def test_steps_are_those_of_torch(name):
    torch.manual_seed(1)
    table = torch.nn.Embedding(5, 3, sparse=name == "SparseAdam")
    tables = table, copy.deepcopy(table)
    pair = [
        getattr(module, name)(each.parameters(), **OPTIONS[name])
        for module, each in zip((torch.optim, optimizers), tables, strict=True)
    ]
    for rows in ([0, 1, 1], [1, 4], [2]):
        for each, optimizer in zip(tables, pair, strict=True):
            optimizer.zero_grad()
            each(torch.tensor(rows)).square().sum().backward()
            optimizer.step()
    assert torch.equal(*(each.weight for each in tables))
    theirs, ours = (optimizer.state_dict() for optimizer in pair)
    assert ours["state"].keys() == theirs["state"].keys()
    assert ours["param_groups"] == theirs["param_groups"]
    pair[1].load_state_dict(theirs)
    assert isinstance(pair[1], getattr(torch.optim, name))


def test_torch_does_not_import_its_compiler():
    script = (
        "import sys, torch; from treernn.training.loop.optimizers import Adagrad\n"
        "weight = torch.nn.Parameter(torch.ones(2))\n"
        "optimizer = Adagrad([weight], 0.1)\n"
        "weight.sum().backward(); optimizer.step(); optimizer.state_dict()\n"
        "print('torch._dynamo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.split() == ["False"], done.stderr
