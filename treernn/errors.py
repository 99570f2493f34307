"""The one family of errors a user can meet.

Every message is one line that says what is wrong, where, and what to do. The command line prints
it as it stands and ends with status 2; nothing else is ever shown as a traceback.
"""

from __future__ import annotations

from os import PathLike


class TreernnError(Exception):
    """Base of all errors that a user can cause and can mend."""


class InputError(TreernnError):
    """An argument, a setting or a text that cannot be used as it is."""


class DataError(TreernnError):
    """A file whose content is not what it should be.

    Args:
        problem: what is wrong, and what was expected.
        path: the file.
        line: line number, counted from 1.
        column: column number in characters, counted from 1.
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
    """A file that is needed and not there; the message says which, and where to put it."""


class MissingPackageError(TreernnError, ImportError):
    """An optional package is not installed; the message says how to install it."""


class ModelError(TreernnError):
    """A model folder that is missing, truncated, foreign, or does not fit the request."""
