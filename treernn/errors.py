"""The errors that a user can cause and fix; all are a ``TreernnError``.

A message is one line: what is wrong, where, and what to do. The command line prints it and exits
with status 2; a traceback is always a bug.
"""

from __future__ import annotations

from os import PathLike

from treernn.printing import shown

_LONGEST, _END = 2_000, 500  # characters of a message, and of its end, that stay
_LONGEST_REASON = 200


def one_line(error: BaseException) -> str:
    """What an error of Python or of a library says, on one line, without the path that some put
    into it."""
    words = " ".join((getattr(error, "strerror", None) or str(error)).split())
    return words[:_LONGEST_REASON] or type(error).__name__


class TreernnError(Exception):
    r"""Base class of all errors of treernn.

    >>> print(InputError("no column a\x1b[31m\nb"))
    no column a\u001b[31m\nb
    """

    def __str__(self) -> str:
        line = shown(super().__str__())  # a message repeats what came from outside
        return line if len(line) <= _LONGEST else f"{line[: _LONGEST - _END - 3]} … {line[-_END:]}"


class InputError(TreernnError):
    """An argument, a setting or a text cannot be used."""


class StorageError(InputError):
    """Nothing more can be written there: the disk is full, for example."""


class DataError(TreernnError):
    """A file has unexpected content.

    Args:
        problem: what is wrong, and what was expected.
        path: the file.
        line: line number, from 1.
        column: column number in characters, from 1.
    """

    def __init__(
        self,
        problem: str,
        path: str | PathLike[str] | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        where = [str(part) for part in (path, line, column) if part is not None]
        super().__init__(f"{':'.join(where)}: {problem}" if where else problem)
        self.path, self.line, self.column = path, line, column


class MissingDataError(TreernnError):
    """A file is needed but missing; the message says which, and where to put it."""


class MissingPackageError(TreernnError, ImportError):
    """An optional package is not installed; the message says how to install it."""


class ModelError(TreernnError):
    """A model folder is missing, damaged, of another kind, or does not fit the request."""


class ProcessError(TreernnError):
    """Another process that trains the same model has ended, or cannot be reached."""


class DataWarning(UserWarning):
    """Data were read, but not as they stand; the message, one line, says what was changed."""


class TrainingWarning(UserWarning):
    """Training goes on, but not as it was before; the message, one line, says how."""
