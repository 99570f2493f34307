import pytest
import torch
from torch import nn

from treernn.cells import products
from treernn.encoders import linear


@pytest.fixture(params=["torch", "onednn"])
def net(request, monkeypatch):
    """A net, and the same net accelerated, with either backend."""
    there = torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")
    if request.param == "onednn" and not there:
        pytest.skip("this torch comes without oneDNN")
    for module in (products, linear):
        monkeypatch.setattr(module, "onednn_is_faster", lambda: request.param == "onednn")
    torch.manual_seed(1)
    nets = [
        nn.Sequential(nn.Linear(5, 7), nn.Dropout(0.5), nn.GELU(), nn.Linear(7, 3, bias=False))
        for _ in range(2)
    ]
    nets[1].load_state_dict(nets[0].state_dict())
    linear.accelerate(nets[1])
    assert (type(nets[1][0]) is linear.Linear) == (request.param == "onednn")
    return nets


@pytest.mark.parametrize("shape", [(5,), (3, 5), (4, 60, 5), (0, 5)])
def test_outputs_and_gradients_are_equal(net, shape):
    x = torch.randn(shape)
    actual = []
    for each in net:
        inputs = x.clone().requires_grad_()
        y = each.eval()(inputs)
        (y * y).sum().backward()
        actual.append((y, inputs.grad, *(weight.grad for weight in each.parameters())))
    for one, other in zip(*actual, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)


def test_frozen_weights_have_no_gradient(net):
    _, accelerated = net
    accelerated[0].requires_grad_(False)
    x = torch.randn(20, 5, requires_grad=True)
    accelerated(x).sum().backward()
    assert accelerated[0].weight.grad is None
    assert accelerated[3].weight.grad is not None
    assert x.grad is not None


def test_float64_is_computed_by_torch(net):
    one, other = (each.double().eval() for each in net)
    x = torch.randn(4, 5, dtype=torch.float64)
    torch.testing.assert_close(one(x), other(x), rtol=0, atol=0)


def test_autocast(net):
    _, accelerated = net
    with torch.autocast("cpu", torch.bfloat16):
        assert accelerated.eval()(torch.randn(4, 5)).dtype == torch.bfloat16


def test_dropout_in_training_only(net):
    layer = net[1][1]
    x = torch.ones(1000)
    assert torch.equal(layer.eval()(x), x)
    assert set(layer.train()(x).unique().tolist()) == {0.0, 2.0}
