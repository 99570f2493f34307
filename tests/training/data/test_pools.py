"""The order of an epoch."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.training.data import corpus
from treernn.training.data.pools import block_order, pools


@pytest.fixture(autouse=True, scope="module")
def small_blocks():
    before = corpus.SIZE, corpus.IN_MEMORY
    corpus.SIZE, corpus.IN_MEMORY = 10, 40
    yield
    corpus.SIZE, corpus.IN_MEMORY = before


@given(st.integers(0, 200))
def test_an_order_by_blocks(count):
    order = block_order(count, np.random.default_rng(1)).tolist()
    assert sorted(order) == [*range(count)]
    if count <= 40:
        assert order == np.random.default_rng(1).permutation(count).tolist()
    else:
        jumps = sum(a + 1 != b for a, b in pairwise(order))
        assert jumps <= -(-count // 10)


@given(st.lists(st.integers(0, 100), min_size=1, max_size=4))
def test_each_pool_has_its_share_of_each_source(sizes):
    ends = np.cumsum(sizes)
    drawn = [np.arange(end - size, end) for size, end in zip(sizes, ends, strict=True)]
    found = [*pools(drawn)]
    assert sorted(np.concatenate(found).tolist()) == [*range(sum(sizes))]
    assert len(found) == max(1, -(-sum(sizes) // 40))
    for pool in found:
        assert len(pool) <= 40 + len(sizes)
        for each in drawn:
            assert abs(np.isin(pool, each).sum() - len(each) / len(found)) < 1
