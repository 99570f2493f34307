"""Tables in files, row by row: CSV, TSV, JSON lines, plain text and Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treernn.lazy import lazy_exports

if TYPE_CHECKING:
    from treernn.tables.lines import Record as Record
    from treernn.tables.open import FORMATS as FORMATS
    from treernn.tables.open import Table as Table
    from treernn.tables.open import format_of as format_of
    from treernn.tables.open import open_table as open_table

__all__, __getattr__, __dir__ = lazy_exports(__name__)
