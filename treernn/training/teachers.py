"""Predictions of teacher models, cached on disk."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from treernn.errors import InputError, ModelError
from treernn.files import remove_temporary
from treernn.locks import locked
from treernn.models.pretrained import PARSER, model_folder, sentiment_folder
from treernn.models.sentiment import load_sentiment
from treernn.models.storage import FILES
from treernn.parsing import load_trained
from treernn.training.checkpoint import load_checkpoint, save_checkpoint
from treernn.training.provenance import fingerprint
from treernn.types import Tree

_FILE_SIZE = 1000  # sentences


def teacher_distributions(
    teachers: Sequence[str | os.PathLike[str]],
    trees: Sequence[Tree],
    folder: str | os.PathLike[str],
    device: torch.device | str = "cpu",
    on_progress: Callable[[float], None] = lambda _fraction: None,
    precision: str = "float32",
) -> list[np.ndarray]:
    """Mean distribution of sentiment models at each node.

    The results are cached in files of a thousand trees, named after the teachers and the trees;
    only missing files are computed.

    Args:
        teachers: sentiment models by folder or name of an included model, at least one.
        trees: their labels are not used.
        folder: of the cache.
        device: where the teachers run.
        on_progress: called after each file with the fraction completed.
        precision: of the encoders of the teachers, see ``load_sentiment``.

    Returns:
        For each tree float32 ``[nodes, 5]``, rounded to float16; rows sum to one.

    Raises:
        InputError: there is no teacher, a file cannot be written, or a teacher without an encoder
            has a precision.
        ModelError: the folder of a teacher holds no sentiment model.
    """
    folders = [sentiment_folder(teacher) for teacher in teachers]
    models = cache(lambda: [load_sentiment(teacher, precision).to(device) for teacher in teachers])

    def predict(part: slice) -> list[np.ndarray]:
        predictions = [model.distributions(trees[part]) for model in models()]
        return [np.mean(rows, axis=0) for rows in zip(*predictions, strict=True)]

    keys: list[Any] = [(tree.words, tree.children) for tree in trees]
    if precision != "float32":
        keys = [(*key, precision) for key in keys]
    rows = _cached(folders, keys, Path(folder), predict, on_progress)
    return [each / each.sum(1, keepdims=True) for each in rows]


def teacher_spans(
    teachers: Sequence[str | os.PathLike[str]],
    sentences: Sequence[Sequence[str]],
    folder: str | os.PathLike[str],
    device: torch.device | str = "cpu",
    on_progress: Callable[[float], None] = lambda _fraction: None,
) -> list[np.ndarray]:
    """Mean span probabilities of parsers, cached as in ``teacher_distributions``.

    Args:
        teachers: parsers by folder, or ``"embedded"``, at least one.
        sentences: each of 1 to ``ChartParser.max_words`` words.
        folder: of the cache.
        device: where the teachers run.
        on_progress: called after each file with the fraction completed.

    Returns:
        For each sentence float32 ``[spans, 3]``: start, end and probability, rounded to float16;
        improbable spans are missing.

    Raises:
        InputError: there is no teacher, or a file cannot be written.
        ModelError: a folder holds no parser.
    """
    folders = [PARSER if teacher == "embedded" else model_folder(teacher) for teacher in teachers]
    models = cache(lambda: [load_trained(path).to(device) for path in folders])

    def predict(part: slice) -> list[np.ndarray]:
        predictions = [model.span_probabilities(sentences[part]) for model in models()]
        return [_mean_spans(each) for each in zip(*predictions, strict=True)]

    keys = [tuple(words) for words in sentences]
    return _cached(folders, keys, Path(folder), predict, on_progress)


def _mean_spans(predictions: Sequence[np.ndarray]) -> np.ndarray:
    """Each different span once, with its mean probability."""
    rows = np.concatenate(predictions)
    spans, place = np.unique(rows[:, :2], axis=0, return_inverse=True)
    means = np.bincount(place.reshape(-1), rows[:, 2], len(spans)) / len(predictions)
    return np.column_stack((spans, means)).astype(np.float32)


def _cached(
    teachers: Sequence[Path],
    keys: Sequence[Any],
    folder: Path,
    predict: Callable[[slice], list[np.ndarray]],
    on_progress: Callable[[float], None],
) -> list[np.ndarray]:
    """Rows for each sentence, read from the cache or computed and stored there.

    Args:
        teachers: their folders.
        keys: plain values that identify each sentence.
        folder: of the cache.
        predict: computes the rows of a part of the sentences.
        on_progress: called after each file with the fraction completed.
    """
    if not teachers:
        raise InputError("distillation needs at least one teacher")
    checksums = [_checksum(teacher) for teacher in teachers]
    results: list[np.ndarray] = []
    with locked(folder):
        for start in range(0, len(keys), _FILE_SIZE):
            part = slice(start, start + _FILE_SIZE)
            path = folder / f"{fingerprint([checksums, *keys[part]])[:32]}.safetensors"
            rows = _read(path, len(keys[part]))
            if rows is None:
                rows = [each.astype(np.float16) for each in predict(part)]
                counts = torch.tensor([len(each) for each in rows])
                remove_temporary(path)
                values = {"rows": torch.from_numpy(np.concatenate(rows)), "counts": counts}
                save_checkpoint(path, values, {})
            results += [each.astype(np.float32) for each in rows]
            on_progress(min(1.0, (start + _FILE_SIZE) / len(keys)))
    return results


def _checksum(folder: Path) -> str:
    """SHA-256 of the files of a model."""
    digest = hashlib.sha256()
    for name in FILES:
        if (folder / name).is_file():  # loading the model reports missing files
            digest.update((folder / name).read_bytes())
    return digest.hexdigest()


def _read(path: Path, sentences: int) -> list[np.ndarray] | None:
    """The rows in a file; None if it is missing or damaged."""
    try:
        stored = load_checkpoint(path)
    except ModelError:
        return None
    if stored is None or stored.tensors.keys() != {"rows", "counts"}:
        return None
    rows, counts = stored.tensors["rows"].numpy(), stored.tensors["counts"].numpy()
    if len(counts) != sentences or counts.sum() != len(rows):
        return None
    return np.split(rows, np.cumsum(counts)[:-1])
