"""JSON as its standard has it: no NaN and no infinity, in or out.

Files from outside are read only if they are regular and not too large.
"""

from __future__ import annotations

import json
import math
import os
import stat
from typing import Any

from treernn.errors import DataError, one_line
from treernn.stores import Stored, place

MAX_JSON = 1 << 24
"""Bytes of the largest JSON file that is read; a configuration has some thousands."""


def dumps(value: Any, **options: Any) -> str:
    """``json.dumps``, with null for numbers that JSON does not have: a metric that is undefined.

    >>> dumps({"accuracy": float("nan"), "count": 2})
    '{"accuracy": null, "count": 2}'
    """
    try:
        return json.dumps(value, allow_nan=False, **options)
    except ValueError:
        plain = json.loads(json.dumps(value, **options), parse_constant=lambda _: None)
        return json.dumps(plain, allow_nan=False, **options)


def loads(text: str | bytes) -> Any:
    """Parse JSON.

    Raises:
        DataError: it is not JSON, has numbers out of range, or is nested too deeply.
    """
    try:
        # Not json.loads(bytes), which accepts UTF-16 and passes surrogates.
        text = text if isinstance(text, str) else text.decode("utf-8")
        return json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except RecursionError:
        raise DataError("damaged, not JSON (nested too deeply)") from None
    except ValueError as error:
        raise DataError(f"damaged, not JSON ({error})") from None


def read(path: str | os.PathLike[str], limit: int = MAX_JSON) -> Any:
    """Parse a JSON file.

    Raises:
        DataError: as ``loads`` and ``read_file``.
        FileNotFoundError: there is no such file.
    """
    try:
        return loads(read_file(path, limit))
    except DataError as error:
        raise error if error.path else DataError(str(error), path) from None


def read_file(path: str | os.PathLike[str], limit: int | None) -> bytes:
    """The content of a regular file; others, such as pipes, may have no end.

    Args:
        path: the file.
        limit: bytes of the largest file that is read, None for any.

    Raises:
        DataError: it is not a regular file, larger than ``limit`` bytes, or cannot be read.
        FileNotFoundError: there is no such file.
    """
    path = place(path)
    most = -1 if limit is None else limit + 1
    try:
        if isinstance(path, Stored):
            content = path.read_bytes(most)
        else:
            check_regular(path, limit)
            with open(path, "rb") as file:
                content = file.read(most)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise DataError(f"cannot be read ({one_line(error)})", path) from None
    if limit is not None and len(content) > limit:
        raise DataError(f"larger than {limit:,} bytes, cannot be right", path)
    return content


def check_regular(path: str | os.PathLike[str], limit: int | None = None) -> None:
    """Check that a path is a regular file, or a link to one, before it is opened: opening a pipe
    waits for its writer.

    Raises:
        DataError: it is not, or is larger than ``limit`` bytes.
        OSError: there is no such file, or it cannot be reached.
    """
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        raise DataError("not a regular file", path)
    if limit is not None and status.st_size > limit:
        raise DataError(f"larger than {limit:,} bytes, cannot be right", path)


def _no_constant(name: str) -> None:
    raise ValueError(f"it has the number {name}")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"it has the number {text[:20]}, out of range")
    return number
