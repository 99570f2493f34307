"""Run a cell over a plan: ``run(cell, plan, inputs)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treernn.lazy import lazy_exports

if TYPE_CHECKING:
    from treernn.engine.backends import Backend as Backend
    from treernn.engine.backends import run as run
    from treernn.engine.inference_mode import inference as inference

__all__, __getattr__, __dir__ = lazy_exports(__name__)
