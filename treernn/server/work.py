"""What the server and its workers say to each other; nothing here imports a model."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

if TYPE_CHECKING:
    from treernn.scoring.lexicon.entries import Lexicon
    from treernn.scoring.result import Result

HEADER = struct.Struct("!Q")
"""The length of a message, which precedes it."""


@dataclass(frozen=True, slots=True)
class Models:
    """What each worker loads.

    Attributes:
        models: by the names that requests use, what ``treernn.load`` takes; the first is the
            default.
        parsers: the same for parsers.
        device, precision: as for ``treernn.load``.
        lexicons: by the name of a model the words of the user's that it is read with.
    """

    models: dict[str, str]
    parsers: dict[str, str]
    device: str = "cpu"
    precision: str = "float32"
    lexicons: Mapping[str, Lexicon] = field(default_factory=dict)

    @property
    def default(self) -> Reading:
        """How texts are read where a request does not say otherwise."""
        return Reading(next(iter(self.models)), next(iter(self.parsers)))


@dataclass(frozen=True, slots=True)
class Reading:
    """How a text is read; texts with equal ones are scored together.

    Attributes:
        model, parser: names in ``Models``.
        ends, white_space: see ``sentences.sentences_of``.
    """

    model: str
    parser: str
    ends: str = "free"
    white_space: bool = False


class Output(Protocol):
    """Encodes a result, in a worker; is pickled to it."""

    def encode(self, result: Result) -> bytes:
        """The answer for one text.

        Raises:
            TreernnError: there is none; the message is the answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class Work:
    """A text, and what to make of it."""

    text: str
    reading: Reading
    output: Output


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a text has no answer, or a worker cannot start; one line."""

    problem: str


Answer = bytes | Failure


@dataclass(frozen=True, slots=True)
class Ready:
    """A worker's first message.

    Attributes:
        pid: of its process.
        kinds: of the models, by name.
    """

    pid: int
    kinds: dict[str, str]


TAKEN = "taken"
"""What a worker says when it has received a batch, before its answers."""


def pack(message: Any) -> bytes:
    """A message with its length before it."""
    content = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return HEADER.pack(len(content)) + content


def unpack(content: bytes) -> Any:
    """The message in a content. Both ends are processes of one server, so pickle is safe."""
    return pickle.loads(content)  # noqa: S301


def read_message(stream: BinaryIO) -> Any:
    """The next message; None at the end."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    content = stream.read(*HEADER.unpack(header))
    return unpack(content)
