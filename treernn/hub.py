"""The Hugging Face hub, by its own client."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import TypeGuard

from treernn.errors import ModelError, one_line
from treernn.optional import require

_NAME = re.compile(r"\w[\w.-]*(?:/[\w.-]+)?")


class HubError(ModelError):
    """The hub, or its client, did not do what it was asked; the message is the reason alone."""


def can_be_name(name: object) -> TypeGuard[str]:
    """Whether this can be the name of a repository of anyone: ``user/name``, or ``name``."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def client(extra: str = "hub") -> ModuleType:
    """The package ``huggingface_hub``.

    Raises:
        MissingPackageError: it is not installed; ``extra`` brings it.
    """
    return require("huggingface_hub", extra)


def snapshot(
    repo: str,
    revision: str | None = None,
    *,
    files: Sequence[str],
    without: Sequence[str] = (),
    local: bool = False,
    extra: str = "hub",
) -> Path:
    """Files of a repository, as a folder in the cache of the client; its name is the commit.

    Args:
        repo: its name, ``user/name``.
        revision: a branch, a tag or a commit; by default the main branch.
        files, without: patterns of the paths to have, and of those of them to leave.
        local: look in the cache alone.

    Raises:
        HubError: they cannot be had.
        MissingPackageError: the client is not installed; ``extra`` brings it.
    """
    download = client(extra).snapshot_download
    with hub_errors():
        folder = download(
            repo,
            revision=revision,
            local_files_only=local,
            allow_patterns=[*files],
            ignore_patterns=[*without],
        )
    return Path(folder)


@contextlib.contextmanager
def hub_errors() -> Iterator[None]:
    """Make what the client raises a ``HubError``; only its calls belong into the block."""
    try:
        yield
    except Exception as error:  # of the client, of its HTTP library, of its transfers
        raise HubError(_reason(error)) from None


def _reason(error: BaseException) -> str:
    """Why, in a few words. The client wraps what happened into advice about its own arguments."""
    from huggingface_hub import errors

    causes = [error]
    while (cause := causes[-1].__cause__) is not None:
        causes.append(cause)

    def is_a(*kinds: type[BaseException]) -> bool:
        return any(isinstance(each, kinds) for each in causes)

    responses = [getattr(each, "response", None) for each in causes]
    statuses = [response.status_code for response in responses if response is not None]
    status = statuses[0] if statuses else 0
    if is_a(errors.OfflineModeIsEnabled):
        return "HF_HUB_OFFLINE is set"
    if is_a(errors.RevisionNotFoundError):
        return "there is no such revision"
    if is_a(errors.GatedRepoError):
        return "its owner has to allow it: ask on its page, then hf auth login"
    if is_a(errors.RepositoryNotFoundError):
        return "there is no such repository, or it is private: hf auth login"
    if status in (401, 403):
        return f"access is denied ({status}): hf auth login, with a token that may do this"
    if status in (409, 412):
        return f"it was changed meanwhile ({status}), try again"
    if status == 429:
        return "too many requests (429), try again later"
    if status >= 500:
        return f"the hub answers {status}, try again later"
    if not statuses and is_a(errors.HTTPError):
        return f"no connection: {one_line(causes[-1])}"
    return one_line(error)
