"""Where a scorer comes from: its name in a notebook, and copies of it in other processes."""

from __future__ import annotations

import functools
import multiprocessing
import os
import weakref
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from treernn.parsing import Parser
    from treernn.scoring.lexicon.entries import Lexicon


Scorer: TypeAlias = Any  # ``treernn.Scorer``, which imports this module


class Arguments(NamedTuple):
    """Those of ``treernn.load``, as plain values; ``parser`` is None for an object."""

    model: str
    device: str
    parser: str | None
    precision: str
    newline_ends_sentence: bool
    classes: int = 5
    lexicon: Lexicon | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """A scorer as it was loaded.

    Attributes:
        arguments: of ``treernn.load``.
        parts: parser and classifier that it loaded.
        state: of their weights, see ``_state``.
    """

    arguments: Arguments
    parts: tuple[Any, Any]
    state: tuple[Any, ...]


def note_origin(
    scorer: Scorer,
    model: str | os.PathLike[str],
    parser: str | os.PathLike[str] | Parser,
    precision: str,
) -> None:
    """Note how ``treernn.load`` has made a scorer."""
    from treernn.models.pretrained import SENTIMENT_MODELS
    from treernn.parsing import PARSERS

    name = None
    if isinstance(parser, str | os.PathLike):
        name = _absolute(parser, PARSERS)
    arguments = Arguments(_absolute(model, SENTIMENT_MODELS), "", name, precision, False, 5)
    parts = (scorer.parser, scorer.classifier)
    scorer.origin = Origin(arguments, parts, _state(parts))
    if (now := arguments_now(scorer)) is not None:
        _loaded[now] = scorer


def arguments_now(scorer: Scorer) -> Arguments | None:
    """Arguments of ``treernn.load`` that make the scorer as it is now, or None."""
    known = _known(scorer)
    return known if known and known.parser is not None and is_as_loaded(scorer) else None


def is_as_loaded(scorer: Scorer) -> bool:
    """Whether ``treernn.load`` has made a scorer, and its parser and model are unchanged since."""
    origin = scorer.origin
    return _known(scorer) is not None and _state(origin.parts) == origin.state


def describe(scorer: Scorer) -> str:
    """One line: the model and its device, and what is not as by default."""
    known = _known(scorer)
    kind = type(scorer.parser).__name__
    if known is None:
        text = f"Scorer(parser={kind}, classifier={type(scorer.classifier).__name__}"
        text += f", device={_device(scorer)!r}" if _device(scorer) else ""
        return text + ")"
    parser = kind if known.parser is None else repr(known.parser)
    text = f"Scorer(model={known.model!r}, device={known.device!r}, parser={parser}"
    if known.precision != "float32":
        text += f", precision={known.precision!r}"
    if known.newline_ends_sentence:
        text += ", newline_ends_sentence=True"
    if known.classes != 5:
        text += f", classes={known.classes}"
    if known.lexicon is not None:
        text += f", lexicon={known.lexicon}"
    return text + ")"


def restore(load: Callable[..., Scorer], arguments: Arguments) -> Scorer:
    """A copy of a scorer. A worker process has one for all that it is sent, which is that of its
    parent if it was forked; elsewhere each copy is a new one."""
    if multiprocessing.parent_process() is None:
        return load(*arguments)
    return _shared(load, arguments)


@functools.cache
def _shared(load: Callable[..., Scorer], arguments: Arguments) -> Scorer:
    inherited = _loaded.get(arguments)
    return load(*arguments) if inherited is None else inherited


def _known(scorer: Scorer) -> Arguments | None:
    """The arguments of a scorer whose parts are still those that were loaded."""
    origin, parts = scorer.origin, (scorer.parser, scorer.classifier)
    if origin is None or any(a is not b for a, b in zip(parts, origin.parts, strict=True)):
        return None
    return origin.arguments._replace(
        device=_device(scorer),
        newline_ends_sentence=scorer.newline_ends_sentence,
        classes=scorer.classes,
        lexicon=scorer.lexicon,
    )


def _state(parts: tuple[Any, Any]) -> tuple[Any, ...]:
    """Changes if the weights or settings of a part are changed in place, as training does."""
    weights = [w for part in parts if hasattr(part, "parameters") for w in part.parameters()]
    settings = [getattr(part, "config", None) for part in parts]
    return tuple(None if w.is_inference() else w._version for w in weights), settings


def _device(scorer: Scorer) -> str:
    return str(getattr(scorer.classifier, "device", ""))


def _absolute(name: str | os.PathLike[str], included: Collection[str]) -> str:
    """A name that is known everywhere, or an absolute path, as a worker may have another folder."""
    from treernn.models.on_hub import is_on_hub

    known = isinstance(name, str) and (name in included or is_on_hub(name))
    return str(name) if known else os.path.abspath(name)


_loaded: weakref.WeakValueDictionary[Arguments, Scorer] = weakref.WeakValueDictionary()
