"""Without dgl everything works but the dgl backend."""

import subprocess
import sys

import pytest

PREVENT_IMPORT = {
    "missing": "import sys; sys.modules['dgl'] = None",
    # dgl 2.1 looks for a binary for the installed version of torch
    "built for another torch": """
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


@pytest.mark.parametrize("reason", PREVENT_IMPORT)
def test_without_dgl(reason):
    process = subprocess.run(
        [sys.executable, "-c", PREVENT_IMPORT[reason] + PROGRAM],
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    lines = process.stdout.splitlines()
    assert len(lines) == 4
    for line in lines:
        assert line.startswith("dgl cannot be imported here (")
        end = "); use the levels backend and library arrays, or install treernn[dgl]"
        assert line.endswith(end)
