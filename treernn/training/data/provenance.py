"""Checksums that tell one training run from another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from torch import nn

from treernn.training.data.corpus import Stored
from treernn.training.data.sequences import Chain
from treernn.types import AnyTree


def fingerprint(values: Iterable[Any]) -> str:
    """SHA-256 of plain values (numbers, strings, lists), for example of a data set."""
    digest = hashlib.sha256()
    for value in values:
        digest.update(json.dumps(value, default=int).encode() + b"\n")
    return digest.hexdigest()


def weights_fingerprint(model: nn.Module) -> str:
    """SHA-256 of the names and values of a model's weights."""
    digest = hashlib.sha256()
    for name, tensor in model.state_dict().items():
        digest.update(name.encode() + tensor.cpu().numpy().tobytes())
    return digest.hexdigest()


def tree_summary(trees: Sequence[AnyTree]) -> dict[str, Any]:
    """Counts and checksum of trees, at least one."""
    if isinstance(trees, Chain):
        parts = [tree_summary(each) for each in trees.members if len(each)]
        return {
            "trees": len(trees),
            "nodes": sum(part["nodes"] for part in parts),
            "sha256": fingerprint(part["sha256"] for part in parts),
        }
    if isinstance(trees, Stored):
        return {"trees": len(trees), "nodes": int(trees.sizes.sum()), "sha256": trees.digest}
    names = [field.name for field in fields(trees[0])]
    return {
        "trees": len(trees),
        "nodes": sum(tree.num_nodes for tree in trees),
        "sha256": fingerprint([getattr(tree, name) for name in names] for tree in trees),
    }
