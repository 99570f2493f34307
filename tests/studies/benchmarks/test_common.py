"""What the benchmarks have in common."""

import pytest
import torch
from rich.console import Console

from treernn.errors import InputError, TreernnError
from treernn.studies.benchmarks import common as bench


class Slow:
    """A side that notes what it was given and lets time pass."""

    def __init__(self, clock, seconds):
        self.clock, self.seconds, self.met = clock, seconds, []

    def prepare(self, batch):
        self.clock[0] += 100  # takes none of the step's time
        return tuple(batch)

    def step(self, prepared, mode):
        self.met.append((mode, prepared))
        self.clock[0] += self.seconds * len(prepared)


def test_sides_take_turns_at_the_same_batches(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("time.perf_counter", lambda: clock[0])
    monkeypatch.setattr(bench, "BATCH_SIZES", (2, 3))
    monkeypatch.setattr(bench, "WARM_UP", 5)
    fast, slow = Slow(clock, 1), Slow(clock, 2)
    found = list(bench.medians([fast, slow], range(10), repeats=4))
    assert found == [
        (mode, size, [size, 2 * size]) for mode in ("train", "inference") for size in (2, 3)
    ]
    assert fast.met == slow.met
    # Warm-up: five examples or a few more, in steps of two and of three.
    assert [len(batch) for _, batch in fast.met] == 2 * [*[2] * (3 + 4), *[3] * (2 + 4)]
    assert all(len(set(batch)) == len(batch) for _, batch in fast.met)


def test_a_table_says_what_it_was_measured_on():
    made = bench.table({"threads": 1, "load": 0.5}, ("cell", "mode", "steps/s"), left_aligned=2)
    made.add_row("gru", "train", "7")
    console = Console(width=60)
    with console.capture() as capture:
        console.print(made)
    assert "threads 1  load 0.5" in capture.get()
    assert [column.justify for column in made.columns] == ["left", "left", "right"]


def test_sides_that_differ_are_not_measured():
    states, labels = torch.zeros(2, 3), torch.tensor([1, 2])
    bench.check_equal((states, labels), (states + 1e-5, labels), "torch")
    for other in ((states + 0.25, labels), (states, labels.flip(0))):
        with pytest.raises(TreernnError, match=r"engine and torch differ by .*; nothing was"):
            bench.check_equal((states, labels), other, "torch")
    with pytest.raises(InputError, match="0 repeats: at least one is needed"):
        bench.check_repeats(0)
