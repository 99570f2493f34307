"""The fast backend: a whole level at a time, with the backward pass written out.

One product for all inputs, one per level for all children, results written in place into
buffers that outlive the step, and each weight's gradient as one product at the end.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from treernn.cells.cell import Cell, States, Tape
from treernn.cells.workspace import borrow, give_back
from treernn.errors import InputError
from treernn.structure import Plan


def run_levels(
    cell: Cell, plan: Plan, inputs: Tensor, initial_states: States | None = None
) -> States:
    """See ``treernn.engine.run``."""
    return States(
        *_Run.apply(cell, plan, inputs, *(initial_states or (None, None)), *cell.weights())
    )


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
            # Inputs, weights and results are saved so that torch notices when they are changed
            # between the passes.
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
                "a second backward pass over one run of the engine: its buffers are in use again; "
                "add the losses up and go back once"
            )
        _ = ctx.saved_tensors
        ctx.tape = None
        tape.turn(*grads)
        cell.local_gradients(tape)
        for level in reversed(tape.plan.levels):
            cell.backward_level(tape, level)
        d_inputs, *d_weights = cell.weight_gradients(tape)
        d_initial: tuple[Tensor | None, ...] = None, None
        if tape.has_initial_states:
            d_h = tape.arriving(tape.leaves).clone()
            d_initial = d_h, tape.arriving_memory(tape.leaves).clone() if cell.has_memory else None
        give_back(tape.work)
        return None, None, d_inputs, *d_initial, *d_weights
