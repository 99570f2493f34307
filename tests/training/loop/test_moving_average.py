"""The average against its definition, computed for all rows at every step."""

import copy

import pytest
import torch
from torch import nn

from treernn.training.loop.moving_average import MovingAverage


class Words(nn.Module):
    def __init__(self, sparse: bool) -> None:
        super().__init__()
        self.table = nn.Embedding(7, 3, sparse=sparse)
        self.layer = nn.Linear(3, 2)
        self.fixed = nn.Parameter(torch.ones(2), requires_grad=False)

    def forward(self, rows):
        return self.layer(self.table(rows)).square().sum()


@pytest.mark.parametrize("sparse", [True, False])
@pytest.mark.parametrize("decay", [0.0, 0.5, 0.99])
def test_every_row_is_as_defined(sparse, decay):
    torch.manual_seed(1)
    model = Words(sparse)
    mean, expected = copy.deepcopy(model), copy.deepcopy(model)
    optimiser = torch.optim.SGD(model.parameters(), 0.1)
    step = 0
    for _ in range(3):
        average = MovingAverage(mean, model, decay, step)
        for _ in range(20):
            step += 1
            optimiser.zero_grad()
            model(torch.randint(5, (2,))).backward()  # rows rest for some steps; two always
            optimiser.step()
            average.update()
            rate = max(1 - decay, 10 / (step + 10))
            for each, weight in zip(expected.parameters(), model.parameters(), strict=True):
                each.data += rate * (weight.data - each.data)
        average.settle()
        for each, other in zip(mean.parameters(), expected.parameters(), strict=True):
            torch.testing.assert_close(each, other, rtol=1e-5, atol=1e-6)
    assert torch.equal(mean.table.weight[5:], model.table.weight[5:])
    assert mean.fixed.tolist() == [1, 1]


def test_an_unchanged_row_is_updated_by_settle_only():
    model = Words(sparse=True)
    mean = copy.deepcopy(model)
    average = MovingAverage(mean, model, 0.9, 100)
    optimiser = torch.optim.SGD(model.parameters(), 0.1)
    model(torch.tensor([2])).backward()
    optimiser.step()
    average.update()
    after = mean.table.weight[2].clone()
    for _ in range(5):
        optimiser.zero_grad()
        model(torch.tensor([3])).backward()
        optimiser.step()
        average.update()
    assert torch.equal(mean.table.weight[2], after)
    average.settle()
    apart = 0.9**5 * (after - model.table.weight[2])
    torch.testing.assert_close(mean.table.weight[2], model.table.weight[2] + apart)
