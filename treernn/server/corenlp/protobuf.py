"""A document as CoreNLP's protobuf, with its length before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from treernn.corpora.brackets import UNKNOWN
from treernn.optional import require
from treernn.scoring.sentence import Sentence
from treernn.server.corenlp.document import places, sentiment_name
from treernn.server.corenlp.request import Wanted
from treernn.server.corenlp.trees import ROOT

MAX_DEPTH = 90
"""Of a deeper tree readers of protobuf refuse the whole document, so it is left out."""


def serialized(text: str, sentences: Sequence[Sentence], wanted: Wanted) -> bytes:
    """The document.

    Raises:
        MissingPackageError: Stanza is not installed.
    """
    protobuf = require("stanza.protobuf", extra="stanza")
    document = protobuf.Document(text=text)
    first = 0
    for index, (sentence, tokens) in enumerate(
        zip(sentences, places(text, sentences), strict=True)
    ):
        end = first + len(tokens)
        message = document.sentence.add(
            tokenOffsetBegin=first,
            tokenOffsetEnd=end,
            sentenceIndex=index,
            characterOffsetBegin=tokens[0].start_unit,
            characterOffsetEnd=tokens[-1].end_unit,
            text=sentence.text,
        )
        for number, token in enumerate(tokens, first):
            message.token.add(
                word=token.word,
                value=token.word,
                originalText=token.original,
                before=token.before,
                after=token.after,
                beginChar=token.start_unit,
                endChar=token.end_unit,
                codepointOffsetBegin=token.start,
                codepointOffsetEnd=token.end,
                tokenBeginIndex=number,
                tokenEndIndex=number + 1,
                hasXmlContext=False,
            )
        _add_trees(message, sentence, wanted)
        first = end
    return bytes(protobuf.writeToDelimitedString(document).getvalue())


def _add_trees(message: Any, sentence: Sentence, wanted: Wanted) -> None:
    if wanted.sentiment:
        message.sentiment = sentiment_name(sentence)
    if sentence.tree.depth() > MAX_DEPTH:
        return
    if wanted.parse:
        _fill(message.parseTree, sentence, sentiment=False)
        _fill(message.binarizedParseTree, sentence, sentiment=False)
    if wanted.sentiment:
        _fill(message.annotatedParseTree, sentence, sentiment=True)


def _fill(root: Any, sentence: Sentence, *, sentiment: bool) -> None:
    """Write a tree, whose words are below the nodes of the words. Only the tree with sentiment has
    no node above its root, as in CoreNLP."""
    tree = sentence.tree
    spans = tree.spans()
    root.value = ROOT
    pending = [(root if sentiment else root.child.add(), tree.root)]
    if not sentiment:
        root.yieldBeginIndex, root.yieldEndIndex = spans[tree.root]
    while pending:
        node, place = pending.pop()
        node.value = node.value or UNKNOWN
        node.yieldBeginIndex, node.yieldEndIndex = spans[place]
        if sentiment:
            node.sentiment = tree.labels[place]
        if place < len(tree.words):
            node.child.add(value=tree.words[place])
            continue
        pending += [(node.child.add(), child) for child in tree.children[place - len(tree.words)]]
