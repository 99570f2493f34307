from itertools import chain, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.batching import bucket_by_length

LENGTHS = st.lists(st.integers(1, 60), max_size=200)


def test_batches_hold_at_most_max_total():
    def batches(lengths):
        return bucket_by_length(lengths, max_total=9)

    assert batches([3, 3, 3, 9, 20, 1, 1]) == [[5, 6, 0, 1], [2], [3], [4]]
    assert batches([20, 3, 3, 3, 1]) == [[4, 1, 2], [3], [0]]
    assert batches([]) == []


def test_batches_of_a_fixed_size():
    lengths = [5, 1, 5, 3, 2]
    assert bucket_by_length(lengths, batch_size=2) == [[1, 4], [3, 0], [2]]
    assert bucket_by_length(lengths, batch_size=2, longest_first=True) == [[0, 2], [3, 4], [1]]


def test_the_batch_size_may_depend_on_the_length_of_the_first_item():
    found = bucket_by_length([5, 1, 5, 3, 2], batch_size=lambda n: 6 // n, longest_first=True)
    assert found == [[0], [2], [3, 4], [1]]
    assert bucket_by_length([7, 8], batch_size=lambda n: 6 // n) == [[0], [1]]


@given(LENGTHS, st.integers(1, 100))
def test_mean_total_gives_batches_of_about_that_total(lengths, total):
    rng = np.random.default_rng(0)
    batches = bucket_by_length(lengths, mean_total=total, rng=rng, jitter=4)
    assert sorted(chain(*batches)) == list(range(len(lengths)))
    assert all(sum(lengths[i] for i in batch) <= total + 60 for batch in batches)
    assert len(batches) <= sum(lengths) // total + 1


@given(LENGTHS, st.integers(1, 50))
def test_random_batches_are_of_similar_length(lengths, size):
    def batches(seed):
        return bucket_by_length(lengths, batch_size=size, rng=np.random.default_rng(seed))

    assert batches(1) == batches(1)
    assert sorted(chain(*batches(1))) == list(range(len(lengths)))
    assert all(len(batch) <= size for batch in batches(1))
    ranges = sorted((min(s), max(s)) for b in batches(1) if (s := [lengths[i] for i in b]))
    assert all(high <= low for (_, high), (low, _) in pairwise(ranges))


# Training depends on these orders: another one would give other figures.
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"batch_size": 3}, "by_count"),
        ({"mean_total": 12, "jitter": 4}, "by_total"),
    ],
)
def test_the_random_order_stays_the_same(options, expected):
    lengths = np.array([3, 9, 4, 4, 7, 1, 3, 3, 12, 5, 5, 2])
    found = bucket_by_length(lengths, rng=np.random.default_rng(7), **options)
    rng = np.random.default_rng(7)
    if expected == "by_count":
        order = rng.permutation(len(lengths))
        order = order[np.argsort(lengths[order], kind="stable")]
        batches = [order[start : start + 3] for start in range(0, len(order), 3)]
    else:
        order = np.argsort(lengths + rng.uniform(0, 4, len(lengths)))
        ends = np.flatnonzero(np.diff(np.cumsum(lengths[order]) // 12)) + 1
        batches = np.split(order, ends)
    assert found == [batches[i].tolist() for i in rng.permutation(len(batches))]
