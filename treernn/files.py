"""Atomic writes: a file or a folder appears complete or not at all.

See ``treernn.outputs`` for what may be written.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import re
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from safetensors import SafetensorError

from treernn.outputs import cannot_write, is_stream, open_stream, target_of
from treernn.stores import Stored

if TYPE_CHECKING:
    from torch import Tensor

_LONGEST_NAME = 200  # bytes, to which 55 may be added


@contextlib.contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Write a file: a temporary path, which replaces ``path`` if the block ends without an error.

    The content is synced to disk before the file is renamed, so that after a kill or a power cut
    ``path`` is either the old file or the new one. A file that is replaced keeps its mode. A killed
    process leaves the temporary file, see ``temporary_left``. A device, a pipe or an object store
    receives the whole content at the end.

    Raises:
        InputError: the file cannot be written, for example because the disk is full.
    """
    target = None if is_stream(path) else target_of(path)
    if target is None or isinstance(target, Stored):
        try:
            with tempfile.TemporaryDirectory() as folder:
                temporary = Path(folder, "content")
                temporary.touch()
                yield temporary
                if target is not None:
                    target.upload(temporary)
                    return
                with open_stream(path) as stream, temporary.open("rb") as content:
                    shutil.copyfileobj(content, stream)
        except (OSError, SafetensorError) as error:
            raise cannot_write(path, error) from None
        return
    temporary = temporary_path(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.touch(exist_ok=False)
        mode = temporary.stat().st_mode  # some writers restrict a new file to its owner
        with contextlib.suppress(FileNotFoundError):
            mode = target.stat().st_mode
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(mode & 0o777)
        temporary.replace(target)
    except (OSError, SafetensorError) as error:
        raise cannot_write(path, error) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def save_tensors(
    path: str | os.PathLike[str],
    tensors: Mapping[str, Tensor],
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write a safetensors file with ``atomic_write``.

    Raises:
        InputError: it cannot be written.
    """
    from safetensors.torch import save  # imports torch, which few writers need

    on_cpu = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    # Not save_file of safetensors, whose own temporary file a killed process would leave.
    content = save(on_cpu, None if metadata is None else dict(metadata))
    with atomic_write(path) as temporary:
        temporary.write_bytes(content)


def temporary_path(path: Path) -> Path:
    """An unused name in the folder of ``path``."""
    return path.with_name(f".{short_name(path.name)}.{secrets.token_hex(4)}.part")


def temporary_left(path: str | os.PathLike[str]) -> list[Path]:
    """What killed processes left beside ``path`` under temporary names: files and folders."""
    path = Path(path)
    pattern = re.compile(re.escape(f".{short_name(path.name)}") + r"\.[0-9a-f]{8}\.part")
    with contextlib.suppress(OSError):
        return [each for each in path.parent.iterdir() if pattern.fullmatch(each.name)]
    return []


class Left(NamedTuple):
    """What a killed process left.

    Attributes:
        temporary: its temporary file.
        target: the file that it was to become, its name shortened by ``short_name``.
    """

    temporary: Path
    target: Path


def temporary_below(folder: Path) -> Iterator[Left]:
    """What processes left, or write now, under temporary names in a folder and in those in it."""
    pattern = re.compile(r"\.(.+)\.[0-9a-f]{8}\.part", re.DOTALL)
    for inside, _, names in os.walk(folder):
        for name in names:
            if match := pattern.fullmatch(name):
                yield Left(Path(inside, name), Path(inside, match[1]))


def remove_temporary(path: str | os.PathLike[str]) -> None:
    """Remove the temporary files that killed processes left beside the file ``path``."""
    for temporary in temporary_left(path):
        with contextlib.suppress(OSError):  # a folder
            temporary.unlink()


def short_name(name: str) -> str:
    """A name to which something can be added; itself, unless it is very long."""
    encoded = os.fsencode(name)
    if len(encoded) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(encoded).hexdigest()[:16]
    return f"{os.fsdecode(encoded[:100]).rstrip()}-{digest}"


def replace_folder(path: Path, new: Path) -> None:
    """Replace the folder ``path`` by the folder ``new``, both on one file system.

    Atomic on Linux; elsewhere ``path`` is missing for an instant.
    """
    if sys.platform == "linux":
        renameat2 = getattr(ctypes.CDLL(None), "renameat2", None)
        cwd, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
        if renameat2 and renameat2(cwd, os.fsencode(new), cwd, os.fsencode(path), exchange) == 0:
            shutil.rmtree(new, ignore_errors=True)
            return
    old = temporary_path(path)
    path.rename(old)
    try:
        new.rename(path)
    except BaseException:
        old.rename(path)
        raise
    shutil.rmtree(old, ignore_errors=True)
