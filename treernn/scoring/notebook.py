"""Results in a notebook: HTML with a tree in SVG for each sentence, without scripts.

Text is never markup. Lines and neutral nodes have the color of the surrounding text, so that a page
may be light or dark. A node shows its phrase and probabilities when the mouse is over it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from html import escape
from itertools import accumulate
from typing import Any, TypeAlias

from treernn.classes import PLACES, names
from treernn.palette import LOOKS
from treernn.printing import printable
from treernn.types import LABELS

# ``treernn.Result``, ``Sentence`` and ``Phrase``, which import this module.
Result: TypeAlias = Any
Sentence: TypeAlias = Any
Phrase: TypeAlias = Any

MAX_NODES = 3_000
"""Of the drawn trees of a result; further sentences have a line each."""

# In pixels; a cell is the width of a letter.
_RADIUS, _CELL, _GAP = 9.0, 7.9, 14
_LEVEL, _MAX_HEIGHT = 30, 900
_FONT = "font:13px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace"
_BOX = "font-family:system-ui,sans-serif;font-size:14px;line-height:1.5;margin:4px 0"


def results_html(results: Sequence[Result], limit: int = 100) -> str:
    """A line for each text, of at most ``limit``."""
    rows = [
        "<div>" + (_line(result) if result.scored else _problems(result.problems)) + "</div>"
        for result in results[:limit]
    ]
    if len(results) > limit:
        rows.append(f"<div>… and {len(results) - limit:,} more</div>")
    return _box(rows)


def result_html(result: Result) -> str:
    """The sentences with their trees, the class of the text, and what could not be scored."""
    parts, nodes = [], 0
    for sentence in result.sentences:
        nodes += sentence.tree.num_nodes
        parts.append(_sentence(sentence, nodes <= MAX_NODES or sentence is result.sentences[0]))
    if len(result.sentences) > 1:
        parts.append(f"<div><b>Overall</b> {_line(result, with_text=False)}</div>")
    return _box([*parts, _problems(result.problems)])


def sentence_html(sentence: Sentence) -> str:
    """A sentence with its tree."""
    return _box([_sentence(sentence)])


def _box(parts: Iterable[str]) -> str:
    return f'<div class="treernn" style="{_BOX}">{"".join(parts)}</div>'


def _sentence(sentence: Sentence, with_tree: bool = True) -> str:
    tree = f'<div style="overflow-x:auto">{_tree(sentence)}</div>' if with_tree else ""
    return f'<div style="margin-bottom:10px">{_line(sentence)}{tree}</div>'


def _line(scored: Result | Sentence, with_text: bool = True) -> str:
    """The class, a bar of the probabilities, and the text."""
    label, probabilities = str(scored.label), scored.probabilities or ()
    look = LOOKS[LABELS.index(label)]
    colors = f"color:{look.ink};background:{look.paper}" if look.paper else "border:1px solid"
    badge = (
        f'<span style="{colors};border-radius:4px;padding:0 6px;white-space:nowrap">'
        f"{look.sign} {label}</span>"
    )
    parts = "".join(
        f'<span style="display:inline-block;height:100%;width:{value:.1%};'
        f'background:{LOOKS[place].paper or "rgba(128,128,128,.35)"}"></span>'
        for place, value in zip(PLACES[len(probabilities)], probabilities, strict=True)
    )
    bar = (
        f'<span title="{_percentages(probabilities)}" style="display:inline-block;width:110px;'
        'height:10px;overflow:hidden;white-space:nowrap;font-size:0;margin:0 8px">'
        f"{parts}</span>"
    )
    return badge + bar + (escape(_shortened(scored.text)) if with_text else "")


def _problems(problems: Sequence[str]) -> str:
    return "".join(f"<div><i>Note: {escape(printable(each))}</i></div>" for each in problems)


def _percentages(probabilities: Sequence[float]) -> str:
    return ", ".join(
        f"{name} {value:.0%}"
        for name, value in zip(names(len(probabilities)), probabilities, strict=True)
    )


def _shortened(text: str, limit: int = 2_000) -> str:
    text = printable(text[: limit + 1])
    return text if len(text) <= limit else f"{text[:limit]}…"


def _tree(sentence: Sentence) -> str:
    """The root above, the words in a row below; the width is that of the words."""
    tree, phrases = sentence.tree, list(sentence.phrases())
    num_words = len(tree.words)
    words = [_shortened(phrase.text, 60) for phrase in phrases[:num_words]]
    widths = [max(2 * _RADIUS, _CELL * _cells(word)) + _GAP for word in words]
    xs = [end - width / 2 for end, width in zip(accumulate(widths), widths, strict=True)]
    levels = [0] * num_words
    for children in tree.children:
        xs.append((xs[children[0]] + xs[children[-1]]) / 2)
        levels.append(1 + max(levels[child] for child in children))
    top = _RADIUS + 2
    step = min(_LEVEL, _MAX_HEIGHT / (levels[-1] + 1))
    ys = [top + step * (levels[-1] - level) for level in levels]
    edges = [
        f"M{xs[parent]:.0f} {ys[parent] + _RADIUS:.0f}L{xs[child]:.0f} {ys[child] - _RADIUS:.0f}"
        for parent, children in enumerate(tree.children, num_words)
        for child in children
    ]
    bottom = ys[0] + _RADIUS + 16
    nodes = map(_node, xs, ys, tree.labels, phrases)
    leaves = (
        f'<text x="{x:.0f}" y="{bottom:.0f}">{escape(word)}</text>'
        for x, word in zip(xs, words, strict=False)
    )
    width, height = round(sum(widths)), round(bottom + 8)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'style="{_FONT};max-width:none" text-anchor="middle" fill="currentColor" role="img">'
        f'<path d="{"".join(edges)}" stroke="currentColor" stroke-opacity=".4" fill="none"/>'
        f"{''.join(nodes)}{''.join(leaves)}</svg>"
    )


def _node(x: float, y: float, label: int, phrase: Phrase) -> str:
    """A circle with the sign of its class, and its phrase as a tooltip."""
    look = LOOKS[label]
    colors = (
        f'fill="{look.paper}"'
        if look.paper
        else 'fill="none" stroke="currentColor" stroke-opacity=".4"'
    )
    ink = look.ink or "currentColor"
    title = f"{_shortened(phrase.text, 200)}\n{_percentages(phrase.probabilities)}"
    return (
        f'<g pointer-events="all"><title>{escape(title)}</title>'
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{_RADIUS:.0f}" {colors}/>'
        f'<text x="{x:.0f}" y="{y + 4:.0f}" font-size="11" fill="{ink}">{look.sign}</text></g>'
    )


def _cells(text: str) -> int:
    """Width of a text in letters: those of East Asia and emoji are twice as wide as others."""
    return sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text)
