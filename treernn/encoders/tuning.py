"""Which weights of an encoder to train."""

from __future__ import annotations

from dataclasses import dataclass

from treernn.checks import brief, check_bools, check_fractions, check_sizes
from treernn.errors import InputError

METHODS = ("full", "layers", "lora", "frozen")


@dataclass(frozen=True)
class Tuning:
    """Which weights of an encoder to train.

    Attributes:
        method: ``full``, all weights; ``layers``, all but the input embeddings; ``lora``, low-rank
            adapters of the linear layers (Hu et al. 2022); ``frozen``, none.
        lora_rank: rank of the adapters.
        lora_alpha: adapter outputs are scaled by ``lora_alpha / lora_rank``.
        lora_dropout: dropout probability of the adapters' inputs.
        feed_forward: add adapters to the feed-forward layers too, not to attention alone.
        frozen_layers: the lowest layers, this many, are not trained; not with ``full``.

    Raises:
        InputError: a value is out of range.
    """

    method: str = "lora"
    lora_rank: int = 8
    lora_alpha: int = 16
    lora_dropout: float = 0.0
    feed_forward: bool = True
    frozen_layers: int = 0

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            expected = f"{', '.join(METHODS[:-1])} or {METHODS[-1]}"
            raise InputError(f"tuning is {brief(self.method)}, expected {expected}")
        check_sizes(self, "lora_rank", "lora_alpha")
        check_fractions(self, "lora_dropout")
        check_bools(self, "feed_forward")
        check_sizes(self, "frozen_layers", minimum=0)
        if self.frozen_layers and self.method == "full":
            raise InputError("frozen_layers is for the tuning layers or lora, not full")
