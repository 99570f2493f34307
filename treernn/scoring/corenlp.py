"""The four outputs of CoreNLP's ``SentimentPipeline``, character by character.

As with its ``-stdin``, a sentence is not repeated before its output, and a row with nothing to
score is an empty line. Nodes are numbered from the root, 0, each before its children, the left
child before the right.

Source: ``edu.stanford.nlp.sentiment.SentimentPipeline`` (Socher et al. 2013).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from treernn.corpora.brackets import escape, format_tree
from treernn.errors import InputError
from treernn.scoring.scored import Scored
from treernn.scoring.writer import Writer
from treernn.types import Tree

if TYPE_CHECKING:
    import numpy as np

    from treernn.scoring.sentence import Sentence


def ptb_writer(_columns: Sequence[str] | None, _prefix: str, _classifier: object) -> Writer:
    """``-output PENNTREES``."""
    return Writer(partial(_encode, lambda sentences: map(brackets, sentences)))


def root_writer(_columns: Sequence[str] | None, _prefix: str, _classifier: object) -> Writer:
    """``-output ROOT``."""
    return Writer(partial(_encode, lambda sentences: map(root, sentences)))


def probabilities_writer(
    _columns: Sequence[str] | None, _prefix: str, _classifier: object
) -> Writer:
    """``-output PROBABILITIES``."""
    return Writer(
        partial(_encode, lambda sentences: (numbered(s.tree, s.distributions) for s in sentences))
    )


def vectors_writer(_columns: Sequence[str] | None, _prefix: str, classifier: Any) -> Writer:
    """``-output VECTORS``.

    Raises:
        InputError: the classifier has no node states.
    """
    if not hasattr(classifier, "states"):
        raise InputError(f"a {type(classifier).__name__} has no vectors to write")

    def texts(sentences: Sequence[Sentence]) -> Iterable[str]:
        trees = [sentence.tree for sentence in sentences]
        return map(numbered, trees, classifier.states(trees))

    return Writer(partial(_encode, texts))


def _encode(texts: Callable[[Sequence[Sentence]], Iterable[str]], scored: Scored) -> bytes:
    """The text of each sentence, and an empty line for a row without any."""
    sentences = [s for result in scored.results if result for s in result.sentences]
    remaining = iter(texts(sentences))
    pieces: list[str] = []
    for result in scored.results:
        pieces += (next(remaining) for _ in result.sentences) if result else "\n"
    return "".join(pieces).encode()


def brackets(sentence: Sentence) -> str:
    """The tree in brackets, as in the Stanford Sentiment Treebank: each node with its class."""
    return f"{format_tree(sentence.tree)}\n"


def root(sentence: Sentence) -> str:
    """The class of the sentence, for example ``  Very positive``."""
    return f"  {sentence.label.capitalize()}\n"


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
