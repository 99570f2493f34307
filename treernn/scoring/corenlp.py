"""The four outputs of CoreNLP's ``SentimentPipeline``, character by character.

As with its ``-stdin``, a sentence is not repeated before its output, and a row in which there is
nothing to score is an empty line. Nodes are numbered from the root, 0, each before its children,
the left child before the right.

Source: ``edu.stanford.nlp.sentiment.SentimentPipeline`` (Socher et al. 2013).
"""

from __future__ import annotations

import numpy as np

from treernn.corpora.brackets import format_tree, pre_order
from treernn.scoring.result import Sentence
from treernn.types import Tree


def brackets(sentence: Sentence) -> str:
    """``-output PENNTREES``: the tree, at every node its class 0 to 4.

    The brackets are also those of the Stanford Sentiment Treebank.
    """
    return f"{format_tree(sentence.tree)}\n"


def root(sentence: Sentence) -> str:
    """``-output ROOT``: the class of the sentence, such as ``  Very positive``."""
    return f"  {sentence.label.capitalize()}\n"


def numbered(tree: Tree, rows: np.ndarray) -> str:
    """``-output PROBABILITIES`` and ``VECTORS``: the tree with the numbers of its nodes, then a
    line of numbers for each node.

    Args:
        tree: its labels are not looked at.
        rows: ``(tree.num_nodes, any)``, in the order of the tree's own node numbers.
    """
    order = pre_order(tree)
    lines = [f"{format_tree(tree, np.argsort(order).tolist())}\n"]
    for number, row in enumerate(rows[order].tolist()):
        lines.append(f"  {number}:{''.join(f'  {value:.4f}' for value in row)}\n")
    return "".join(lines)
