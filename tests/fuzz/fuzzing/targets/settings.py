"""Files of settings."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

from fuzzing.case import Case, Target, options_of, with_options
from fuzzing.mutations import NUMBERS, hostile_text, hostile_value, mutate_bytes
from treernn.training.build import load_settings
from treernn.training.tasks.captioning import CaptioningSettings
from treernn.training.tasks.parser_settings import EncoderParserSettings, LSTMParserSettings
from treernn.training.tasks.sentiment_settings import (
    AverageSettings,
    ChainSettings,
    EncoderTreeSettings,
    TreeSettings,
)
from treernn.training.tasks.tagging import TaggingSettings
from treernn.training.tasks.translation import TranslationSettings

KINDS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (TreeSettings, ChainSettings, AverageSettings, EncoderTreeSettings,
                 LSTMParserSettings, EncoderParserSettings, TaggingSettings, CaptioningSettings,
                 TranslationSettings)
}  # fmt: skip
_MANY = ("hidden_size", "epochs", "layers", "dropout", "learning_rate", "seed", "cell", "model",
         "batch_size", "lr_schedule", "ema_decay", "keep_last")  # fmt: skip


def _value(random: Random) -> str:
    match random.randrange(7):
        case 0:
            return random.choice(NUMBERS)
        case 1:
            return random.choice(("true", "false", "1979-05-27", "07:32:00", "inf", "-nan", "0o7"))
        case 2:
            return json.dumps(hostile_text(random, 3))
        case 3:
            depth = random.choice((3, 100, 5000))
            return "[" * depth + "]" * depth
        case 4:
            return "{a = 1}"
        case 5:
            return json.dumps(hostile_value(random))
    return random.choice(("1", "10", "0.1", '"linear"', '"lstm"'))


def _make_settings(random: Random) -> Case:
    kind = random.choice([*KINDS])
    names = [*KINDS[kind]().values(), *_MANY]
    lines = [f"{random.choice(names)} = {_value(random)}" for _ in range(random.randint(1, 3))]
    if random.random() < 0.2:
        lines.insert(
            random.randint(0, len(lines)), random.choice(("[model]", "[[model]]", "[a.b]"))
        )
    data = "\n".join(lines).encode("utf-8", "surrogatepass")
    if random.random() < 0.2:
        data = mutate_bytes(random, data)
    if random.random() < 0.02:
        data = b"a." * random.choice((100, 3000)) + b"b = 1"
    return with_options({"settings.toml": data}, kind=kind)


def _settings(case: Case, folder: Path) -> str:
    found = load_settings(KINDS[options_of(case)["kind"]], folder / "settings.toml")
    json.dumps(found.values(), allow_nan=False)
    return "result"


TARGETS = (Target("settings", _make_settings, _settings, quick=800, share=40),)
