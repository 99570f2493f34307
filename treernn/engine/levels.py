"""The fast backend: a level at a time, with the backward pass written out.

One product for all inputs and one per level for all children, results in place in buffers that
later steps reuse, and the gradient of each weight as one product at the end.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from treernn.cells import Cell, States
from treernn.cells.cell import Tape
from treernn.cells.workspace import borrow, give_back
from treernn.errors import InputError
from treernn.structure import Plan


def run_levels(
    cell: Cell, plan: Plan, inputs: Tensor, initial_states: States | None = None
) -> States:
    """See ``treernn.engine.run``."""
    initial_h, initial_c = initial_states or (None, None)
    return States(*_Run.apply(cell, plan, inputs, initial_h, initial_c, *cell.weights()))


class _Run(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        cell: Cell,
        plan: Plan,
        inputs: Tensor,
        initial_h: Tensor | None,
        initial_c: Tensor | None,
        *weights: Tensor,
    ) -> Any:
        initial_states = None if initial_h is None else States(initial_h, initial_c)
        tape = Tape(cell, plan, borrow(inputs), inputs, weights, initial_states)
        cell.start(tape)
        for level in plan.levels:
            cell.forward_level(tape, level)
        states = tape.h[:-1], tape.c[:-1] if cell.has_memory else None
        if any(ctx.needs_input_grad):
            # Saved so that torch raises if they are modified before the backward pass.
            ctx.save_for_backward(inputs, *weights, *states)
            ctx.set_materialize_grads(False)
            ctx.cell, ctx.tape = cell, tape
        else:
            give_back(tape.work)
        return states

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        cell, tape = ctx.cell, ctx.tape
        if tape is None:
            raise InputError(
                "a second backward pass over one run of the engine, whose buffers are reused: "
                "add up the losses and call backward once"
            )
        _ = ctx.saved_tensors  # raises if they were modified
        ctx.tape = None
        tape.start_backward(*grads)
        cell.local_gradients(tape)
        for level in reversed(tape.plan.levels):
            cell.backward_level(tape, level)
        input_grad, *weight_grads = cell.weight_gradients(tape)
        initial_h_grad = initial_c_grad = None
        if tape.has_initial_states:
            initial_h_grad = tape.h_grad(tape.leaves).clone()
            initial_c_grad = tape.c_grad(tape.leaves).clone() if cell.has_memory else None
        give_back(tape.work)
        return None, None, input_grad, initial_h_grad, initial_c_grad, *weight_grads
