"""Run a cell over a plan: ``run(cell, plan, inputs)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treernn.lazy import lazy_exports

if TYPE_CHECKING:
    from treernn.engine.engine import Backend as Backend
    from treernn.engine.engine import inference as inference
    from treernn.engine.engine import run as run

__all__, __getattr__, __dir__ = lazy_exports(__name__)
