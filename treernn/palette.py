"""How a class of sentiment looks, in a terminal and on a page: a sign and colours.

The colours are those of the Stanford Sentiment Treebank, red to blue (not green, for color-blind
readers); with the sign a tree can be read without them.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from treernn.classes import PLACES
from treernn.types import LABELS


class Look(NamedTuple):
    """How a class looks.

    Attributes:
        sign: one or two characters.
        ink, paper: colours of the sign and of its background; empty: those of the surroundings.
        word: colour of a word on any background; empty: that of the surroundings.
    """

    sign: str
    ink: str = ""
    paper: str = ""
    word: str = ""


LOOKS = (
    Look("−−", "#ffffff", "#b2182b", "#d6303f"),
    Look("−", "#3b0a0f", "#f4a582", "#e08214"),
    Look("0"),
    Look("+", "#08263f", "#92c5de", "#4393c3"),
    Look("++", "#ffffff", "#2166ac", "#2f7fd0"),
)
"""From very negative to very positive."""


def module() -> str:
    """The palette and the names of the classes as a module of JavaScript, for pages."""
    looks = [{name: getattr(look, name) for name in ("sign", "ink", "paper")} for look in LOOKS]
    places = ", ".join(f"{number}: {json.dumps(each)}" for number, each in PLACES.items())
    return (
        "/** The classes and how they look; written by `python -m treernn.palette`. */\n\n"
        f"export const LABELS = {json.dumps(LABELS, indent=2)};\n\n"
        "/** By how many classes there are, the place of each among the five. */\n"
        "/** @type {Record<number, number[]>} */\n"
        f"export const PLACES = {{ {places} }};\n\n"
        "/** A class without colours has those of the surroundings. */\n"
        f"export const LOOKS = {json.dumps(looks, indent=2, ensure_ascii=False)};\n"
    )


if __name__ == "__main__":
    from pathlib import Path

    path = Path(__file__).parent / "scoring/page_scripts/result/palette.js"
    path.write_text(module(), encoding="utf-8")
