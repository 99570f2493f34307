"""What all cells share: their weights, and the steps of the ``levels`` backend."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from treernn.cells.tape import Tape
from treernn.structure.plan import Level, Plan


class Cell(nn.Module):
    """Shared weights, and the rule that merges an input and the states of children into a state.

    ``weight_input`` (W) is applied to the input, ``weight_children`` (U) to the children's hidden
    states. ``forward`` is the definition of a cell, differentiated by torch. The steps ``start``,
    ``forward_level``, ``local_gradients``, ``backward_level``, ``backward_leaves`` and
    ``weight_gradients`` compute the same level by level, with the gradient written out, for the
    ``levels`` backend.

    Args:
        input_size: dimension of an input.
        hidden_size: dimension of a hidden state.
        arity: N-ary: number of child slots, each with its own columns of U. None: Child-Sum, any
            number of children that share U (Tai et al. 2015, sections 3.1 and 3.2).
    """

    name: ClassVar[str]  # in settings
    title: ClassVar[str]  # for people
    torch_counterpart: ClassVar[type[nn.RNNBase] | None] = None  # the same cell over chains
    has_memory: ClassVar[bool] = False
    input_blocks: int  # W has input_blocks * hidden_size rows
    children_blocks: int  # U has children_blocks * hidden_size rows

    def __init__(self, input_size: int, hidden_size: int, arity: int | None = 2) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.arity = input_size, hidden_size, arity
        self.memory_size = hidden_size  # dimension of c, if ``has_memory``
        rows, child_rows = self.input_blocks * hidden_size, self.children_blocks * hidden_size
        self.weight_input = nn.Parameter(torch.empty(rows, input_size))
        self.weight_children = nn.Parameter(torch.empty(child_rows, (arity or 1) * hidden_size))
        self.bias = nn.Parameter(torch.zeros(rows))
        nn.init.uniform_(self.weight_input, -(hidden_size**-0.5), hidden_size**-0.5)
        nn.init.uniform_(self.weight_children, -(hidden_size**-0.5), hidden_size**-0.5)

    def extra_repr(self) -> str:
        kind = "Child-Sum" if self.arity is None else f"{self.arity}-ary"
        return f"{self.input_size}, {self.hidden_size}, {kind}"

    def join(self, h: Tensor) -> Tensor:
        """The vectors that U is applied to: child states ``[n, k, hidden]`` concatenated,
        ``[n, k * hidden]``; for Child-Sum summed, ``[n, hidden]``."""
        return h.sum(1) if self.arity is None else h.flatten(1)

    def prepare(self, plan: Plan) -> None:
        """Compute the indices that the cell needs besides those of the plan, which keeps them: on
        the host, as on a GPU each would wait for it."""
        if self.arity is None:
            if self.training:
                _ = plan.parent_rows
        elif self.arity > 1 or plan.child_slices is None:
            plan.at_slots(self.arity)
            if self.training:
                plan.slot_rows(self.arity)

    def start(self, tape: Tape) -> None:
        """Allocate buffers, apply W to all inputs, and compute level 0."""
        raise NotImplementedError

    def forward_level(self, tape: Tape, level: Level) -> None:
        """Compute the states of a level from those of its children."""
        raise NotImplementedError

    def local_gradients(self, tape: Tape) -> None:
        """The derivatives inside each node, which do not depend on its parents, for all at once."""
        raise NotImplementedError

    def backward_level(self, tape: Tape, level: Level) -> None:
        """Backpropagate the gradients of a level's states to its pre-activations and children."""
        raise NotImplementedError

    def backward_leaves(self, tape: Tape) -> None:
        """Backpropagate the gradients of the states of level 0, if the cell computed them."""
        raise NotImplementedError

    def weight_gradients(self, tape: Tape) -> tuple[Tensor, ...]:
        """The gradients of the inputs and of all parameters in their order, each as one product
        over all nodes."""
        raise NotImplementedError
