"""Atomic writes: a file or a folder appears complete or not at all."""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import save
from torch import Tensor

from treernn.errors import InputError


@contextlib.contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Write a file: a temporary path, which replaces ``path`` if the block ends without an error.

    The content is synced to disk before the file is renamed, so that after a kill or a power cut
    ``path`` is either the old file or the new one. A killed process leaves the temporary file, see
    ``remove_temporary``.

    Raises:
        InputError: the file cannot be written, for example because the disk is full.
    """
    path = Path(path)
    temporary = temporary_path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.touch(exist_ok=False)
        mode = temporary.stat().st_mode  # some writers restrict a new file to its owner
        yield temporary
        temporary.chmod(mode)
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except (OSError, SafetensorError) as error:
        raise InputError(f"{path}: cannot be written ({error})") from None
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
    on_cpu = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    # Not save_file of safetensors, whose own temporary file a killed process would leave.
    content = save(on_cpu, None if metadata is None else dict(metadata))
    with atomic_write(path) as temporary:
        temporary.write_bytes(content)


def temporary_path(path: Path) -> Path:
    """An unused name in the folder of ``path``."""
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")


def remove_temporary(path: str | os.PathLike[str]) -> None:
    """Remove the temporary files that killed processes left beside the file ``path``."""
    path = Path(path)
    for temporary in path.parent.glob(f".{path.name}.*.part"):
        temporary.unlink(missing_ok=True)


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
