"""A parse tree in a terminal: the root at the left, one word per line.

A class is shown by a sign and a color, see ``treernn.palette``.
"""

from __future__ import annotations

from rich.style import Style
from rich.text import Text

from treernn.palette import LOOKS
from treernn.printing import printable
from treernn.types import UNLABELLED, Tree

_STRONG = (True, False, False, False, True)
SIGN_STYLES = tuple(
    Style(color=look.ink, bgcolor=look.paper, bold=True) if look.paper else Style(dim=True)
    for look in LOOKS
)
WORD_STYLES = tuple(
    Style(color=look.word or None, bold=strong or None)
    for look, strong in zip(LOOKS, _STRONG, strict=True)
)
_EDGE_STYLE = Style(dim=True)
_MIN_WORD_WIDTH = 24


def tree_lines(tree: Tree, width: int) -> list[Text]:
    """A tree in lines of at most ``width`` cells.

    Unlabelled nodes are shown as a line. If the tree is too deep for the width, the deepest phrases
    are shown without their nodes.
    """
    # A level takes two cells for the sign, one for the edge, and a blank if there is space.
    level_width = max(3, min(4, (width - _MIN_WORD_WIDTH) // (tree.depth() + 1)))
    max_depth = max(0, (width - _MIN_WORD_WIDTH) // level_width - 1)
    fork, unary, last, middle, rail, blank = (f"{edge:{level_width - 2}}" for edge in "┬─└├│ ")
    num_words, spans = len(tree.words), tree.spans()

    lines = [Text()]
    # Stack of nodes to draw: node, depth, prefix of its line (None: on the line of its parent),
    # prefix of the lines of its descendants.
    stack: list[tuple[int, int, str | None, str]] = [(tree.root, 0, None, "")]
    while stack:
        node, depth, prefix, indent = stack.pop()
        if prefix is not None:
            lines.append(Text().append(prefix, _EDGE_STYLE))
        line = lines[-1]
        label = tree.labels[node] if tree.labels else UNLABELLED
        if label == UNLABELLED:
            line.append("──", _EDGE_STYLE)
        else:
            sign = LOOKS[label].sign
            line.append(sign, SIGN_STYLES[label])
            line.append(" " * (2 - len(sign)))
        if node < num_words or depth == max_depth:
            start, end = spans[node]
            phrase = printable(" ".join(tree.words[start:end]))
            line.append(" ").append(phrase, Style() if label == UNLABELLED else WORD_STYLES[label])
            continue
        first, *others = tree.children[node - num_words]
        line.append(fork if others else unary, _EDGE_STYLE)
        indent += "  "
        for from_last, child in enumerate(reversed(others)):
            corner, below = (middle, rail) if from_last else (last, blank)
            stack.append((child, depth + 1, indent + corner, indent + below))
        stack.append((first, depth + 1, None, indent + (rail if others else blank)))
    for line in lines:
        line.truncate(width, overflow="ellipsis")
    return lines
