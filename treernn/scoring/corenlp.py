"""The four outputs of CoreNLP's ``SentimentPipeline``, character by character.

As with its ``-stdin``, a sentence is not repeated before its output, and a row with nothing to
score is an empty line. Nodes are numbered from the root, 0, each before its children, the left
child before the right.

Source: ``edu.stanford.nlp.sentiment.SentimentPipeline`` (Socher et al. 2013).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from treernn.classes import probabilities
from treernn.corpora.brackets import escape, format_tree
from treernn.errors import InputError
from treernn.scoring.tabular import Writer
from treernn.types import Tree

if TYPE_CHECKING:
    import numpy as np

    from treernn.scoring.rows import Scored
    from treernn.scoring.sentence import Sentence


class PennTrees(Writer):
    """``-output PENNTREES``: trees in the brackets of the Stanford Sentiment Treebank."""

    def encode(self, scored: Scored) -> bytes:
        """See ``Writer``."""
        sentences = [s for result in scored.results if result for s in result.sentences]
        texts = iter(self.texts(sentences))
        pieces: list[str] = []
        for result in scored.results:
            pieces += (next(texts) for _ in result.sentences) if result else "\n"
        return "".join(pieces).encode()

    def texts(self, sentences: Sequence[Sentence]) -> Iterable[str]:
        """The output for each sentence."""
        return (f"{format_tree(sentence.tree)}\n" for sentence in sentences)


class Root(PennTrees):
    """``-output ROOT``: the class of each sentence, for example ``  Very positive``."""

    def texts(self, sentences: Sequence[Sentence]) -> Iterable[str]:
        """See ``PennTrees``."""
        return (f"  {sentence.label.capitalize()}\n" for sentence in sentences)


class Probabilities(PennTrees):
    """``-output PROBABILITIES``: numbered trees, and the probabilities of each node."""

    def texts(self, sentences: Sequence[Sentence]) -> Iterable[str]:
        """See ``PennTrees``."""
        return (
            numbered(each.tree, probabilities(each.distributions, each.classes))
            for each in sentences
        )


class Vectors(PennTrees):
    """``-output VECTORS``: numbered trees, and the state of each node."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        if self.classifier is not None and not hasattr(self.classifier, "states"):
            raise InputError(f"a {type(self.classifier).__name__} has no vectors to write")

    def texts(self, sentences: Sequence[Sentence]) -> Iterable[str]:
        """See ``PennTrees``."""
        trees = [sentence.tree for sentence in sentences]
        return map(numbered, trees, self.classifier.states(trees))


def numbered(tree: Tree, rows: np.ndarray) -> str:
    """The tree with its nodes numbered, then a line of values for each node.

    Args:
        tree: its labels are ignored.
        rows: ``(tree.num_nodes, size)``, in the order of the tree.
    """
    pieces: list[str] = []
    order: list[int] = []
    pending = [tree.root]  # nodes yet to be written; -1 closes a bracket
    while pending:
        node = pending.pop()
        if node < 0:
            pieces.append(")")
            continue
        pieces.append(f" ({len(order)}")
        order.append(node)
        pending.append(-1)
        if node < len(tree.words):
            pieces.append(f" {escape(tree.words[node])}")
        else:
            pending += reversed(tree.children[node - len(tree.words)])
    lines = ["".join(pieces)[1:] + "\n"]
    for number, row in enumerate(rows[order].tolist()):
        lines.append(f"  {number}:{''.join(f'  {value:.4f}' for value in row)}\n")
    return "".join(lines)
