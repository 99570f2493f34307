import itertools
import json
import math

import numpy as np
import pytest
import torch
import typer
from typer.testing import CliRunner

from treernn.cli.train_parser import train_parser as command
from treernn.errors import InputError
from treernn.parsing.baselines import left_branching, right_branching
from treernn.parsing.brackets_score import bracket_score
from treernn.parsing.embedded import ParserConfig, SpanParser
from treernn.training.parser import (
    ParserTraining,
    Treebank,
    fit_parser,
    new_parser,
    parser_vocabulary,
    train_parser,
)
from treernn.types import Tree

SMALL = ParserConfig(word_size=4, subword_size=8, subword_rows=256, hidden=16, layers=1, rank=16)
QUICK = ParserTraining(
    epochs=6, batch_words=80, learning_rate=2e-2, warm_up=5, averaging=0.3, dropout=0.1
)


def treebank(number: int, seed: int) -> list[Tree]:
    """Sentences whose first word says how they branch."""
    random = np.random.default_rng(seed)
    trees = []
    for _ in range(number):
        n = int(random.integers(3, 9))
        first, shape = [("left", left_branching), ("right", right_branching)][random.integers(2)]
        words = [first, *(f"w{k}" for k in random.integers(0, 20, n - 1))]
        trees.append(Tree(tuple(words), shape(n)))
    return trees


def small_parser(trees: list[Tree]) -> SpanParser:
    return new_parser(parser_vocabulary(trees, [], 0), ["left"], np.ones((1, 4), np.float32), SMALL)


def test_vocabulary_is_treebank_then_frequency_list():
    trees = [Tree(("Film", "film", "“", "odd"), left_branching(4))]
    assert parser_vocabulary(trees, ["the", "film", "of", "rare"], 3) == [
        "<unk>", "<s>", "</s>", "film", "``", "odd", "the", "of",
    ]  # fmt: skip


def test_word_vectors_find_their_rows():
    parser = new_parser(
        ["<unk>", "<s>", "</s>", "film", "odd"],
        ["of", "film"],
        np.array([[1, 2, 3, 4], [5, 6, 7, 8]], np.float32),
        SMALL,
    )
    assert parser.words.weight.tolist()[3:] == [[5, 6, 7, 8], [0, 0, 0, 0]]


def test_word_vectors_of_another_size_are_refused():
    with pytest.raises(InputError, match="have 3 numbers, the parser is set to 4"):
        new_parser(["<unk>", "<s>", "</s>"], ["a"], np.zeros((1, 3), np.float32), SMALL)


def test_loss_is_the_negative_log_likelihood_of_the_trees():
    """Against the probability of a tree among all five over four words."""
    tree = Tree(("left", "w1", "w2", "w3"), left_branching(4))
    parser = small_parser([tree])
    torch.nn.init.normal_(parser.form)
    data = Treebank([tree, tree], parser)
    rows = np.array([0, 1])
    loss = data.loss(parser, rows, 0.0, np.random.default_rng(0))
    vectors = parser.vectors(*parser.word_rows(data.words.types))
    scores = parser.span_scores(vectors[data.words.index(rows)], torch.tensor([4, 4]))[0].detach()
    inner = [(0, 2), (1, 3), (2, 4), (0, 3), (1, 4)]
    trees = [  # two inner spans that do not cross, and the whole
        (a, b, (0, 4))
        for a, b in itertools.combinations(inner, 2)
        if a[1] <= b[0] or b[0] <= a[0] < a[1] <= b[1] or a[0] <= b[0] < b[1] <= a[1]
    ]
    assert len(trees) == 5
    weights = [math.exp(sum(float(scores[span]) for span in spans)) for spans in trees]
    share = math.exp(sum(float(scores[span]) for span in [(0, 2), (0, 3), (0, 4)])) / sum(weights)
    assert loss.item() == pytest.approx(-2 * math.log(share), rel=1e-4)


def test_batches_hold_each_tree_once_and_are_longest_first():
    trees = treebank(200, 0)
    data = Treebank(trees, small_parser(trees))
    batches = data.batches(np.arange(50, 200), 40, np.random.default_rng(0))
    assert sorted(itertools.chain(*batches)) == list(range(50, 200))
    for rows in batches:
        lengths = data.words.lengths[rows]
        assert (np.diff(lengths) <= 0).all()
        assert lengths.sum() <= 40 + 8


def test_learns():
    train, dev = treebank(200, 1), treebank(60, 2)
    epochs = list(train_parser(small_parser(train), train, dev, QUICK))
    assert epochs[-1][0].loss < epochs[0][0].loss / 3
    assert epochs[-1][0].dev_f1 > 95
    trees = epochs[-1][1].parse([tree.words for tree in dev])
    assert 100 * bracket_score(trees, dev).f1 == epochs[-1][0].dev_f1


def test_same_seed_same_parser():
    trees = treebank(40, 1)
    one, other = (
        [epoch.loss for epoch, _ in itertools.islice(train_parser(parser, trees, trees, QUICK), 2)]
        for parser in (small_parser(trees), small_parser(trees))
    )
    assert one == other


def test_keeps_the_best_epoch_and_stops_when_it_gets_no_better(tmp_path):
    train, dev = treebank(100, 1), treebank(30, 2)
    settings = ParserTraining(
        epochs=40, patience=2, batch_words=40, learning_rate=1e-2, warm_up=5, averaging=0.5
    )
    shares, reported = [], []
    best = fit_parser(
        small_parser(train),
        train,
        dev,
        tmp_path / "parser",
        settings,
        progress=shares.append,
        report=reported.append,
    )
    lines = (tmp_path / "parser" / "metrics.jsonl").read_text().splitlines()
    metrics = [json.loads(line) for line in lines]
    assert [line["epoch"] for line in metrics] == list(range(1, len(reported) + 1))
    assert best.dev_f1 == max(line["dev_f1"] for line in metrics)
    assert len(metrics) == min(best.epoch + 2, 40)
    assert shares == sorted(shares)
    assert len(reported) / 40 - 0.02 < shares[-1] < len(reported) / 40
    kept = SpanParser.load(tmp_path / "parser")
    f1 = 100 * bracket_score(kept.parse([tree.words for tree in dev]), dev).f1
    assert f1 == pytest.approx(best.dev_f1, abs=2)  # but for 8 bits
    assert sorted(path.name for path in tmp_path.iterdir()) == ["parser"]


def test_trees_must_be_binary():
    bad = Tree(("left", "a", "b"), ((0, 1, 2),))
    with pytest.raises(InputError, match=r"tree 2 \(left a b …\) is not binary"):
        next(train_parser(small_parser([bad]), [treebank(1, 0)[0], bad], [bad]))


def test_there_must_be_trees_and_epochs():
    trees = treebank(3, 0)
    with pytest.raises(InputError, match="trees to train on and trees to measure on"):
        next(train_parser(small_parser(trees), trees, []))
    with pytest.raises(InputError, match="0 epochs of training"):
        next(train_parser(small_parser(trees), trees, trees, ParserTraining(epochs=0)))


def bracketed(tree: Tree) -> str:
    nodes = [f"(2 {word})" for word in tree.words]
    for a, b in tree.children:
        nodes.append(f"(2 {nodes[a]} {nodes[b]})")
    return nodes[-1]


def test_command(tmp_path):
    for split, trees in (("train", treebank(60, 1)), ("dev", treebank(10, 2))):
        text = "".join(bracketed(tree) + "\n" for tree in trees)
        (tmp_path / f"{split}.txt").write_text(text)
    (tmp_path / "vectors.txt").write_text("left 1 2 3\nright 3 2 1\nthe 0 0 1\n")
    app = typer.Typer()
    app.command()(command)
    out = tmp_path / "parser"
    result = CliRunner().invoke(
        app,
        ["--data", str(tmp_path), "--vectors", str(tmp_path / "vectors.txt"), "--out", str(out),
         "--epochs", "2", "--words", "2"],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "% on the development trees" in result.output
    parser = SpanParser.load(out)
    assert parser.config.word_size == 3
    assert "right" in parser.vocabulary
    assert "the" not in parser.vocabulary
    assert len((out / "metrics.jsonl").read_text().splitlines()) == 2
