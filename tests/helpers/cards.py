"""``make cards``: the tables of the model cards, from ``measured.json`` beside them.

A card has ``SECTIONS`` in their order. Between ``<!-- measured: NAME -->`` and ``<!-- end -->``
stands the table NAME of ``tables``; the rest is written by hand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

PRETRAINED = Path(__file__).resolve().parents[2] / "treernn" / "pretrained"
CARD, MEASURED = "MODEL_CARD.md", "measured.json"
SECTIONS = (
    "Intended use",
    "Sources",
    "Training",
    "Settings tried and seeds",
    "Accuracy",
    "Groups of people",
    "Known failures",
    "Terms",
)
_TABLE = re.compile(r"(<!-- measured: (\w+) -->\n).*?(<!-- end -->)", re.S)
_SPLITS = {
    "test_gold": "test, trees of the treebank",
    "test_embedded": "test, trees of the built-in parser",
    "dev_gold": "dev, trees of the treebank",
}


def filled(card: str, measured: Mapping[str, Any]) -> str:
    """A card with the tables of what was measured."""
    found = tables(measured)
    return _TABLE.sub(lambda match: f"{match[1]}\n{found[match[2]]}\n{match[3]}", card)


def tables(measured: Mapping[str, Any]) -> dict[str, str]:
    """The tables of a sentiment model, in Markdown."""
    return {
        "treebank": _table(
            ("%", "sentences, 5 classes", "binary", "all phrases, 5 classes", "binary"),
            (
                (title, *(_cell(measured["accuracy"][split][key], ".2f") for key in _PARTS))
                for split, title in _SPLITS.items()
            ),
        ),
        "domains": _table(
            (
                *("texts of other kinds, %", "texts", "binary", "recall of negative"),
                *("neutral", "positive", "mean recall", "calibration error"),
            ),
            (
                (row["set"], f"{row['texts']:,}", *(_cell(row.get(key), ".1f") for key in _DOMAIN))
                for row in measured["domains"]
            ),
        ),
        "groups": _table(
            (
                *("a word for", "sentences", "changed, %", "wordings changed, %"),
                *("shifted most", "by", "95 % interval"),
            ),
            (
                (
                    *(row["kind"], f"{row['cases']:,}", f"{row['changed']:.1f}"),
                    *(f"{row['wordings_changed']:.1f}", row["shifted_most"]),
                    _signed(row["shift"]),
                    " to ".join(map(_signed, row["shift_interval"])),
                )
                for row in measured["groups"]
            ),
        ),
    }


_PARTS = ("root_five", "root_binary", "all_five", "all_binary")
_DOMAIN = (
    *("binary", "recall_negative", "recall_neutral", "recall_positive"),
    *("macro_recall", "ece"),
)


def _cell(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def _table(titles: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    first, *others = titles
    lines = [(first, *others), ("---", *("--:" for _ in others)), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> None:
    """Write the tables into the cards of all models that have been measured."""
    for path in sorted(PRETRAINED.glob(f"*/{MEASURED}")):
        card = path.parent / CARD
        measured = json.loads(path.read_text("utf-8"))
        card.write_text(filled(card.read_text("utf-8"), measured), "utf-8")


if __name__ == "__main__":
    main()
