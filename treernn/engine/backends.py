"""``run`` merges states from leaves to roots, with one of two backends."""

from __future__ import annotations

from typing import Literal

from torch import Tensor

from treernn.cells import Cell, States
from treernn.engine.levels import run_levels
from treernn.errors import InputError
from treernn.structure import Plan

Backend = Literal["levels", "dgl"]


def run(
    cell: Cell,
    plan: Plan,
    inputs: Tensor,
    backend: Backend = "levels",
    initial_states: States | None = None,
) -> States:
    """Merge states from the leaves of ``plan`` to its roots.

    Args:
        cell: weights and merge rule.
        plan: a compiled batch, on the cell's device.
        inputs: ``[m, input_size]``, of the cell's type and device: the inputs of the first m plan
            nodes; the others have none (x = 0). For a parse tree m is ``plan.num_leaves``, for a
            chain ``plan.num_nodes``. With ``initial_states`` the inputs begin at the first inner
            node.
        backend: ``"levels"``, the fast one, or ``"dgl"``, message passing with dgl.
        initial_states: the states of the leaves, instead of computing them: h
            ``[plan.num_leaves, hidden_size]`` and c ``[plan.num_leaves, memory_size]``. A decoder
            starts from the final states of its encoder.

    Returns:
        The states of all nodes, in plan order. They can be differentiated once.

    Raises:
        InputError: inputs or initial states of a wrong shape, type or device, more children than
            the cell has slots, no such backend, or dgl cannot be imported.

    >>> import torch
    >>> from treernn.cells import LSTM
    >>> from treernn.structure import compile_plan, tree
    >>> from treernn.types import Tree
    >>> plan = compile_plan([tree(Tree(("not", "bad", "."), ((0, 1), (3, 2))))])
    >>> states = run(LSTM(4, 6), plan, torch.zeros(plan.num_leaves, 4))
    >>> states.h.shape, states.c.shape
    (torch.Size([5, 6]), torch.Size([5, 6]))
    """
    weight = cell.weight_input
    rows, nodes = plan.num_nodes, "nodes"
    if initial_states is not None:
        _check_initial_states(cell, plan, initial_states)
        rows, nodes = plan.num_inner, "inner nodes"
    if inputs.dim() != 2 or inputs.shape[1] != cell.input_size or len(inputs) > rows:
        raise InputError(
            f"inputs have shape {list(inputs.shape)}, expected [m, {cell.input_size}]: m at most "
            f"{rows}, the plan's {nodes}, and {cell.input_size}, the cell's input size"
        )
    for name, device in ("inputs", inputs.device), ("plan", plan.order.device):
        if device != weight.device:
            raise InputError(f"{name} on {device}, the cell on {weight.device}")
    if inputs.dtype != weight.dtype:
        raise InputError(f"inputs are {inputs.dtype}, the cell is {weight.dtype}")
    if backend == "levels":
        return run_levels(cell, plan, inputs, initial_states)
    if backend != "dgl":
        raise InputError(f"no backend {backend!r}, expected levels or dgl")
    from treernn.engine.dgl import run_dgl

    return run_dgl(cell, plan, inputs, initial_states)


def _check_initial_states(cell: Cell, plan: Plan, states: States) -> None:
    weight = cell.weight_input
    memory_size = cell.memory_size if cell.has_memory else None
    for name, state, size in ("h", states.h, cell.hidden_size), ("c", states.c, memory_size):
        if (state is None) != (size is None):
            raise InputError(f"initial states have {'no' if state is None else 'a'} {name}")
        if state is None:
            continue
        if list(state.shape) != [plan.num_leaves, size]:
            raise InputError(
                f"initial {name} has shape {list(state.shape)}, expected {[plan.num_leaves, size]}"
                ": the plan's leaves and the cell's size"
            )
        if state.dtype != weight.dtype or state.device != weight.device:
            raise InputError(
                f"initial {name} is {state.dtype} on {state.device}, the cell {weight.dtype} on "
                f"{weight.device}"
            )
