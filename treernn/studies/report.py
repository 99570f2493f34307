"""What a study found: plain values and tables for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import RenderableType
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Report:
    """The results of a study.

    Attributes:
        values: plain, for JSON.
        table: for the terminal; one or several.
    """

    values: Any
    table: RenderableType


def table(
    metadata: Mapping[str, Any], titles: Sequence[str], left_aligned: int = 1, **style: Any
) -> Table:
    """A table without rows.

    Args:
        metadata: settings and machine, shown below the table.
        titles: of the columns.
        left_aligned: how many of them, from the first on; figures are right-aligned.
        style: see ``rich.table.Table``.
    """
    caption = "  ".join(f"{key} {value}" for key, value in metadata.items())
    empty = Table(caption=caption, **style)
    for index, title in enumerate(titles):
        empty.add_column(title, justify="left" if index < left_aligned else "right")
    return empty
