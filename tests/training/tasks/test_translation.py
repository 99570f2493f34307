"""Training of translators."""

import json
from pathlib import Path

import pytest
import torch

from treernn.corpora.parallel import Pair
from treernn.errors import InputError, ModelError
from treernn.evaluation.translation import translation_metrics
from treernn.models.translator import Translator
from treernn.training.loop.settings import settings_from
from treernn.training.loop.step import train_step
from treernn.training.loop.trainer import fit
from treernn.training.tasks import translation
from treernn.training.tasks.translation import (
    TranslationSettings,
    TranslationTask,
    check_held_out,
    new_translator,
)
from treernn.types import Splits

pytest.importorskip("sacrebleu")

WHO = {"我": "I", "你": "You", "汤姆": "Tom", "他们": "They", "我们": "We"}
WHAT = {"喜欢": "like", "看见": "see", "知道": "know", "想念": "miss", "帮助": "help"}
WHOM = {"猫": "cats", "狗": "dogs", "鱼": "fish", "鸟": "birds"}
PAIRS = [
    Pair(f"{WHO[who]} {WHAT[what]} {WHOM[whom]}.", f"{who}{what}{whom}。")
    for who in WHO
    for what in WHAT
    for whom in WHOM
]
TRAIN = [pair for number, pair in enumerate(PAIRS) if number % 7]
HELD_OUT = PAIRS[::7]
DATA = Splits(TRAIN, HELD_OUT)
SMALL = TranslationSettings().updated(
    embedding_size=24,
    hidden_size=32,
    epochs=20,
    batch_size=4,
    learning_rate=0.01,
    ema_decay=0.9,
    dropout=0.0,
    word_dropout=0.0,
    min_count=1,
)


def task_of(settings: TranslationSettings) -> TranslationTask:
    return TranslationTask(new_translator(settings, TRAIN), DATA, settings)


def test_training(tmp_path: Path) -> None:
    out, epochs = tmp_path / "model", []
    best = fit(task_of(SMALL), out, on_epoch=epochs.append)
    assert best in epochs
    assert best["dev_bleu"] == max(epoch["dev_bleu"] for epoch in epochs) > 60
    assert best["loss"] < epochs[0]["loss"] / 2
    model, chinese = Translator.load(out), [pair.chinese for pair in HELD_OUT]
    greedy, beam = (
        translation_metrics(
            model.translate(chinese, width), [pair.english for pair in HELD_OUT]
        ).bleu
        for width in (1, 4)
    )
    assert greedy == pytest.approx(best["dev_bleu"])
    assert beam > 60
    check_held_out(out, DATA)
    for parts in (Splits(TRAIN[1:], HELD_OUT), Splits(TRAIN, HELD_OUT[1:])):
        with pytest.raises(InputError, match="was not trained on the train and dev parts"):
            check_held_out(out, parts)
    with pytest.raises(ModelError, match="no such model folder"):
        check_held_out(tmp_path / "none", DATA)


def test_training_without_attention(tmp_path: Path) -> None:
    epochs = []
    settings = SMALL.updated(attention=False, cell="gru", epochs=8, layers=2, dropout=0.1)
    fit(task_of(settings), tmp_path / "model", on_epoch=epochs.append)
    assert epochs[-1]["dev_loss"] < epochs[0]["dev_loss"] / 1.5
    assert epochs[-1]["loss"] < epochs[0]["loss"] / 1.5


def test_the_result_depends_on_the_seed(tmp_path: Path) -> None:
    settings = SMALL.updated(epochs=2)
    one, again, other = (
        fit(task_of(settings.updated(seed=seed)), tmp_path / name)
        for seed, name in ((1, "one"), (1, "again"), (2, "other"))
    )
    assert one["dev_loss"] == again["dev_loss"] != other["dev_loss"]
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("one", "again")]
    assert weights[0] == weights[1]
    assert json.loads((tmp_path / "one" / "config.json").read_text())["settings"]["seed"] == 1


def test_the_gradient_of_the_smoothed_loss() -> None:
    settings = SMALL.updated(dropout=0.0, word_dropout=0.0, label_smoothing=0.2, max_grad_norm=0.0)
    task = task_of(settings)
    model = task.model
    [(source, target)] = task._examples[:1]
    scores = model(translation.collate_sources([source]), translation.collate_targets([target]))
    log = scores.log_softmax(1)
    gold = torch.tensor([*target.tolist(), translation.END])
    right = log.gather(1, gold.unsqueeze(1)).sum()
    expected = -(0.8 * right + 0.2 * log.mean(1).sum())
    assert train_step(task, [0], 0.5) == pytest.approx(expected.item(), rel=1e-5)
    found = model.decoder.bias.grad
    smoothed = torch.full_like(log, 0.2 / log.shape[1])
    smoothed[range(len(gold)), gold] += 0.8
    torch.testing.assert_close(found, (log.exp() - smoothed).mean(0).detach(), rtol=1e-4, atol=1e-6)


def test_the_learning_rate_rises_then_falls_to_zero() -> None:
    task = task_of(SMALL)
    rates = []
    for done in (0.0, 0.01, 0.02, 0.5, 0.999):
        train_step(task, [0, 1], done)
        rates.append(task.optimizers[0].param_groups[0]["lr"] / SMALL.learning_rate)
    assert rates == pytest.approx([0, 0.495, 0.98, 0.5, 0.001])


def test_word_dropout_does_not_drop_special_words() -> None:
    task = task_of(SMALL.updated(word_dropout=0.5))
    seen = torch.tensor([translation.END, 5] * 1000)
    hidden = task._drop_words(seen)
    assert bool((hidden[::2] == translation.END).all())
    assert 400 < int((hidden[1::2] == translation.UNKNOWN).sum()) < 600


def test_only_words_of_min_count_are_in_the_vocabulary() -> None:
    pairs = [Pair("a b a", "一二一"), Pair("b c b", "二三二")]
    for count, rest in ((2, ()), (1, ("c",))):
        model = new_translator(SMALL.updated(min_count=count), pairs)
        assert model.target.words == ("<unk>", "</s>", "b", "a", *rest)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"epochs": 0}, "epochs is 0, expected a whole number, at least 1"),
        ({"cell": "rnn"}, "cell is 'rnn', expected one of elman, gru, lstm"),
        ({"word_dropout": 1.0}, "word_dropout is 1.0, expected from 0 to below 1"),
        ({"label_smoothing": 1.0}, "label_smoothing is 1.0, expected from 0 to below 1"),
        ({"min_count": 0}, "min_count is 0, expected a whole number, at least 1"),
        ({"max_grad_norm": -1.0}, "max_grad_norm is -1.0, expected 0 or more, below 1e38"),
    ],
)
def test_wrong_settings(values: dict, problem: str) -> None:
    with pytest.raises(InputError) as raised:
        settings_from(TranslationSettings, values)
    assert str(raised.value) == problem


def test_wrong_data() -> None:
    model = new_translator(SMALL, TRAIN)
    for name, data in (("train", Splits([], HELD_OUT)), ("dev", Splits(TRAIN, []))):
        with pytest.raises(InputError, match=f"no {name} pairs"):
            TranslationTask(model, data, SMALL)
