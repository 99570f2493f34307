"""Formulas as MathML, which browsers draw without scripts."""

from __future__ import annotations

import latex2mathml.converter
from docutils import nodes


def setup(app):
    """Register the renderer ``mathml``."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))


def _inline(self, node):
    self.body.append(latex2mathml.converter.convert(node.astext()))
    raise nodes.SkipNode


def _block(self, node):
    text = node.astext().replace("{aligned}", "{split}")  # the same, under the name it knows
    self.body.append(latex2mathml.converter.convert(text, display="block"))
    raise nodes.SkipNode
