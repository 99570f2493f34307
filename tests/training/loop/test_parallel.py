"""Several processes that train one model: their gradients, weights and metrics are those of one."""

import json
import os
import shutil
import warnings
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from graphs import needs_dgl
from hypothesis import given
from hypothesis import strategies as st
from together import together
from training_tasks import TASKS, TREES, sentiment

from treernn.cells import CELLS
from treernn.errors import ProcessError, TrainingWarning, TreernnError
from treernn.models.storage import CONFIG, FILES
from treernn.training.data.sources import Source, label_targets
from treernn.training.loop.parallel import Replica, Workers, shares
from treernn.training.loop.step import prepare, set_gradients
from treernn.training.loop.trainer import METRICS, fit
from treernn.training.tasks.initialization import new_classifier
from treernn.training.tasks.sentiment import SentimentTask, vocabulary
from treernn.training.tasks.sentiment_settings import (
    EncoderAverageSettings,
    EncoderTreeSettings,
    TreeSettings,
)
from treernn.training.tasks.sources_task import SourcesTask
from treernn.types import Splits, Tree

DROPOUTS = ("dropout", "weight_dropout", "word_dropout", "input_dropout", "target_dropout")

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@given(st.lists(st.integers(1, 50), max_size=40), st.integers(1, 6))
def test_shares_are_about_equal(sizes, count):
    cut = shares(sizes, count)
    assert len(cut) == count
    assert sorted(item for share in cut for item in share) == [*range(len(sizes))]
    assert all(share == sorted(share) for share in cut)
    sums = [sum(sizes[item] for item in share) for share in cut]
    assert max(sums) - min(sums) <= max(sizes, default=0)


def exact(task, **settings):
    """The task in float64, without random numbers."""
    task.model.double()
    for module in task.model.modules():
        for name in ("p", *DROPOUTS):
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, 0.0)
        if type(module).__module__.startswith("treernn.models") and hasattr(module, "config"):
            known = {*DROPOUTS} & {*vars(module.config)}
            module.config = replace(module.config, **dict.fromkeys(known, 0.0))
    known = {"word_dropout", "distortion"} & {*vars(task.settings)}
    task.settings = replace(task.settings, **dict.fromkeys(known, 0.0), **settings)
    in_float32 = task.prepare
    task.prepare = lambda batch: doubled(in_float32(batch))
    return task


def doubled(value):
    """With all numbers in float64."""
    if isinstance(value, torch.Tensor):
        return value.double() if value.is_floating_point() else value
    if isinstance(value, tuple):
        parts = map(doubled, value)
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return value


def gradients(task, workers, batch):
    """The gradients of a batch by name; sparse ones as pairs of rows and values."""
    loss = set_gradients(Replica(task, workers), prepare(task, workers, batch))
    found = {}
    for name, weight in task.model.named_parameters():
        if weight.grad is not None and weight.grad.is_sparse:
            grad = weight.grad.coalesce()
            found[name] = grad.indices(), grad.values()
        elif weight.grad is not None:
            found[name] = (weight.grad.clone(),)
    return workers.add_up(loss.clone()), found


def check_together(count, cases, folder, rtol=1e-9, atol=1e-12):
    """The gradients of several processes are equal, and those of one."""

    def work():
        workers, results = Workers.current(), {}
        for name, (task, batch) in cases.items():
            task.model.train()
            expected = gradients(task, Workers(), batch)
            results[name] = expected, gradients(task, workers, batch)
        return results

    first, *others = together(count, work, folder)
    for expected, found in first.values():
        torch.testing.assert_close(found, expected, rtol=rtol, atol=atol)
        assert any(values.abs().max() > 0 for gradient in found[1].values() for values in gradient)
    for results in others:
        for name, (_, found) in results.items():
            torch.testing.assert_close(found, first[name][1], rtol=0, atol=0)
    return first


@needs_fork
@pytest.mark.parametrize("count", [2, 3])
def test_gradients_are_those_of_one_process(tmp_path, count):
    cases = {}
    for name, make in TASKS.items():
        task = exact(make("float32"))
        cases[name] = task, range(min(7, len(task.data.train)))  # two examples: an empty share
    check_together(count, cases, tmp_path)


@needs_fork
@needs_dgl
def test_gradients_of_all_cells_by_both_backends(tmp_path):
    cases = {}
    for cell in CELLS:
        for backend in ("levels", "dgl"):
            task = exact(sentiment(TreeSettings, cell=cell)("float32"))
            task.model.forward = partial(task.model.forward, backend=backend)
            cases[cell, backend] = task, range(5)
    check_together(2, cases, tmp_path)


@needs_fork
def test_gradients_on_an_encoder(tmp_path, tiny_encoder):
    pytest.importorskip("peft")
    kinds = {"tree": EncoderTreeSettings, "average": EncoderAverageSettings}
    cases = {}
    for name, kind in kinds.items():
        for tuning in ("full", "lora"):
            settings = kind(precision="float32", tuning=tuning).updated(encoder=str(tiny_encoder()))
            task = exact(SentimentTask(new_classifier(settings), TREES, settings))
            task.model.float()  # the vectors of encoders are
            task.prepare = SentimentTask.prepare.__get__(task)
            cases[name, tuning] = task, range(7)
    check_together(2, cases, tmp_path, rtol=1e-4, atol=1e-6)


@needs_fork
def test_unused_weights_and_words_of_one_process(tmp_path):
    """Single words need no merging, and words differ: in one process alone, in both, in none."""
    trees = [Tree((word,), (), (3,)) for word in "abcd"]
    pair = Tree(("e", "f"), ((0, 1),), (1, 3, 4))
    data = Splits([*trees, pair], trees)
    settings = TreeSettings().updated(embedding_size=5, hidden_size=6)
    model = new_classifier(settings, vocabulary(data.train, None, 0))
    task = exact(SentimentTask(model, data, settings))
    batches = {"all": range(5), "words": range(4), "one": [0], "a pair": [4]}
    cases = {name: (task, batch) for name, batch in batches.items()}
    found = check_together(2, cases, tmp_path)
    rows = {name: len(result[1][1]["embedding.weight"][0][0]) for name, result in found.items()}
    assert rows == {"all": 6, "words": 4, "one": 1, "a pair": 2}


@pytest.mark.parametrize("name", TASKS)
def test_accumulated_gradients_are_those_of_the_whole_batch(name):
    task = exact(TASKS[name]("float32"))
    batch = range(min(7, len(task.data.train)))
    expected = gradients(task, Workers(), batch)
    task.settings = replace(task.settings, accumulation_steps=3)
    assert len(prepare(task, Workers(), batch).parts) == min(3, len(batch))
    torch.testing.assert_close(gradients(task, Workers(), batch), expected, rtol=1e-9, atol=1e-12)


@needs_fork
def test_accumulated_gradients_of_several_processes(tmp_path):
    cases = {}
    for name in ("tree", "bidirectional", "parser"):
        task = exact(TASKS[name]("float32"), accumulation_steps=2)
        cases[name] = task, range(7)
    check_together(2, cases, tmp_path)


# Whole trainings


SETTINGS = TreeSettings(max_grad_norm=0.5, ema_decay=0.8).updated(
    embedding_size=5, hidden_size=6, epochs=3, batch_size=4, dropout=0.0
)


def training(settings=SETTINGS, double=True):
    model = new_classifier(settings, vocabulary(TREES.train, None, 0))
    source = Source("a", *map(label_targets, TREES[:2]), treebank=True)
    task = SourcesTask(model, [source], settings)
    return exact(task) if double else task


def without_seconds(metrics):
    return {name: value for name, value in metrics.items() if name != "seconds"}


def lines(out):
    text = (out / METRICS).read_text().splitlines()
    return [without_seconds(json.loads(line)) for line in text]


@needs_fork
def test_a_training_is_that_of_one_process(tmp_path):
    """Clipped gradients, the moving average, metrics and the model; all processes stay equal."""
    expected = fit(training(), tmp_path / "one")

    def work():
        task, steps = training(), []
        best = fit(task, tmp_path / "two", on_step=lambda *step: steps.append(step))
        weights = {name: value.numpy() for name, value in task.model.state_dict().items()}
        return best, weights, len(steps)

    results = together(2, work, tmp_path)
    for best, weights, _ in results:
        assert best == results[0][0]
        assert without_seconds(best) == pytest.approx(without_seconds(expected))
        for name, value in weights.items():
            np.testing.assert_array_equal(value, results[0][1][name])
    assert [steps for *_, steps in results] == [3 * 3, 0]
    for one, two in zip(lines(tmp_path / "one"), lines(tmp_path / "two"), strict=True):
        assert one == pytest.approx(two)
    assert sorted(os.listdir(tmp_path / "one")) == sorted(os.listdir(tmp_path / "two"))


@needs_fork
def test_each_process_draws_its_own_dropout(tmp_path):
    settings = SETTINGS.updated(dropout=0.5, epochs=1, batch_size=16)

    def work():
        task, drawn = training(settings, double=False), []
        forward = task.model.forward

        def recorded(*inputs):
            drawn.append(torch.get_rng_state().numpy().tobytes())
            return forward(*inputs)

        task.model.forward = recorded
        fit(task, tmp_path / "model")
        return drawn[0]

    states = together(2, work, tmp_path)
    assert states[0] != states[1]


class Stopped(BaseException):
    """As if killed after an epoch."""


@needs_fork
def test_a_training_resumes(tmp_path):
    """With the same bytes in as many processes; with another number a note says so."""
    settings = SETTINGS.updated(dropout=0.3)

    def work(out, epochs=None):
        def stop(metrics):
            if metrics["epoch"] == epochs:
                raise Stopped

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", TrainingWarning)
            try:
                fit(training(settings, double=False), out, on_epoch=stop)
            except (Stopped, ProcessError) as error:
                return type(error).__name__
        return [str(warning.message) for warning in caught]

    a, b = tmp_path / "unbroken", tmp_path / "resumed"
    assert together(2, partial(work, a), tmp_path) == [[], []]
    ended = together(2, partial(work, b, 2), tmp_path)
    assert ended == ["Stopped", "ProcessError"]
    shutil.copytree(b, tmp_path / "alone")
    assert together(2, partial(work, b), tmp_path) == [[], []]
    for name in FILES:
        if name != CONFIG:
            assert (a / name).read_bytes() == (b / name).read_bytes(), name
    assert lines(a) == lines(b)
    [note] = work(tmp_path / "alone")
    assert note.endswith(
        "was trained by 2 process(es) so far and goes on with 1: the model is about as good, but "
        "not the same"
    )
    assert len(lines(tmp_path / "alone")) == 3


@needs_fork
def test_errors_of_all_processes(tmp_path):
    def failure(work):
        def caught():
            try:
                work()
            except TreernnError as error:
                return type(error).__name__, str(error)

        return caught

    few = partial(fit, training(SETTINGS.updated(batch_size=1)), tmp_path / "m")
    for name, message in together(2, failure(few), tmp_path):
        assert (name, message) == (
            "InputError",
            "batch_size is 1, expected at least one example for each of 2 processes",
        )

    def different():
        rank = int(os.environ["RANK"])
        fit(training(SETTINGS.updated(learning_rate=0.1 + rank)), tmp_path / "m")

    for name, message in together(2, failure(different), tmp_path):
        assert name == "InputError"
        assert message.startswith("process 1 of this training has other settings, data")

    settings = SETTINGS.updated(learning_rate=9e37, max_grad_norm=0.0)
    diverging = partial(fit, training(settings, double=False), tmp_path / "m")
    for _, message in together(2, failure(diverging), tmp_path):
        assert message.startswith("the loss became NaN or infinite in epoch 1, step")
    assert not list(tmp_path.glob("m/*"))


@needs_fork
def test_a_process_that_dies_ends_the_others(tmp_path):
    def work():
        def die(_epoch, step, _steps):
            if step == 2:
                os._exit(7)

        try:
            fit(training(), tmp_path / "m", on_step=die)
        except ProcessError as error:
            return str(error)

    dead, *others = together(3, work, tmp_path)
    assert dead is None  # process 0, which called on_step
    message = "another process of this training has ended, or cannot be reached"
    assert others == [message, message]
