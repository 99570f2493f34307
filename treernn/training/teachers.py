"""What teachers say of trees, kept on disk so that they are asked once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from treernn.errors import InputError
from treernn.files import save_tensors, sweep
from treernn.models.folder import FILES
from treernn.models.phrase_classifier import PhraseClassifier
from treernn.models.sentiment import load_sentiment
from treernn.models.shipped import sentiment_folder
from treernn.training.trainer import fingerprint
from treernn.types import Tree

_TREES = 1000  # in a file


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
    if not teachers:
        raise InputError("no teacher to learn from")
    folder = Path(folder)
    who = [_identity(teacher) for teacher in teachers]
    models: list[PhraseClassifier] = []  # loaded where one is needed
    found: list[np.ndarray] = []
    for start in range(0, len(trees), _TREES):
        some = trees[start : start + _TREES]
        nodes = [tree.num_nodes for tree in some]
        name = fingerprint([who, *((tree.words, tree.children) for tree in some)])
        path = folder / f"{name[:32]}.safetensors"
        rows = _kept(path, sum(nodes))
        if rows is None:
            models = models or [load_sentiment(teacher).to(device) for teacher in teachers]
            said = [np.concatenate(model.distributions(some)) for model in models]
            rows = np.mean(said, axis=0).astype(np.float16)
            sweep(path)
            save_tensors(path, {"distributions": torch.from_numpy(rows)})
        whole = rows.astype(np.float32)
        whole /= whole.sum(1, keepdims=True)
        found += np.split(whole, np.cumsum(nodes)[:-1])
        progress(min(1.0, (start + _TREES) / len(trees)))
    return found


def _identity(teacher: str | os.PathLike[str]) -> str:
    """SHA-256 of what makes up a model."""
    folder, digest = sentiment_folder(teacher), hashlib.sha256()
    for name in FILES:
        if (folder / name).is_file():  # what is missing, loading tells
            digest.update((folder / name).read_bytes())
    return digest.hexdigest()


def _kept(path: Path, nodes: int) -> np.ndarray | None:
    """What a file holds; None where it is not there or not whole."""
    try:
        rows = load_file(path)["distributions"].numpy()
    except (OSError, SafetensorError, KeyError):
        return None
    return rows if rows.shape == (nodes, 5) else None
