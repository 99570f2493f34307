"""Parse trees for the terminal, a word a line, the root at the left.

A class shows as a sign and a colour, so that a tree also reads without colours. The colours are
those in which the Stanford Sentiment Treebank was published, red to blue: red and green are one
colour to many people.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.style import Style
from rich.text import Text

from treernn.scoring.result import Result, Sentence
from treernn.types import LABELS, UNLABELLED, Tree

SIGNS = ("−−", "−", "0", "+", "++")
_CHIPS = (
    Style(color="#ffffff", bgcolor="#b2182b", bold=True),
    Style(color="#3b0a0f", bgcolor="#f4a582", bold=True),
    Style(dim=True),
    Style(color="#08263f", bgcolor="#92c5de", bold=True),
    Style(color="#ffffff", bgcolor="#2166ac", bold=True),
)
_WORDS = (
    Style(color="#d6303f", bold=True),
    Style(color="#e08214"),
    Style(),
    Style(color="#4393c3"),
    Style(color="#2f7fd0", bold=True),
)
_LINES = Style(dim=True)
_LEVELS = " ▁▂▃▄▅▆▇█"
_ROOM_FOR_WORDS = 24


def review(result: Result) -> Group:
    """A text for the terminal: each sentence with its tree, then the whole, then the problems."""
    parts: list[object] = []
    for sentence in result.sentences:
        parts += [_heading(sentence), SentenceTree(sentence), Text()]
    if result.probabilities is not None and result.label is not None:
        line = Text.assemble((f"{'Overall':9}", "bold"), _verdict(result.label))
        parts.append(line.append_text(_distribution(result.probabilities)))
    parts += [Text(f"Note: {problem}", "italic") for problem in result.problems]
    return Group(*parts)  # type: ignore[arg-type]


class SentenceTree:
    """A sentence's tree, as wide as the console.

    Of a tree too deep for it the deepest phrases show as a whole.
    """

    def __init__(self, sentence: Sentence) -> None:
        self.sentence = sentence

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from lines(self.sentence.tree, options.max_width)


def lines(tree: Tree, width: int) -> list[Text]:
    """A tree in lines of at most ``width`` cells; a line stands where a node has no label."""
    room = width - _ROOM_FOR_WORDS
    # A level is two cells for the sign, one for the line, and a blank if there is room.
    step = max(3, min(4, room // (_depth(tree) + 1)))
    deepest = max(0, room // step - 1)
    fork, only, last, more, rail, blank = (f"{line:{step - 2}}" for line in "┬─└├│ ")
    num_words, spans = len(tree.words), tree.spans()

    line = Text()
    found = []
    # What is still to be drawn: a node, its depth, what stands before it on its line (None where
    # it goes on with its parent's line), and what stands before the lines below it.
    pending: list[tuple[int, int, str | None, str]] = [(tree.root, 0, None, "")]
    while pending:
        node, depth, before, below = pending.pop()
        if before is not None:
            found.append(line)
            line = Text().append(before, _LINES)
        label = tree.labels[node] if tree.labels else UNLABELLED
        if label == UNLABELLED:
            line.append("──", _LINES)
        else:
            line.append(SIGNS[label], _CHIPS[label])
            line.append(" " * (2 - len(SIGNS[label])))
        if node < num_words or depth == deepest:
            start, end = spans[node]
            phrase = printable(" ".join(tree.words[start:end]))
            line.append(" ").append(phrase, Style() if label == UNLABELLED else _WORDS[label])
            continue
        first, *others = tree.children[node - num_words]
        line.append(fork if others else only, _LINES)
        below += "  "
        for place, child in enumerate(reversed(others)):
            corner, under = (more, rail) if place else (last, blank)
            pending.append((child, depth + 1, below + corner, below + under))
        pending.append((first, depth + 1, None, below + (rail if others else blank)))
    found.append(line)
    for line in found:
        line.truncate(width, overflow="ellipsis")
    return found


def _depth(tree: Tree) -> int:
    """Edges between the root and the deepest word."""
    heights = [0] * len(tree.words)
    for below in tree.children:
        heights.append(1 + max(heights[child] for child in below))
    return heights[-1]


def _heading(sentence: Sentence) -> Group:
    line = _verdict(sentence.label).append_text(_distribution(sentence.probabilities))
    return Group(Text(printable(sentence.text), "bold"), line)


def _verdict(label: str) -> Text:
    number = LABELS.index(label)
    return Text.assemble((f" {SIGNS[number]} {label} ", _CHIPS[number]), "   ")


def _distribution(values: Sequence[float]) -> Text:
    """The five probabilities, each with a bar of one character."""
    line = Text()
    for sign, style, value in zip(SIGNS, _WORDS, values, strict=True):
        bar = _LEVELS[round(value * (len(_LEVELS) - 1))]
        line.append(f"{sign} ", style).append(bar, style).append(f"{value:4.0%}   ")
    return line


def printable(text: str) -> str:
    """Text that a terminal prints as it stands, on one line."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
