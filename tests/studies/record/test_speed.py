"""Ratios of speed."""

import itertools

import pytest
import torch

from treernn.models.pretrained import PARSER, SENTIMENT_MODELS
from treernn.studies.benchmarks import chain, common, engine
from treernn.studies.record import speed

pytestmark = pytest.mark.skipif(
    not (SENTIMENT_MODELS["small"].is_dir() and PARSER.is_dir()),
    reason="this copy has no pretrained models",
)


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
