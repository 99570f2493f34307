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
from treernn.structure.plan import Plan


def run_levels(cell: Cell, plan: Plan, inputs: Tensor) -> States:
    """See ``treernn.engine.run``."""
    states = _Run.apply(cell, plan, inputs, *cell.weights())
    return States(*states) if cell.has_memory else States(states, None)


class _Run(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, cell: Cell, plan: Plan, inputs: Tensor, *weights: Tensor) -> Any:
        tape = Tape(plan, borrow(inputs), inputs, weights)
        cell.begin(tape)
        for level in plan.levels:
            cell.up(tape, level)
        h = tape.h[:-1]
        results = (h, tape.c[:-1]) if cell.has_memory else (h,)
        if any(ctx.needs_input_grad):
            # Inputs, weights and results are saved so that torch notices when they are changed
            # between the passes.
            ctx.save_for_backward(inputs, *weights, *results)
            ctx.cell, ctx.tape = cell, tape
        else:
            give_back(tape.work)
        return results if cell.has_memory else h

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        _ = ctx.saved_tensors
        cell, tape = ctx.cell, ctx.tape
        if tape is None:
            raise InputError("a second backward pass over one run: its buffers are in use again")
        ctx.tape = None
        tape.dh = grads[0].clone(memory_format=torch.contiguous_format)
        if cell.has_memory:
            tape.dc = grads[1].clone(memory_format=torch.contiguous_format)
        cell.local(tape)
        for level in reversed(tape.plan.levels):
            cell.down(tape, level)
        results = cell.gradients(tape)
        give_back(tape.work)
        return None, None, *results
