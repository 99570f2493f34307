"""The command line in a process of its own, and a very small sentiment model."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from treernn.models.tree_classifier import TreeClassifier, TreeConfig

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def treernn() -> Run:
    """Run ``treernn`` with these arguments; ``stdin`` is text, other keywords are environment."""

    def run(*arguments: str, stdin: str | bytes = "", **environment: str):
        settings = {"OMP_NUM_THREADS": "1", "COLUMNS": "100", **environment}
        return subprocess.run(
            [sys.executable, "-m", "treernn", *arguments],
            input=stdin if isinstance(stdin, bytes) else stdin.encode(),
            capture_output=True,
            env={**os.environ, **settings},
            timeout=300,
        )

    return run


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a sentiment model that has learnt nothing."""
    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("models") / "small"
    words = ("<unk>", "a", "bad", "film", "good", "great", "not")
    config = TreeConfig(embedding_size=8, hidden_size=6)
    TreeClassifier(config, words).save(folder)
    return folder


@pytest.fixture
def error(score):
    """The one line of a command that fails; ``score`` is that of the test's file."""

    def run(*arguments):
        status, out, err = score(*arguments)
        assert (status, out, err.count("\n")) == (2, "", 1)
        return err.removeprefix("treernn: ").rstrip("\n")

    return run
