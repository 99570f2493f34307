import pytest
import torch

from treernn.cells import products


@pytest.fixture(params=["torch", "onednn"])
def library(request, monkeypatch):
    """Both libraries, on any processor."""
    has_onednn = torch.backends.mkldnn.is_available() and hasattr(
        torch.ops.mkldnn, "_linear_pointwise"
    )
    if request.param == "onednn" and not has_onednn:
        pytest.skip("torch has no oneDNN here")
    monkeypatch.setattr(products, "onednn_is_faster", lambda: request.param == "onednn")


def assert_close_to_product(actual, a, b, bias=0.0):
    torch.testing.assert_close(
        actual, (a.double() @ b.double() + bias).float(), rtol=1e-5, atol=1e-5
    )


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("rows", [0, 1, 15, 16, 17, 127, 128, 130, 144, 300])
@pytest.mark.parametrize("transposed", [False, True])
def test_products(rows, transposed):
    torch.manual_seed(rows)
    a = torch.randn(rows, 24)[:, :20]  # not contiguous
    b = torch.randn(10, 20).t() if transposed else torch.randn(20, 10)
    bias, table = torch.randn(10), torch.randn(rows, 12)
    out = table.clone()
    products.product(a, b, out[:, :10])
    assert_close_to_product(out[:, :10], a, b)
    assert torch.equal(out[:, 10:], table[:, 10:])
    products.product(a, b, out[:, :10], bias)
    assert_close_to_product(out[:, :10], a, b, bias)
    out = table.clone()
    products.add_product(out[:, :10], a, b)
    assert_close_to_product(out[:, :10], a, b, table[:, :10])
    assert torch.equal(out[:, 10:], table[:, 10:])
    assert_close_to_product(products.gradient(a, table), a.t(), table)


@pytest.mark.usefixtures("library")
def test_float64_is_multiplied_by_torch():
    a, b = torch.randn(200, 20).double(), torch.randn(20, 10).double()
    assert torch.equal(products.product(a, b, a.new_empty(200, 10)), a @ b)
    assert products._onednn_rows(a) == []


def test_few_shapes_go_to_onednn(monkeypatch):
    monkeypatch.setattr(products, "onednn_is_faster", lambda: True)
    sizes = set()
    for rows in range(4000):
        parts = products._onednn_rows(torch.empty(rows, 1))
        assert [part.start or 0 for part in parts] == [0, *(part.stop for part in parts)][
            : len(parts)
        ]
        assert rows - (parts[-1].stop if parts else 0) < 32
        sizes |= {part.stop - (part.start or 0) for part in parts}
    assert len(sizes) <= 4000 / 128 + 128
