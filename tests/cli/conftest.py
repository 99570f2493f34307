"""The command line in a process of its own, and a very small sentiment model."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from forked import forking

from treernn.models.tree_classifier import TreeClassifier, TreeConfig

Run = Callable[..., subprocess.CompletedProcess[bytes]]
TIMEOUT = 300
THIS_TEST = {"PYTEST_CURRENT_TEST": ""}


@pytest.fixture(scope="session")
def treernn() -> Iterator[Run]:
    """Run ``treernn`` with these arguments; ``stdin`` is text, other keywords are environment."""
    usual = {**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "100"}
    with contextlib.ExitStack() as server:
        forked = None

        def run(*arguments: str, stdin: str | bytes = "", **environment: str):
            nonlocal forked
            given = stdin if isinstance(stdin, bytes) else stdin.encode()
            asked = {**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "100", **environment}
            if asked | THIS_TEST != usual | THIS_TEST:
                command = [sys.executable, "-m", "treernn", *arguments]
                return subprocess.run(
                    command, input=given, capture_output=True, env=asked, timeout=TIMEOUT
                )
            if forked is None:
                forked = server.enter_context(forking(usual, TIMEOUT))
            return forked(arguments, given)

        yield run


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
