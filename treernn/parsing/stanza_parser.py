"""Stanza's constituency parser: Qi et al. (2020), "Stanza: A Python Natural Language Processing
Toolkit for Many Human Languages"; its transitions are those of Liu and Zhang (2017), "In-Order
Transition-based Constituent Parsing".

Its trees have any number of children a phrase, tags and unary chains; ``conversion`` makes binary
trees of them. Stanza is imported when a parser is made, which takes seconds.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Any

from treernn.corpora.penn import PennTree
from treernn.errors import InputError, MissingDataError, ModelError
from treernn.optional import require
from treernn.parsing.baselines import right_branching
from treernn.parsing.conversion import binary
from treernn.parsing.long_sentences import Children, parse_in_pieces
from treernn.types import Tree

LANGUAGE = "en"
PROCESSORS = "tokenize,pos,constituency"
# Longer sentences are cut, see ``pieces``.
MAX_WORDS = 150
# What Stanza gets at once, so that memory stays bounded.
BATCH = 500
# Stanza reads a word letter by letter; no word has this many.
LONGEST_WORD = 100


class StanzaParser:
    """Parses sentences with ``stanza.Pipeline``; a ``Parser``.

    Models that are not in the folder yet are downloaded into it once, with Stanza's own progress
    bar; when they are, no network is needed or asked.

    Args:
        package: a package of English models, such as ``"default_accurate"``; Stanza's default.
        folder: where the models are; Stanza's own folder for them.
        download: False never downloads.
        settings: of the pipeline besides, such as ``constituency_model_path``.

    Raises:
        InputError: Stanza is not installed, or has no such package.
        MissingDataError: there are no models, and they cannot be downloaded.
        ModelError: the models are damaged, or of another version of Stanza.
    """

    def __init__(
        self,
        package: str | None = None,
        folder: str | PathLike[str] | None = None,
        *,
        download: bool = True,
        **settings: Any,
    ) -> None:
        self.pipeline = pipeline(PROCESSORS, package, folder, download, settings)

    def parse(self, sentences: Sequence[Sequence[str]]) -> list[Tree]:
        """One binary tree for each sentence, in order; its leaves are the words as given.

        A sentence of more than ``MAX_WORDS`` words is parsed in pieces, as ``LSTMParser`` does it.
        One that Stanza cannot parse gets a right-branching tree and a ``RuntimeWarning``, and
        harms no other.

        Raises:
            InputError: a sentence has no words.
        """
        return parse_in_pieces(sentences, MAX_WORDS, self._children)

    def _children(self, sentences: Sequence[Sequence[str]]) -> list[Children]:
        """The children of the inner nodes of each sentence's tree; all sentences are short."""
        found: list[Children] = [()] * len(sentences)
        # One word needs no parser.
        rows = [row for row, words in enumerate(sentences) if len(words) > 1]
        waiting = [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
        while waiting:
            rows = waiting.pop()
            try:
                roots = self._roots([sentences[row] for row in rows])
            except Exception as error:  # whatever it is, it is Stanza's
                if len(rows) > 1:
                    middle = len(rows) // 2
                    waiting += rows[:middle], rows[middle:]
                    continue
                words = sentences[rows[0]]
                warnings.warn(
                    f"Stanza cannot parse {' '.join(words)[:60]!r}, it gets a right-branching "
                    f"tree ({_in_short(error)})",
                    RuntimeWarning,
                    stacklevel=4,
                )
                found[rows[0]] = right_branching(len(words))
                continue
            for row, root in zip(rows, roots, strict=True):
                found[row] = binary(penn_tree(root)).children  # type: ignore[assignment]
        return found

    def _roots(self, sentences: Sequence[Sequence[str]]) -> list[Any]:
        """Stanza's trees over sentences, whatever goes wrong is an error."""
        document = self.pipeline([[readable(word) for word in words] for words in sentences])
        roots = [sentence.constituency for sentence in document.sentences]
        for words, root in zip(sentences, roots, strict=True):
            if len(words) != len(root.leaf_labels()):
                raise ValueError("a tree over other words")
        return roots


def penn_tree(root: Any) -> PennTree:
    """A tree of Stanza's (``stanza.models.constituency.parse_tree.Tree``) as a plain value."""
    pending, order = [root], []
    while pending:  # parents first, right to left; turned round, children first, left to right
        node = pending.pop()
        order.append(node)
        if not node.is_preterminal():
            pending.extend(node.children)
    words: list[str] = []
    tags: list[str] = []
    children: list[list[int]] = []
    categories: list[str] = []
    finished: list[int] = []  # nodes without a parent yet, ~k for the phrase k
    for node in reversed(order):
        if node.is_preterminal():
            finished.append(len(words))
            tags.append(node.label or "")  # of a parser that reads no tags
            words.append(node.children[0].label)
        else:
            first = len(finished) - len(node.children)
            children.append(finished[first:])
            categories.append(node.label)
            finished[first:] = [~(len(children) - 1)]
    n = len(words)
    numbered = tuple(tuple(c if c >= 0 else n + ~c for c in below) for below in children)
    return PennTree(tuple(words), tuple(tags), numbered, tuple(categories))


def pipeline(
    processors: str,
    package: str | None = None,
    folder: str | PathLike[str] | None = None,
    download: bool = True,
    settings: Mapping[str, Any] = MappingProxyType({}),
) -> Any:
    """A ``stanza.Pipeline`` of words as given; arguments and errors as of ``StanzaParser``."""
    stanza = require("stanza", extra="stanza")
    from stanza.resources.common import DEFAULT_MODEL_DIR

    for name, value in settings.items():
        if name.endswith("_path") and not Path(value).exists():
            raise MissingDataError(f"{value}: no such file, {name} names it")
    folder, package = str(folder or DEFAULT_MODEL_DIR), package or "default"

    def load(method: str, logging: str) -> Any:
        return stanza.Pipeline(
            LANGUAGE,
            folder,
            package,
            processors,
            download_method=method,
            logging_level=logging,
            tokenize_pretokenized=True,
            **settings,
        )

    try:
        return load("none", "ERROR")
    except FileNotFoundError:
        reason = ""
    except Exception as error:
        _check_package(package, Path(folder))
        raise ModelError(f"{folder}: Stanza cannot load its models ({_in_short(error)})") from None
    if download:
        try:
            return load("reuse_resources", "INFO")  # at this level the progress bar shows
        except Exception as error:
            _check_package(package, Path(folder))
            reason = f", and they cannot be downloaded ({type(error).__name__})"
    raise MissingDataError(
        f"{folder}: no models for Stanza's package {package!r}{reason}; run where there is a "
        "network, and bring the folder here: "
        f"python -c \"import stanza; stanza.download('{LANGUAGE}', model_dir={folder!r}, "
        f"package={package!r}, processors='{processors}')\""
    )


def _check_package(package: str, folder: Path) -> None:
    """``InputError`` where Stanza's list of models in a folder has packages, but not this one."""
    try:
        models = json.loads((folder / "resources.json").read_text("utf-8"))
        known = sorted(models[LANGUAGE]["packages"])
    except (OSError, ValueError, KeyError, TypeError):
        return
    if known and package not in known:
        raise InputError(
            f"Stanza has no package {package!r} for English, only {', '.join(known)}"
        ) from None


def readable(word: str) -> str:
    """A word as Stanza takes it: not empty, without blanks, of bounded length."""
    return "_".join(word.split())[:LONGEST_WORD] or "_"


def _in_short(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:120]}"
