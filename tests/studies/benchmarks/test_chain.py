"""The report of the benchmark; its figures depend on the machine."""

import pytest
from rich.console import Console

from treernn.corpora import sst
from treernn.errors import InputError, TreernnError
from treernn.studies.benchmarks import chain as bench_chain
from treernn.studies.benchmarks import common as bench
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


@pytest.mark.usefixtures("few_trees")
@pytest.mark.parametrize("cell", ["lstm", "gru", "elman"])
def test_report(cell):
    report = bench_chain.bench(cell, repeats=2)
    rows = report.values["rows"]
    assert [(row["mode"], row["batch_size"]) for row in rows] == [
        ("train", 2),
        ("train", 3),
        ("inference", 2),
        ("inference", 3),
    ]
    for row in rows:
        ratio = row["examples_per_s"] / row["reference_per_s"]
        assert row["speedup"] == pytest.approx(ratio)
    assert {"threads", "torch", "cpu", "cell"} <= report.values["machine"].keys()
    console = Console(width=100, record=True)
    with console.capture() as capture:
        console.print(report.table)
    assert "inference" in capture.get()


@pytest.mark.usefixtures("few_trees")
def test_nothing_is_measured_unless_both_agree(monkeypatch):
    class Wrong(bench_chain.Engine):
        def states(self, inputs, train):
            return super().states(inputs, train) + 1

    monkeypatch.setattr(bench_chain, "Engine", Wrong)
    with pytest.raises(TreernnError, match="the engine and torch differ"):
        bench_chain.bench()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("rnn",), "no cell 'rnn', expected one of elman, gru, lstm"), (("lstm", 0), "0 repeats")],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(InputError, match=message):
        bench_chain.bench(*arguments)
