"""What turned a verdict, for the terminal: a line each, the most influential first.

A bar shows the influence beside the largest of its group.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from treernn.scoring.explain import Explanation
from treernn.views.tree import printable

_WIDTH = 6


def explanation(found: Sequence[Explanation]) -> Group:
    """Lines under "Sentences that weigh most", where there are such, and under "Why"."""
    sentences = [each for each in found if each.kind == "sentence"]
    phrases = [each for each in found if each.kind != "sentence"]
    parts: list[Text | Table] = []
    if sentences:
        parts += [Text("Sentences that weigh most", "bold"), _lines(sentences)]
    parts += [Text("Why", "bold"), _lines(phrases) if phrases else Text("no phrase stands out")]
    return Group(*parts)


def _lines(found: Sequence[Explanation]) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column()
    largest = max(each.influence for each in found) or 1
    for each in found:
        bar = "━" * max(1, round(_WIDTH * each.influence / largest))
        table.add_row(Text(f"{bar:{_WIDTH}}", "dim"), Text(printable(each.text)))
    return table
