"""What the benchmark prints; its figures are the machine's."""

import importlib.util

import pytest
from rich.console import Console

from treernn.corpora import sst
from treernn.errors import InputError, MissingDataError
from treernn.reports import bench_engine
from treernn.types import Tree

needs_dgl = pytest.mark.skipif(
    importlib.util.find_spec("dgl") is None, reason="dgl has no wheel for this Python"
)


@pytest.fixture
def few_trees(monkeypatch):
    trees = [
        Tree(("a", "b", "c"), ((0, 1), (3, 2)), (0, 1, 2, 3, 4)),
        Tree(("b", "d"), ((0, 1),), (2, 2, 2)),
        Tree(("d",), (), (3,)),
    ]
    monkeypatch.setattr(sst, "load", lambda *_: trees)
    monkeypatch.setattr(bench_engine, "BATCHES", (2, 3))
    monkeypatch.setattr(bench_engine, "WARM_UP", 3)


@needs_dgl
@pytest.mark.usefixtures("few_trees")
@pytest.mark.parametrize("cell", ["lstm", "gru", "elman"])
def test_report(cell):
    report = bench_engine.bench(cell, repeats=2)
    found = report.to_dict()
    assert [(row["mode"], row["batch"]) for row in found["rows"]] == [
        ("train", 2),
        ("train", 3),
        ("inference", 2),
        ("inference", 3),
    ]
    for row in found["rows"]:
        assert row["ratio_to_dgl"] == pytest.approx(row["trees_per_s"] / row["dgl_trees_per_s"])
        assert row["share_of_bound"] > 0
    assert {"threads", "torch", "dgl", "cpu"} <= found["machine"].keys()
    console = Console(width=100, record=True)
    with console.capture() as capture:
        console.print(report.to_table())
    assert "inference" in capture.get()


@needs_dgl
@pytest.mark.usefixtures("few_trees")
def test_nothing_is_measured_when_the_sides_disagree(monkeypatch):
    measured = bench_engine.PROPAGATE[bench_engine.GRU]

    def wrong(cell, graph, leaves, x, propagate):
        measured(cell, graph, leaves, x, propagate)
        graph.ndata["h"] = graph.ndata["h"] + 0.01

    monkeypatch.setitem(bench_engine.PROPAGATE, bench_engine.GRU, wrong)
    with pytest.raises(bench_engine.TreernnError, match=r"disagree by 0\.01"):
        bench_engine.bench("gru", 1)


@needs_dgl
def test_missing_data(tmp_path):
    with pytest.raises(MissingDataError, match=r"no trainDevTestTrees_PTB.zip in this folder"):
        bench_engine.bench(source=tmp_path)


def test_wrong_settings():
    with pytest.raises(InputError, match="no cell 'rntn', expected one of lstm, gru, elman"):
        bench_engine.bench("rntn")
    with pytest.raises(InputError, match="0 repeats: at least one is needed"):
        bench_engine.bench(repeats=0)
