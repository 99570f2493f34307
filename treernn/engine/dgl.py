"""The readable backend: message passing (Gilmer et al. 2017) with dgl, one level at a time.

Children send their states along the edges, and a node merges the states in its mailbox with
``cell.forward``, the definition of the cell. torch differentiates it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from treernn.cells import Cell, States
from treernn.structure import Plan
from treernn.structure.compile import dgl_is_available


def run_dgl(cell: Cell, plan: Plan, inputs: Tensor, initial_states: States | None = None) -> States:
    """See ``treernn.engine.run``.

    Raises:
        InputError: dgl cannot be imported, or more children than the cell has slots.
    """
    dgl_is_available(required=True)
    from treernn.structure import dgl_graphs

    if cell.arity is not None:
        plan.at_slots(cell.arity)  # raises where the children do not fit
    graph = dgl_graphs.graph(plan.children, plan.edge_parents + plan.num_leaves, plan.num_nodes)
    graph.edata["slot"] = plan.slots
    fields = ("h", "c") if cell.has_memory else ("h",)

    def message(edges: Any) -> dict[str, Tensor]:
        return {name: edges.src[name] for name in fields} | {"slot": edges.data["slot"]}

    def reduce(nodes: Any) -> dict[str, Tensor]:
        """Nodes of one level with the same number k of children; a mailbox is ``[n, k, …]``."""
        slots = nodes.mailbox["slot"]
        children = [_by_slot(nodes.mailbox[name], slots, cell.arity) for name in fields]
        return dict(zip(fields, cell.forward(nodes.data["x"], *children), strict=False))

    first = plan.num_leaves if initial_states else 0
    graph.ndata["x"] = F.pad(inputs, (0, 0, first, plan.num_nodes - first - len(inputs)))
    if initial_states is None:
        x = graph.ndata["x"][: plan.num_leaves]
        sizes = (cell.hidden_size, cell.memory_size)[: len(fields)]
        no_children = [x.new_zeros(len(x), cell.arity or 0, size) for size in sizes]
        initial_states = States(*cell.forward(x, *no_children))
    for name, state in zip(fields, initial_states, strict=False):
        assert state is not None
        graph.ndata[name] = F.pad(state, (0, 0, 0, plan.num_inner))
    nodes = torch.arange(plan.num_nodes, device=inputs.device)
    graph.prop_nodes([nodes[level.nodes] for level in plan.levels], message, reduce)
    return States(graph.ndata["h"], graph.ndata["c"] if cell.has_memory else None)


def _by_slot(states: Tensor, slots: Tensor, arity: int | None) -> Tensor:
    """The states of a mailbox ordered by slot, with zeros in empty slots; in any order for
    Child-Sum."""
    if arity is None:
        return states
    table = states.new_zeros(len(states), arity, states.shape[2])
    return table.scatter(1, slots.unsqueeze(2).expand_as(states), states)
