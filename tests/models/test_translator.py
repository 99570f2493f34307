"""A translator: batches, long and empty texts, and its folder."""

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from treernn.errors import InputError, ModelError
from treernn.models.decoder import SPECIAL_WORDS, collate_targets
from treernn.models.translator import (
    Translator,
    TranslatorConfig,
    collate_sources,
    detokenize_target,
    tokenize_source,
    tokenize_target,
)

SOURCE = (*SPECIAL_WORDS, *"我你他不是汤姆好吗。?")
TARGET = (*SPECIAL_WORDS, *tokenize_target("I you he do n't am Tom good ? . , fine yes no"))
TEXTS = ["我是汤姆。", "", "你好吗？", " \n", "他不是他", "鱼", "好"]


def translator(**changes) -> Translator:
    torch.manual_seed(2)
    settings = {"embedding_size": 6, "hidden_size": 8, **changes}
    model = Translator(TranslatorConfig(**settings), SOURCE, TARGET).eval()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.8)
    return model


@pytest.mark.parametrize("attention", [True, False])
@pytest.mark.parametrize("beam", [1, 3])
def test_batches_equal_single_texts(attention: bool, beam: int) -> None:
    model = translator(attention=attention)
    together = model.translate(TEXTS, beam)
    assert together == [model.translate([text], beam)[0] for text in TEXTS]
    assert together == model.translate(TEXTS, beam, batch_size=2)
    assert together[1] == together[3] == ""
    assert any(together)
    assert model.translate([], beam) == []


def test_long_texts_are_translated_sentence_by_sentence() -> None:
    model = translator()
    one, other = "我是汤姆。" * 2, "你好吗?"
    parts = model.translate(["我是汤姆。", other])
    assert model.translate(["我是汤姆。" * 20 + other]) == [" ".join([parts[0]] * 20 + parts[1:])]
    assert len(model.translate(["我" * 5000])) == 1
    assert model.translate([one]) != [" ".join([parts[0]] * 2)]


def test_attention_is_optional() -> None:
    for attention in (True, False):
        model = translator(attention=attention)
        _, memory = model.run_encoder(collate_sources([model.encode_source("我是")]))
        assert (memory is not None) == attention


@pytest.mark.parametrize("cell", ["elman", "gru", "lstm"])
def test_every_weight_has_a_gradient(cell: str) -> None:
    model = translator(cell=cell, layers=2).train()
    source_batch = collate_sources(
        [model.encode_source(text) for text in ("我是汤姆。", "你好吗?")]
    )
    target_batch = collate_targets(
        [model.encode_target(text) for text in ("I am Tom.", "You good?")]
    )
    scores = model(source_batch, target_batch)
    assert scores.shape == (len(target_batch.labels), len(TARGET))
    torch.nn.functional.cross_entropy(scores, target_batch.labels).backward()
    for name, weight in model.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.abs().max() > 0, name


@pytest.mark.parametrize(("cell", "attention"), [("lstm", True), ("gru", False)])
def test_save_and_load(tmp_path: Path, cell: str, attention: bool) -> None:
    model = translator(cell=cell, attention=attention, layers=2)
    model.save(tmp_path / "model", data="here")
    again = Translator.load(tmp_path / "model")
    assert again.config == model.config
    assert (again.source.words, again.target.words) == (SOURCE, TARGET)
    assert again.translate(TEXTS) == model.translate(TEXTS)


def test_damaged_folders(tmp_path: Path) -> None:
    path = tmp_path / "model"
    translator().save(path)
    config = path / "config.json"
    good = config.read_text()
    for old, new, problem in (
        ('"lstm"', '"rnn"', "describes no translator (cell is 'rnn', expected one of elman, gru"),
        ('"characters": 13', '"characters": 12', "the target vocabulary must begin with"),
        ('"characters"', '"signs"', "config.json describes no translator"),
        ('"hidden_size": 8', '"hidden_size": 7', "hidden_size is 7, expected an even number"),
        ('"hidden_size": 8', '"hidden_size": 10', "weights do not fit config.json"),
        ('"translator"', '"tagger"', "the kind of model is tagger, expected translator"),
    ):
        assert old in good
        config.write_text(good.replace(old, new))
        with pytest.raises(ModelError) as raised:
            Translator.load(path)
        assert str(raised.value).startswith(f"{path}: ")
        assert problem in str(raised.value)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"hidden_size": 0}, "hidden_size is 0, expected a whole number, at least 1"),
        ({"layers": True}, "layers is True, expected a whole number, at least 1"),
        ({"dropout": 1}, "dropout is 1, expected from 0 to below 1"),
        ({"attention": 1}, "attention is 1, expected true or false"),
    ],
)
def test_config_values_out_of_range(values: dict, problem: str) -> None:
    with pytest.raises(InputError) as raised:
        TranslatorConfig(**values)
    assert str(raised.value) == problem


def test_a_beam_size_of_zero() -> None:
    with pytest.raises(InputError, match="beam_size is 0, expected at least 1"):
        translator().translate(["我"], beam_size=0)


def test_source_characters_are_normalized() -> None:
    assert tokenize_source("ＡＢ １２，好 \u3000！") == ["A", "B", "1", "2", ",", "好", "!"]


@given(st.text())
def test_tokenize_any_source(text: str) -> None:
    assert not any(sign.isspace() for sign in tokenize_source(text))


@pytest.mark.parametrize(
    "text", ["I don't know.", "Tom's dog, isn't it?", "It costs $5.50, I'd say!", "She said: no."]
)
def test_detokenize_inverts_tokenize(text: str) -> None:
    assert detokenize_target(tokenize_target(text)) == text
