"""A scored text in a terminal: the tree of each sentence and the distributions."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from treernn.classes import PLACES
from treernn.palette import LOOKS
from treernn.printing import printable
from treernn.scoring.result import Result
from treernn.scoring.target import Target
from treernn.types import LABELS, Tree
from treernn.views.tree import SIGN_STYLES, WORD_STYLES, tree_lines

_BARS = " ▁▂▃▄▅▆▇█"


def result_lines(result: Result) -> Group:
    """Each sentence with its class, distribution and tree; the same of the text; problems."""
    parts: list[RenderableType] = []
    for sentence in result.sentences:
        parts.append(Text(printable(sentence.text), "bold"))
        parts += [_prediction(sentence.label, sentence.probabilities), _TreeView(sentence.tree)]
        parts.append(Text())
    if result.probabilities is not None and result.label is not None:
        overall = _prediction(result.label, result.probabilities)
        parts.append(Text(f"{'Overall':9}", "bold").append_text(overall))
    parts += [*map(note_line, result.problems)]
    return Group(*parts)


def target_line(target: Target) -> Text:
    """The sentiment toward a part of a text."""
    head = Text(f"Toward {printable(target.text)!r} ", "bold")
    return head.append_text(_prediction(target.label, target.probabilities))


def note_line(problem: str) -> Text:
    """What is to be said of a text."""
    return Text(f"Note: {printable(problem)}", "italic")


class _TreeView:
    """A tree as wide as the console."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from tree_lines(self.tree, options.max_width)


def _prediction(label: str, probabilities: Sequence[float]) -> Text:
    """The class, then each probability with a bar of one character."""
    index = LABELS.index(label)
    line = Text.assemble((f" {LOOKS[index].sign} {label} ", SIGN_STYLES[index]), "   ")
    for place, value in zip(PLACES[len(probabilities)], probabilities, strict=True):
        look, style = LOOKS[place], WORD_STYLES[place]
        bar = _BARS[round(value * (len(_BARS) - 1))]
        line.append(f"{look.sign} ", style).append(bar, style).append(f"{value:4.0%}   ")
    return line
