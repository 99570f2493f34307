"""Chains, one on top of the other and in both directions, over the one engine.

The vanilla, stacked and bidirectional RNN, GRU and LSTM: layer k sees the node states of layer
k - 1; both directions are two chains over the same nodes (Schuster & Paliwal 1997).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from treernn.cells import CHAIN_CELLS, States
from treernn.cells.dropout import dropout
from treernn.engine import Backend, run
from treernn.errors import InputError
from treernn.structure import Plan, compile_chains


class Direction(NamedTuple):
    """A batch of chains that run one way.

    A *row* is a step's number in the batch: step after step, sequence after sequence.

    Attributes:
        plan: the chains, compiled.
        order: ``[N]`` the row of each plan node; nodes whose states are given are left out.
        rank: ``[N]`` the same the other way round.
        ends: ``[B]`` the plan node in which each sequence's chain ends.
    """

    plan: Plan
    order: Tensor
    rank: Tensor
    ends: Tensor


@dataclass(frozen=True, eq=False)
class Chains:
    """A batch of sequences, as ``chains`` compiles it.

    Attributes:
        lengths: steps of each sequence.
        directions: first to last step, then, if wanted, last to first.
        given: whether every chain starts from a state that is given.
        longest_first: ``[B]`` the numbers of the sequences by falling length.
    """

    lengths: tuple[int, ...]
    directions: tuple[Direction, ...]
    given: bool
    longest_first: Tensor

    @property
    def num_steps(self) -> int:
        """N, all steps of all sequences."""
        return sum(self.lengths)

    def to(self, device: torch.device | str) -> Chains:
        """The same chains on another device."""
        directions = tuple(
            Direction(
                side.plan.to(device),
                side.order.to(device),
                side.rank.to(device),
                side.ends.to(device),
            )
            for side in self.directions
        )
        return Chains(self.lengths, directions, self.given, self.longest_first.to(device))


def chains(lengths: Sequence[int], *, bidirectional: bool = False, given: bool = False) -> Chains:
    """Compile sequences of these lengths into plans.

    Args:
        lengths: steps of each sequence, at least one each; any order.
        bidirectional: both directions.
        given: a state that is given stands before the first step of each chain.

    Raises:
        InputError: no sequences, or one without steps.

    >>> batch = chains([2, 3], bidirectional=True)
    >>> batch.num_steps, len(batch.directions), batch.directions[0].plan.bounds
    (5, 2, (0, 2, 4, 5))
    """
    if not lengths or min(lengths) < 1:
        raise InputError("a batch needs at least one sequence, and each at least one step")
    sizes = np.array(lengths)
    directions = tuple(
        _direction(sizes, reverse, given) for reverse in (False, True)[: 1 + bidirectional]
    )
    longest_first = torch.from_numpy(np.argsort(-sizes, kind="stable"))
    return Chains(tuple(lengths), directions, given, longest_first)


def _direction(lengths: np.ndarray, reverse: bool, given: bool) -> Direction:
    plan = compile_chains(lengths + given, reverse)
    order, rank, ends = plan.order, plan.rank, plan.roots
    if reverse:
        ends = rank[torch.from_numpy(np.cumsum(lengths + given) - lengths - given)]
    if given:
        # The one given node of each chain is no row.
        sequence = np.repeat(np.arange(len(lengths)), lengths + 1)
        rows = np.arange(len(sequence)) - sequence - (not reverse)
        order = torch.from_numpy(rows)[order[plan.num_leaves :]]
        rank = torch.empty_like(order)
        rank[order] = torch.arange(len(order))
    return Direction(plan, order, rank, ends)


@dataclass(frozen=True, eq=False)
class Result:
    """What ``Recurrent`` gives.

    Attributes:
        batch: the chains.
        states: for each layer and direction the states of all plan nodes.
    """

    batch: Chains
    states: tuple[tuple[States, ...], ...]

    @functools.cached_property
    def h(self) -> Tensor:
        """``[N, output_size]`` the top layer's state at every step, rows as the inputs'; the
        directions side by side."""
        return _rows(self.batch, self.states[-1])

    @functools.cached_property
    def last(self) -> tuple[States, ...]:
        """For each layer the states ``[B, output_size]`` in which the chains end: the first
        direction's after the last step, the second's after the first."""
        return tuple(_ends(self.batch, states) for states in self.states)


class Recurrent(nn.Module):
    """Layers of cells over chains.

    Args:
        cell: ``elman``, ``gru`` or ``lstm``.
        input_size: numbers per input.
        hidden_size: numbers per state and direction.
        layers: how many, at least one.
        bidirectional: both directions; each layer then sees both of the layer below.
        dropout: share of the numbers between layers that training leaves out.

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
            raise InputError(f"{layers} layers: at least one is needed")
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
        start: Sequence[States] | None = None,
        backend: Backend = "levels",
    ) -> Result:
        """States of all steps.

        Args:
            batch: the sequences, of ``bidirectional`` directions if the layers are.
            x: ``[N, input_size]``, step after step, sequence after sequence.
            start: for each layer the states ``[B, output_size]`` that the chains start from, if
                the batch has them ``given``.
            backend: see ``treernn.engine.run``.

        Raises:
            InputError: inputs, starts and batch do not fit together.
        """
        self._check(batch, x, start)
        layers: list[tuple[States, ...]] = []
        below = [_permute(x, side.order, side.rank) for side in batch.directions]
        for number, cells in enumerate(self.layers):
            if layers:
                below = self._between(batch, layers[-1])
            states = []
            for at, (cell, side) in enumerate(zip(cells, batch.directions, strict=True)):  # type: ignore[call-overload]
                given = None if start is None else self._given(start[number], at, batch)
                states.append(run(cell, side.plan, below[at], backend, given))
            layers.append(tuple(states))
        return Result(batch, tuple(layers))

    def _between(self, batch: Chains, states: Sequence[States]) -> list[Tensor]:
        """A layer's states as the next one's inputs, in plan order."""
        share = self.dropout if self.training else 0.0
        if len(states) == 1:
            return [dropout(_steps(batch, states[0]), share)]
        rows = dropout(_rows(batch, states), share)
        return [_permute(rows, side.order, side.rank) for side in batch.directions]

    def _given(self, start: States, at: int, batch: Chains) -> States:
        """The part of ``start`` that direction ``at`` starts from, in plan order."""
        part = slice(at * self.hidden_size, (at + 1) * self.hidden_size)
        h, c = (
            None if state is None else state[:, part].index_select(0, batch.longest_first)
            for state in start
        )
        assert h is not None
        return States(h, c)

    def _check(self, batch: Chains, x: Tensor, start: Sequence[States] | None) -> None:
        directions = self.output_size // self.hidden_size
        if len(batch.directions) != directions:
            raise InputError(
                f"chains in {len(batch.directions)} direction(s) for layers of {directions}"
            )
        if len(x) != batch.num_steps:
            raise InputError(f"{len(x)} inputs for the {batch.num_steps} steps of the chains")
        if (start is not None) != batch.given:
            raise InputError(
                "the chains start from given states, and none are given"
                if batch.given
                else "states to start from, and chains that start from none: compile them given"
            )
        if start is not None:
            expected = [len(batch.lengths), self.output_size]
            shapes = [
                list(state.shape) for states in start for state in states if state is not None
            ]
            if len(start) != len(self.layers) or any(shape != expected for shape in shapes):
                raise InputError(
                    f"states to start from have shapes {shapes}, expected {expected} for each of "
                    f"the {len(self.layers)} layers"
                )


def _ends(batch: Chains, states: Sequence[States]) -> States:
    """The states in which chains end, the directions side by side."""

    def ends(tables: Sequence[Tensor | None]) -> Tensor | None:
        found = [
            table.index_select(0, side.ends)
            for table, side in zip(tables, batch.directions, strict=True)
            if table is not None
        ]
        return _beside(found) if found else None

    h = ends([state.h for state in states])
    assert h is not None
    return States(h, ends([state.c for state in states]))


def _rows(batch: Chains, states: Sequence[States]) -> Tensor:
    """The h of a layer as rows, the directions side by side."""
    sides = zip(states, batch.directions, strict=True)
    return _beside([_permute(_steps(batch, of), side.rank, side.order) for of, side in sides])


def _steps(batch: Chains, states: States) -> Tensor:
    """The h without those that were given, which come first."""
    return states.h[len(states.h) - batch.num_steps :]


def _beside(tables: list[Tensor]) -> Tensor:
    return tables[0] if len(tables) == 1 else torch.cat(tables, 1)


def _permute(x: Tensor, order: Tensor, rank: Tensor) -> Tensor:
    """``x[order]``, ``rank`` being the inverse of ``order``."""
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
