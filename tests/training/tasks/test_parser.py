import itertools
import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from treernn.corpora.glove import WordVectors
from treernn.errors import InputError
from treernn.evaluation.brackets import bracket_score
from treernn.parsing import load_trained
from treernn.parsing.baselines import left_branching, right_branching
from treernn.training.data.soft_targets import SoftTargets
from treernn.training.loop.settings import settings_from
from treernn.training.loop.step import train_step
from treernn.training.loop.trainer import CHECKPOINT, fit
from treernn.training.tasks.parser import (
    ParserTask,
    mix_trees,
    new_parser,
    parser_vocabulary,
    tree_spans,
    usable_sentences,
)
from treernn.training.tasks.parser_settings import (
    EncoderParserSettings,
    LSTMParserSettings,
)
from treernn.types import Splits, Tree

QUICK = LSTMParserSettings().updated(
    epochs=6, batch_size=15, learning_rate=2e-2, ema_decay=0.9, dropout=0.1,
    hidden_size=16, layers=1, span_rank=16, weight_dropout=0.0,
)  # fmt: skip
VECTORS = WordVectors(("left", "right"), np.eye(2, 4, dtype=np.float32))


def treebank(number: int, seed: int) -> list[Tree]:
    """Sentences whose first word determines how they branch, of words of the tiny encoder."""
    random = np.random.default_rng(seed)
    trees = []
    for _ in range(number):
        n = int(random.integers(3, 9))
        first, shape = [("good", left_branching), ("bad", right_branching)][random.integers(2)]
        words = [first, *(("film", "the")[k] for k in random.integers(0, 2, n - 1))]
        trees.append(Tree(tuple(words), shape(n)))
    return trees


TRAIN, DEV = treebank(200, 1), treebank(60, 2)
DATA = Splits(TRAIN, DEV)


def train(settings, out, data=DATA, vectors=None, soft_targets=None, sentences=(), **options):
    parser = new_parser(settings, data.train, vectors)
    return fit(ParserTask(parser, data, settings, soft_targets, sentences), out, **options)


def test_vocabulary():
    trees = [Tree(("Film", "film", "“", "odd"), left_branching(4))]
    assert parser_vocabulary(trees, ["the", "film", "of"]) == [
        "<unk>", "<s>", "</s>", "film", "``", "odd", "the", "of",
    ]  # fmt: skip


def test_initial_word_vectors():
    trees = [Tree(("left", "odd"), ((0, 1),))]
    table = new_parser(QUICK, trees, VECTORS).features.embedding.weight
    assert table.tolist()[3:] == [[1, 0, 0, 0], [0, 0, 0, 0], [0, 1, 0, 0]]
    assert new_parser(QUICK, trees).features.embedding.weight.shape == (5, 100)


def test_the_loss_is_the_negative_log_likelihood_of_the_trees():
    """Compared with the probability of a tree among all five over four words."""
    tree = Tree(("left", "w1", "w2", "w3"), left_branching(4))
    settings = QUICK.updated(dropout=0.0, word_dropout=0.0, phrase_ratio=0.0)
    parser = new_parser(settings, [tree], VECTORS)
    torch.nn.init.normal_(parser.biaffine.weight)
    scores = parser(parser.collate(parser.encode_training([tree.words])))[0].detach()
    inner = [(0, 2), (1, 3), (2, 4), (0, 3), (1, 4)]
    trees = [  # two inner spans that do not cross, and the whole
        (a, b, (0, 4))
        for a, b in itertools.combinations(inner, 2)
        if a[1] <= b[0] or b[0] <= a[0] < a[1] <= b[1] or a[0] <= b[0] < b[1] <= a[1]
    ]
    assert len(trees) == 5
    weights = [math.exp(sum(float(scores[span]) for span in spans)) for spans in trees]
    own = [(0, 2), (0, 3), (0, 4)]
    shares = {frozenset(each): w / sum(weights) for each, w in zip(trees, weights, strict=True)}
    task = ParserTask(parser, Splits([tree, tree], [tree]), settings)
    assert train_step(task, [0, 1], 0.5) == pytest.approx(
        -2 * math.log(shares[frozenset(own)]), rel=1e-4
    )

    # Of a distribution over the trees it is the cross-entropy.
    parser = new_parser(settings, [tree], VECTORS)
    torch.nn.init.normal_(parser.biaffine.weight, generator=torch.Generator().manual_seed(3))
    scores = parser(parser.collate(parser.encode_training([tree.words])))[0].detach()
    weights = [math.exp(sum(float(scores[span]) for span in spans)) for spans in trees]
    logs = [math.log(weight / sum(weights)) for weight in weights]
    predicted = [0.1, 0.4, 0.2, 0.0, 0.3]
    probable = {
        span: sum(p for p, spans in zip(predicted, trees, strict=True) if span in spans)
        for span in [*inner, (0, 4)]
    }
    target = np.array([(*span, share) for span, share in probable.items()], np.float32)
    task = ParserTask(parser, Splits([tree], [tree]), settings, SoftTargets([target], 1))
    expected = -sum(p * log for p, log in zip(predicted, logs, strict=True))
    assert train_step(task, [0], 0.5) == pytest.approx(expected, rel=1e-4)


def test_training(tmp_path):
    epochs = []
    best = train(QUICK, tmp_path / "p", vectors=VECTORS, on_epoch=epochs.append)
    assert epochs[-1]["loss"] < epochs[0]["loss"] / 3
    assert best["dev_f1"] == max(epoch["dev_f1"] for epoch in epochs) > 95
    saved = load_trained(tmp_path / "p")
    f1 = 100 * bracket_score(saved.parse([tree.words for tree in DEV]), DEV).f1
    assert f1 == pytest.approx(best["dev_f1"], abs=2)  # but for 8 bits
    config = json.loads((tmp_path / "p" / "config.json").read_text())
    assert config["settings"]["model"]["hidden_size"] == config["model"]["hidden_size"] == 16
    assert config["data"]["train"]["trees"] == 200


@pytest.mark.parametrize("tuning", ["full", "frozen"])
def test_training_on_an_encoder(tuning, tiny_encoder, tmp_path):
    settings = EncoderParserSettings(
        encoder=str(tiny_encoder()), tuning=tuning, epochs=8, batch_size=8, learning_rate=0.02,
        embedding_learning_rate=0.005, dropout=0.0, precision="float32",
    )  # fmt: skip
    epochs = []
    best = train(settings, tmp_path / "p", on_epoch=epochs.append)
    assert epochs[-1]["loss"] < epochs[0]["loss"] / 2
    assert best == epochs[-1]
    saved = load_trained(tmp_path / "p")
    f1 = 100 * bracket_score(saved.parse([tree.words for tree in DEV]), DEV).f1
    assert f1 == pytest.approx(best["dev_f1"], abs=3)


def test_an_interrupted_run_resumes_with_the_same_result(tmp_path):
    settings = QUICK.updated(epochs=2, dropout=0.3, weight_dropout=0.1)

    def stop(_epoch):
        raise KeyboardInterrupt

    data = Splits(TRAIN[:40], DEV[:10])
    train(settings, tmp_path / "full", data, VECTORS)
    with pytest.raises(KeyboardInterrupt):
        train(settings, tmp_path / "parts", data, VECTORS, on_epoch=stop)
    assert (tmp_path / "parts" / CHECKPOINT).exists()
    train(settings, tmp_path / "parts", data, VECTORS)
    one, other = (tmp_path / name / "model.safetensors" for name in ("full", "parts"))
    assert one.read_bytes() == other.read_bytes()


def test_distillation_on_sentences_without_trees(tmp_path):
    """The treebank has only left-branching trees; the teacher knows the others."""
    gold = [tree for tree in TRAIN if tree.words[0] == "good"][:40]
    others = [tree for tree in TRAIN if tree.words[0] == "bad"]
    predicted = [tree_spans(tree) for tree in (*gold, *others)]
    soft = SoftTargets(mix_trees(gold, predicted, 0.5), len(gold), resample=0.5)
    sentences = [tree.words for tree in others]
    data = Splits(gold, DEV)
    best = train(QUICK, tmp_path / "p", data, soft_targets=soft, sentences=sentences)
    assert best["dev_f1"] > 90
    alone = train(QUICK, tmp_path / "alone", data)
    assert alone["dev_f1"] < 80
    with pytest.raises(InputError, match="soft_targets need the spans of each tree and each sen"):
        train(QUICK, tmp_path / "q", data, sentences=sentences)
    with pytest.raises(InputError, match="other settings, data"):
        train(QUICK, tmp_path / "p", data)


def test_mix_trees():
    tree = Tree(("a", "b", "c"), left_branching(3))
    predicted = [np.array([[1, 3, 0.9], [0, 3, 1.0]], np.float32)] * 2
    first, second = mix_trees([tree], predicted, 0.4)
    share = {}
    for start, end, each in first.tolist():
        share[start, end] = share.get((start, end), 0) + each
    assert share == pytest.approx({(0, 2): 0.4, (1, 3): 0.54, (0, 3): 1.0})
    assert second is predicted[1]
    with pytest.raises(InputError, match="label_weight is 2, expected 0 to 1"):
        mix_trees([], [], 2)


def test_a_constant_added_to_all_scores_does_not_change_the_loss():
    """Also if the probabilities of a teacher sum up to less than those of a tree."""
    tree = TRAIN[0]
    settings = QUICK.updated(dropout=0.0, word_dropout=0.0, phrase_ratio=0.0, learning_rate=1e-30)
    parser = new_parser(settings, [tree])
    soft = SoftTargets([tree_spans(tree) * np.float32([1, 1, 0.8])], 1)
    task = ParserTask(parser, Splits([tree], [tree]), settings, soft)
    before = train_step(task, [0], 0.5)
    parser.biaffine.weight.data[-1, -1] += 7.0
    assert train_step(task, [0], 0.5) == pytest.approx(before, rel=1e-4)


def test_usable_sentences():
    sentences = [["a"] * n for n in (1, 2, 3, 150, 151)]
    assert [len(words) for words in usable_sentences(sentences)] == [3, 150]


@given(st.lists(st.integers(2, 60), min_size=1, max_size=50), st.integers(1, 50))
def test_batches_hold_each_sentence_once_and_are_longest_first(lengths, size):
    trees = [Tree(("a",) * n, left_branching(n)) for n in lengths]
    settings = QUICK.updated(batch_size=size, phrase_ratio=0.0)
    task = ParserTask(new_parser(settings, trees), Splits(trees, trees[:1]), settings)
    batches = task.batches(np.random.default_rng(0))
    assert sorted(itertools.chain(*batches)) == list(range(len(trees)))
    lengths = np.array(lengths)
    words = size * lengths.mean()
    for rows in batches:
        assert (np.diff(lengths[rows]) <= 0).all()
        assert lengths[rows].sum() <= words + lengths.max() + 1


@pytest.mark.parametrize(
    ("trees", "dev", "message"),
    [
        ([], DEV, "a parser needs train trees and dev trees"),
        (TRAIN, [], "a parser needs train trees and dev trees"),
        ([TRAIN[0], Tree(("left", "a", "b"), ((0, 1, 2),))], DEV, r"train tree 2 \(left a b …\) i"),
        (TRAIN, [Tree(("a", "b"), ((0,), (2, 1)))], r"dev tree 1 \(a b …\) is not binary"),
        ([Tree(("a",) * 151, left_branching(151))], DEV, r"train tree 1 .* has 151 words, a pars"),
    ],
)
def test_wrong_trees(trees, dev, message):
    with pytest.raises(InputError, match=message):
        ParserTask(new_parser(QUICK, TRAIN), Splits(trees, dev), QUICK)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"max_grad_norm": -1.0}, "max_grad_norm is -1.0, expected 0 or more"),
        ({"warmup_ratio": 1.0}, "warmup_ratio is 1.0, expected from 0 to below 1"),
        ({"phrase_ratio": -1.0}, "phrase_ratio is -1.0, expected 0 or more"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0, expected more than 0"),
        ({"span_rank": 0}, "span_rank is 0, expected a whole number, at least 1"),
        ({"hidden_size": 0}, "hidden_size is 0, expected a whole number, at least 1"),
        ({"word_dropout": 1.0}, "word_dropout is 1.0, expected from 0 to below 1"),
        ({"epochs": 0}, "epochs is 0, expected a whole number, at least 1"),
    ],
)
def test_wrong_settings(values, message):
    with pytest.raises(InputError, match=message):
        settings_from(LSTMParserSettings, values)
