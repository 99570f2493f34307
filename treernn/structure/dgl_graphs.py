"""Graphs of DGL. The only module that imports dgl.

Raises ImportError where dgl is missing or was built for another torch.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

import numpy as np
import torch

from treernn.errors import InputError


@contextlib.contextmanager
def _without_graphbolt() -> Iterator[None]:
    """Import dgl without its loaders of large graphs: dgl 2 imports them on import, and they load a
    library that exists for a few versions of torch only."""
    name = "dgl.graphbolt"
    if "dgl" in sys.modules or name in sys.modules:
        yield
        return
    sys.modules[name] = ModuleType(name)
    try:
        yield
    finally:  # who wants it imports the real one
        del sys.modules[name]


# On import dgl chooses a backend, prints, and writes a settings file unless this is set.
os.environ.setdefault("DGLBACKEND", "pytorch")
with (
    contextlib.redirect_stdout(io.StringIO()),
    contextlib.redirect_stderr(io.StringIO()),
    warnings.catch_warnings(action="ignore"),  # Python 3.12 warns of backslashes in its docstrings
    _without_graphbolt(),
):
    import dgl as dgl

Ends = np.ndarray | torch.Tensor


def graph(children: Ends, parents: Ends, num_nodes: int) -> Any:
    """The ``dgl.DGLGraph`` with these edges, from child to parent."""
    ends = torch.as_tensor(children), torch.as_tensor(parents)
    return dgl.graph(ends, num_nodes=num_nodes)


def batch(graphs: Sequence[Any]) -> Any:
    """One graph of all; nodes and edges follow those of the graphs before."""
    return dgl.batch(graphs, ndata=None, edata=None)


def edges_and_levels(graph: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """``[E]`` children and ``[E]`` parents, and ``[N]`` the longest path from each node down to a
    leaf; int64.

    Raises:
        InputError: the graph has a cycle.
    """
    level = np.empty(graph.num_nodes(), dtype=np.int64)
    try:
        for height, frontier in enumerate(dgl.topological_nodes_generator(graph)):
            level[frontier.numpy()] = height
    except dgl.DGLError:
        raise InputError("the structure has a cycle") from None
    children, parents = graph.edges()
    return children.numpy(), parents.numpy(), level
