"""The user's own labelled trees, from all formats that have phrases with classes."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from os import PathLike

from treernn.corpora.binary import binary_trees
from treernn.corpora.blocks import Block, looks_like_blocks, parse_blocks
from treernn.corpora.brackets import parse_brackets, unescape
from treernn.corpora.corenlp import sentiment_trees
from treernn.errors import DataError, DataWarning
from treernn.parsing.loading import load_parser
from treernn.parsing.parser import Parser
from treernn.tables.encoding import read_text
from treernn.text import tokenize
from treernn.types import UNLABELLED, Token, Tree

_ENOUGH = 50  # labels, from which on a file without 2, 3 and 4 is unlikely to have five classes


def read_own_trees(path: str | PathLike[str], parser: Parser | None = None) -> list[Tree]:
    """Read trees with classes, or sentences with labelled phrases, which are parsed.

    Trees (``treernn.corpora.brackets``) are made binary; new nodes have no label. In a sentence of
    ``treernn.corpora.blocks`` the nodes over exactly the words of a labelled phrase get its class,
    all others none. (CoreNLP gives them the class of the sentence.)

    A ``DataWarning`` says what was changed or left out.

    Args:
        path: the file.
        parser: parses sentences; default: the built-in parser.

    Raises:
        MissingDataError: there is no such file.
        DataError: the file has anything else; with path and line.
    """
    return parse_own_trees(read_text(path), path, parser)


def parse_own_trees(
    text: str, path: str | PathLike[str], parser: Parser | None = None
) -> list[Tree]:
    """The trees in the text of a file, see ``read_own_trees``.

    Raises:
        DataError: as ``read_own_trees``.
    """
    text = sentiment_trees(text)
    if looks_like_blocks(text):
        trees = label_blocks(parse_blocks(text, path), parser or load_parser("embedded"), path)
    else:
        trees = binary_trees(parse_brackets(text, path), path)
    _warn_of_two_classes(trees, path)
    return trees


def label_blocks(
    blocks: Sequence[Block], parser: Parser, path: str | PathLike[str] | None = None
) -> list[Tree]:
    """Parse sentences and label the nodes over their labelled phrases; see ``read_own_trees``.

    Raises:
        DataError: a sentence has no words, or a phrase is not in it.
    """
    sentences: list[list[Token]] = []
    for block in blocks:
        sentences.append([token for part in tokenize(block.text) for token in part])
        if not sentences[-1]:
            raise DataError(f"no words in {block.text[:40]!r}", path, block.line)
    parsed = parser.parse([[token.text for token in tokens] for tokens in sentences])
    trees = []
    missed: list[tuple[int, str]] = []
    for block, tokens, tree in zip(blocks, sentences, parsed, strict=True):
        labels = [UNLABELLED] * tree.num_nodes
        labels[tree.root] = block.label
        node_of = {span: node for node, span in enumerate(tree.spans())}
        for line, label, phrase in block.phrases:
            spans = set(_places(block.text, tokens, phrase))
            if not spans:
                problem = f"the words {phrase[:40]!r} are not in the sentence of line {block.line}"
                raise DataError(problem, path, line)
            nodes = [node_of[span] for span in spans if span in node_of]
            if not nodes:
                missed.append((line, phrase))
            for node in nodes:
                labels[node] = label
        trees.append(tree.with_labels(labels))
    if missed:
        total = sum(len(block.phrases) for block in blocks)
        line, phrase = missed[0]
        warnings.warn(
            f"{path}: {len(missed)} of {total} labelled phrases are no phrases of the parse trees "
            f"and are left out, the first in line {line}: {phrase[:40]!r}",
            DataWarning,
            stacklevel=2,
        )
    return trees


def _places(text: str, tokens: Sequence[Token], phrase: str) -> Iterator[tuple[int, int]]:
    """The ranges of tokens that a phrase covers, wherever it occurs.

    White space does not count, so that the phrase may be split into tokens or not; it is spelled as
    in the text or as the tokens are.
    """
    wanted = "".join(unescape(word) for word in phrase.split())
    in_text = ["".join(text[token.start : token.end].split()) for token in tokens]
    for pieces in (in_text, [token.text for token in tokens]):
        starts: dict[int, int] = {}
        ends: dict[int, int] = {}
        length = 0
        for number, piece in enumerate(pieces):
            starts[length] = number
            length += len(piece)
            ends[length] = number + 1
        joined = "".join(pieces)
        at = joined.find(wanted)
        while at >= 0:
            if at in starts and at + len(wanted) in ends:
                yield starts[at], ends[at + len(wanted)]
            at = joined.find(wanted, at + 1)


def _warn_of_two_classes(trees: Sequence[Tree], path: str | PathLike[str]) -> None:
    counts = [sum(tree.labels.count(label) for tree in trees) for label in range(5)]
    if sum(counts) >= _ENOUGH and not any(counts[2:]):
        warnings.warn(
            f"{path}: all labels are 0 or 1 and are read as very negative and negative; if they "
            "mean negative and positive, write 1 and 3",
            DataWarning,
            stacklevel=4,
        )
