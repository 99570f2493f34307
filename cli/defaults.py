"""Defaults of settings, for help; a test compares them with the settings, which import torch."""

from __future__ import annotations

from typing import Any

from treernn.cli.command import Command

DEFAULTS = {
    "sentiment": {
        "batch_size": "25, 16 with an encoder",
        "bidirectional": "unidirectional",
        "cell": "lstm",
        "dropout": "0.5, 0.3 with an encoder",
        "ema_decay": "0.9995, 0.99 with an encoder",
        "embedding_learning_rate": "0.3, 0.0002 with an encoder",
        "epochs": "26, 4 with an encoder",
        "hidden_size": "150, 0 for average, 300 with an encoder",
        "layers": "1 for chain",
        "learning_rate": "0.05, 0.001 with an encoder",
        "patience": "8, 2 with an encoder",
        "root_weight": "1.0, 3.0 with an encoder",
        "precision": "float32, bfloat16 with an encoder",
        "seed": "1",
        "tuning": "layers with an encoder",
        "weight_decay": "0.0001, 0.01 with an encoder",
    },
    "targets": {
        "batch_size": "32",
        "dropout": "0.5",
        "ema_decay": "0.995",
        "embedding_learning_rate": "0.0005",
        "epochs": "8",
        "learning_rate": "0.001",
        "patience": "8",
        "precision": "float32",
        "seed": "1",
        "structure": "tree",
        "tuning": "frozen",
        "weight_decay": "0.0001",
    },
    "parser": {
        "batch_size": "40, 32 with an encoder",
        "dropout": "0.45, 0.3 with an encoder",
        "epochs": "24, 5 with an encoder",
        "hidden_size": "200",
        "layers": "2",
        "learning_rate": "0.002, 0.001 with an encoder",
        "precision": "float32, bfloat16 with an encoder",
        "seed": "1",
        "tuning": "full with an encoder",
    },
    "tagging": {
        "batch_size": "16",
        "bidirectional": "bidirectional",
        "cell": "lstm",
        "dropout": "0.5",
        "ema_decay": "0.998",
        "embedding_learning_rate": "0.1",
        "epochs": "12",
        "hidden_size": "128",
        "layers": "2",
        "learning_rate": "0.002",
        "patience": "6",
        "precision": "float32",
        "seed": "1",
        "weight_decay": "0.01",
    },
    "captioning": {
        "batch_size": "64",
        "cell": "lstm",
        "dropout": "0.3",
        "ema_decay": "0.999",
        "epochs": "25",
        "hidden_size": "128",
        "layers": "1",
        "learning_rate": "0.001",
        "patience": "10",
        "precision": "float32",
        "seed": "1",
        "weight_decay": "0.01",
    },
    "translation": {
        "attention": "attention",
        "batch_size": "64",
        "cell": "lstm",
        "dropout": "0.3",
        "ema_decay": "0.998",
        "epochs": "14",
        "hidden_size": "256",
        "layers": "1",
        "learning_rate": "0.002",
        "patience": "14",
        "precision": "float32",
        "seed": "1",
        "weight_decay": "0.0",
    },
}

NO_DEFAULT = frozenset(
    [
        *("--file", "--out", "--from", "--plot", "--frames", "--gold", "--rows", "--features"),
        *("--trees", "--sentences", "--settings", "--init-from", "--encoder", "--dev-data"),
        *("--sources", "--dev-features", "--corrections"),
        *("--group", "--time", "--rating", "--aspects"),
        *("--token-file", "--allow-origin", "--allowed-host"),
        *("--lexicon", "--domain", "--target", "--target-column", "--targets"),
        *("--text", "--corpus", "--compare", "--evaluate", "--tree", "--prefix"),
        *("--labeling-config", "--annotations"),
    ]
)
"""Options that change nothing when they are left out; or that are needed with others only."""


class TaskCommand(Command):
    """A command of ``train`` or ``distil``: help shows the defaults of the settings of its task."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """See click."""
        known = DEFAULTS.get(self.name or "", {})
        for parameter in self.get_params(ctx):
            # A default in the signature is the command's own, such as the precision of teachers.
            if parameter.name in known and parameter.default is None:
                parameter.show_default = known[parameter.name]  # type: ignore[attr-defined]
        super().format_options(ctx, formatter)
