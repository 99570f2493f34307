"""The report of the benchmark; its figures depend on the machine."""

import itertools

import numpy as np
import pytest
from graphs import needs_dgl
from rich.console import Console

from treernn.cells import LSTM, RNTN, ChildSumLSTM, Elman, MatrixVector
from treernn.corpora import sst
from treernn.errors import InputError, MissingDataError, TreernnError
from treernn.studies.benchmarks import common as bench
from treernn.studies.benchmarks import engine as bench_engine
from treernn.types import Tree


@pytest.fixture
def few_trees(monkeypatch):
    trees = [
        Tree(("a", "b", "c"), ((0, 1), (3, 2)), (0, 1, 2, 3, 4)),
        Tree(("b", "d"), ((0, 1),), (2, 2, 2)),
        Tree(("d",), (), (3,)),
    ]
    monkeypatch.setattr(sst, "load", lambda *_: trees)
    monkeypatch.setattr(bench, "BATCH_SIZES", (2, 3))
    monkeypatch.setattr(bench, "WARM_UP", 3)


@needs_dgl
@pytest.mark.usefixtures("few_trees")
@pytest.mark.parametrize("cell", ["lstm", "gru", "elman"])
def test_report(cell):
    report = bench_engine.bench(cell, repeats=2)
    values = report.values
    kinds = list(itertools.product(("train", "inference"), (2, 3)))
    names = [cell, *(name for name in bench_engine.CELLS if name != cell)]
    assert {"rntn", "matrix-vector", "child-sum-lstm"} < set(names)
    assert [(row["cell"], row["mode"], row["batch_size"]) for row in values["rows"]] == [
        (name, *kind) for name in names for kind in kinds
    ]
    for row in values["rows"]:
        assert row["matmul_fraction"] > 0
        assert row["examples_per_s"] > 0
        assert row["hidden_size"] == bench_engine.HIDDEN_SIZES.get(row["cell"], 150)
        if row["cell"] == cell:
            assert row["speedup"] == pytest.approx(row["examples_per_s"] / row["reference_per_s"])
        else:
            assert row["speedup"] is row["reference_per_s"] is None
    assert {"threads", "torch", "dgl", "cpu"} <= values["machine"].keys()
    console = Console(width=80, record=True)
    with console.capture() as capture:
        console.print(report.table)
    lines = [line.split() for line in capture.get().splitlines()]
    assert sum("inference" in line for line in lines) == 2 * len(names)


def test_the_bound_has_all_products_of_the_cell_with_weights():
    """Multiplications in one tree of three words."""
    batch = [bench_engine.Example(None, np.zeros(5), np.zeros(5), 2)]
    hidden, input_size, classify = 6, bench_engine.INPUT_SIZE, 5 * 5 * 6
    for make, leaf, inner in (
        (Elman, hidden, 2 * hidden**2),
        (LSTM, 3 * hidden, 2 * 5 * hidden**2),
        (ChildSumLSTM, 3 * hidden, (3 + 2) * hidden**2),
        (RNTN, hidden, 2 * hidden**2 + hidden * (2 * hidden) ** 2),
        (MatrixVector, hidden + hidden**2, 2 * hidden**2 + 2 * hidden**3),
    ):
        prepared = bench_engine.MatrixProducts(make(input_size, hidden)).prepare(batch)
        bench_engine.MatrixProducts.step(prepared, "train")
        count = sum(len(inputs) * weight.numel() for weight, inputs, *_ in prepared)
        assert count == 3 * input_size * leaf + 2 * inner + classify


@needs_dgl
@pytest.mark.usefixtures("few_trees")
def test_nothing_is_measured_unless_both_agree(monkeypatch):
    correct = bench_engine.PROPAGATE["gru"]

    def wrong(cell, graph, leaf_mask, x):
        message, reduce, _ = correct(cell, graph, leaf_mask, x)
        return message, reduce, lambda nodes: {"h": nodes.data["h"] + 0.01}

    monkeypatch.setitem(bench_engine.PROPAGATE, "gru", wrong)
    with pytest.raises(TreernnError, match=r"differ by 0"):
        bench_engine.bench("gru", 1)


@needs_dgl
def test_missing_data(tmp_path):
    with pytest.raises(MissingDataError, match=r"no trainDevTestTrees_PTB.zip in this folder"):
        bench_engine.bench(source=tmp_path)


def test_wrong_arguments():
    with pytest.raises(InputError, match="no cell 'rntn' in DGL, expected one of lstm, gru, elman"):
        bench_engine.bench("rntn")
    with pytest.raises(InputError, match="0 repeats: at least one is needed"):
        bench_engine.bench(repeats=0)
