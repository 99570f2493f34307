"""The settings that all training tasks share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from treernn.checks import brief, check_fractions, check_non_negative, check_sizes
from treernn.errors import InputError
from treernn.training.loop.precision import PRECISIONS

Settings = TypeVar("Settings", bound="TrainingSettings")

LR_SCHEDULES = ("constant", "linear")

_TYPES = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """How a model is trained. Each task adds settings of its own and all defaults.

    Attributes:
        model: configuration of the model.
        epochs: maximum number of passes over the training data.
        patience: epochs without a better dev result after which training stops.
        batch_size: examples per step.
        accumulation_steps: parts of a batch that are computed one after another, so that a step
            needs less memory; their gradients are added up.
        learning_rate: of the optimizer; with a linear schedule its peak.
        lr_schedule: ``constant``, or ``linear``, see ``linear_schedule``.
        warmup_ratio: fraction of the training over which a linear schedule rises.
        max_grad_norm: the gradient is clipped to this norm, sparse gradients excepted; 0: never.
        weight_decay: L2 penalty, or decoupled weight decay of AdamW.
        ema_decay: decay of the moving average of the weights, per step.
        precision: ``float32``; or ``bfloat16``, mixed precision, see ``training.precision``.
        keep_last: save the last epoch instead of the one with the best dev result.
        seed: random seed of the initial weights, the order of the examples and dropout.

    Raises:
        InputError: a value is out of range.
    """

    model: Any
    epochs: int
    patience: int
    batch_size: int
    accumulation_steps: int = 1
    learning_rate: float
    lr_schedule: str = "linear"
    warmup_ratio: float = 0.0
    max_grad_norm: float = 0.0
    weight_decay: float
    ema_decay: float
    precision: str = "float32"
    keep_last: bool = False
    seed: int = 1

    def __post_init__(self) -> None:
        check_sizes(self, "epochs", "patience", "batch_size", "accumulation_steps")
        check_non_negative(self, "learning_rate", "weight_decay", "max_grad_norm")
        check_fractions(self, "ema_decay", "warmup_ratio")
        if self.lr_schedule not in LR_SCHEDULES:
            expected = " or ".join(LR_SCHEDULES)
            raise InputError(f"lr_schedule is {brief(self.lr_schedule)}, expected {expected}")
        if self.precision not in PRECISIONS:
            expected = " or ".join(PRECISIONS)
            raise InputError(f"precision is {brief(self.precision)}, expected {expected}")
        if not 0 <= self.seed < 2**63:
            raise InputError(f"seed is {brief(self.seed)}, expected from 0 to below 2**63")

    def learning_rate_factor(self, progress: float) -> float:
        """The current learning rate relative to its peak.

        Args:
            progress: fraction of training completed, 0 to 1.
        """
        if self.lr_schedule == "constant":
            return 1.0
        return linear_schedule(progress, self.warmup_ratio)

    def values(self) -> dict[str, Any]:
        """All settings by name, those of ``model`` among them."""
        own = {each.name: getattr(self, each.name) for each in fields(self)}
        model = own.pop("model")
        return {each.name: getattr(model, each.name) for each in fields(model)} | own

    def updated(self: Settings, **values: Any) -> Settings:
        """A copy with some values changed.

        Args:
            values: by name; names of the model's configuration are changed in ``model``.

        Raises:
            InputError: there is no setting of this name, or a value is out of range.
        """
        known = self.values()
        for name in values:
            if name not in known:
                raise InputError(
                    f"no setting is called {brief(name)}; there are {', '.join(known)}"
                )
        of_model = {each.name for each in fields(self.model)} & values.keys()
        config = {name: values.pop(name) for name in of_model}
        return replace(self, model=replace(self.model, **config), **values)


def linear_schedule(progress: float, warmup_ratio: float) -> float:
    """Learning rate relative to its peak: a linear rise from 0, then a linear fall to 0.

    Args:
        progress: fraction of training completed, 0 to 1.
        warmup_ratio: fraction of training over which it rises.

    >>> [round(linear_schedule(progress, 0.1), 3) for progress in (0.0, 0.05, 0.1, 0.5, 1.0)]
    [0.0, 0.475, 0.9, 0.5, 0.0]
    """
    return min(1.0, progress / warmup_ratio if warmup_ratio else 1.0) * (1 - progress)


def defaults(kind: type[Settings]) -> Settings:
    """The settings of a kind that has a default for every field."""
    make: Callable[[], Settings] = kind
    return make()


def settings_from(kind: type[Settings], values: Mapping[str, Any]) -> Settings:
    """Settings from plain values, such as those of a TOML file.

    Args:
        kind: settings with a default for every field.
        values: by name. Those of the model's configuration lie in the table ``model``, or beside
            the others.

    Raises:
        InputError: a name is unknown or given twice, or a value has the wrong type or is out of
            range.
    """
    settings = defaults(kind)
    known, chosen = settings.values(), flat(values)
    for name, value in chosen.items():
        if name not in known:
            continue
        expected: Any = type(known[name])
        fits = isinstance(value, expected) or (expected is float and isinstance(value, int))
        if not fits or (isinstance(value, bool) and expected is not bool):
            raise InputError(f"{name} is {brief(value)}, expected {_TYPES[expected]}")
        try:
            chosen[name] = expected(value)
        except OverflowError:
            raise InputError(f"{name} is {brief(value)}, too large for a number") from None
    return settings.updated(**chosen)


def flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with those of the table ``model`` beside the others.

    Raises:
        InputError: a name is given twice, or ``model`` is no table.
    """
    chosen = dict(values)
    model = chosen.pop("model", {})
    if not isinstance(model, Mapping):
        raise InputError(f"model is {brief(model)}, expected a table of settings")
    for name in model:
        if name in chosen:
            raise InputError(f"{name} is given twice, in the table [model] and outside of it")
    return {**model, **chosen}
