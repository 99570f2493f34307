"""Put a model on the Hugging Face hub: its files and its card, in one commit."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from treernn.errors import InputError, one_line
from treernn.hub import HubError, client, hub_errors
from treernn.models.captioner import Captioner
from treernn.models.names import CONFIG, TARGETS
from treernn.models.on_hub import CARD, MODEL_FILES, Address, check_repo, check_revision
from treernn.models.pretrained import sentiment_folder
from treernn.models.sentiment import load_sentiment
from treernn.models.storage import model_kind, read_config
from treernn.models.tagger import Tagger
from treernn.models.target_classifier import load_targets
from treernn.models.translator import Translator
from treernn.parsing.loading import TRAINED, load_trained
from treernn.scoring.lexicon.files import lexicon_of
from treernn.scoring.origin import Scorer, is_as_loaded

MODEL_CARD = "MODEL_CARD.md"

_OTHERS: dict[str, tuple[Callable[[Path], Any], dict[str, Any]]] = {
    **{kind: (load_trained, {"pipeline_tag": "token-classification"}) for kind in TRAINED},
    Tagger.KIND: (Tagger.load, {"pipeline_tag": "token-classification"}),
    Captioner.KIND: (Captioner.load, {"pipeline_tag": "image-to-text"}),
    Translator.KIND: (Translator.load, {"pipeline_tag": "translation", "language": ["zh", "en"]}),
}
"""Other models than those of sentiment: what loads them, and what their card says of them."""


def push(
    model: str | os.PathLike[str],
    repo: str,
    *,
    private: bool = False,
    revision: str = "main",
    license: str | None = None,
) -> str:
    """Put a model on the hub, as a user who is logged in (``hf auth login``, or ``HF_TOKEN``).

    The repository is made if there is none. What an earlier model there had and this one has not is
    removed in the same commit; files that are no model's stay.

    Args:
        model: the folder of a model of any kind, or as for ``treernn.load``.
        repo: ``user/name``.
        private: whether a new repository is.
        revision: the branch, made if there is none.
        license: of the model, such as ``"mit"``; by default the one that its card names.

    Returns:
        The address of the model with its commit, for ``treernn.load``.

    Raises:
        ModelError: the folder does not load.
        InputError: it is no such name or branch, its card cannot be read, the repository is public
            and should be private, or the hub refuses.
        MissingPackageError: the hub's client is not installed.
    """
    check_repo(repo)
    check_revision(revision)
    folder = sentiment_folder(model)
    hub, facts = client(), _facts(folder)
    card = _card(hub, folder, repo, facts, license)
    operations = [
        hub.CommitOperationAdd(name, str(folder / name))
        for name in MODEL_FILES
        # Without a config.json beside it, it is not finished.
        if (folder / name).is_file() and (folder / name).with_name(CONFIG).is_file()
    ]
    try:
        with hub_errors():
            api = hub.HfApi()
            api.create_repo(repo, private=private, exist_ok=True)
            if revision != "main":
                api.create_branch(repo, branch=revision, exist_ok=True)
            info = api.model_info(repo, revision=revision)
        if private and not info.private:
            raise InputError(f"{repo}: is public already, nothing was pushed")
        kept = {CARD, *(operation.path_in_repo for operation in operations)}
        there = {file.rfilename for file in info.siblings or ()}
        operations.append(hub.CommitOperationAdd(CARD, card.encode("utf-8")))
        operations += map(hub.CommitOperationDelete, sorted(there & {*MODEL_FILES} - kept))
        with hub_errors():
            commit = api.create_commit(
                repo,
                operations,
                commit_message="A model of treernn",
                revision=revision,
                parent_commit=info.sha,
            )
    except HubError as error:
        raise InputError(f"{repo}: cannot be pushed ({error})") from None
    return str(Address(repo, commit.oid))


def folder_to_push(scorer: Scorer) -> Path:
    """The folder of a scorer's model, if it holds all that the scorer knows.

    Raises:
        InputError: it does not.
    """
    if scorer.folder is None or not is_as_loaded(scorer):
        raise InputError("the model is not as it was loaded from a folder; save it, and load that")
    folder: Path = scorer.folder
    if scorer.lexicon != lexicon_of(folder):
        raise InputError(
            f"words of the scorer's are not in {folder}; store them with treernn lexicon, and load "
            "the model without a lexicon and a domain"
        )
    return folder


def _facts(folder: Path) -> dict[str, Any]:
    """What the card says of a model, which is loaded to see that it can be.

    Raises:
        ModelError: it cannot.
    """
    kind = model_kind(folder) or ""
    if kind in _OTHERS:
        loads, facts = _OTHERS[kind]
        loads(folder)
        tags = [kind]
    else:
        classifier = load_sentiment(folder)
        lexicon_of(folder)
        if (folder / TARGETS / CONFIG).exists():
            load_targets(classifier, folder)
        facts, tags = {"pipeline_tag": "text-classification"}, ["sentiment-analysis"]
    base = read_config(folder, kind).get("encoder", {}).get("base", {}).get("name", "")
    on_hub = {"base_model": base} if re.fullmatch(r"[\w.-]+/[\w.-]+", base) else {}
    return {
        "language": "en",
        "library_name": "treernn",
        "tags": ["treernn", *tags],
        **facts,
        **on_hub,
    }


def _card(hub: Any, folder: Path, repo: str, facts: dict[str, Any], license: str | None) -> str:
    """The card of a model with the header that the hub reads; what it says already stays.

    Raises:
        InputError: it cannot be read.
    """
    text, said = _NO_CARD.format(name=repo.rpartition("/")[2], repo=repo), {}
    paths = [folder / name for name in (MODEL_CARD, CARD) if (folder / name).is_file()]
    for path in paths[:1]:
        try:
            text = path.read_text("utf-8")
            if text.startswith("---\n"):
                card = hub.ModelCard(text)
                text, said = card.text.lstrip("\n"), card.data.to_dict()
        except Exception as error:  # of YAML, or not UTF-8
            raise InputError(f"{path}: cannot be read ({one_line(error)})") from None
    chosen = {"license": license} if license else {}
    header = hub.CardData(**{**facts, **said, **chosen}).to_yaml()
    return f"---\n{header}\n---\n\n{text}"


_NO_CARD = """# {name}

A model of treernn.

```python
import treernn

scorer = treernn.load("hf://{repo}")
```
"""
