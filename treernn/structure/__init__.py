"""Directed acyclic structures, and plans that are compiled from batches of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treernn.lazy import lazy_exports

if TYPE_CHECKING:
    from treernn.structure.builders import Structure as Structure
    from treernn.structure.builders import chain as chain
    from treernn.structure.builders import dependency as dependency
    from treernn.structure.builders import tree as tree
    from treernn.structure.compile import GraphLibrary as GraphLibrary
    from treernn.structure.compile import compile_chains as compile_chains
    from treernn.structure.compile import compile_plan as compile_plan
    from treernn.structure.plan import Plan as Plan

__all__, __getattr__, __dir__ = lazy_exports(__name__)
