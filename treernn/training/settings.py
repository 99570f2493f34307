"""What the training of every task is set by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from treernn.checks import check_fractions, check_non_negative
from treernn.errors import InputError


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """What the settings of all tasks have in common; a task has its defaults and its own.

    Attributes:
        dropout: share of the numbers that training leaves out, see the model's configuration.
        epochs: passes over the examples at most.
        patience: epochs without a better dev result after which training ends.
        batch_size: examples per step.
        learning_rate: of the optimiser; where it falls over the run, at its highest.
        weight_decay: L2, word vectors excepted where they learn by plain steps.
        ema_decay: share of the old average of the weights at each step.
        keep_last: whether the last epoch is kept, not the one with the best dev result, which is
            partly luck where all of the last ones are about as good.
        seed: of the initial weights, the order of the examples and dropout.

    Raises:
        InputError: a value out of range.
    """

    dropout: float
    epochs: int
    patience: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    ema_decay: float
    keep_last: bool = False
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("epochs", "patience", "batch_size"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} is {getattr(self, name)}, expected at least 1")
        check_non_negative(self, "learning_rate", "weight_decay")
        check_fractions(self, "ema_decay", "dropout")
        if not 0 <= self.seed < 2**63:
            raise InputError(f"seed is {self.seed}, expected from 0 to below 2**63")


Chosen = TypeVar("Chosen", bound=TrainingSettings)

_TYPES = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}


def settings_from(kind: type[Chosen], values: Mapping[str, Any]) -> Chosen:
    """Settings from plain values, such as a TOML file holds.

    Args:
        kind: settings in which every field has a default.
        values: by name.

    Raises:
        InputError: a name is unknown, or a value of the wrong type or out of range.
    """
    defaults: dict[str, Any] = {each.name: each.default for each in fields(kind)}
    chosen = {}
    for name, value in values.items():
        if name not in defaults:
            raise InputError(f"no setting is called {name!r}; there are {', '.join(defaults)}")
        wanted: Any = type(defaults[name])
        fits = isinstance(value, wanted) or (wanted is float and isinstance(value, int))
        if not fits or (isinstance(value, bool) and wanted is not bool):
            raise InputError(f"{name} is {value!r}, expected {_TYPES[wanted]}")
        chosen[name] = wanted(value)
    return kind(**chosen)
