"""The parts that benchmarks share."""

import pytest
import torch

from treernn.errors import InputError, TreernnError
from treernn.studies.benchmarks import common as bench


class Slow:
    """An implementation that records its batches and advances the clock."""

    def __init__(self, clock, seconds):
        self.clock, self.seconds, self.batches = clock, seconds, []

    def prepare(self, batch):
        self.clock[0] += 100  # not measured
        return tuple(batch)

    def step(self, prepared, mode):
        self.batches.append((mode, prepared))
        self.clock[0] += self.seconds * len(prepared)


def test_implementations_alternate_on_the_same_batches(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("time.perf_counter", lambda: clock[0])
    monkeypatch.setattr(bench, "BATCH_SIZES", (2, 3))
    monkeypatch.setattr(bench, "WARM_UP", 5)
    fast, slow = Slow(clock, 1), Slow(clock, 2)
    results = list(bench.medians([fast, slow], range(10), repeats=4))
    assert results == [
        (mode, size, [size, 2 * size]) for mode in ("train", "inference") for size in (2, 3)
    ]
    assert fast.batches == slow.batches
    # Warm-up takes at least five examples: three batches of two, two batches of three.
    assert [len(batch) for _, batch in fast.batches] == 2 * [*[2] * (3 + 4), *[3] * (2 + 4)]
    assert all(len(set(batch)) == len(batch) for _, batch in fast.batches)


def test_implementations_must_agree():
    states, labels = torch.zeros(2, 3), torch.tensor([1, 2])
    bench.check_equal((states, labels), (states + 1e-5, labels), "torch")
    for other in ((states + 0.25, labels), (states, labels.flip(0))):
        with pytest.raises(TreernnError, match=r"engine and torch differ by .*; nothing was"):
            bench.check_equal((states, labels), other, "torch")
    with pytest.raises(InputError, match="0 repeats: at least one is needed"):
        bench.check_repeats(0)
