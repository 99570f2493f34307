"""The run for a GPU, in a small size on a CPU."""

import json

import pytest
from rich.console import Console

from treernn.cells import CELLS
from treernn.errors import TreernnError
from treernn.studies.benchmarks import gpu
from treernn.studies.benchmarks.engine import Engine, Plain, check_same, examples_of
from treernn.types import Tree

TREES = [
    Tree(("a", "b", "c"), ((0, 1), (3, 2)), (0, 1, 2, 3, 4)),
    Tree(("b", "d"), ((0, 1),), (2, 2, 2)),
    Tree(("d",), (), (3,)),
    Tree(("a", "b", "c", "d"), ((2, 3), (1, 4), (0, 5)), (0, 1, 2, 3, 4, 2, 2)),
]


@pytest.mark.parametrize("cell", ["lstm", "gru", "elman", "child-sum-lstm", "rntn"])
def test_the_definition_has_the_same_states(cell):
    """Level by level, with a tree of one word in the batch."""
    if CELLS[cell](2, 2).arity is None:
        pytest.skip("Child-Sum has no slots")
    examples, vectors = examples_of(TREES)
    plain = Plain(vectors, CELLS[cell](300, 8), 8)
    engine = Engine(vectors, CELLS[cell](300, 8), 8)
    with pytest.raises(TreernnError, match="the engine and Plain differ"):
        check_same(engine, plain, examples)
    engine.load_state_dict(plain.state_dict())
    check_same(engine, plain, examples)
    for mode in ("train", "inference"):
        plain.step(examples, mode)


def test_report(sst_archive, monkeypatch):
    monkeypatch.setattr(gpu, "HIDDEN_SIZE", 8)  # triton's interpreter is slow
    monkeypatch.setattr(gpu, "SMALL", gpu.Size((2, 3), 6, 1, 2, 9, 1, 3, False))
    parts = []
    report = gpu.bench("cpu", sst_archive, parts.append)
    assert parts == ["trees", "chains", "a file", "the start of a training"]
    values = json.loads(json.dumps(report.values))
    kinds = {(row["of"], row["implementation"]) for row in values["rates"]}
    assert kinds >= {("trees", "levels"), ("trees", "plain"), ("chains", "engine")}
    assert ("chains", "torch") in kinds
    assert ("trees", "triton") in kinds or "triton" in values["left_out"]
    assert len(values["rates"]) == 4 * len(kinds)
    assert all(row["per_s"] > 0 and row["ready_per_s"] > 0 for row in values["rates"])
    assert values["score_per_s"] > 0
    assert values["train_start_s"] > 0
    assert values["machine"]["device"] == "cpu"
    console = Console(width=120, record=True)
    with console.capture() as capture:
        console.print(report.table)
    assert "sentences per second of a file" in capture.get()
