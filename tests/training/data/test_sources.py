"""Training on several sources, each with targets of its own kind."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F
from treebanks import left_branching

from treernn.corpora.targets import target_of_class, target_of_classes, target_of_score
from treernn.errors import InputError
from treernn.models.sentiment import load_sentiment
from treernn.training.data.sources import Part, Source, label_targets, with_teachers
from treernn.training.loop.step import train_step
from treernn.training.loop.trainer import fit
from treernn.training.tasks.initialization import new_classifier
from treernn.training.tasks.sentiment import SentimentTask, vocabulary
from treernn.training.tasks.sentiment_settings import AverageSettings, ChainSettings, TreeSettings
from treernn.training.tasks.sources_task import SourcesTask, target_loss
from treernn.types import Splits, Tree

SMALL = {
    "dropout": 0.0, "epochs": 3, "batch_size": 4, "ema_decay": 0.0, "seed": 7, "embedding_size": 5,
}  # fmt: skip
SETTINGS = TreeSettings().updated(hidden_size=8, **SMALL)
TRAIN, DEV = left_branching(30, 1), left_branching(15, 2)
RANDOM = np.random.default_rng(3)
PREDICTED = [RANDOM.dirichlet([1.0] * 5, tree.num_nodes).astype(np.float32) for tree in TRAIN]
TREEBANK = Source("treebank", label_targets(TRAIN), label_targets(DEV), treebank=True)


def sides(trees):
    """Negative, neutral or positive at the roots."""
    targets = []
    for tree in trees:
        rows = np.zeros((tree.num_nodes, 5), np.float32)
        rows[-1] = target_of_classes({0: (0, 1), 1: (0, 1), 2: (2,)}.get(tree.labels[-1], (3, 4)))
        targets.append(rows)
    return Part([Tree(tree.words, tree.children) for tree in trees], targets)


def texts(seed, **options):
    return Source("texts", sides(left_branching(20, seed)), sides(left_branching(9, 8)), **options)


def task_of(sources, settings=SETTINGS):
    trees = [tree for source in sources for tree in source.train.trees]
    return SourcesTask(new_classifier(settings, vocabulary(trees, None, 0)), sources, settings)


def test_the_loss_of_each_kind_of_target():
    scores = torch.randn(5, 5, dtype=torch.double, generator=torch.manual_seed(1))
    graded, soft = target_of_score(0.6, -1, 1), [0.1, 0.2, 0.3, 0.4, 0.0]
    rows = [target_of_class(3), target_of_classes((0, 1)), graded, soft, [0.0] * 5]
    losses = target_loss(scores, torch.tensor(rows, dtype=torch.double))
    p = scores.softmax(1)
    expected = [
        -p[0, 3].log(),
        -(p[1, 0] + p[1, 1]).log(),
        -(0.8 * p[2, 3].log() + 0.2 * p[2, 4].log()),
        -(p[3].log() * torch.tensor(soft)).sum(),
        torch.tensor(0.0),
    ]
    assert losses.tolist() == pytest.approx([float(each) for each in expected])


@given(st.lists(st.lists(st.floats(-80, 80), min_size=5, max_size=5), min_size=1, max_size=4),
       st.sets(st.integers(0, 4), min_size=1))  # fmt: skip
def test_losses_and_gradients_are_finite(scores, classes):
    logits = torch.tensor(scores, requires_grad=True)
    targets = torch.tensor([target_of_classes(classes), *[[0.0] * 5] * (len(scores) - 1)])
    losses = target_loss(logits, targets)
    losses.sum().backward()
    assert losses.isfinite().all()
    assert (losses >= -1e-5).all()
    assert logits.grad.isfinite().all()
    assert not logits.grad[1:].any()


def test_the_gradient_of_a_set_keeps_the_shares_of_its_classes():
    logits = torch.tensor([[0.0, 1.0, 2.0, 3.0, 2.0]], requires_grad=True)
    target_loss(logits, torch.tensor([target_of_classes((3, 4))])).sum().backward()
    share = (-logits.grad[0, 3] / logits.grad[0, 4]).item()
    assert -share == pytest.approx(np.exp(1.0), rel=1e-4)


@pytest.mark.parametrize("changes", [{}, {"root_weight": 3.0}, {"label_smoothing": 0.2}])
def test_a_treebank_as_a_source_trains_as_alone(changes):
    settings = SETTINGS.updated(**changes)
    model = new_classifier(settings, vocabulary(TRAIN, None, 0))
    alone = SentimentTask(model, Splits(TRAIN, DEV), settings)
    source = SourcesTask(model, [TREEBANK], settings)
    batch = [3, 7, 1]
    for task in (alone, source):
        task.model.train()
    (expected, count), (loss, same) = alone.loss(batch), source.loss(batch)
    assert count == same
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    metrics, own = source.evaluate(model.eval()), alone.evaluate(model)
    assert {name: metrics["dev_treebank_" + name[4:]] for name in own} == own


def test_weights_are_factors_of_the_loss():
    sources = [TREEBANK, texts(5, weight=2.5)]
    task = task_of(sources)
    same = task_of([TREEBANK, texts(5)])
    same.model = task.model
    first, second = task.loss([0, 1])[0].item(), task.loss([35, 36])[0].item()
    assert task.loss([0, 1, 35, 36])[0].item() == pytest.approx(first + second, rel=1e-5)
    assert second == pytest.approx(2.5 * same.loss([35, 36])[0].item(), rel=1e-5)


def test_each_epoch_draws_a_sample_of_each_source():
    task = task_of([replace(TREEBANK, sample=10), texts(5, sample=6), texts_named("all")])
    drawn = []
    for seed in (1, 2, 1):
        batches = task.batches(np.random.default_rng(seed))
        numbers = sorted(number for batch in batches for number in batch)
        assert len(set(numbers)) == len(numbers) == 36
        assert [sum(low <= n < high for n in numbers) for low, high in ((0, 30), (30, 50))] == [
            10,
            6,
        ]
        assert numbers[16:] == [*range(50, 70)]
        drawn.append(numbers)
    assert drawn[0] == drawn[2] != drawn[1]


@given(st.lists(st.sampled_from([(0,), (0, 1), (2,), (3, 4), ()]), max_size=40), st.data())
def test_balanced_samples(classes, data):
    sample = data.draw(st.integers(1, 45))
    rows = [
        np.array([target_of_classes(each) if each else [0] * 5], np.float32) for each in classes
    ]
    trees = [Tree(("a",), ()) for _ in rows]
    source = Source("texts", Part(trees, rows), sample=sample, balanced=True)
    drawn = source.draw(np.random.default_rng(1)).tolist()
    assert len({*drawn}) == len(drawn) == min(sample, len(rows))
    side = [{0: 0, 2: 1, 3: 2}.get(min(each, default=9), 3) for each in classes]
    taken = [sum(side[i] == each for i in drawn) for each in range(4)]
    left = [side.count(each) - taken[each] for each in range(4)]
    most = max(taken)
    assert all(count >= most - 1 for count, rest in zip(taken, left, strict=True) if rest)


def test_a_source_says_what_its_labels_mean():
    assert texts(5).describe() == (
        "texts: 20 trees, 9 for dev; labels: very negative or negative; neutral; "
        "positive or very positive"
    )
    five = TREEBANK.describe()
    assert five.startswith("treebank: 30 trees, 15 for dev; labels: very negative; negative; ")
    mixed = with_teachers(replace(TREEBANK, train=replace(TREEBANK.train, left_out=3)), PREDICTED)
    assert mixed.describe().endswith("; distributions; 3 more are on no phrase of a tree")
    assert Source("plain", Part()).describe() == "plain: 0 trees, 0 for dev; labels: none"


def texts_named(name):
    return replace(texts(6), name=name)


def test_phrases_of_treebanks_alone_with_the_targets_of_their_nodes():
    settings = SETTINGS.updated(phrase_ratio=0.5)
    mixed = with_teachers(replace(TREEBANK, sample=20), PREDICTED)
    task = task_of([texts(5), mixed], settings)
    batches = task.batches(np.random.default_rng(1))
    assert sum(map(len, batches)) == 20 + 20 + 10
    for example, targets in zip(task._examples, task._targets, strict=True):
        assert len(example.labels) == len(targets)
    for example, targets in zip(task._examples[50:], task._targets[50:], strict=True):
        for label, row in zip(example.labels.tolist(), targets, strict=True):
            assert row[label] >= 0.5  # half of the target is the label's
    assert np.isfinite(train_step(task, [0, 59, 31], 0.0))


def test_teachers_and_labels():
    tree = Tree(("not", "bad"), ((0, 1),))
    labels = np.array([[0, 0, 1, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 1, 1]], np.float32)
    predicted = np.array([[0.2] * 5, [0.1, 0.6, 0.1, 0.1, 0.1], [0.5, 0, 0, 0.4, 0.1]], np.float32)
    source = Source("a", Part([tree], [labels]))
    [found] = with_teachers(source, [predicted], 0.25).train.targets
    np.testing.assert_allclose(found[0], [0.15, 0.15, 0.4, 0.15, 0.15], atol=1e-5)
    np.testing.assert_allclose(found[1], predicted[1], atol=1e-5)
    expected = 0.75 * predicted[2] + 0.25 * np.array([0, 0, 0, 0.8, 0.2])
    np.testing.assert_allclose(found[2], expected, atol=1e-5)
    bare = Source("a", Part([tree], [np.zeros((3, 5), np.float32)]))
    [soft] = with_teachers(bare, [predicted], 1.0, temperature=2.0).train.targets
    roots = np.sqrt(predicted)
    np.testing.assert_allclose(soft, roots / roots.sum(1, keepdims=True), atol=1e-6)


def test_a_low_temperature_leaves_the_largest():
    rows = [np.full((3, 5), 0.2, np.float32), np.array([[0.1, 0.6, 0.1, 0.1, 0.1]] * 3, np.float32)]
    tree = Tree(("not", "bad"), ((0, 1),))
    bare = Source("a", Part([tree] * 2, [np.zeros((3, 5), np.float32)] * 2))
    for temperature in (1e-2, 1e-30, 1e-320):
        even, sharp = with_teachers(bare, rows, temperature=temperature).train.targets
        np.testing.assert_allclose(even, 0.2, atol=1e-6)
        np.testing.assert_allclose(sharp, [[0, 1, 0, 0, 0]] * 3, atol=1e-6)


@pytest.mark.parametrize(
    ("label_weight", "temperature", "message"),
    [(1.5, 1, "label_weight is 1.5"), (-0.1, 1, "label_weight is -0.1"), (0, 0, "temperature is 0"),
     (0, float("nan"), "temperature is nan")],
)  # fmt: skip
def test_wrong_mixtures(label_weight, temperature, message):
    with pytest.raises(InputError, match=f"^{message}, expected "):
        with_teachers(TREEBANK, PREDICTED, label_weight, temperature)


@pytest.mark.parametrize("root_weight", [1.0, 3.0])
def test_the_loss_of_a_mixture_is_the_mixture_of_losses(root_weight):
    settings = TreeSettings().updated(hidden_size=6, **SMALL, root_weight=root_weight)
    model = new_classifier(settings, vocabulary(TRAIN, None, 0)).eval()

    def loss(label_weight):
        source = with_teachers(TREEBANK, PREDICTED, label_weight)
        return SourcesTask(model, [source], settings).loss(range(5))[0].item()

    by_hand, at = 0.0, 0
    batch = model.collate(model.encode(TRAIN[:5]))
    ordered = model.to_tree_order(model(batch), batch).detach()
    for tree, predicted in zip(TRAIN[:5], PREDICTED[:5], strict=True):
        rows = ordered[at : at + tree.num_nodes]
        each = F.cross_entropy(rows, torch.from_numpy(predicted), reduction="none")
        by_hand += float(each.sum() + (root_weight - 1) * each[-1])
        at += tree.num_nodes
    assert loss(0.0) == pytest.approx(by_hand, rel=1e-5)
    assert loss(0.3) == pytest.approx(0.3 * loss(1.0) + 0.7 * loss(0.0), rel=1e-5)


@pytest.mark.parametrize(
    "settings",
    [TreeSettings().updated(hidden_size=8, **SMALL),
     ChainSettings().updated(hidden_size=8, **SMALL), AverageSettings().updated(**SMALL)],
)  # fmt: skip
def test_every_structure_learns(tmp_path, settings):
    """The teacher knows the classes; the texts have no labels."""
    one_hot = np.eye(5, dtype=np.float32) * 0.9 + 0.02
    bare = [Tree(tree.words, tree.children) for tree in TRAIN]
    zeros = [np.zeros((tree.num_nodes, 5), np.float32) for tree in TRAIN]
    source = Source("a", Part(bare, zeros), label_targets(DEV))
    source = with_teachers(source, [one_hot[list(tree.labels)] for tree in TRAIN])
    lines = []
    fit(task_of([source], settings), tmp_path / "m", on_epoch=lines.append)
    assert lines[-1]["a_loss"] < lines[0]["a_loss"]
    assert lines[-1]["dev_a_loss"] < lines[0]["dev_a_loss"]
    config = json.loads((tmp_path / "m" / "config.json").read_text())
    assert config["sources"][0]["name"] == "a"
    assert config["chosen"]["dev_a_loss"] == min(line["dev_a_loss"] for line in lines)


def run(out, sample, **more):
    sources = [with_teachers(TREEBANK, PREDICTED), texts(5, sample=sample, weight=2.0)]
    fit(task_of(sources), out, **more)
    load_sentiment(out)
    return (out / "model.safetensors").read_bytes()


def test_an_interrupted_run_resumes_with_the_same_result(tmp_path):
    def die(epoch, done, _steps):
        if (epoch, done) == (2, 2):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "interrupted", 7, on_step=die)
    assert run(tmp_path / "interrupted", 7) == run(tmp_path / "uninterrupted", 7)
    with pytest.raises(InputError, match="holds a model of other settings"):
        run(tmp_path / "interrupted", 8)


def test_wrong_sources():
    empty = Source("empty", Part(TRAIN[:1], [np.zeros((TRAIN[0].num_nodes, 5), np.float32)]))
    with pytest.raises(InputError, match="source empty: no phrase of its train texts has a label"):
        task_of([TREEBANK, empty])
    with pytest.raises(InputError, match="no dev text has a label"):
        task_of([replace(TREEBANK, dev=Part())])
    with pytest.raises(InputError, match="two sources have one name: treebank, treebank"):
        task_of([TREEBANK, TREEBANK])
    with pytest.raises(InputError, match="weight is -1"):
        replace(TREEBANK, weight=-1)
    with pytest.raises(InputError, match=r"sample is 0\.5"):
        replace(TREEBANK, sample=0.5)
