"""Everything but the dgl backend works where dgl cannot be imported."""

import subprocess
import sys

import pytest

BLOCKED = {
    "not there": "import sys; sys.modules['dgl'] = None",
    # what dgl 2.1 does beside a torch that is newer than it: it looks for a binary of that name
    "made for another torch": """
import importlib.abc, sys

class Broken(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == "dgl":
            raise OSError("libgraphbolt_pytorch_9.9.so: cannot open shared object file")

sys.meta_path.insert(0, Broken())
""",
}

PROGRAM = """
import torch
from treernn.cells.child_sum_lstm import ChildSumLSTM
from treernn.cells.lstm import LSTM
from treernn.engine import run
from treernn.errors import InputError
from treernn.structure.plan import compile_plan, graph_library
from treernn.structure.builders import chain, tree
from treernn.types import Tree

library = graph_library()
assert library.__name__ == "treernn.structure.array_graphs"
graphs = [tree(Tree(("not", "bad", "."), ((0, 1), (3, 2)))), chain(4)]
plan = compile_plan([library.build(graph) for graph in graphs], library)
for cell in LSTM(3, 2), ChildSumLSTM(3, 2):
    x = torch.randn(plan.num_leaves, 3, requires_grad=True)
    states = run(cell, plan, x)
    states.h[plan.roots].sum().backward()
    assert x.grad.abs().sum() > 0
    for ask in lambda: run(cell, plan, x, "dgl"), lambda: graph_library("dgl"):
        try:
            ask()
        except InputError as error:
            print(error)
"""


@pytest.mark.parametrize("how", BLOCKED)
def test_without_dgl(how):
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED[how] + PROGRAM], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 4
    for line in lines:
        assert line.startswith("dgl cannot be imported here (")
        assert line.endswith("); use the levels backend, and graphs of arrays")
