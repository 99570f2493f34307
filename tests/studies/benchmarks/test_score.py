import json
import re

import pytest
from rich.console import Console

from treernn.errors import InputError
from treernn.studies.benchmarks import score as bench_score
from treernn.studies.benchmarks.score import bench, plain_texts
from treernn.text.tokenizer import tokenize


def test_the_report(sst_archive, monkeypatch):
    monkeypatch.setattr(bench_score, "COLD_STARTS", 1)
    report = bench(sst_archive, copies=2, max_texts=6)
    values = json.loads(json.dumps(report.values))
    assert set(values) == {"sentences_per_s", "stages", "single_ms", "cold_s", "metadata"}
    stages = values["stages"]
    assert list(stages) == ["split", "tokenize", "parse", "classify", "write", "all"]
    assert all(rate > 0 for rate in stages.values())
    # Both a command that scores one text, and one that scores a file, start.
    assert 0 < values["sentences_per_s"] < 12 / 0.1
    assert values["single_ms"] < 1000 * values["cold_s"]
    assert values["metadata"]["sentences"] == 6
    console = Console(width=100)
    with console.capture() as capture:
        console.print(report.table)
    for name in (*stages, "a file, as a command", "one text, as a command"):
        assert re.search(rf"^. {name} .*\d", capture.get(), re.MULTILINE)


def test_texts_are_in_usual_spelling(sst_test):
    texts = plain_texts(sst_test[:200])
    assert not any(re.search(r" (,|\.$|n't)|\n", text) for text in texts)
    same = [
        [token.text for sentence in tokenize(text) for token in sentence] == list(tree.words)
        for text, tree in zip(texts, sst_test, strict=False)
    ]
    assert sum(same) > 170


def test_nothing_to_measure():
    with pytest.raises(InputError, match=r"^at least one text and one copy are needed$"):
        bench(copies=0)
