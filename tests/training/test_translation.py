"""A translator learns; what it is chosen by, and that it is measured with what it never saw."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from treernn.corpora.parallel import Pair
from treernn.errors import InputError, MissingPackageError, ModelError
from treernn.models.translator import Translator
from treernn.training import translation
from treernn.training.translation import (
    Settings,
    check_held_out,
    new_translator,
    quality,
    train_translator,
    vocabulary,
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
SMALL = Settings(
    embedding_size=24,
    hidden_size=32,
    epochs=20,
    batch_size=4,
    learning_rate=0.01,
    ema_decay=0.9,
    dropout=0.0,
    unknown=0.0,
    frequent=1,
)


def test_it_learns_to_translate_what_it_never_saw(tmp_path: Path) -> None:
    out, epochs = tmp_path / "model", []
    best = train_translator(TRAIN, HELD_OUT, SMALL, out, report=epochs.append)
    assert best in epochs
    assert best["dev_bleu"] == max(epoch["dev_bleu"] for epoch in epochs) > 60
    assert best["loss"] < epochs[0]["loss"] / 2
    model, chinese = Translator.load(out), [pair.chinese for pair in HELD_OUT]
    greedy, beam = (
        quality(model.translate(chinese, width), [pair.english for pair in HELD_OUT]).bleu
        for width in (1, 4)
    )
    assert greedy == pytest.approx(best["dev_bleu"])
    assert beam > 60
    check_held_out(out, Splits(TRAIN, HELD_OUT, []))
    for parts in (Splits(TRAIN[1:], HELD_OUT, []), Splits(TRAIN, HELD_OUT[1:], [])):
        with pytest.raises(InputError, match="learnt from other pairs than the train and dev"):
            check_held_out(out, parts)
    with pytest.raises(ModelError, match="no such model folder"):
        check_held_out(tmp_path / "none", Splits(TRAIN, HELD_OUT, []))


def test_without_attention_it_learns_too(tmp_path: Path) -> None:
    epochs = []
    settings = replace(SMALL, attention=False, cell="gru", epochs=8, layers=2, dropout=0.1)
    train_translator(TRAIN, HELD_OUT, settings, tmp_path / "model", report=epochs.append)
    assert epochs[-1]["dev_loss"] < epochs[0]["dev_loss"] / 1.5
    assert epochs[-1]["loss"] < epochs[0]["loss"] / 1.5


def test_the_same_seed_gives_the_same_model_and_another_another(tmp_path: Path) -> None:
    settings = replace(SMALL, epochs=2)
    one, again, other = (
        train_translator(TRAIN, HELD_OUT, replace(settings, seed=seed), tmp_path / name)
        for seed, name in ((1, "one"), (1, "again"), (2, "other"))
    )
    assert one["dev_loss"] == again["dev_loss"] != other["dev_loss"]
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("one", "again")]
    assert weights[0] == weights[1]
    assert json.loads((tmp_path / "one" / "config.json").read_text())["settings"]["seed"] == 1


def test_a_step_goes_down_the_gradient_of_the_smoothed_loss() -> None:
    settings = replace(SMALL, dropout=0, unknown=0, smoothing=0.2, clip=1e9)
    model = new_translator(TRAIN, settings)
    task = translation._Translation(model, TRAIN, HELD_OUT, settings)
    [(source, target)] = task.pairs[:1]
    scores = model(translation.sources([source]), translation.targets([target]))
    log = scores.log_softmax(1)
    gold = torch.tensor([*target.tolist(), translation.END])
    right = log.gather(1, gold.unsqueeze(1)).sum()
    expected = -(0.8 * right + 0.2 * log.mean(1).sum())
    assert task.step([0], 0.5) == pytest.approx(expected.item(), rel=1e-5)
    found = model.decoder.bias.grad
    smoothed = torch.full_like(log, 0.2 / log.shape[1])
    smoothed[range(len(gold)), gold] += 0.8
    torch.testing.assert_close(found, (log.exp() - smoothed).mean(0).detach(), rtol=1e-4, atol=1e-6)


def test_the_learning_rate_rises_then_falls_to_zero() -> None:
    model = new_translator(TRAIN, SMALL)
    task = translation._Translation(model, TRAIN, HELD_OUT, SMALL)
    rates = []
    for done in (0.0, 0.01, 0.02, 0.5, 0.999):
        task.step([0, 1], done)
        rates.append(task.optimizers[0].param_groups[0]["lr"] / SMALL.learning_rate)
    assert rates == pytest.approx([0, 0.495, 0.98, 0.5, 0.001])


def test_only_words_and_never_marks_are_hidden() -> None:
    task = translation._Translation(
        new_translator(TRAIN, SMALL), TRAIN, HELD_OUT, replace(SMALL, unknown=0.5)
    )
    seen = torch.tensor([translation.END, 5] * 1000)
    hidden = task._hide(seen)
    assert bool((hidden[::2] == translation.END).all())
    assert 400 < int((hidden[1::2] == translation.UNKNOWN).sum()) < 600


def test_quality_is_sacrebleus() -> None:
    same = quality(["A cat sat on the mat."], ["A cat sat on the mat."])
    assert (same.bleu, same.chrf) == (pytest.approx(100), pytest.approx(100))
    assert same.signatures[0].startswith("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:")
    assert same.signatures[1].startswith("nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:")
    assert quality(["A cat sat."], ["A cat sat on the mat."]).bleu < 50
    with pytest.raises(InputError, match="no translations to measure"):
        quality([], [])


def test_without_sacrebleu_it_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "sacrebleu.metrics", None)
    with pytest.raises(MissingPackageError, match=r"^sacrebleu is not installed: pip install"):
        quality(["a"], ["a"])


def test_the_frequent_words_are_the_vocabulary() -> None:
    sentences = [["a", "b", "a"], ["b", "c", "b"]]
    assert vocabulary(sentences, 2) == ["<unk>", "</s>", "b", "a"]
    assert vocabulary(sentences, 1) == ["<unk>", "</s>", "b", "a", "c"]


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"epochs": 0}, "epochs is 0, expected at least 1"),
        ({"cell": "rnn"}, "cell is 'rnn', expected one of elman, gru, lstm"),
        ({"unknown": 1.0}, "unknown is 1.0, expected from 0 to below 1"),
        ({"smoothing": 1.0}, "smoothing is 1.0, expected from 0 to below 1"),
        ({"frequent": 0}, "frequent is 0, expected at least 1"),
        ({"clip": 0.0}, "clip is 0.0, expected more than 0"),
    ],
)
def test_a_setting_that_cannot_be(values: dict, problem: str) -> None:
    with pytest.raises(InputError) as raised:
        Settings(**values)
    assert str(raised.value) == problem


def test_nothing_to_learn_from_or_to_choose_by(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no train pairs"):
        train_translator([], HELD_OUT, SMALL, tmp_path)
    with pytest.raises(InputError, match="no dev pairs"):
        train_translator(TRAIN, [], SMALL, tmp_path)
