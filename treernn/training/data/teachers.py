"""Predictions of teacher models, stored on disk."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import torch

from treernn.errors import InputError
from treernn.files import remove_temporary
from treernn.locks import locked
from treernn.models.pretrained import PARSER, model_folder, sentiment_folder
from treernn.models.sentiment import load_sentiment
from treernn.models.storage import FILES
from treernn.parsing import load_trained
from treernn.training.data import corpus
from treernn.training.data.corpus import Opened, Part, Stored, blocks, stored_part
from treernn.training.data.provenance import fingerprint
from treernn.training.data.sequences import Chain, chained
from treernn.types import LABELS, Tree


def teacher_distributions(
    teachers: Sequence[str | os.PathLike[str]],
    trees: Sequence[Tree],
    folder: str | os.PathLike[str],
    device: torch.device | str = "cpu",
    on_progress: Callable[[float], None] = lambda _fraction: None,
    precision: str = "float32",
) -> Sequence[np.ndarray]:
    """Mean distribution of sentiment models at each node.

    The results are stored in files of a thousand trees (``treernn.training.data.corpus``), named
    after the teachers and the trees; only missing files are computed. From there they are read when
    they are asked for, if there are many.

    Args:
        teachers: sentiment models by folder or name of an included model, at least one.
        trees: their labels are not used.
        folder: of the files.
        device: where the teachers run.
        on_progress: called after each file with the fraction completed.
        precision: of the encoders of the teachers, see ``load_sentiment``.

    Returns:
        For each tree float32 ``[nodes, 5]``, rounded to float16; rows sum to one. A chain of trees
        has a chain of results, see ``treernn.training.data.sequences.split``.

    Raises:
        InputError: there is no teacher, a file cannot be written, or a teacher without an encoder
            has a precision.
        ModelError: the folder of a teacher holds no sentiment model.
    """
    _check(teachers)
    folders = [sentiment_folder(teacher) for teacher in teachers]
    models = cache(lambda: [load_sentiment(teacher, precision).to(device) for teacher in teachers])

    def predict(block: Sequence[Tree]) -> list[np.ndarray]:
        predictions = [model.distributions(block) for model in models()]
        return [np.mean(rows, axis=0) for rows in zip(*predictions, strict=True)]

    checksums = [*map(folder_checksum, folders), precision]
    plain = attrgetter("words", "children")
    return _stored(checksums, trees, plain, Path(folder), predict, _distributions, on_progress)


def teacher_spans(
    teachers: Sequence[str | os.PathLike[str]],
    sentences: Sequence[Sequence[str]],
    folder: str | os.PathLike[str],
    device: torch.device | str = "cpu",
    on_progress: Callable[[float], None] = lambda _fraction: None,
) -> Sequence[np.ndarray]:
    """Mean span probabilities of parsers, stored as in ``teacher_distributions``.

    Args:
        teachers: parsers by folder, or ``"embedded"``, at least one.
        sentences: each of 1 to ``ChartParser.max_words`` words.
        folder: of the files.
        device: where the teachers run.
        on_progress: called after each file with the fraction completed.

    Returns:
        For each sentence float32 ``[spans, 3]``: start, end and probability, rounded to float16;
        improbable spans are missing.

    Raises:
        InputError: there is no teacher, or a file cannot be written.
        ModelError: a folder holds no parser.
    """
    _check(teachers)
    folders = [PARSER if teacher == "embedded" else model_folder(teacher) for teacher in teachers]
    models = cache(lambda: [load_trained(path).to(device) for path in folders])

    def predict(block: Sequence[Sequence[str]]) -> list[np.ndarray]:
        predictions = [model.span_probabilities(block) for model in models()]
        return [_mean_spans(each) for each in zip(*predictions, strict=True)]

    checksums = [*map(folder_checksum, folders), "spans"]
    return _stored(checksums, sentences, tuple, Path(folder), predict, _spans, on_progress)


def _mean_spans(predictions: Sequence[np.ndarray]) -> np.ndarray:
    """Each different span once, with its mean probability."""
    rows = np.concatenate(predictions)
    spans, place = np.unique(rows[:, :2], axis=0, return_inverse=True)
    means = np.bincount(place.reshape(-1), rows[:, 2], len(spans)) / len(predictions)
    return np.column_stack((spans, means)).astype(np.float32)


def _distributions(part: Opened, index: int) -> np.ndarray:
    rows = part.values("rows", index).reshape(-1, len(LABELS)).astype(np.float32)
    return rows / rows.sum(1, keepdims=True)


def _spans(part: Opened, index: int) -> np.ndarray:
    return part.values("rows", index).reshape(-1, 3).astype(np.float32)


def _check(teachers: Sequence[Any]) -> None:
    if not teachers:
        raise InputError("distillation needs at least one teacher")


def _stored(
    identity: Sequence[str],
    examples: Sequence[Any],
    plain: Callable[[Any], Any],
    folder: Path,
    predict: Callable[[list[Any]], list[np.ndarray]],
    get: Callable[[Opened, int], np.ndarray],
    on_progress: Callable[[float], None],
) -> Sequence[np.ndarray]:
    """Rows for each example, read from their files or computed and stored there.

    Args:
        identity: of the teachers.
        examples: trees or sentences.
        plain: a value that JSON holds, which identifies an example.
        folder: of the files.
        predict: computes the rows of some examples.
        get: the rows of an example in its file.
        on_progress: called after each file with the fraction completed.
    """
    done = 0

    def rows_of(member: Sequence[Any]) -> Sequence[np.ndarray]:
        nonlocal done
        parts: list[Part] = []
        for key, read in _blocks(member, plain):

            def columns(
                read: Callable[[], list[Any]] = read,
            ) -> tuple[dict[str, list[np.ndarray]], int]:
                return {"rows": [rows.astype(np.float16).ravel() for rows in predict(read())]}, 0

            path = folder / f"{fingerprint([identity, *key])[:32]}.arrow"
            remove_temporary(path)
            parts.append(stored_part(path, "rows", columns))
            done += len(parts[-1].sizes)
            on_progress(done / len(examples))
        found = Stored(parts, "rows", get)
        return [*found] if len(found) <= corpus.IN_MEMORY else found

    with locked(folder):
        if isinstance(examples, Chain):
            return chained([rows_of(member) for member in examples.members])
        return rows_of(examples)


def _blocks(
    examples: Sequence[Any], plain: Callable[[Any], Any]
) -> Iterator[tuple[list[Any], Callable[[], list[Any]]]]:
    """For the examples of each file what identifies them, and how to read them."""
    if isinstance(examples, Stored):
        for number, part in enumerate(examples.parts):
            yield [part.digest], partial(examples.of_part, number)
    else:
        for block in blocks(examples):
            yield [*map(plain, block)], partial(list, block)


def folder_checksum(folder: Path) -> str:
    """SHA-256 of the files of a model."""
    digest = hashlib.sha256()
    for name in FILES:
        if (folder / name).is_file():  # loading the model reports missing files
            digest.update((folder / name).read_bytes())
    return digest.hexdigest()
