"""Trainings that are killed at each file operation: the same result, and no other file."""

import functools
import os
import time

import numpy as np
import pytest
import torch

from tests.helpers.kills import killed
from tests.helpers.treebanks import VALUES, left_branching
from treernn.corpora import glove
from treernn.corpora.glove import WordVectors
from treernn.models.storage import FILES
from treernn.models.tree_classifier import TreeClassifier, TreeConfig
from treernn.parsing import load_parser
from treernn.training.data import corpus
from treernn.training.data.corpus import Stored
from treernn.training.data.parsed import Cache, unlabelled
from treernn.training.data.soft_targets import SoftTargets
from treernn.training.data.sources import Source, label_targets, with_teachers
from treernn.training.data.teachers import teacher_distributions, teacher_spans
from treernn.training.loop.trainer import METRICS, fit
from treernn.training.tasks.initialization import new_classifier
from treernn.training.tasks.parser import ParserTask, mix_trees, new_parser
from treernn.training.tasks.parser_settings import LSTMParserSettings
from treernn.training.tasks.sentiment import vocabulary
from treernn.training.tasks.sentiment_settings import TreeSettings
from treernn.training.tasks.sources_task import SourcesTask
from treernn.types import Splits

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

DATA = Splits(left_branching(6, 1), left_branching(3, 2))
SENTIMENT = TreeSettings().updated(embedding_size=2, hidden_size=2, epochs=1, batch_size=4)
PARSER = LSTMParserSettings().updated(embedding_size=2, hidden_size=2, epochs=1, batch_size=4)


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    folder = tmp_path_factory.mktemp("teachers")
    torch.manual_seed(1)
    TreeClassifier(TreeConfig(2, 2), ("<unk>", *VALUES)).save(folder / "sentiment")
    new_parser(PARSER, DATA.train).save(folder / "parser")
    return folder


def distil_sentiment(teacher, out):
    soft = teacher_distributions([teacher / "sentiment"], DATA.train, out / "teachers")
    parts = label_targets(DATA.train), label_targets(DATA.dev)
    source = with_teachers(Source("treebank", *parts, treebank=True), soft)
    model = new_classifier(SENTIMENT, vocabulary(DATA.train, None, 0))
    fit(SourcesTask(model, [source], SENTIMENT), out)


def distil_parser(teacher, out):
    words = [tree.words for tree in DATA.train]
    soft = teacher_spans([teacher / "parser"], words, out / "teachers")
    targets = SoftTargets(mix_trees(DATA.train, soft, 0.5), len(DATA.train), 1.0)
    fit(ParserTask(new_parser(PARSER, DATA.train), DATA, PARSER, targets), out)


def distil_large(teacher, out):
    """With texts that are read from files."""
    cache = Cache(out / "corpus", "right")
    texts = [f"film {number} isn't {word}" for number, word in enumerate(["good", "bad", "dull"])]
    bare = unlabelled([*texts, *(f"{text}!" for text in texts)], load_parser("right"), cache)
    treebank = Source("treebank", *map(label_targets, DATA[:2]), treebank=True)
    sources = [
        with_teachers(
            source, teacher_distributions([teacher / "sentiment"], trees, out / "teachers")
        )
        for source in (treebank, Source("texts", bare, sample=5))
        if (trees := source.train.trees)
    ]
    assert isinstance(sources[1].train.trees, Stored)
    model = new_classifier(SENTIMENT, vocabulary(DATA.train, None, 0))
    fit(SourcesTask(model, sources, SENTIMENT), out)
    cache.remove()


def files(folder):
    """The content of all files; the seconds of trainings are not compared."""
    return {
        str(path.relative_to(folder)): (
            b"" if path.suffix in (".json", ".jsonl") else path.read_bytes()
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("stride", [8, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("work", [distil_sentiment, distil_parser, distil_large])
def test_a_training_killed_at_any_file_operation(tmp_path, monkeypatch, teacher, work, stride):
    monkeypatch.setattr(corpus, "SIZE", 4)  # several files of the cache
    monkeypatch.setattr(corpus, "IN_MEMORY", 5 if work is distil_large else 10)
    work(teacher, tmp_path / "unbroken")
    expected = files(tmp_path / "unbroken")
    assert expected.keys() >= {*FILES, METRICS}
    assert len(expected) == len(FILES) + 1 + (4 if work is distil_large else 2)
    stride *= 3 if work is distil_large and stride > 1 else 1
    step = stride // 2 or 1
    while True:
        out = tmp_path / str(step)
        start = functools.partial(work, teacher, out)
        if not killed(start, at_call=step):
            break
        start()
        assert files(out) == expected, step
        step += stride
    assert step > 25


@pytest.mark.slow
def test_a_training_killed_at_random(tmp_path, monkeypatch, teacher):
    """As often as it takes; TREERNN_KILLS runs, 3 by default, with a kill or more each."""
    monkeypatch.setattr(corpus, "SIZE", 1)
    monkeypatch.setattr(corpus, "IN_MEMORY", 5)
    start = time.monotonic()
    distil_large(teacher, tmp_path / "unbroken")
    seconds = time.monotonic() - start
    expected = files(tmp_path / "unbroken")
    rng = np.random.default_rng(1)
    for run in range(int(os.environ.get("TREERNN_KILLS", "3"))):
        out = tmp_path / str(run)
        work = functools.partial(distil_large, teacher, out)
        while killed(work, after=float(rng.uniform(0, 1.2 * seconds))):
            pass
        assert files(out) == expected, run


def test_word_vectors_killed_at_any_file_operation(tmp_path):
    """As ``treernn distil vectors`` writes them: the old file or the new one."""
    vectors = WordVectors(("a", "b"), torch.eye(2).numpy())
    glove.write(tmp_path / "new.txt.gz", vectors)
    new = (tmp_path / "new.txt.gz").read_bytes()
    (path := tmp_path / "out.txt.gz").write_bytes(b"old")
    step = 1
    while killed(lambda: glove.write(path, vectors), at_call=step):
        assert path.read_bytes() in (b"old", new)
        step += 1
    assert step > 2
    assert path.read_bytes() == new
