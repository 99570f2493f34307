"""What teachers say of sentences, kept on disk so that they are asked once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from treernn.errors import InputError
from treernn.files import remove_temporary, save_tensors
from treernn.models.pretrained import PARSER, sentiment_folder
from treernn.models.sentiment import load_sentiment
from treernn.models.storage import FILES
from treernn.parsing import load_trained
from treernn.training.trainer import fingerprint
from treernn.types import Tree

_TOGETHER = 1000  # sentences in a file


def ask_teachers(
    teachers: Sequence[str | os.PathLike[str]],
    trees: Sequence[Tree],
    folder: str | os.PathLike[str],
    device: torch.device | str = "cpu",
    progress: Callable[[float], None] = lambda _share: None,
) -> list[np.ndarray]:
    """The mean of the teachers' distributions at every node.

    What is known is in ``folder``, a file for a thousand trees, named after teachers and trees;
    asked again, or after it was stopped, only what is missing is computed.

    Args:
        teachers: sentiment models, by folder or shipped name, at least one.
        trees: labels are not looked at.
        folder: of the files.
        device: where the teachers run.
        progress: called after each file with the share that is done.

    Returns:
        For each tree float32 ``[nodes, 5]``, of half precision; rows sum to one.

    Raises:
        InputError: no teacher; or a file cannot be written.
        ModelError: a teacher's folder holds no sentiment model.
    """
    folders = [sentiment_folder(teacher) for teacher in teachers]
    models = cache(lambda: [load_sentiment(teacher).to(device) for teacher in teachers])

    def ask(some: slice) -> list[np.ndarray]:
        said = [model.distributions(trees[some]) for model in models()]
        return [np.mean(each, axis=0) for each in zip(*said, strict=True)]

    keys = [(tree.words, tree.children) for tree in trees]
    rows = _asked(folders, keys, Path(folder), ask, progress)
    return [each / each.sum(1, keepdims=True) for each in rows]


def ask_parsers(
    parsers: Sequence[str | os.PathLike[str]],
    sentences: Sequence[Sequence[str]],
    folder: str | os.PathLike[str],
    device: torch.device | str = "cpu",
    progress: Callable[[float], None] = lambda _share: None,
) -> list[np.ndarray]:
    """The mean of how probable parsers take each span to be; kept as ``ask_teachers`` does.

    Args:
        parsers: by folder, or ``"embedded"``, at least one.
        sentences: each of 1 to ``ChartParser.max_words`` words.
        folder: of the files.
        device: where the parsers run.
        progress: called after each file with the share that is done.

    Returns:
        For each sentence float32 ``[spans, 3]``: start, end, probability, of half precision;
        without the spans that are improbable.

    Raises:
        InputError: no parser; or a file cannot be written.
        ModelError: a folder holds no parser.
    """
    folders = [PARSER if parser == "embedded" else Path(parser) for parser in parsers]
    models = cache(lambda: [load_trained(path).to(device) for path in folders])

    def ask(some: slice) -> list[np.ndarray]:
        said = [model.span_probabilities(sentences[some]) for model in models()]
        return [_mean_spans(each) for each in zip(*said, strict=True)]

    return _asked(folders, [tuple(words) for words in sentences], Path(folder), ask, progress)


def _mean_spans(said: Sequence[np.ndarray]) -> np.ndarray:
    """The spans of any, each once, with its mean probability."""
    rows = np.concatenate(said)
    bounds, place = np.unique(rows[:, :2], axis=0, return_inverse=True)
    share = np.bincount(place.reshape(-1), rows[:, 2], len(bounds)) / len(said)
    return np.column_stack((bounds, share)).astype(np.float32)


def _asked(
    teachers: Sequence[Path],
    keys: Sequence[Any],
    folder: Path,
    ask: Callable[[slice], list[np.ndarray]],
    progress: Callable[[float], None],
) -> list[np.ndarray]:
    """Float32 rows for each sentence, of half precision.

    Args:
        teachers: their folders.
        keys: what tells one sentence from another.
        folder: of the files.
        ask: for some sentences.
        progress: called after each file with the share that is done.
    """
    if not teachers:
        raise InputError("no teacher to learn from")
    who = [_identity(teacher) for teacher in teachers]
    found: list[np.ndarray] = []
    for start in range(0, len(keys), _TOGETHER):
        some = slice(start, start + _TOGETHER)
        path = folder / f"{fingerprint([who, *keys[some]])[:32]}.safetensors"
        rows = _kept(path, len(keys[some]))
        if rows is None:
            rows = [each.astype(np.float16) for each in ask(some)]
            counts = torch.tensor([len(each) for each in rows])
            remove_temporary(path)
            save_tensors(path, {"rows": torch.from_numpy(np.concatenate(rows)), "counts": counts})
        found += [each.astype(np.float32) for each in rows]
        progress(min(1.0, (start + _TOGETHER) / len(keys)))
    return found


def _identity(folder: Path) -> str:
    """SHA-256 of what makes up a model."""
    digest = hashlib.sha256()
    for name in FILES:
        if (folder / name).is_file():  # what is missing, loading tells
            digest.update((folder / name).read_bytes())
    return digest.hexdigest()


def _kept(path: Path, sentences: int) -> list[np.ndarray] | None:
    """What a file holds; None where it is not there or not whole."""
    try:
        held = load_file(path)
        rows, counts = held["rows"].numpy(), held["counts"].numpy()
    except (OSError, SafetensorError, KeyError):
        return None
    if len(counts) != sentences or counts.sum() != len(rows):
        return None
    return np.split(rows, np.cumsum(counts)[:-1])
