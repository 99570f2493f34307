"""Cells: shared weights and a rule that merges the states of a node's children."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treernn.lazy import lazy_exports

if TYPE_CHECKING:
    from treernn.cells.cell import Cell as Cell
    from treernn.cells.child_sum_lstm import ChildSumLSTM as ChildSumLSTM
    from treernn.cells.elman import Elman as Elman
    from treernn.cells.gru import GRU as GRU
    from treernn.cells.lstm import LSTM as LSTM
    from treernn.cells.matrix_vector import MatrixVector as MatrixVector
    from treernn.cells.rntn import RNTN as RNTN
    from treernn.cells.tape import States as States

    CELLS: dict[str, type[Cell]]
    CHAIN_CELLS: dict[str, type[Cell]]


def _cells() -> dict[str, type[Cell]]:
    """All exported cells by name."""
    exports = [__getattr__(name) for name in __all__ if name not in ("CELLS", "CHAIN_CELLS")]
    return {cell.name: cell for cell in exports if hasattr(cell, "name")}


def _chain_cells() -> dict[str, type[Cell]]:
    """Those that torch has a recurrent net for."""
    return {name: cell for name, cell in _cells().items() if cell.torch_counterpart}


__all__, __getattr__, __dir__ = lazy_exports(__name__, CELLS=_cells, CHAIN_CELLS=_chain_cells)
