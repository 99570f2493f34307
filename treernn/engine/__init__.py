"""Levels: merging states up the graph, by two backends."""

from __future__ import annotations

from typing import Literal

from torch import Tensor

from treernn.cells.cell import Cell, States
from treernn.engine.levels import run_levels
from treernn.errors import InputError
from treernn.structure.plan import Plan

Backend = Literal["levels", "dgl"]


def run(
    cell: Cell,
    plan: Plan,
    inputs: Tensor,
    backend: Backend = "levels",
    given: States | None = None,
) -> States:
    """Merge states from the leaves of ``plan`` to its roots.

    Args:
        cell: weights and merge rule, on the device of ``inputs``.
        plan: a compiled batch, on the same device.
        inputs: ``[m, input_size]``, what each of the first m plan nodes sees; the others see
            nothing (x = 0). For a parse tree m is ``plan.num_leaves``, for a chain all nodes.
            Where states are ``given``, m is counted from the first inner node.
        backend: ``"levels"``, the fast one, or ``"dgl"``, message passing by dgl.
        given: the states of the nodes without children, h ``[plan.num_leaves, hidden_size]`` and
            c ``[plan.num_leaves, memory_size]``, where they come from elsewhere: a decoder starts
            from what the encoder ended with.

    Returns:
        The states of all nodes, in plan order; differentiable once.

    Raises:
        InputError: inputs or given states of a wrong shape, type or device, more children than
            the cell has slots, no such backend, or dgl cannot be imported.

    >>> import torch
    >>> from treernn.cells.lstm import LSTM
    >>> from treernn.structure.plan import compile_plan, graph_library
    >>> from treernn.structure.builders import tree
    >>> from treernn.types import Tree
    >>> library = graph_library()
    >>> graph = library.build(tree(Tree(("not", "bad", "."), ((0, 1), (3, 2)))))
    >>> plan = compile_plan([graph], library)
    >>> states = run(LSTM(4, 6), plan, torch.zeros(plan.num_leaves, 4))
    >>> states.h.shape, states.c.shape
    (torch.Size([5, 6]), torch.Size([5, 6]))
    """
    rows, which = plan.num_nodes, "nodes"
    if given is not None:
        rows, which = plan.num_inner, "nodes with children"
    if inputs.dim() != 2 or inputs.shape[1] != cell.input_size or len(inputs) > rows:
        raise InputError(
            f"inputs have shape {list(inputs.shape)}, expected at most {rows} rows "
            f"(the plan's {which}) of {cell.input_size} numbers (the cell's input size)"
        )
    weight = cell.weight_input
    if given is not None:
        _check_given(cell, plan, given)
    for name, device in ("inputs", inputs.device), ("plan", plan.order.device):
        if device != weight.device:
            raise InputError(f"{name} on {device}, the cell on {weight.device}")
    if inputs.dtype != weight.dtype:
        raise InputError(f"inputs are {inputs.dtype}, the cell is {weight.dtype}")
    if backend == "levels":
        return run_levels(cell, plan, inputs, given)
    if backend != "dgl":
        raise InputError(f"no backend {backend!r}, expected levels or dgl")
    from treernn.engine.dgl import run_dgl

    return run_dgl(cell, plan, inputs, given)


def _check_given(cell: Cell, plan: Plan, given: States) -> None:
    for name, state, needed, which, size in (
        ("h", given.h, True, "hidden", cell.hidden_size),
        ("c", given.c, cell.has_memory, "memory", cell.memory_size),
    ):
        expected = [plan.num_leaves, size]
        if (state is not None) != needed:
            raise InputError(f"given states have {'no' if needed else 'a'} {name}")
        if state is None:
            continue
        if list(state.shape) != expected:
            raise InputError(
                f"given {name} has shape {list(state.shape)}, expected {expected} (the plan's "
                f"nodes without children, the cell's {which} size)"
            )
        weight = cell.weight_input
        if state.dtype != weight.dtype or state.device != weight.device:
            raise InputError(
                f"given {name} is {state.dtype} on {state.device}, the cell {weight.dtype} on "
                f"{weight.device}"
            )
