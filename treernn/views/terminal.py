"""Parts of the views in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any

from rich.table import Table
from rich.text import Text

from treernn.printing import shown


def new_table(title: str, columns: Sequence[str]) -> Table:
    """A table with names in the first column and figures in the others; figures are never cut."""
    # As texts: in strings rich takes brackets for styles.
    table = Table(title=Text(shown(title), "table.title"), title_justify="left")
    table.add_column(Text(shown(columns[0])), no_wrap=True)
    for column in columns[1:]:
        table.add_column(
            Text(shown(column)), justify="right", min_width=max(5, *map(len, column.split()))
        )
    return table


def heading(metadata: Mapping[str, Any]) -> str:
    """Names and values on one line."""
    return "   ".join(f"{name}: {value}" for name, value in metadata.items())


def number(value: float, float_format: str = ".1f", unit: str = "") -> str:
    """A figure, or a dash for NaN.

    >>> number(1.25, "+.2f", " %"), number(float("nan"))
    ('+1.25 %', '–')
    """
    return "–" if isnan(value) else f"{value:{float_format}}{unit}"
