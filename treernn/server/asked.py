"""What a request to ``/api`` asks for, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from treernn.classes import PLACES
from treernn.server.limits import Limits
from treernn.server.outputs import LEVELS, ResultOutput, TreeOutput
from treernn.server.problems import RefusedError
from treernn.server.work import Failure, Models, Output, Reading, Work

OPTIONS = ("model", "parser", "level", "explain", "classes")
"""What a request to score may choose."""

_SCORE = ("text", "texts", *OPTIONS, "targets")
MAX_TARGETS, MAX_TARGET = 100, 200
"""How many targets a request may have, and characters of each."""

_PARSE = ("text", "texts", "parser")


@dataclass(frozen=True, slots=True)
class Asked:
    """Texts, and what to make of each.

    Attributes:
        texts: each a text, or why it is none.
        single: whether the request had one ``text``, so that the answer is no list.
        reading, output: of all texts.
    """

    texts: tuple[str | Failure, ...]
    single: bool
    reading: Reading
    output: Output

    def works(self) -> list[Work]:
        """The texts that can be scored."""
        return [
            Work(text, self.reading, self.output) for text in self.texts if isinstance(text, str)
        ]


def score_asked(values: Mapping[str, Any], models: Models, limits: Limits) -> Asked:
    """A request to score.

    Raises:
        RefusedError: it cannot be understood.
    """
    _check_names(values, _SCORE)
    texts, single = texts_of(values, limits)
    return Asked(texts, single, reading_of(values, models), result_output(values))


def parse_asked(values: Mapping[str, Any], models: Models, limits: Limits) -> Asked:
    """A request to parse.

    Raises:
        RefusedError: it cannot be understood.
    """
    _check_names(values, _PARSE)
    texts, single = texts_of(values, limits)
    return Asked(texts, single, reading_of(values, models), TreeOutput())


def result_output(values: Mapping[str, Any]) -> ResultOutput:
    """How ``level``, ``explain``, ``classes`` and ``targets`` of a request want the results.

    Raises:
        RefusedError: a value is wrong.
    """
    level = chosen(values, "level", LEVELS, LEVELS[-1])
    explain = values.get("explain", False)
    if not isinstance(explain, bool):
        raise RefusedError(f"explain is {_shown(explain)}, expected true or false")
    return ResultOutput(level, explain, classes_of(values), _targets_of(values))


def _targets_of(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The words to which the sentiment is asked for.

    Raises:
        RefusedError: they are no list of texts, or too many.
    """
    targets = values.get("targets")
    if targets is None:
        return ()
    if not isinstance(targets, list) or len(targets) > MAX_TARGETS:
        raise RefusedError(
            f"targets is {_shown(targets)}, expected a list of at most {MAX_TARGETS} strings"
        )
    for target in targets:
        if not isinstance(target, str) or not 0 < len(target.strip()) <= MAX_TARGET:
            raise RefusedError(
                f"a target is {_shown(target)}, expected a string of 1 to {MAX_TARGET} characters"
            )
    return tuple(targets)


def classes_of(values: Mapping[str, Any]) -> int:
    """The number of classes of a request.

    Raises:
        RefusedError: it is another.
    """
    classes = values.get("classes")
    if classes is None:
        return 5
    if type(classes) is not int or classes not in PLACES:
        raise RefusedError(f"classes is {_shown(classes)}, expected 5, 3 or 2")
    return int(classes)


def of_address(query: Mapping[str, str]) -> dict[str, Any]:
    """Options in an address, which are texts, as those of a body; wrong ones stay as they are."""
    values: dict[str, Any] = dict(query)
    known: dict[str, dict[str, Any]] = {
        "explain": {"true": True, "false": False},
        "classes": {str(number): number for number in PLACES},
    }
    for name, meanings in known.items():
        if name in values:
            values[name] = meanings.get(values[name], values[name])
    return values


def reading_of(values: Mapping[str, Any], models: Models) -> Reading:
    """The model and the parser of a request.

    Raises:
        RefusedError: the server has not got them.
    """
    default = models.default
    return Reading(
        chosen(values, "model", tuple(models.models), default.model),
        chosen(values, "parser", tuple(models.parsers), default.parser),
    )


def texts_of(values: Mapping[str, Any], limits: Limits) -> tuple[tuple[str | Failure, ...], bool]:
    """The texts of a request, and whether it has one ``text``.

    Raises:
        RefusedError: there are none, or too many; or the one text cannot be scored.
    """
    if ("text" in values) == ("texts" in values):
        raise RefusedError('expected "text", a string, or "texts", a list of strings')
    if "text" in values:
        text = checked_text(values["text"], limits.characters)
        if isinstance(text, Failure):
            too_long = isinstance(values["text"], str)
            raise RefusedError(f"text {text.problem}", status=413 if too_long else 400)
        return (text,), True
    texts = values["texts"]
    if not isinstance(texts, list):
        raise RefusedError(f"texts is {_shown(texts)}, expected a list of strings")
    if len(texts) > limits.texts:
        raise RefusedError(
            f"{len(texts):,} texts, the limit is {limits.texts:,} in a request; send several",
            status=413,
        )
    return tuple(checked_text(text, limits.characters) for text in texts), False


def checked_text(text: Any, limit: int) -> str | Failure:
    """A text, or why it cannot be scored."""
    if not isinstance(text, str):
        return Failure(f"is {_shown(text)}, expected a string")
    if len(text) > limit:
        return Failure(f"has {len(text):,} characters, the limit is {limit:,}")
    return text


def chosen(values: Mapping[str, Any], name: str, known: tuple[str, ...], default: str) -> str:
    """The value of a name, one of those known.

    Raises:
        RefusedError: it is another.
    """
    value = values.get(name, default)
    if value is None:
        return default
    if not isinstance(value, str) or value not in known:
        raise RefusedError(f"{name} is {_shown(value)}, expected {' or '.join(known)}")
    return value


def _check_names(values: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for name in values:
        if name not in known:
            raise RefusedError(f"unknown field {_shown(name)}, expected some of {', '.join(known)}")


def _shown(value: Any) -> str:
    """A value from outside, short."""
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    shown = repr(value) if not isinstance(value, str) else f'"{value}"'
    return shown if len(shown) <= 60 else f"{shown[:59]}…"
