import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from treernn.encoders.adapters import average_adapters


def adapters(count, rank, inputs=7, outputs=9):
    generator = torch.Generator().manual_seed(count * 10 + rank)
    shapes = [((rank, inputs), (outputs, rank)) for _ in range(count)]
    return [tuple(torch.randn(shape, generator=generator) for shape in pair) for pair in shapes]


@given(st.integers(1, 4), st.integers(1, 5))
def test_nearest_change_of_the_same_rank(count, rank):
    pairs = adapters(count, rank)
    shares = torch.arange(1, count + 1) / (count * (count + 1) / 2)
    mean = sum(share * (b @ a).double() for share, (a, b) in zip(shares, pairs, strict=True))
    left, values, right = torch.linalg.svd(mean, full_matrices=False)
    nearest = (left[:, :rank] * values[:rank]) @ right[:rank]
    a, b = average_adapters(pairs, shares.tolist())
    assert (a.shape, b.shape) == ((rank, 7), (9, rank))
    torch.testing.assert_close((b @ a).double(), nearest, rtol=1e-4, atol=1e-4)


def test_the_mean_of_one_adapter_is_the_adapter():
    ((a, b),) = pairs = adapters(1, 3)
    new_a, new_b = average_adapters(pairs, [1.0])
    torch.testing.assert_close(new_b @ new_a, b @ a)
    assert new_a.norm() == pytest.approx(new_b.norm().item(), rel=1e-4)  # the change is shared


def test_equal_adapters_in_other_factors():
    a, b = adapters(1, 3)[0]
    turn = torch.randn(3, 3, generator=torch.Generator().manual_seed(1))
    pairs = [(a, b), (turn @ a, b @ torch.linalg.inv(turn))]
    new_a, new_b = average_adapters(pairs, [0.25, 0.75])
    torch.testing.assert_close(new_b @ new_a, b @ a, rtol=1e-3, atol=1e-3)
