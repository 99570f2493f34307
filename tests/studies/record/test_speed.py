"""Ratios of speed: what is measured, and a record as a command."""

import itertools
import json
from dataclasses import replace

import pytest
import torch

from treernn.models.pretrained import PARSER, SENTIMENT_MODELS
from treernn.studies.benchmarks import chain, common, engine
from treernn.studies.record import bench, speed
from treernn.studies.record.accuracy import bracket_count
from treernn.studies.record.records import read_records, write_record
from treernn.types import Splits

pytestmark = pytest.mark.skipif(
    not (SENTIMENT_MODELS["small"].is_dir() and PARSER.is_dir()),
    reason="this copy has no pretrained models",
)


@pytest.fixture
def quick(monkeypatch, sst_dev):
    """Everything in a small size: a few trees, one repeat, and the counts of the parser."""
    ratios = speed.ratios
    monkeypatch.setattr(bench, "ratios", lambda *_: ratios(sst_dev[:50], sst_dev[:10], 1, 1))
    monkeypatch.setattr(bench, "counts", lambda _, trees: [bracket_count(trees[:10])])
    monkeypatch.setattr(bench.sst, "load_splits", lambda _: Splits([], sst_dev, []))
    monkeypatch.setattr(speed, "BATCH_SIZES", (4,))
    monkeypatch.setattr("treernn.studies.benchmarks.common.WARM_UP", 1)


def test_a_ratio_above_one_is_faster_than_the_reference(monkeypatch, sst_dev):
    """Everything runs, and a clock says how long each took."""
    per_step = {engine.Engine: 4.0, chain.Engine: 1.0, chain.Torch: 3.0}
    threads_seen = set()

    def clock(step, _device="cpu"):
        step()
        threads_seen.add(torch.get_num_threads())
        owner = getattr(getattr(step, "func", None), "__self__", None)
        return per_step.get(type(owner), 1.0)  # 1 second for the products

    monkeypatch.setattr(common, "seconds", clock)
    monkeypatch.setattr(common, "WARM_UP", 0)
    monkeypatch.setattr(speed, "BATCH_SIZES", (4,))
    texts_per_s = itertools.cycle([5.0, 40.0, 10.0])
    monkeypatch.setattr(speed, "stage_speeds", lambda *_: {"all": next(texts_per_s)})
    # The reference reads the 10 sentences in 2 seconds.
    monkeypatch.setattr(speed, "seconds", lambda step: clock(step) * 2)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        found = speed.ratios(sst_dev[:20], sst_dev[:10], repeats=1, rounds=3)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert found == {
        "trees, train, batches of 4": 0.25,
        "trees, inference, batches of 4": 0.25,
        "chains, train, batches of 4": 3.0,
        "chains, inference, batches of 4": 3.0,
        "scoring, all": 2.0,
    }
    assert threads_seen == {1}


@pytest.mark.usefixtures("quick")
def test_a_record(tmp_path, in_process):
    command = ("bench", "all", "-o", str(tmp_path))
    status, out, err = in_process(*command, "--json")
    assert status == 0, err
    [record] = read_records(tmp_path)
    assert json.loads(out) == json.loads(json.dumps(record.to_dict()))
    assert {name.partition(",")[0] for name in record.speed} == {"trees", "chains", "scoring"}
    assert all(ratio > 0 for ratio in record.speed.values())
    assert record.machine["threads"] >= 1
    # The next one compares itself with a better past.
    [count] = record.accuracy
    fast = {name: 100 * ratio for name, ratio in record.speed.items()}
    better = replace(count, right=count.right + 1)
    past = replace(record, date="2999-01-01T00:00:00+00:00", accuracy=(better,), speed=fast)
    write_record(past, tmp_path)
    status, out, err = in_process(*command)
    assert status == 1
    assert "brackets" in out
    assert f"error: parser, brackets: {count.right} of {count.of} right" in err
    assert "warning: slower: trees, train, batches of 4: " in err
    assert "no record is written" in err
    assert len(read_records(tmp_path)) == 2


def test_the_folder_of_records(tmp_path, in_process):
    (tmp_path / "file").write_text("")
    status, _, err = in_process("bench", "all", "-o", str(tmp_path / "file"))
    assert status == 2
    assert "no folder" in err
