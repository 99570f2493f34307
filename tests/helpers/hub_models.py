"""Small models to put on a hub, and the hub's client on this machine."""

from pathlib import Path

import torch

from treernn.models.tree_classifier import TreeClassifier, TreeConfig
from treernn.scoring.lexicon.entries import of_mapping
from treernn.scoring.lexicon.files import stored_text

SENTENCES = ["A good film.", "Not a bad film, but long.", "Glorpy."]


def save_model(folder: Path, seed: int = 1) -> Path:
    """An untrained sentiment model with a word of its own."""
    torch.manual_seed(seed)
    words = ("<unk>", "a", "good", "bad", "film", "not", "but", ".")
    TreeClassifier(TreeConfig(4, 3), words).save(folder)
    (folder / "lexicon.json").write_text(stored_text(of_mapping({"glorpy": 1})))
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    """The content of all files, by their paths."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def use_hub(monkeypatch, url: str, cache: Path) -> None:
    """Let the client talk to a hub, in this process and those that it starts."""
    from huggingface_hub import constants
    from huggingface_hub.utils import _cache_manager

    monkeypatch.setattr(constants, "ENDPOINT", url)
    template = url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    # What lists the cache has its own copy of the name, from when it was imported.
    monkeypatch.setattr(_cache_manager, "HF_HUB_CACHE", str(cache), raising=False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(cache / "token"))
    monkeypatch.setenv("HF_ENDPOINT", url)
    monkeypatch.setenv("HF_HUB_CACHE", str(cache))
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
