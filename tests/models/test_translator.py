"""A translator: batches as one by one, long and empty texts, and its folder on disk."""

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from treernn.errors import InputError, ModelError
from treernn.models.decoder import MARKS, targets
from treernn.models.translator import (
    Translator,
    TranslatorConfig,
    characters,
    sentence,
    sources,
    words,
)

SOURCE = (*MARKS, *"我你他不是汤姆好吗。?")
TARGET = (*MARKS, *words("I you he do n't am Tom good ? . , fine yes no"))
TEXTS = ["我是汤姆。", "", "你好吗？", " \n", "他不是他", "鱼", "好"]


def translator(**changes) -> Translator:
    torch.manual_seed(2)
    settings = {"embedding_size": 6, "hidden_size": 8, **changes}
    made = Translator(TranslatorConfig(**settings), SOURCE, TARGET).eval()
    for weight in made.parameters():
        torch.nn.init.normal_(weight, std=0.8)
    return made


@pytest.mark.parametrize("attention", [True, False])
@pytest.mark.parametrize("beam", [1, 3])
def test_together_is_one_by_one(attention: bool, beam: int) -> None:
    made = translator(attention=attention)
    together = made.translate(TEXTS, beam)
    assert together == [made.translate([text], beam)[0] for text in TEXTS]
    assert together == made.translate(TEXTS, beam, batch=2)
    assert together[1] == together[3] == ""
    assert any(together)
    assert made.translate([], beam) == []


def test_a_long_text_is_translated_sentence_by_sentence() -> None:
    made = translator()
    one, other = "我是汤姆。" * 2, "你好吗?"
    parts = made.translate(["我是汤姆。", other])
    assert made.translate(["我是汤姆。" * 20 + other]) == [" ".join([parts[0]] * 20 + parts[1:])]
    assert len(made.translate(["我" * 5000])) == 1
    assert made.translate([one]) != [" ".join([parts[0]] * 2)]


def test_with_no_attention_the_last_state_is_all_that_is_read() -> None:
    for attention in (True, False):
        made = translator(attention=attention)
        _, memory = made.encode(sources([made.source_rows("我是")]))
        assert (memory is not None) == attention


@pytest.mark.parametrize("cell", ["elman", "gru", "lstm"])
def test_every_weight_learns(cell: str) -> None:
    made = translator(cell=cell, layers=2).train()
    read = sources([made.source_rows(text) for text in ("我是汤姆。", "你好吗?")])
    written = targets([made.target_rows(text) for text in ("I am Tom.", "You good?")])
    scores = made(read, written)
    assert scores.shape == (len(written.gold), len(TARGET))
    torch.nn.functional.cross_entropy(scores, written.gold).backward()
    for name, weight in made.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.abs().max() > 0, name


@pytest.mark.parametrize(("cell", "attention"), [("lstm", True), ("gru", False)])
def test_saved_and_loaded_it_translates_alike(tmp_path: Path, cell: str, attention: bool) -> None:
    made = translator(cell=cell, attention=attention, layers=2)
    made.save(tmp_path / "model", data="here")
    again = Translator.load(tmp_path / "model")
    assert again.config == made.config
    assert (again.source.words, again.target.words) == (SOURCE, TARGET)
    assert again.translate(TEXTS) == made.translate(TEXTS)


def test_what_is_no_translator_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model"
    translator().save(path)
    config = path / "config.json"
    good = config.read_text()
    for old, new, problem in (
        ('"lstm"', '"rnn"', "describes no translator (cell is 'rnn', expected one of elman, gru"),
        ('"characters": 13', '"characters": 12', "the target vocabulary does not begin with"),
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
def test_a_setting_that_cannot_be(values: dict, problem: str) -> None:
    with pytest.raises(InputError) as raised:
        TranslatorConfig(**values)
    assert str(raised.value) == problem


def test_a_beam_needs_a_width() -> None:
    with pytest.raises(InputError, match="the beam is 0 wide, expected at least 1"):
        translator().translate(["我"], beam=0)


def test_characters_in_one_width() -> None:
    assert characters("ＡＢ １２，好 \u3000！") == ["A", "B", "1", "2", ",", "好", "!"]


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert not any(sign.isspace() for sign in characters(text))


@pytest.mark.parametrize(
    "text", ["I don't know.", "Tom's dog, isn't it?", "It costs $5.50, I'd say!", "She said: no."]
)
def test_sentences_come_back_from_their_words(text: str) -> None:
    assert sentence(words(text)) == text
