"""Explanations of a result in a terminal: one line each, with a bar for its influence."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from treernn.printing import printable
from treernn.scoring.explain import Explanation

_BAR_WIDTH = 6


def explanation_lines(explanations: Sequence[Explanation]) -> Group:
    """Sentences under "Sentences that weigh most", if there are any; phrases under "Why"."""
    sentences = [item for item in explanations if item.kind == "sentence"]
    phrases = [item for item in explanations if item.kind != "sentence"]
    parts: list[RenderableType] = []
    if sentences:
        parts += [Text("Sentences that weigh most", "bold"), _bars(sentences)]
    parts += [Text("Why", "bold"), _bars(phrases) if phrases else Text("no phrase stands out")]
    return Group(*parts)


def _bars(explanations: Sequence[Explanation]) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column()
    largest = max(item.influence for item in explanations) or 1
    for item in explanations:
        bar = "━" * max(1, round(_BAR_WIDTH * item.influence / largest))
        table.add_row(Text(f"{bar:{_BAR_WIDTH}}", "dim"), Text(printable(item.text)))
    return table
