from dataclasses import dataclass
from typing import NamedTuple

import torch

from treernn.cached import cached_property
from treernn.structure import chain, compile_plan
from treernn.transfer import to_device


class Pair(NamedTuple):
    first: torch.Tensor
    second: object


@dataclass(frozen=True)
class Named:
    tensor: torch.Tensor
    name: str

    @cached_property
    def twice(self):
        return self.tensor * 2


def test_a_batch_stays_as_it_is_on_the_cpu():
    batch = Pair(torch.ones(2), (1, None))
    assert to_device(batch, "cpu") is batch


def test_everything_is_moved_with_what_was_computed_from_it():
    """The device meta has no memory, but it is another one."""
    named = Named(torch.ones(2), "a")
    assert named.twice is not None
    moved = to_device(Pair(torch.ones(3), [named][0]), "meta")
    assert isinstance(moved, Pair)
    assert moved.first.is_meta
    assert moved.second.tensor.is_meta
    assert moved.second.twice.is_meta
    assert moved.second.name == "a"
    assert not named.tensor.is_meta
    assert not named.twice.is_meta


def test_a_plan_keeps_its_indices():
    plan = compile_plan([chain(3)])
    slots = plan.at_slots(2)
    moved = plan.to("meta")
    assert moved.bounds == plan.bounds
    assert moved.at_slots(2).children.is_meta  # computed again it would need the values
    assert moved.at_slots(2).children.shape == slots.children.shape
    assert moved.levels == plan.levels
