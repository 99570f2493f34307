"""Stanza's constituency parser: Qi et al. (2020), "Stanza: A Python Natural Language Processing
Toolkit for Many Human Languages"; its transition system is that of Liu and Zhang (2017), "In-Order
Transition-based Constituent Parsing".

Its trees are binarized (``binarization``). Importing Stanza takes seconds, so it happens on use.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Any

from treernn import strict_json
from treernn.corpora.penn import PennTree
from treernn.errors import DataError, InputError, MissingDataError, ModelError
from treernn.optional import require
from treernn.parsing.baselines import right_branching
from treernn.parsing.binarization import binarize
from treernn.parsing.long_sentences import Children
from treernn.parsing.parser import BaseParser

LANGUAGE = "en"
PROCESSORS = "tokenize,pos,constituency"
# Sentences per call of Stanza, to limit memory.
BATCH_SIZE = 500
# Stanza reads words character by character; longer words are shortened.
MAX_CHARACTERS = 100


class StanzaParser(BaseParser):
    """Parses sentences with a ``stanza.Pipeline``; a ``Parser``.

    Missing models are downloaded once, with Stanza's progress bar. The network is not used if the
    models are there.

    Args:
        package: package of English models, for example ``"default_accurate"``. Default: Stanza's.
        folder: folder of the models. Default: Stanza's.
        download: whether to download missing models.
        settings: other arguments of the pipeline, for example ``constituency_model_path``.

    Raises:
        MissingPackageError: Stanza is not installed.
        InputError: Stanza has no such package.
        MissingDataError: the models are missing and cannot be downloaded.
        ModelError: the models are damaged or of another version of Stanza.
    """

    def __init__(
        self,
        package: str | None = None,
        folder: str | PathLike[str] | None = None,
        *,
        download: bool = True,
        **settings: Any,
    ) -> None:
        self.pipeline = load_pipeline(PROCESSORS, package, folder, download, settings)

    def parse_short(self, sentences: Sequence[Sequence[str]]) -> list[Children]:
        """See ``BaseParser``. A sentence that Stanza cannot parse gets a right-branching tree and a
        ``RuntimeWarning``."""
        children: list[Children] = [()] * len(sentences)
        rows = [row for row, words in enumerate(sentences) if len(words) > 1]
        batches = [rows[start : start + BATCH_SIZE] for start in range(0, len(rows), BATCH_SIZE)]
        while batches:
            rows = batches.pop()
            try:
                roots = self._roots([sentences[row] for row in rows])
            except Exception as error:  # Stanza raises many kinds
                if len(rows) > 1:  # find the sentence that fails
                    middle = len(rows) // 2
                    batches += rows[:middle], rows[middle:]
                    continue
                words = sentences[rows[0]]
                warnings.warn(
                    f"Stanza cannot parse {' '.join(words)[:60]!r}, it gets a right-branching "
                    f"tree ({_summary(error)})",
                    RuntimeWarning,
                    stacklevel=3,
                )
                children[rows[0]] = right_branching(len(words))
                continue
            for row, root in zip(rows, roots, strict=True):
                children[row] = binarize(penn_tree(root)).children  # type: ignore[assignment]
        return children

    def _roots(self, sentences: Sequence[Sequence[str]]) -> list[Any]:
        """Stanza's tree of each sentence; raises if one has other words."""
        document = self.pipeline([[stanza_word(word) for word in words] for words in sentences])
        roots = [sentence.constituency for sentence in document.sentences]
        for words, root in zip(sentences, roots, strict=True):
            if len(words) != len(root.leaf_labels()):
                raise ValueError("the tree has other words than the sentence")
        return roots


def penn_tree(root: Any) -> PennTree:
    """Convert a tree of Stanza (``stanza.models.constituency.parse_tree.Tree``)."""
    words = tuple(root.leaf_labels())
    pending, order = [root], []
    while pending:  # parents first, right to left
        node = pending.pop()
        order.append(node)
        if not node.is_preterminal():
            pending.extend(node.children)
    tags: list[str] = []
    children: list[tuple[int, ...]] = []
    categories: list[str] = []
    roots: list[int] = []  # nodes without a parent so far
    for node in reversed(order):
        if node.is_preterminal():
            roots.append(len(tags))
            tags.append(node.label or "")  # None if the parser uses no tags
        else:
            first = len(roots) - len(node.children)
            children.append(tuple(roots[first:]))
            categories.append(node.label)
            roots[first:] = [len(words) + len(children) - 1]
    return PennTree(words, tuple(tags), tuple(children), tuple(categories))


def load_pipeline(
    processors: str,
    package: str | None = None,
    folder: str | PathLike[str] | None = None,
    download: bool = True,
    settings: Mapping[str, Any] = MappingProxyType({}),
) -> Any:
    """Load a ``stanza.Pipeline`` for tokenized sentences.

    Args:
        processors: processors of the pipeline, comma-separated.
        package, folder, download, settings: see ``StanzaParser``.

    Raises:
        MissingPackageError, InputError, MissingDataError, ModelError: see ``StanzaParser``.
    """
    stanza = require("stanza", extra="stanza")
    from stanza.resources.common import DEFAULT_MODEL_DIR

    for name, value in settings.items():
        if name.endswith("_path") and not Path(value).exists():
            raise MissingDataError(f"{name}: no such file {value}")
    folder, package = str(folder or DEFAULT_MODEL_DIR), package or "default"

    def load(download_method: str, logging_level: str) -> Any:
        return stanza.Pipeline(
            LANGUAGE,
            folder,
            package,
            processors,
            download_method=download_method,
            logging_level=logging_level,
            tokenize_pretokenized=True,
            **settings,
        )

    try:
        return load("none", "ERROR")
    except FileNotFoundError:
        reason = ""
    except Exception as error:
        _check_package(package, Path(folder))
        raise ModelError(f"{folder}: Stanza cannot load its models ({_summary(error)})") from None
    if download:
        try:
            return load("reuse_resources", "INFO")  # INFO shows the progress bar
        except Exception as error:
            _check_package(package, Path(folder))
            reason = f", and they cannot be downloaded ({type(error).__name__})"
    raise MissingDataError(
        f"{folder}: no models for Stanza's package {package!r}{reason}; on a machine with network "
        "access, run the following line, then copy the folder here: "
        f"python -c \"import stanza; stanza.download('{LANGUAGE}', model_dir={folder!r}, "
        f"package={package!r}, processors='{processors}')\""
    )


def _check_package(package: str, folder: Path) -> None:
    """Raise ``InputError`` if the list of packages in ``folder`` does not have ``package``."""
    try:
        models = strict_json.read(folder / "resources.json")
        known = sorted(models[LANGUAGE]["packages"])
    except (OSError, DataError, KeyError, TypeError):
        return
    if known and package not in known:
        raise InputError(
            f"Stanza has no package {package!r} for English, only {', '.join(known)}"
        ) from None


def stanza_word(word: str) -> str:
    """A word that Stanza accepts: not empty, without whitespace, of limited length."""
    return "_".join(word.split())[:MAX_CHARACTERS] or "_"


def _summary(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:120]}"
