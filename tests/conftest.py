"""Where the tests find real data: ``TREERNN_DATA``, then ``../shared/data`` beside the project."""

import os
from pathlib import Path

import pytest
from treernn.corpora import sst

from treernn.types import Tree

# Read once, before a test changes the environment.
_VARIABLE = os.environ.get("TREERNN_DATA")
_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of data files; the test is skipped where there is none."""
    for folder in (Path(_VARIABLE) if _VARIABLE else None, _BESIDE):
        if folder is not None and folder.is_dir():
            return folder
    pytest.skip(f"no data: neither a folder in TREERNN_DATA nor {_BESIDE}")


@pytest.fixture(scope="session")
def sst_archive(data_dir: Path) -> Path:
    """The official archive of the Stanford Sentiment Treebank."""
    return _file(data_dir, "trainDevTestTrees_PTB.zip")


@pytest.fixture(scope="session")
def glove_file(data_dir: Path) -> Path:
    """GloVe 6B, 100-d, the 200,000 most frequent words."""
    return _file(data_dir, "glove.6B.100d.top200k.txt.gz")


@pytest.fixture(scope="session")
def sst_train(sst_archive: Path) -> list[Tree]:
    return sst.load("train", sst_archive)


@pytest.fixture(scope="session")
def sst_dev(sst_archive: Path) -> list[Tree]:
    return sst.load("dev", sst_archive)


@pytest.fixture(scope="session")
def sst_test(sst_archive: Path) -> list[Tree]:
    return sst.load("test", sst_archive)


def _file(folder: Path, name: str) -> Path:
    if not (folder / name).is_file():
        pytest.skip(f"no data: {name} is not in {folder}")
    return folder / name
