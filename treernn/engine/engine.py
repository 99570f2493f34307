"""``run`` merges states from leaves to roots, level by level, with the steps of the cell or with
those of ``triton``; the backend of its definition is in ``dgl``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import torch
from torch import Tensor, nn

from treernn.cells import Cell, States
from treernn.cells.tape import Tape, borrow, give_back
from treernn.errors import InputError
from treernn.structure import Plan

Backend = Literal["auto", "levels", "triton", "dgl"]


def run(
    cell: Cell,
    plan: Plan,
    inputs: Tensor,
    backend: Backend = "auto",
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
        backend: ``"levels"``, a few operations of torch for each level; ``"triton"``, a kernel for
            each level of some cells on a CUDA device; ``"dgl"``, message passing with dgl;
            ``"auto"``, triton where it can run, else levels.
        initial_states: the states of the leaves, instead of computing them: h
            ``[plan.num_leaves, hidden_size]`` and c ``[plan.num_leaves, memory_size]``. A decoder
            starts from the final states of its encoder.

    Returns:
        The states of all nodes, in plan order. They can be differentiated once. Under autocast
        they are computed in the cell's type all the same.

    Raises:
        InputError: inputs or initial states of a wrong shape, type or device, more children than
            the cell has slots, no such backend, or a backend that cannot run here.

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
    if torch.is_autocast_enabled(weight.device.type):  # sums over a long chain need all bits
        inputs = inputs.to(weight.dtype)
        if initial_states is not None:
            h, c = initial_states
            initial_states = States(h.to(weight.dtype), None if c is None else c.to(weight.dtype))
        with torch.autocast(weight.device.type, enabled=False):
            return run(cell, plan, inputs, backend, initial_states)
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
    if backend == "dgl":
        from treernn.engine.dgl import run_dgl

        return run_dgl(cell, plan, inputs, initial_states)
    steps = _steps(cell, backend)
    if steps is cell:
        return _run_levels(steps, cell, plan, inputs, initial_states)
    with torch.cuda.device_of(inputs):  # triton launches on the current device
        return _run_levels(steps, cell, plan, inputs, initial_states)


def _steps(cell: Cell, backend: Backend) -> Any:
    """The object whose steps compute the levels: the cell itself, or its kernels."""
    if backend == "levels" or (backend == "auto" and not cell.weight_input.is_cuda):
        return cell
    if backend not in ("auto", "triton"):
        raise InputError(f"no backend {backend!r}, expected levels, triton or dgl")
    from treernn.engine.triton.available import kernels_of

    return kernels_of(cell, required=backend == "triton") or cell


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


def _run_levels(
    steps: Any, cell: Cell, plan: Plan, inputs: Tensor, initial_states: States | None
) -> States:
    """The backends ``levels`` and ``triton``: a level at a time.

    One product for all inputs and one per level for all children, results in place in buffers that
    later runs reuse.
    """
    weights = tuple(cell.parameters())
    initial_h, initial_c = initial_states or (None, None)
    tensors = (inputs, initial_h, initial_c, *weights)
    if torch.is_grad_enabled() and any(each is not None and each.requires_grad for each in tensors):
        return States(*_Levels.apply(steps, cell, plan, *tensors))
    tape = _forward(steps, cell, plan, inputs, weights, initial_states, is_recorded=False)
    give_back(tape.work)
    return _states(tape)


def _forward(
    steps: Any,
    cell: Cell,
    plan: Plan,
    inputs: Tensor,
    weights: tuple[Tensor, ...],
    initial_states: States | None,
    is_recorded: bool,
) -> Tape:
    tape = Tape(cell, plan, borrow(inputs), inputs, weights, initial_states, is_recorded)
    steps.start(tape)
    for level in plan.levels:
        steps.forward_level(tape, level)
    return tape


def _states(tape: Tape) -> States:
    return States(tape.h[:-1], tape.c[:-1] if tape.has_memory else None)


class _Levels(torch.autograd.Function):
    """``_run_levels`` with the backward pass written out, where the gradient of each weight is one
    product at the end."""

    @staticmethod
    def forward(
        ctx: Any,
        steps: Any,
        cell: Cell,
        plan: Plan,
        inputs: Tensor,
        initial_h: Tensor | None,
        initial_c: Tensor | None,
        *weights: Tensor,
    ) -> Any:
        initial_states = None if initial_h is None else States(initial_h, initial_c)
        tape = _forward(steps, cell, plan, inputs, weights, initial_states, is_recorded=True)
        states = tuple(_states(tape))
        # Saved so that torch raises if they are modified before the backward pass.
        ctx.save_for_backward(inputs, *weights, *states)
        ctx.set_materialize_grads(False)
        ctx.steps, ctx.tape = steps, tape
        return states

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        steps, tape = ctx.steps, ctx.tape
        if tape is None:
            raise InputError(
                "a second backward pass over one run of the engine, whose buffers are reused: "
                "add up the losses and call backward once"
            )
        _ = ctx.saved_tensors  # raises if they were modified
        ctx.tape = None
        tape.start_backward(*grads)
        steps.local_gradients(tape)
        for level in reversed(tape.plan.levels):
            steps.backward_level(tape, level)
        if not tape.has_initial_states:
            steps.backward_leaves(tape)
        input_grad, *weight_grads = steps.weight_gradients(tape)
        initial_h_grad = initial_c_grad = None
        if tape.has_initial_states:
            initial_h_grad = tape.h_grad(tape.leaves).clone()
            initial_c_grad = tape.c_grad(tape.leaves).clone() if tape.has_memory else None
        give_back(tape.work)
        return None, None, None, input_grad, initial_h_grad, initial_c_grad, *weight_grads


@contextmanager
def inference(model: nn.Module) -> Iterator[None]:
    """``model.eval()`` and ``torch.inference_mode()``; afterwards the model's mode is restored."""
    was_training = model.training
    if was_training:
        model.eval()
    try:
        with torch.inference_mode():
            yield
    finally:
        if was_training:
            model.train()
