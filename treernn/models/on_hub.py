"""Models on the Hugging Face hub: ``hf://user/name``, or ``hf://user/name@REVISION``.

A model is downloaded once, into the cache of the hub's client, and is from there the same for as
long as it stays there. Only what treernn reads is downloaded, and compared with the checksums that
the hub has. As in a folder that is written, ``config.json`` comes last: a download that was killed
leaves no model.
"""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from treernn.errors import InputError, MissingPackageError, ModelError
from treernn.hub import HubError, client, hub_errors, snapshot
from treernn.models.names import CONFIG, FILES, LEXICON, TARGETS

SCHEME = "hf://"
CARD = "README.md"
MODEL_FILES = (*FILES, LEXICON, *(f"{TARGETS}/{name}" for name in FILES))
"""All that the folder of a model may have and that is read."""

_PART = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_REPO = re.compile(f"{_PART}/{_PART}")
_REVISION = re.compile(r"(?!.*\.\.)[A-Za-z0-9][\w./+-]*", re.ASCII)


@dataclass(frozen=True)
class Address:
    """A model on the hub.

    Attributes:
        repo: ``user/name``.
        revision: a branch, a tag or a commit.
    """

    repo: str
    revision: str

    def __str__(self) -> str:
        return f"{SCHEME}{self.repo}@{self.revision}"


def is_on_hub(model: str | os.PathLike[str]) -> TypeGuard[str]:
    """Whether a name of a model is an address on the hub."""
    return isinstance(model, str) and model.startswith(SCHEME)


def address_of(model: str) -> Address:
    """The parts of ``hf://user/name@REVISION``; without a revision it is the branch ``main``.

    Raises:
        InputError: it is no such address.

    >>> address_of("hf://user/name@v1.0")
    Address(repo='user/name', revision='v1.0')
    """
    repo, at, revision = model.removeprefix(SCHEME).partition("@")
    check_repo(repo)
    if at:
        check_revision(revision)
    return Address(repo, revision or "main")


def check_repo(repo: str) -> None:
    """Check the name of a repository.

    Raises:
        InputError: it is not ``user/name``.
    """
    if not _REPO.fullmatch(repo) or len(repo) > 200:
        raise InputError(f"{repo!r} is no name on the hub, expected user/name")


def check_revision(revision: str) -> None:
    """Check the name of a branch, a tag or a commit.

    Raises:
        InputError: it cannot be one.
    """
    if not _REVISION.fullmatch(revision) or len(revision) > 200:
        raise InputError(f"{revision!r} is no branch, tag or commit")


def hub_folder(model: str) -> Path:
    """The folder of a model on the hub, which is downloaded unless it is in the client's cache.

    Args:
        model: its address. A branch or a tag that is in the cache stays the commit that it was.

    Returns:
        A folder in the cache, whose name is the commit.

    Raises:
        InputError: it is no address.
        ModelError: there is no such model, it cannot be downloaded, or it is damaged.
        MissingPackageError: the hub's client is not installed.
    """
    address = address_of(model)
    with contextlib.suppress(HubError):
        folder = snapshot(address.repo, address.revision, files=MODEL_FILES, local=True)
        if (folder / CONFIG).exists():
            return folder
    try:
        return _download(address)
    except HubError as error:
        raise ModelError(
            f"{model}: is not on this machine and cannot be downloaded ({error})"
        ) from None


def downloaded() -> dict[str, Path]:
    """The models that are in the client's cache: folders by ``user/name@`` and the start of their
    commit; none without a cache or a client."""
    from treernn.models.storage import model_kind

    try:
        scan = client().scan_cache_dir
        with hub_errors():
            repositories = scan().repos
    except (HubError, MissingPackageError):
        return {}
    return {
        f"{repository.repo_id}@{each.commit_hash[:7]}": each.snapshot_path
        for repository in sorted(repositories, key=lambda repository: repository.repo_id)
        for each in sorted(repository.revisions, key=lambda each: each.commit_hash)
        if model_kind(each.snapshot_path) is not None
    }


def _download(address: Address) -> Path:
    api = client().HfApi()
    with hub_errors():
        info = api.model_info(address.repo, revision=address.revision)
    there = {file.rfilename for file in info.siblings or ()}
    if missing := [name for name in FILES if name not in there]:
        raise ModelError(f"{address}: no model of treernn, it has no {missing[0]}")
    files = [name for name in (*MODEL_FILES, CARD) if name in there and name != CONFIG]
    # By the name of the revision, which the client then remembers.
    folder = snapshot(address.repo, address.revision, files=files)
    if folder.name != info.sha:
        raise HubError("it was changed meanwhile, try again")
    _verify(api, address, folder)
    snapshot(address.repo, folder.name, files=[CONFIG])
    _verify(api, address, folder)
    return folder


def _verify(api: Any, address: Address, folder: Path) -> None:
    """Compare files with the hub's checksums: sha256 of large ones, git's of others. Wrong ones are
    removed from the cache."""
    with hub_errors():
        found = api.verify_repo_checksums(address.repo, revision=folder.name)
    wrong = [each for each in found.mismatches if each["path"] in (*MODEL_FILES, CARD)]
    for each in wrong:
        file = folder / each["path"]
        for path in (file.resolve(), file):
            with contextlib.suppress(OSError):
                path.unlink()
    if wrong:
        first = wrong[0]
        raise ModelError(
            f"{address}: {first['path']} is not the file of the hub, its {first['algorithm']} is "
            f"{first['actual']}, expected {first['expected']}; it was removed, try again"
        )
