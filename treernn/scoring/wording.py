"""What a node of a tree does to the opinions of its children, in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from treernn.scoring.sentence import Phrase
from treernn.types import LABELS

_NEGATING = """
    barely cannot hardly n't neither never no nobody none nor not nothing nowhere rarely scarcely
    seldom without
"""
NEGATORS = frozenset(_NEGATING.split())
"""English negation words (a closed class)."""

_AUXILIARY = """
    am are be been being ca can could did do does doing had has have is may might must shall should
    was were will wo would 'd 'll 'm 're 's 've
"""
_NO_OPINION = NEGATORS | frozenset(_AUXILIARY.split())

MIN_POLAR = 0.35
"""Expected class from which a phrase counts as positive, even if its label is neutral."""

# Difference in expected class from which a phrase is stronger or weaker than its part.
_MIN_CHANGE = 0.3
# Characters of a quoted phrase; the middle of a longer one is cut out.
_MAX_QUOTE = 70
_BUT_AFTER, _BUT_BEFORE = re.compile(r"(?i)\w.*\bbut\W*\Z"), re.compile(r"(?i)\W*but\b")
_SUFFIX = re.compile("(?<=[a-z])(n't|'[a-z]+)")


@dataclass(frozen=True, slots=True)
class Opinion:
    """A phrase and its expected class."""

    phrase: Phrase
    value: float

    @property
    def polarity(self) -> int:
        """-1, 0 or 1."""
        return polarity_of(self.value, self.phrase.label)

    @property
    def label(self) -> str:
        """The class in words; or the polarity, if the most probable class is of another."""
        value = LABELS.index(self.phrase.label) - 2
        if not self.polarity:
            return "neutral"
        if value * self.polarity > 0:
            return self.phrase.label
        return "rather positive" if self.polarity > 0 else "rather negative"

    def __str__(self) -> str:
        return f"{quoted_phrase(self.phrase)} ({self.label})"

    def negates(self) -> bool:
        """Whether the phrase is only a negation: it has a negation word, and either no opinion or,
        since models take ``not`` itself for one, no word that could have one."""
        words = set(_SUFFIX.sub(r" \1", self.phrase.text.lower().replace("’", "'")).split())
        return not words.isdisjoint(NEGATORS) and (not self.polarity or words <= _NO_OPINION)


def describe(whole: Opinion, parts: Sequence[Opinion]) -> tuple[str, str] | None:
    """The kind of a node and its explanation in words; None if it has none."""
    polarity, label, quoted = whole.polarity, whole.label, quoted_phrase(whole.phrase)
    if polarity and whole.negates():
        return None
    if not parts:
        return ("word", f"{quoted} is {label}") if polarity else None
    if sum(_has_word(part) for part in parts) < 2:
        return None  # a full stop decides nothing that a reader could see
    opinions = [part for part in parts if part.polarity and not part.negates()]
    opinions.sort(key=lambda part: -abs(part.value))
    agreeing = [part for part in opinions if part.polarity == polarity]
    opposing = [part for part in opinions if part.polarity != polarity]
    if not opinions:
        if not polarity:
            return None
        return "phrase", f"{quoted} is {label}, which no part of it is alone"
    first = (opposing or agreeing)[0]
    negated = any(part.negates() for part in parts if part is not first)
    if opposing:
        change = f"{quoted} turns {first} to {label}"
        if negated:
            return "negation", change
        if agreeing:
            return "contrast", f"{agreeing[0]} outweighs {first}"
        if polarity:
            return "reversal", change
        other = next((part for part in opposing if part.polarity != first.polarity), None)
        if other is not None:
            return "contrast", f"{first} and {other} balance each other"
        return "diminisher", change
    if polarity and (other := _conceded(parts, agreeing)):
        return "contrast", f"{agreeing[0]} outweighs {quoted_phrase(other.phrase)}"
    growth = abs(whole.value) - abs(first.value)
    if abs(growth) < _MIN_CHANGE:
        return None
    change = f" to {label}" if label != first.label else ""
    if growth < 0:
        return "negation" if negated else "diminisher", f"{quoted} weakens {first}{change}"
    if len(agreeing) > 1:
        return "accord", f"{first} and {agreeing[1]} strengthen each other{change}"
    return "intensifier", f"{quoted} strengthens {first}{change}"


def _conceded(parts: Sequence[Opinion], agreeing: Sequence[Opinion]) -> Opinion | None:
    """The other side of "but", if the parts are divided there and one of them agrees."""
    if len(parts) != 2 or len(agreeing) != 1:
        return None
    left, right = parts
    if _BUT_AFTER.search(left.phrase.text) or _BUT_BEFORE.match(right.phrase.text):
        return left if agreeing[0] is right else None
    return None


def polarity_of(value: float, label: str) -> int:
    """-1, 0 or 1 by the expected class; where that tells little, the side of the label."""
    value = value if abs(value) >= MIN_POLAR else LABELS.index(label) - 2
    return int(value > 0) - int(value < 0)


def _has_word(part: Opinion) -> bool:
    return any(char.isalnum() for char in part.phrase.text)


def quoted_phrase(phrase: Phrase) -> str:
    """The phrase on one line in quotes, without punctuation around it."""
    text = " ".join(phrase.text.split())
    text = text.strip(" ,;:.-") or text
    if len(text) > _MAX_QUOTE:
        third = _MAX_QUOTE // 3
        head, tail = text[: 2 * third], text[-third:]
        text = f"{head.rpartition(' ')[0] or head} … {tail.partition(' ')[2] or tail}"
    return f'"{text}"'
