"""The reference of the settings of training, from their classes."""

from __future__ import annotations

import re
from dataclasses import fields

from generate.commands import escaped
from treernn.training.loop.settings import defaults
from treernn.training.tasks import (
    captioning,
    parser_settings,
    sentiment_settings,
    tagging,
    target_settings,
    translation,
)


def _kinds() -> dict[str, dict[str, type]]:
    """The kinds of settings of each task, by what they are for."""
    sentiment = {}
    for name, (plain, on_encoder) in sentiment_settings.STRUCTURES.items():
        sentiment[name] = plain
        if on_encoder is not None:
            sentiment[f"{name} on an encoder"] = on_encoder
    return {
        "sentiment": sentiment,
        "targets": {"": target_settings.TargetSettings},
        "parser": {
            "word vectors": parser_settings.LSTMParserSettings,
            "on an encoder": parser_settings.EncoderParserSettings,
        },
        "tagging": {"": tagging.TaggingSettings},
        "captioning": {"": captioning.CaptioningSettings},
        "translation": {"": translation.TranslationSettings},
    }


def pages() -> dict[str, str]:
    """One page: a table for each task."""
    lines = [
        "Settings of training",
        "====================",
        "",
        "Every setting of ``treernn train`` with its default. Options of the command line have the "
        "same names; the others go into a file of TOML (``--settings``), with those of the model "
        "beside them or in the table ``[model]``. A trained model records all of them.",
        "",
    ]
    for task, kinds in _kinds().items():
        lines += [f"treernn train {task}", "-" * (14 + len(task)), "", *_table(kinds), ""]
    return {"reference/settings.rst": "\n".join(lines) + "\n"}


def _table(kinds: dict[str, type]) -> list[str]:
    values = {name: defaults(kind).values() for name, kind in kinds.items()}
    meanings = {}
    for kind in kinds.values():
        for owner in (type(defaults(kind).model), kind):
            meanings = {k: v for k, v in _attributes(owner).items() if v} | meanings
    lines = [".. list-table::", "   :header-rows: 1", "   :widths: 24 28 48", ""]
    lines += ["   * - setting", "     - default", "     - meaning"]
    for name in dict.fromkeys(name for each in values.values() for name in each):
        by_kind = {kind: each[name] for kind, each in values.items() if name in each}
        lines += [f"   * - ``{name}``", f"     - {_default(by_kind, len(values))}"]
        lines += [f"     - {meanings[name]}"]  # a setting without a meaning fails the build
    return lines


def _default(by_kind: dict[str, object], kinds: int) -> str:
    """The default, and for which kinds it holds, where they differ."""
    groups: dict[str, list[str]] = {}
    for kind, value in by_kind.items():
        groups.setdefault(_literal(value), []).append(kind)
    if len(groups) == 1 and len(by_kind) == kinds:
        return next(iter(groups))
    return "; ".join(f"{value} ({', '.join(names)})" for value, names in groups.items())


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return f"``{str(value).lower()}``"
    return f'``"{value}"``' if isinstance(value, str) else f"``{value}``"


def _attributes(kind: type) -> dict[str, str]:
    """What the docstrings of a class and of its bases say of its fields."""
    found = {each.name: "" for each in fields(kind)}
    for base in kind.__mro__:
        text = (base.__doc__ or "").partition("Attributes:\n")[2]
        for name, meaning in re.findall(r"^ {8}(\w+): (.*(?:\n {12}.*)*)", text, re.M):
            if found.get(name) == "":
                found[name] = _plain(meaning)
    return found


def _plain(text: str) -> str:
    parts = re.split(r"(``.*?``)", " ".join(text.split()))
    return "".join(part if part.startswith("``") else escaped(part) for part in parts)
