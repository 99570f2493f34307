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
from treernn.cells import LSTM, ChildSumLSTM
from treernn.engine import run
from treernn.errors import InputError
from treernn.structure import chain, compile_plan, tree
from treernn.types import Tree

structures = [tree(Tree(("not", "bad", "."), ((0, 1), (3, 2)))), chain(4)]
plan = compile_plan(structures)
for cell in LSTM(3, 2), ChildSumLSTM(3, 2):
    x = torch.randn(plan.num_leaves, 3, requires_grad=True)
    states = run(cell, plan, x)
    states.h[plan.roots].sum().backward()
    assert x.grad.abs().sum() > 0
    for call in lambda: run(cell, plan, x, "dgl"), lambda: compile_plan(structures, "dgl"):
        try:
            call()
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
        assert line.endswith("); use the levels backend and library arrays")
