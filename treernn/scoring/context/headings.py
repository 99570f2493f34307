"""Pros and cons: what stands under a heading speaks for its side, and nothing under it against."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from treernn.scoring.context.answers import answer
from treernn.scoring.context.said import MARKS, NEGATIVES, TROUBLES, Said
from treernn.types import Token

_FOR = "pro pros upside upsides positives likes advantages strengths pluses"
_AGAINST = (
    "con cons downside downsides negatives dislikes disadvantages weaknesses minuses drawbacks"
)
_CLEAR = dict.fromkeys(_FOR.split(), 1) | dict.fromkeys(_AGAINST.split(), -1)
"""Headings whatever follows."""

_WITH_COLON = _CLEAR | {
    **dict.fromkeys("good best positive plus highs like liked love loved works".split(), 1),
    **dict.fromkeys(TROUBLES, -1),
    **dict.fromkeys("bad worst negative minus lows dislike disliked hated ugly".split(), -1),
}
"""These are headings if a colon follows."""

_AROUND = frozenset(
    """
    the my our your some main biggest what what's i we is 's was about it this part parts point
    points thing things stuff side sides aspect aspects bit bits did does do work and of
    """.split()
)
_VERDICT = frozenset("recommend recommended worth again buy".split())
_SEPARATORS = frozenset((":", "-", "--", "=", "?", "("))
_LONGEST = 6  # words of a heading

_NONE = frozenset("none nothing no n/a na nil zero nada zilch nope few little".split())
_ALL = frozenset("everything all plenty many lots most too much the rest a lot of it".split())
# Of these and those of _NONE consists what means that there is nothing.
_LIGHT = frozenset(
    """
    at all whatsoever so far really yet that i can ca could think of find see any anything one a
    single thing much many worth mentioning to speak me for come comes mind there are is were was
    very hardly have had 's here honestly absolutely literally
    """.split()
)


class Heading(NamedTuple):
    """A heading, or a sentence that begins with one.

    Attributes:
        sign: 1 for pros, -1 for cons.
        mean: the mean class of what is said after it in the sentence; None if nothing is.
    """

    sign: int
    mean: float | None


def heading(said: Said) -> Heading | None:
    """The heading that a sentence begins with."""
    parts = list(_parts(said.texts))
    if not parts:
        return _verdict(said)
    signs = [_says(sign, content) for sign, content in parts if _words(content)]
    if not signs:
        return Heading(parts[-1][0], None)
    total = sum(signs)
    mean = (1 if total > 0 else -1) * max(abs(said.mean), 1.0) if total else said.mean
    return Heading(parts[-1][0], mean)


def under(sign: int, item: Said) -> float:
    """The mean class of a sentence under a heading of this sign."""
    return _says(sign, item.texts) * max(abs(item.mean), 1.0)


def goes_on(item: Said, first: bool) -> bool:
    """Whether a sentence still belongs to the heading before it, and is not a new paragraph."""
    ends = bool(item.texts) and item.texts[-1] in (".", "!", "?")
    return first or item.is_item or not ends


def _parts(texts: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """The sign of each heading in a sentence, and what is said after it."""
    start = _end_of_heading(texts)
    if start is None:
        return
    sign, begin = start
    for place in range(begin, len(texts) - 1):
        again = _WITH_COLON.get(texts[place])
        if again and texts[place + 1] == ":":
            yield sign, texts[begin:place]
            sign, begin = again, place + 2
    yield sign, texts[begin:]


def _end_of_heading(texts: Sequence[str]) -> tuple[int, int] | None:
    """Its sign and the place after it and its colon."""
    sign, clear, place = 0, False, 0
    negated = False
    for place, text in enumerate(texts[: _LONGEST + 1]):  # noqa: B007
        if text in _WITH_COLON and not sign:
            sign, clear = _WITH_COLON[text], text in _CLEAR
        elif text in ("n't", "not"):
            negated = True
        elif text not in _AROUND or (sign and clear and text in _ALL):
            break
    else:
        place = len(texts)
    if not sign:
        return None
    sign = -sign if negated else sign
    after = texts[place] if place < len(texts) else ""
    if after == ":" or (after in _SEPARATORS and (clear or (after == "?" and texts[0] == "what"))):
        return sign, place + 1
    content = texts[place:]
    bare = not _words(content) or _is_nothing(content) or _ALL.issuperset(_words(content))
    return (sign, place) if clear and bare else None


def _verdict(said: Said) -> Heading | None:
    """ "Recommended: no"."""
    texts = said.texts
    if ":" not in texts[:4]:
        return None
    colon = texts.index(":")
    if _VERDICT.isdisjoint(texts[:colon]):
        return None
    rest = Said([Token(text, 0, len(text)) for text in texts[colon + 1 :]], 0.0)
    sign = answer(rest)
    return Heading(1, sign * max(abs(said.mean), 1.0)) if sign else None


def _says(sign: int, content: Sequence[str]) -> int:
    return -sign if _is_nothing(content) else sign


def _is_nothing(content: Sequence[str]) -> bool:
    """Whether it says that there is nothing: "none", "not many", "I can't think of any"."""
    words = _words(content)
    if not words:
        return False
    first = next(place for place, text in enumerate(content) if text == words[0])
    after = content[first + 1] if first + 1 < len(content) else "."
    if words[0] in _NONE - {"no", "few", "little"} and not after[:1].isalnum() and after != "-":
        return True
    nothing = not _NONE.isdisjoint(words) or not NEGATIVES.isdisjoint(words)
    return nothing and (_NONE | NEGATIVES | _LIGHT).issuperset(words)


def _words(content: Sequence[str]) -> list[str]:
    return [text for text in content if any(map(str.isalnum, text)) and text not in MARKS]
