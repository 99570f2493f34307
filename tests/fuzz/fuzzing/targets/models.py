"""Folders of models and checkpoints: loaded, then used."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch

import treernn
from fuzzing import archives
from fuzzing.case import Case, Target, options_of, with_options
from fuzzing.mutations import hostile_text, hostile_value, json_bytes, mutate_bytes, mutate_json
from fuzzing.targets.texts import check_result
from treernn.models.average_classifier import AverageClassifier, AverageConfig
from treernn.models.captioner import Captioner, CaptionerConfig
from treernn.models.chain_classifier import ChainClassifier, ChainConfig
from treernn.models.decoder import SPECIAL_WORDS
from treernn.models.tagger import Tagger, TaggerConfig
from treernn.models.translator import Translator, TranslatorConfig
from treernn.models.tree_classifier import TreeClassifier, TreeConfig
from treernn.parsing.loading import load_trained
from treernn.parsing.lstm_parser import LSTMParser, LSTMParserConfig
from treernn.training.loop.checkpoint import load_checkpoint, save_checkpoint

WORDS = ("<unk>", "a", "bad", "film", "good", "great", "not")
PARSED = ("<unk>", "<s>", "</s>", *WORDS[1:])
SPECIAL = (*SPECIAL_WORDS, "a", "b")
TEXTS = ("Not a good film. It is bad!", "great")
CONFIG, VOCABULARY, WEIGHTS = "config.json", "vocabulary.txt", "model.safetensors"


def _models() -> dict[str, Any]:
    return {
        "tree": TreeClassifier(TreeConfig(embedding_size=4, hidden_size=3), WORDS),
        "chain": ChainClassifier(ChainConfig(embedding_size=4, hidden_size=3), WORDS),
        "average": AverageClassifier(AverageConfig(embedding_size=4), WORDS),
        "parser": LSTMParser(PARSED, LSTMParserConfig(4, 4, 16, 4, 1, 4)),
        "tagger": Tagger(TaggerConfig(4, 4, 1, subword_size=4, subword_rows=16), ("N", "V"), WORDS),
        "frames": Tagger(
            TaggerConfig(4, 4, 1, subword_size=0, subword_rows=0, frame_size=3), ("N", "V")
        ),
        "captioner": Captioner(CaptionerConfig(4, 4, 4), SPECIAL),
        "translator": Translator(TranslatorConfig(4, 4), SPECIAL, SPECIAL),
    }


def _score(folder: Path) -> None:
    for text, result in zip(TEXTS, treernn.load(folder).score_many(TEXTS), strict=True):
        check_result(text, result)


def _parse(folder: Path) -> None:
    [tree] = load_trained(folder).parse([("Not", "a", "good", "film")])
    assert len(tree.children) == 3, "a binary tree"


def _tag(folder: Path) -> None:
    _check_tags(Tagger.load(folder), ["a", "film"])


def _tag_frames(folder: Path) -> None:
    _check_tags(Tagger.load(folder), np.ones((2, 3), np.float32))


def _check_tags(tagger: Tagger, steps: Any) -> None:
    [rows] = tagger.distributions([steps])
    assert np.isfinite(rows).all(), "probabilities"
    assert set(*tagger.tag([steps])) <= set(tagger.tags), "tags"


def _caption(folder: Path) -> None:
    captioner = Captioner.load(folder)
    image = np.ones(4, np.float32)
    captioner.check(image, "image")
    captioner.caption([image])


def _translate(folder: Path) -> None:
    Translator.load(folder).translate(["ab"])


USES: dict[str, Callable[[Path], None]] = {
    "tree": _score,
    "chain": _score,
    "average": _score,
    "parser": _parse,
    "tagger": _tag,
    "frames": _tag_frames,
    "captioner": _caption,
    "translator": _translate,
}


@cache
def folders() -> dict[str, dict[str, bytes]]:
    """The files of a small model of each kind."""
    found = {}
    with tempfile.TemporaryDirectory() as root, torch.random.fork_rng():
        torch.manual_seed(1)
        for name, model in _models().items():
            folder = Path(root, name)
            model.save(folder)
            USES[name](folder)
            found[name] = {file.name: file.read_bytes() for file in folder.iterdir()}
    return found


def _make_model(random: Random) -> Case:
    kind = random.choice([*USES])
    files = dict(folders()[kind])
    match random.randrange(8):
        case 0 | 1 | 2:
            config = json.loads(files[CONFIG])
            if random.random() < 0.5 and isinstance(config.get("model"), dict):
                config["model"][random.choice([*config["model"], "new"])] = hostile_value(random)
            else:
                config = mutate_json(random, config)
            files[CONFIG] = json_bytes(random, config)
        case 3 | 4 | 5:
            files[WEIGHTS] = archives.safetensors_of(random, files[WEIGHTS])
        case 6:
            files[VOCABULARY] = _vocabulary(random, files[VOCABULARY])
        case 7:
            name = random.choice([*files])
            if random.random() < 0.5:
                del files[name]
            else:
                other = folders()[random.choice([*USES])]
                files[name] = random.choice((b"", mutate_bytes(random, files[name]), other[name]))
    return with_options(files, kind=kind)


def _vocabulary(random: Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    match random.randrange(6):
        case 0:
            return data.replace(b"\n", b"\r\n")
        case 1:
            return b""
        case 2:
            lines.insert(0, random.choice(lines))
        case 3:
            lines[random.randrange(len(lines))] = hostile_text(random, 2).encode(errors="replace")
        case 4:
            return mutate_bytes(random, data)
        case 5:
            return data.rstrip(b"\n")
    return b"\n".join(lines)


def _model(case: Case, folder: Path) -> str:
    USES[options_of(case)["kind"]](folder)
    return "result"


@cache
def checkpoint() -> bytes:
    """A small checkpoint."""
    with tempfile.TemporaryDirectory() as root:
        path = Path(root, "checkpoint.safetensors")
        save_checkpoint(path, {"model.w": torch.ones(2, 3)}, {"epoch": 1, "best": [1.5, None]})
        return path.read_bytes()


def _make_checkpoint(random: Random) -> Case:
    return {"checkpoint.safetensors": archives.safetensors_of(random, checkpoint())}


def _checkpoint(_: Case, folder: Path) -> str:
    found = load_checkpoint(folder / "checkpoint.safetensors")
    assert found is not None
    assert found.header == {"epoch": 1, "best": [1.5, None]}, "another header"
    assert found.tensors["model.w"].equal(torch.ones(2, 3)), "other weights"
    return "result"


TARGETS = (
    Target("models", _make_model, _model, quick=500, share=4, prepare=folders),
    Target("checkpoints", _make_checkpoint, _checkpoint, quick=300, share=20, prepare=checkpoint),
)
