"""What of an encoder learns."""

from __future__ import annotations

from dataclasses import dataclass

from treernn.errors import InputError

HOW = ("whole", "layers", "lora", "frozen")


@dataclass(frozen=True)
class Tuning:
    """What of an encoder learns.

    Attributes:
        how: ``whole``, all its weights; ``layers``, all but the vectors of pieces and places that
            it begins with; ``lora``, small matrices beside those of its linear layers;
            ``frozen``, nothing.
        rank: of the adapters' matrices.
        alpha: what the adapters add is multiplied by ``alpha / rank``.
        adapter_dropout: share that training leaves out of what the adapters see.
        feed_forward: whether layers outside attention have adapters too.

    Raises:
        InputError: a value that cannot be.
    """

    how: str = "lora"
    rank: int = 8
    alpha: int = 16
    adapter_dropout: float = 0.0
    feed_forward: bool = True

    def __post_init__(self) -> None:
        if self.how not in HOW:
            raise InputError(f"tuning is {self.how!r}, expected {', '.join(HOW[:-1])} or {HOW[-1]}")
        if self.rank < 1 or self.alpha <= 0 or not 0 <= self.adapter_dropout < 1:
            raise InputError(
                f"rank {self.rank}, alpha {self.alpha}, adapter_dropout {self.adapter_dropout}: "
                "expected a rank of at least 1, alpha above 0, dropout from 0 to below 1"
            )
