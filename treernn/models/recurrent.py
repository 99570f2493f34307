"""Stacked and bidirectional recurrent nets on the engine.

The vanilla RNN, GRU and LSTM: the inputs of a layer are the states of the layer below; a
bidirectional net has two chains over the same steps (Schuster & Paliwal 1997).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from treernn.cached import cached_property
from treernn.cells import CHAIN_CELLS, States
from treernn.cells.dropout import dropout
from treernn.engine import Backend, run
from treernn.errors import InputError
from treernn.structure import Plan, compile_chains


class Direction(NamedTuple):
    """The chains of a batch in one direction.

    The steps of a batch are numbered sequence after sequence.

    Attributes:
        plan: the compiled chains.
        order: ``[N]`` step of each plan node; without nodes that hold an initial state.
        rank: ``[N]`` inverse of ``order``.
        ends: ``[B]`` plan node of the last step of each chain.
    """

    plan: Plan
    order: Tensor
    rank: Tensor
    ends: Tensor


@dataclass(frozen=True, eq=False)
class Chains:
    """A batch of sequences, made by ``compile_sequences``.

    Attributes:
        lengths: steps of each sequence.
        directions: forward, and if bidirectional also backward.
        initial_states: whether each chain begins with a node that holds an initial state.
        longest_first: ``[B]`` indices of the sequences by falling length.
    """

    lengths: tuple[int, ...]
    directions: tuple[Direction, ...]
    initial_states: bool
    longest_first: Tensor

    @property
    def num_steps(self) -> int:
        """N, the number of steps of all sequences."""
        return sum(self.lengths)


def compile_sequences(
    lengths: Sequence[int], *, bidirectional: bool = False, initial_states: bool = False
) -> Chains:
    """Compile sequences into plans.

    Args:
        lengths: steps of each sequence, at least one; in any order.
        bidirectional: compile both directions.
        initial_states: put a node that holds an initial state before the first step of each chain.

    Raises:
        InputError: no sequences, or one without steps.

    >>> batch = compile_sequences([2, 3], bidirectional=True)
    >>> batch.num_steps, len(batch.directions), batch.directions[0].plan.bounds
    (5, 2, (0, 2, 4, 5))
    """
    if not lengths or min(lengths) < 1:
        raise InputError("a batch needs at least one sequence, and each at least one step")
    sizes = np.array(lengths)
    directions = [_direction(sizes, False, initial_states)]
    if bidirectional:
        directions.append(_direction(sizes, True, initial_states))
    longest_first = torch.from_numpy(np.argsort(-sizes, kind="stable"))
    return Chains(tuple(lengths), tuple(directions), initial_states, longest_first)


def _direction(lengths: np.ndarray, reverse: bool, initial_states: bool) -> Direction:
    lengths = lengths + initial_states
    plan = compile_chains(lengths, reverse)
    order, rank, ends = plan.order, plan.rank, plan.roots
    if reverse:
        ends = rank[torch.from_numpy(np.cumsum(lengths) - lengths)]
    if initial_states:  # skip the first node of each chain
        sequence = np.repeat(np.arange(len(lengths)), lengths)
        steps = np.arange(len(sequence)) - sequence - (not reverse)
        order = torch.from_numpy(steps)[order[plan.num_leaves :]]
        rank = torch.empty_like(order)
        rank[order] = torch.arange(len(order))
    return Direction(plan, order, rank, ends)


@dataclass(frozen=True, eq=False)
class Result:
    """The states of a recurrent net.

    Attributes:
        batch: the chains.
        states: states of all plan nodes, for each layer and direction.
    """

    batch: Chains
    states: tuple[tuple[States, ...], ...]

    @cached_property
    def h(self) -> Tensor:
        """``[N, output_size]`` states of the top layer at every step, both directions
        concatenated."""
        return _step_states(self.batch, self.states[-1])

    @cached_property
    def last(self) -> tuple[States, ...]:
        """Final states of each layer, ``[B, output_size]``, both directions concatenated."""
        return tuple(_final_states(self.batch, states) for states in self.states)


class Recurrent(nn.Module):
    """Layers of cells over chains.

    Args:
        cell: ``elman``, ``gru`` or ``lstm``.
        input_size: dimension of the inputs.
        hidden_size: dimension of the states, per direction.
        layers: number of layers.
        bidirectional: run both directions; each layer gets both of the layer below.
        dropout: dropout probability between layers.

    Raises:
        InputError: no such cell, or no layer.
    """

    def __init__(
        self,
        cell: str,
        input_size: int,
        hidden_size: int,
        layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if cell not in CHAIN_CELLS:
            raise InputError(f"cell is {cell!r}, expected one of {', '.join(CHAIN_CELLS)}")
        if layers < 1:
            raise InputError(f"{layers} layers, expected at least one")
        directions = 1 + bidirectional
        self.input_size, self.output_size = input_size, directions * hidden_size
        self.hidden_size, self.dropout = hidden_size, dropout
        self.layers = nn.ModuleList(
            nn.ModuleList(
                CHAIN_CELLS[cell](input_size if layer == 0 else self.output_size, hidden_size, 1)
                for _ in range(directions)
            )
            for layer in range(layers)
        )

    def forward(
        self,
        batch: Chains,
        x: Tensor,
        initial_states: Sequence[States] | None = None,
        backend: Backend = "auto",
    ) -> Result:
        """Compute the states of all steps.

        Args:
            batch: the compiled sequences.
            x: inputs ``[N, input_size]``, sequence after sequence.
            initial_states: states ``[B, output_size]`` of each layer, if the batch was compiled
                for them.
            backend: see ``treernn.engine.run``.

        Raises:
            InputError: inputs, initial states and batch do not fit together.
        """
        self._check(batch, x, initial_states)
        results: list[tuple[States, ...]] = []
        inputs = [_permute(x, way.order, way.rank) for way in batch.directions]
        for layer, cells in enumerate(self.layers):
            if results:
                inputs = self._next_inputs(batch, results[-1])
            states = []
            for at, (cell, direction) in enumerate(zip(cells, batch.directions, strict=True)):  # type: ignore[call-overload]
                first = None
                if initial_states is not None:
                    first = self._initial_states(initial_states[layer], at, batch)
                states.append(run(cell, direction.plan, inputs[at], backend, first))
            results.append(tuple(states))
        return Result(batch, tuple(results))

    def _next_inputs(self, batch: Chains, states: Sequence[States]) -> list[Tensor]:
        """Inputs of the layer above, in plan order."""
        probability = self.dropout if self.training else 0.0
        if len(states) == 1:
            return [dropout(_without_initial(batch, states[0]), probability)]
        h = dropout(_step_states(batch, states), probability)
        return [_permute(h, way.order, way.rank) for way in batch.directions]

    def _initial_states(self, states: States, direction: int, batch: Chains) -> States:
        """Initial states of one direction, in plan order."""
        part = slice(direction * self.hidden_size, (direction + 1) * self.hidden_size)
        h, c = (
            None if state is None else state[:, part].index_select(0, batch.longest_first)
            for state in states
        )
        assert h is not None
        return States(h, c)

    def _check(self, batch: Chains, x: Tensor, initial_states: Sequence[States] | None) -> None:
        directions = self.output_size // self.hidden_size
        if len(batch.directions) != directions:
            raise InputError(
                f"chains in {len(batch.directions)} direction(s) for layers of {directions}"
            )
        if len(x) != batch.num_steps:
            raise InputError(f"{len(x)} inputs for the {batch.num_steps} steps of the chains")
        if (initial_states is not None) != batch.initial_states:
            raise InputError(
                "the batch was compiled with initial states, and there are none"
                if batch.initial_states
                else "initial states for a batch that was compiled without"
            )
        if initial_states is not None:
            expected = [len(batch.lengths), self.output_size]
            shapes = [
                list(state.shape)
                for states in initial_states
                for state in states
                if state is not None
            ]
            if len(initial_states) != len(self.layers) or any(s != expected for s in shapes):
                raise InputError(
                    f"initial states have shapes {shapes}, expected {expected} for each of the "
                    f"{len(self.layers)} layers"
                )


def _final_states(batch: Chains, states: Sequence[States]) -> States:
    """Final states of a layer, both directions concatenated."""

    def final(tables: Sequence[Tensor | None]) -> Tensor | None:
        rows = [
            table.index_select(0, direction.ends)
            for table, direction in zip(tables, batch.directions, strict=True)
            if table is not None
        ]
        return _concatenate(rows) if rows else None

    h = final([state.h for state in states])
    assert h is not None
    return States(h, final([state.c for state in states]))


def _step_states(batch: Chains, states: Sequence[States]) -> Tensor:
    """The h of a layer at every step, both directions concatenated."""
    return _concatenate(
        [
            _permute(_without_initial(batch, of_direction), direction.rank, direction.order)
            for of_direction, direction in zip(states, batch.directions, strict=True)
        ]
    )


def _without_initial(batch: Chains, states: States) -> Tensor:
    """The h of a direction without the initial states, which come first."""
    return states.h[len(states.h) - batch.num_steps :]


def _concatenate(tables: list[Tensor]) -> Tensor:
    return tables[0] if len(tables) == 1 else torch.cat(tables, 1)


def _permute(x: Tensor, order: Tensor, rank: Tensor) -> Tensor:
    """``x[order]``, where ``rank`` is the inverse of ``order``."""
    return _Permute.apply(x, order, rank)


class _Permute(torch.autograd.Function):
    """The gradient of a permutation is a gather too; torch would scatter and add."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, order: Tensor, rank: Tensor) -> Tensor:
        ctx.rank = rank
        return x.index_select(0, order)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        return grad.index_select(0, ctx.rank), None, None
