"""Every field, weight and file of every kind of model folder, with every wrong value.

The model loads and its results are numbers, or there is one line.
"""

import json
import math
import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from treernn.encoders.encoder import load_encoder
from treernn.encoders.fine_tuning import set_trainable
from treernn.encoders.tuning import Tuning
from treernn.errors import InputError, ModelError
from treernn.models.average_classifier import AverageClassifier, AverageConfig
from treernn.models.captioner import Captioner, CaptionerConfig
from treernn.models.chain_classifier import ChainClassifier, ChainConfig
from treernn.models.decoder import SPECIAL_WORDS
from treernn.models.sentiment import load_sentiment
from treernn.models.storage import CONFIG, VOCABULARY, WEIGHTS
from treernn.models.stored_model import StoredModel
from treernn.models.tagger import Tagger, TaggerConfig
from treernn.models.translator import Translator, TranslatorConfig
from treernn.models.tree_classifier import TreeClassifier, TreeConfig
from treernn.parsing.encoder_parser import EncoderParser, EncoderParserConfig
from treernn.parsing.loading import load_parser, load_trained
from treernn.parsing.lstm_parser import LSTMParser, LSTMParserConfig
from treernn.types import Tree

TREES = [Tree(("a", "good", "film"), ((0, 1), (3, 2))), Tree(("odd",))]
TEXTS = [("a", "good", "film"), ("odd",)]
WORDS = ("<unk>", "a", "good", "film")
DECODED = (*SPECIAL_WORDS, "a", "good", "film")


class Kind(NamedTuple):
    """A kind of folder.

    Attributes:
        build: makes a small model; with the argument, its encoder.
        load: loads the folder.
        use: numbers that the model computes.
        on_encoder: how its encoder is trained, None for none.
    """

    build: Callable[..., StoredModel]
    use: Callable[[Any], list[Any]]
    load: Callable[[Path], Any]
    on_encoder: str | None = None


def classify(model: Any) -> list[Any]:
    return [*model.distributions(TREES), model.roots(TREES)]


def parse(model: Any) -> list[Any]:
    return [*(tree.children for tree in model.parse(TEXTS)), *model.span_probabilities(TEXTS)]


def classifier(build: Callable[..., StoredModel], on_encoder: str | None = None) -> Kind:
    return Kind(build, classify, load_sentiment, on_encoder)


KINDS = {
    "tree": classifier(lambda: TreeClassifier(TreeConfig(4, hidden_size=3), WORDS)),
    "bidirectional tree": classifier(
        lambda: TreeClassifier(TreeConfig(4, hidden_size=3, bidirectional=True), WORDS)
    ),
    "average": classifier(lambda: AverageClassifier(AverageConfig(4, hidden_size=3), WORDS)),
    "chain": classifier(lambda: ChainClassifier(ChainConfig(4, hidden_size=3, layers=2), WORDS)),
    "tree on an encoder": classifier(
        lambda encoder: TreeClassifier(TreeConfig(8, hidden_size=3), encoder), "layers"
    ),
    "average on adapters": classifier(
        lambda encoder: AverageClassifier(AverageConfig(8), encoder), "lora"
    ),
    "tagger of words": Kind(
        lambda: Tagger(TaggerConfig(4, 3, 2, subword_size=2, subword_rows=9), ("A", "B"), WORDS),
        lambda model: [*model.distributions(TEXTS), *model.tag(TEXTS)],
        Tagger.load,
    ),
    "tagger of frames": Kind(
        lambda: Tagger(
            TaggerConfig(4, 3, 1, frame_size=2, subword_size=0, subword_rows=0), ("A", "B")
        ),
        lambda model: model.distributions([np.ones((3, 2), np.float32)]),
        Tagger.load,
    ),
    "captioner of digits": Kind(
        lambda: Captioner(CaptionerConfig(0, 4, 3), DECODED),
        lambda model: [each.score for each in model.caption([np.ones((8, 8), np.float32)], 2)],
        Captioner.load,
    ),
    "captioner of features": Kind(
        lambda: Captioner(CaptionerConfig(2, 4, 3, "gru", 2), DECODED),
        lambda model: [each.score for each in model.caption([np.ones(2, np.float32)], 2)],
        Captioner.load,
    ),
    "translator": Kind(
        lambda: Translator(TranslatorConfig(4, 4, layers=2), (*SPECIAL_WORDS, "你", "好"), DECODED),
        lambda model: model.translate(["你好", "好"], beam_size=2),
        Translator.load,
    ),
    "parser": Kind(
        lambda: LSTMParser((*("<unk>", "<s>", "</s>"), "a"), LSTMParserConfig(4, 3, 9, 3, 2, 2)),
        parse,
        load_trained,
    ),
    "parser on an encoder": Kind(
        lambda encoder: EncoderParser(encoder, EncoderParserConfig(2)),
        parse,
        load_trained,
        "frozen",
    ),
}

WRONG: tuple[Any, ...] = (
    *(None, True, False, -1, 0, 1, 2, 7, 10**6, 10**9, 2**31, 2**40, 2**63, 10**400),
    *(0.5, -0.5, 1.5, 1e-300, 1e300, math.nan, math.inf, "", "x", "2", "lstm", "x\ny\x1b[1m"),
    *("x" * 100_000, "../..", "/dev/zero", "a\0b", "\ud800", [], [1], ["x"], {}, {"x": 1}),
    [[]] * 1000,
)


@pytest.fixture(autouse=True)
def no_hang() -> Iterator[None]:
    """A hang fails."""
    signal.alarm(120)
    yield
    signal.alarm(0)


@pytest.fixture(autouse=True)
def no_hub(tmp_path, monkeypatch) -> None:
    """The name of an encoder may be anything; nothing is looked up in a network."""
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


@pytest.fixture(scope="module")
def folders(tiny_encoder, tmp_path_factory) -> Callable[[str], Path]:
    """The folder of a model of a kind; a test may change it and has to restore it."""

    def folder(name: str) -> Path:
        kind, path = KINDS[name], tmp_path_factory.mktemp("kind") / "model"
        with torch.random.fork_rng():
            torch.manual_seed(1)
            arguments = []
            if kind.on_encoder:
                pytest.importorskip("peft")
                arguments = [load_encoder(tiny_encoder())]
                set_trainable(arguments[0], Tuning(kind.on_encoder, lora_rank=2))
            kind.build(*arguments).save(path)
        return path

    return folder


def outcome(kind: Kind, folder: Path) -> str:
    """Load and use a model: the line of an error, or nothing."""
    try:
        model = kind.load(folder)
        results = kind.use(model)
    except ModelError as error:
        line = str(error)
        assert line.isprintable(), line[:300]
        assert len(line) < 1000
        return line
    for numbers in results:
        if isinstance(numbers, np.ndarray | float):
            assert np.isfinite(numbers).all()
    return ""


def fields(values: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The places of all values."""
    for name, value in values.items():
        yield (*path, name)
        if isinstance(value, dict):
            yield from fields(value, (*path, name))


def place(values: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        values = values[name]
    return values


def changed(values: Any, path: tuple[str, ...], value: Any) -> Any:
    """A copy with one value changed, or with ``...`` removed."""
    first, *rest = path
    if rest:
        return {**values, first: changed(values[first], tuple(rest), value)}
    others = {name: other for name, other in values.items() if name != first}
    return others if value is ... else {**others, first: value}


@pytest.mark.parametrize("name", KINDS)
def test_every_field_with_every_wrong_value(folders, name, recwarn, capfd):
    kind, folder = KINDS[name], folders(name)
    config = json.loads((folder / CONFIG).read_text())
    assert outcome(kind, folder) == ""
    capfd.readouterr()
    needed = {("format",), ("kind",), ("model",), ("encoder", "base"), ("tags",), ("characters",)}
    for path in fields(config):
        if kind.on_encoder and path[0] != "encoder":
            continue  # as without one
        for value in (..., *WRONG):
            if value == place(config, path):
                continue
            (folder / CONFIG).write_text(json.dumps(changed(config, path, value)))
            line = outcome(kind, folder)
            assert line or value is ... or path not in needed, (path, value)
            assert line.startswith(str(folder)) or not line or path[0] == "encoder", line
    assert not recwarn
    assert capfd.readouterr() == ("", "")


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return {name: weight.clone() for name, weight in load_file(folder / WEIGHTS).items()}


def filled(value: float) -> Callable[[torch.Tensor], torch.Tensor]:
    """Set the last number."""

    def change(weight: torch.Tensor) -> torch.Tensor:
        weight = weight.float().clone()
        weight.view(-1)[-1:] = value
        return weight

    return change


DAMAGE: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "NaN": filled(math.nan),
    "infinite": filled(-math.inf),
    "3e38": filled(3e38),
    "1e13": filled(1e13),
    "int64": lambda weight: weight.long(),
    "bool": lambda weight: weight.bool(),
    "float64": lambda weight: weight.double(),
    "float8": lambda weight: weight.float().to(torch.float8_e4m3fn),
    "int8": lambda weight: weight.to(torch.int8),
    "complex": lambda weight: weight.to(torch.complex64),
    "0 dimensions": lambda weight: weight.view(-1)[:1].view([]).clone(),
    "int8 of 0 dimensions": lambda _: torch.tensor(1, dtype=torch.int8),
    "one dimension more": lambda weight: weight[None].clone(),
    "int8, one dimension more": lambda weight: weight[None].to(torch.int8),
    "no rows": lambda weight: weight[:0].clone(),
    "a row more": lambda weight: torch.cat([weight, weight[:1]]),
}


@pytest.mark.parametrize("name", KINDS)
def test_every_weight_damaged(folders, name, recwarn, capfd):
    kind, folder = KINDS[name], folders(name)
    stored = weights(folder)
    for weight in list(stored)[:: 6 if kind.on_encoder == "layers" else 1]:
        for damage in DAMAGE.values():
            damaged = damage(stored[weight])
            if damaged.dtype == stored[weight].dtype and damaged.equal(stored[weight]):
                continue
            save_file(stored | {weight: damaged}, folder / WEIGHTS)
            line = outcome(kind, folder)
            assert (
                weight.removesuffix("weight").removesuffix("scale") in line or "lora_rank" in line
            )
            assert line.startswith(str(folder))
        save_file({each: stored[each] for each in stored if each != weight}, folder / WEIGHTS)
        assert re.search("missing|no such weight|lora_rank", outcome(kind, folder))
    save_file({**stored, "more": torch.ones(2)}, folder / WEIGHTS)
    assert "more is [2], expected no such weight" in outcome(kind, folder)
    save_file(stored, folder / WEIGHTS)
    assert outcome(kind, folder) == ""
    assert not recwarn
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("scale", [1e4, 1e8, 1e11])
@pytest.mark.parametrize("name", KINDS)
def test_large_weights_give_numbers_or_one_line(folders, name, scale):
    kind, folder = KINDS[name], folders(name)
    stored = weights(folder)
    random = torch.Generator().manual_seed(1)
    large = {
        name: torch.randn(weight.shape, generator=random) * scale
        for name, weight in stored.items()
        if weight.dtype != torch.int8 and not name.endswith("scale")
    }
    save_file(stored | large, folder / WEIGHTS)
    outcome(kind, folder)


@pytest.mark.parametrize("file", [CONFIG, VOCABULARY, WEIGHTS])
@pytest.mark.parametrize("name", ["tree", "parser", "translator", "tree on an encoder"])
def test_every_file_damaged(folders, name, file):
    kind, folder = KINDS[name], folders(name)
    path = folder / file
    content = path.read_bytes()
    damages = (b"", content[: len(content) // 2], b"\xff" + content, b"[" * 10**5, content * 2)
    for damaged in damages:
        if damaged != content:
            path.write_bytes(damaged)
            assert outcome(kind, folder).startswith(str(folder))
    path.unlink()
    assert outcome(kind, folder).startswith(str(folder))
    os.mkfifo(path)
    assert outcome(kind, folder) == f"{path}: not a regular file"
    path.unlink()
    path.mkdir()
    assert outcome(kind, folder) == f"{path}: not a regular file"
    path.rmdir()
    path.symlink_to("/dev/zero")
    assert outcome(kind, folder) == f"{path}: not a regular file"


def test_a_configuration_that_describes_a_model_of_hours(folders):
    folder = folders("chain")
    config = json.loads((folder / CONFIG).read_text())
    for field, value in (("layers", 10**9), ("hidden_size", 2**30), ("embedding_size", 2**30)):
        (folder / CONFIG).write_text(json.dumps(changed(config, ("model", field), value)))
        assert outcome(KINDS["chain"], folder) == (
            f"{folder}: {CONFIG} describes no classifier (it describes a larger model than the one "
            "in the file of weights)"
        )
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", ["x" * 5000, "x/" * 3000, "a\0b", "", "\ud800"])
def test_names_that_no_folder_has(name):
    for load in (load_sentiment, load_parser, load_encoder, Tagger.load, load_trained):
        with pytest.raises((ModelError, InputError)):
            load(name)
