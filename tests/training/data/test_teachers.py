import numpy as np
import pytest
import torch
from treebanks import VALUES, left_branching

from treernn.errors import InputError, ModelError
from treernn.models.tree_classifier import TreeClassifier, TreeConfig
from treernn.parsing import load_trained
from treernn.training.data import corpus
from treernn.training.data import teachers as module
from treernn.training.data.teachers import teacher_distributions, teacher_spans
from treernn.training.tasks.parser import new_parser
from treernn.training.tasks.parser_settings import LSTMParserSettings

TREES = left_branching(25, 1)


@pytest.fixture
def teachers(tmp_path):
    paths = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        paths.append(tmp_path / f"teacher{seed}")
        TreeClassifier(TreeConfig(4, 3), ("<unk>", *VALUES)).save(paths[-1])
    return paths


def test_the_mean_of_several_teachers(teachers, tmp_path, monkeypatch):
    monkeypatch.setattr(corpus, "SIZE", 10)
    fractions = []
    found = teacher_distributions(teachers, TREES, tmp_path / "cache", on_progress=fractions.append)
    assert fractions == [0.4, 0.8, 1.0]
    models = [TreeClassifier.load(path) for path in teachers]
    each = zip(*(model.distributions(TREES) for model in models), strict=True)
    for tree, rows, expected in zip(TREES, found, each, strict=True):
        assert rows.shape == (tree.num_nodes, 5)
        np.testing.assert_allclose(rows, np.mean(expected, axis=0), atol=1e-3)
        np.testing.assert_allclose(rows.sum(1), 1, atol=1e-6)


def test_results_are_cached(teachers, tmp_path, monkeypatch):
    monkeypatch.setattr(corpus, "SIZE", 10)
    cache = tmp_path / "cache"
    calls = []

    class Counted(TreeClassifier):
        def distributions(self, trees):
            calls.append(len(trees))
            return super().distributions(trees)

    monkeypatch.setattr(module, "load_sentiment", lambda folder, _: Counted.load(folder))
    first = teacher_distributions(teachers[:1], TREES, cache)
    again = teacher_distributions(teachers[:1], TREES, cache)
    assert calls == [10, 10, 5]
    assert all(map(np.array_equal, first, again))
    # Only damaged or missing files, other trees and other teachers are computed again.
    one, two, _ = sorted(cache.iterdir())
    one.write_bytes(b"half")
    two.unlink()
    again = teacher_distributions(teachers[:1], TREES, cache)
    assert len(calls) == 5
    assert all(map(np.array_equal, first, again))
    teacher_distributions(teachers[:1], TREES[:10], cache)
    assert len(calls) == 5
    teacher_distributions(teachers[1:], TREES[:10], cache)
    assert calls[5:] == [10]
    teacher_distributions(teachers[1:], TREES[:10], cache, precision="bfloat16")
    assert calls[6:] == [10]


def test_a_precision_needs_an_encoder(tmp_path):
    with pytest.raises(InputError, match="precision bfloat16 is for models with an encoder"):
        teacher_distributions(["small"], TREES, tmp_path / "cache", precision="bfloat16")


def test_mean_span_probabilities(tmp_path, monkeypatch):
    monkeypatch.setattr(corpus, "SIZE", 10)
    paths = [tmp_path / name for name in ("one", "two")]
    for seed, path in enumerate(paths):
        settings = LSTMParserSettings().updated(seed=seed, hidden_size=3, layers=1, span_rank=4)
        parser = new_parser(settings, TREES)
        torch.nn.init.normal_(parser.biaffine.weight)
        torch.nn.init.normal_(parser.features.embedding.weight)
        parser.save(path)
    words = [tree.words for tree in TREES]
    found = teacher_spans(paths, words, tmp_path / "cache")
    with monkeypatch.context() as patch:
        patch.setattr(module, "load_trained", None)  # no teacher is loaded
        again = teacher_spans(paths, words, tmp_path / "cache")
    assert all(map(np.array_equal, found, again))
    each = zip(*(load_trained(path).span_probabilities(words) for path in paths), strict=True)
    for rows, predicted in zip(found, each, strict=True):
        expected = {}
        for start, end, share in np.concatenate(predicted).tolist():
            expected[start, end] = expected.get((start, end), 0) + share / 2
        assert {(i, j): p for i, j, p in rows.tolist()} == pytest.approx(expected, abs=1e-3)
    with pytest.raises(InputError, match=r"^distillation needs at least one teacher$"):
        teacher_spans([], words, tmp_path)
    with pytest.raises(ModelError, match="no such model folder"):
        teacher_spans([tmp_path / "gone"], words, tmp_path / "cache")


def test_wrong_teachers(tmp_path):
    with pytest.raises(InputError, match=r"^distillation needs at least one teacher$"):
        teacher_distributions([], TREES, tmp_path)
    with pytest.raises(ModelError, match="no such model folder"):
        teacher_distributions([tmp_path / "gone"], TREES, tmp_path / "cache")
    assert teacher_distributions(["small"], [], tmp_path) == []
