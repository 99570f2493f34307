"""Files and folders that appear whole or not at all."""

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
def whole_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A temporary path to write to; it takes the place of ``path`` when the block ends well.

    What is written is synced to disk before it is renamed, so that neither a killed process nor a
    power cut leaves half a file under the name. What a killed process leaves is the temporary
    file, see ``sweep``.

    Raises:
        InputError: the file cannot be written, say because the disk is full.
    """
    path = Path(path)
    fresh = beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.touch(exist_ok=False)
        mode = fresh.stat().st_mode  # some writers make a file that is its owner's alone
        yield fresh
        fresh.chmod(mode)
        with open(fresh, "rb+") as file:
            os.fsync(file.fileno())
        fresh.replace(path)
    except (OSError, SafetensorError) as error:
        raise InputError(f"{path}: cannot be written ({error})") from None
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink()


def save_tensors(
    path: str | os.PathLike[str],
    tensors: Mapping[str, Tensor],
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write a safetensors file whole, in place of what was there.

    Raises:
        InputError: it cannot be written.
    """
    on_cpu = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    # Not its save_file: that has a temporary file of its own, which a killed process would leave.
    content = save(on_cpu, None if metadata is None else dict(metadata))
    with whole_file(path) as fresh:
        fresh.write_bytes(content)


def beside(path: Path) -> Path:
    """A name in the folder of ``path`` that nothing has yet."""
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")


def sweep(path: str | os.PathLike[str]) -> None:
    """Remove the temporary files that killed processes left beside the file ``path``."""
    path = Path(path)
    for left in path.parent.glob(f".{path.name}.*.part"):
        left.unlink(missing_ok=True)


def replace_folder(path: Path, fresh: Path) -> None:
    """Put the folder ``fresh`` in the place of the folder ``path``, which goes; both on one file
    system. In one step on Linux; elsewhere ``path`` is not there for an instant."""
    if sys.platform == "linux":
        exchange = getattr(ctypes.CDLL(None), "renameat2", None)
        here, both = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
        if exchange and exchange(here, os.fsencode(fresh), here, os.fsencode(path), both) == 0:
            shutil.rmtree(fresh, ignore_errors=True)
            return
    old = beside(path)
    path.rename(old)
    try:
        fresh.rename(path)
    except BaseException:
        old.rename(path)
        raise
    shutil.rmtree(old, ignore_errors=True)
