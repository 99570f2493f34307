"""A record: what is measured, its tables, and the command."""

import json
from dataclasses import replace

import pytest
from rich.console import Console

from treernn.models.pretrained import PARSER, SENTIMENT_MODELS
from treernn.studies.record import bench, speed
from treernn.studies.record.accuracy import Count, bracket_count
from treernn.studies.record.records import Record, read_records, write_record
from treernn.types import Splits

pytestmark = pytest.mark.skipif(
    not (SENTIMENT_MODELS["small"].is_dir() and PARSER.is_dir()),
    reason="this copy has no pretrained models",
)


@pytest.fixture
def quick(monkeypatch, sst_dev):
    """Everything in a small size: a few trees, one repeat, and the counts of the parser."""
    ratios = speed.ratios
    parts = Splits(sst_dev[100:150], sst_dev[:10], sst_dev[10:20])
    monkeypatch.setattr(bench, "ratios", lambda *of: ratios(*of, 1, 1))
    monkeypatch.setattr(bench, "counts", lambda _, trees: [bracket_count(trees)])
    monkeypatch.setattr(bench.sst, "load_splits", lambda _: parts)
    monkeypatch.setattr(speed, "BATCH_SIZES", (4,))
    monkeypatch.setattr("treernn.studies.benchmarks.common.WARM_UP", 1)


def test_what_is_measured_on_what(monkeypatch):
    """Right answers on the dev part, the engine on the train part, scoring on the test part."""
    monkeypatch.setattr(
        bench.sst, "load_splits", lambda source: Splits([source], ["dev"], ["test"])
    )
    monkeypatch.setattr(bench, "available_models", lambda: ["small"])
    monkeypatch.setattr(bench, "counts", lambda models, trees: [*models, *trees])
    monkeypatch.setattr(bench, "ratios", lambda *parts: parts)
    monkeypatch.setattr(bench, "current_commit", lambda: "1a2b3c")
    said = []
    record = bench.measure("archive", said.append)
    assert record.accuracy == ("small", "dev")
    assert record.speed == (["archive"], ["test"])
    assert record.commit == "1a2b3c"
    assert said == ["right answers: parser, small", "speed"]


def test_the_tables_of_a_record():
    counts = (Count("small", "sentences", 750, 1000, 0),)
    shown = bench.report(Record("d", "c", "v", {"cpu": "a"}, counts, {"trees": 0.256}))
    console = Console(width=100)
    with console.capture() as captured:
        console.print(shown.table)
    words = captured.get().replace("│", " ").split()
    for row in (["small", "sentences", "750", "1,000", "75.00"], ["trees", "0.26"]):
        assert any(words[at : at + len(row)] == row for at in range(len(words)))
    assert shown.values["format"] == 1


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
