"""The readable backend: message passing (Gilmer et al. 2017) over dgl, one frontier at a time.

Children send their states along the edges; a node reduces its mailbox with ``cell.forward``, the
definition of the cell. torch differentiates it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from treernn.cells.cell import Cell, States
from treernn.structure.plan import Plan, graph_library


def run_dgl(cell: Cell, plan: Plan, inputs: Tensor, given: States | None = None) -> States:
    """See ``treernn.engine.run``.

    Raises:
        InputError: dgl cannot be imported, or more children than the cell has slots.
    """
    graph = graph_library("dgl").of_plan(plan)
    if cell.arity is not None:
        plan.at_slots(cell.arity)  # says so where the children do not fit
    fields = ("h", "c") if cell.has_memory else ("h",)

    def message(edges: Any) -> dict[str, Tensor]:
        return {name: edges.src[name] for name in fields} | {"slot": edges.data["slot"]}

    def reduce(nodes: Any) -> dict[str, Tensor]:
        """All nodes of one frontier with equally many children; a mailbox is ``[n, k, …]``."""
        children = nodes.mailbox
        below = [_at_slots(children[name], children["slot"], cell.arity) for name in fields]
        return dict(zip(fields, cell.forward(nodes.data["x"], *below), strict=False))

    first = plan.num_leaves if given else 0
    graph.ndata["x"] = F.pad(inputs, (0, 0, first, plan.num_nodes - first - len(inputs)))
    if given is None:
        leaves = graph.ndata["x"][: plan.num_leaves]
        sizes = {"h": cell.hidden_size, "c": cell.memory_size}
        nobody = (leaves.new_zeros(len(leaves), cell.arity or 0, sizes[name]) for name in fields)
        given = States(*cell.forward(leaves, *nobody))
    for name, state in zip(fields, given, strict=False):
        assert state is not None
        graph.ndata[name] = F.pad(state, (0, 0, 0, plan.num_nodes - plan.num_leaves))
    nodes = torch.arange(plan.num_nodes, device=inputs.device)
    graph.prop_nodes([nodes[level.nodes] for level in plan.levels], message, reduce)
    return States(graph.ndata["h"], graph.ndata["c"] if cell.has_memory else None)


def _at_slots(states: Tensor, slots: Tensor, arity: int | None) -> Tensor:
    """The states in a mailbox in the order of their slots, zero where a slot is empty; without
    slots (Child-Sum) as they came."""
    if arity is None:
        return states
    table = states.new_zeros(len(states), arity, states.shape[2])
    return table.scatter(1, slots.unsqueeze(2).expand_as(states), states)
