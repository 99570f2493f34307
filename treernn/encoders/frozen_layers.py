"""Freeze the lower layers of an encoder: their output is the same in every epoch, so that it is
computed once for each sentence and kept as 16-bit numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from treernn.encoders.word_pieces import Batch, EncodedSentence
from treernn.engine import inference
from treernn.errors import InputError


@dataclass(slots=True, eq=False)
class PartlyEncoded:
    """A tokenized sentence for training.

    Attributes:
        sentence: its pieces.
        states: float16 ``[pieces, size]``, the output of the frozen layers, once it is known.
    """

    sentence: EncodedSentence
    states: Tensor | None = None


def check_layers(model: nn.Module, count: int) -> None:
    """Check that a model is as good in two parts, the lowest layers and the others.

    Raises:
        InputError: it has no more layers, or does something else between its embeddings and layers,
            or after these.
    """
    config: Any = model.config
    if count >= config.num_hidden_layers:
        raise InputError(
            f"frozen_layers is {count}, expected less than {config.num_hidden_layers}, the number "
            "of the encoder's layers; frozen tuning trains none"
        )
    ids = torch.arange(4, device=next(model.parameters()).device).unsqueeze(0) % config.vocab_size
    with inference(model):
        whole = model(input_ids=ids).last_hidden_state
        with below(model, count):
            states = model(input_ids=ids).last_hidden_state
        with from_layer(model, count, states):
            parts = model(input_ids=ids).last_hidden_state
    if not torch.allclose(whole, parts, rtol=1e-3, atol=1e-4):
        raise _indivisible(model)


def _indivisible(model: nn.Module) -> InputError:
    config: Any = model.config
    return InputError(
        f"the lower layers of a {config.model_type} model cannot be frozen, set frozen_layers to 0"
    )


@contextmanager
def below(model: nn.Module, layer: int) -> Iterator[None]:
    """Within this context ``model`` ends before ``layer``."""
    with _layers(model, slice(0, layer)):
        yield


@contextmanager
def from_layer(model: nn.Module, layer: int, states: Tensor) -> Iterator[None]:
    """Within this context ``model`` starts at ``layer`` with ``states``, whatever its input."""
    if not hasattr(model, "embeddings"):
        raise _indivisible(model)
    with ExitStack() as stack:
        stack.enter_context(_layers(model, slice(layer, None)))
        stack.enter_context(_replaced(model, "embeddings", _Given(states)))
        if hasattr(model, "embeddings_project"):  # of ELECTRA
            stack.enter_context(_replaced(model, "embeddings_project", nn.Identity()))
        yield


@contextmanager
def _layers(model: nn.Module, part: slice) -> Iterator[None]:
    config: Any = model.config
    for parent in model.modules():
        for name, child in parent.named_children():
            if isinstance(child, nn.ModuleList) and len(child) == config.num_hidden_layers:
                with _replaced(parent, name, child[part]):
                    yield
                return
    raise _indivisible(model)


@contextmanager
def _replaced(parent: nn.Module, name: str, module: nn.Module) -> Iterator[None]:
    original: Any = getattr(parent, name)
    setattr(parent, name, module)
    try:
        yield
    finally:
        setattr(parent, name, original)


class _Given(nn.Module):
    """Embeddings that are known already."""

    def __init__(self, states: Tensor) -> None:
        super().__init__()
        self.states = states

    def forward(self, *_: Any, **__: Any) -> Tensor:
        """``[R, L, size]``."""
        return self.states


def store(sentences: Sequence[PartlyEncoded], batch: Batch, states: Tensor) -> None:
    """Keep the output of the frozen layers, ``[R, L, size]`` for the rows of ``batch``."""
    rows = states.flatten(0, 1)[_places(batch).to(states.device)].to("cpu", torch.float16)
    sizes = [each.sentence.num_pieces for each in sentences]
    for each, part in zip(sentences, rows.split(sizes), strict=True):
        each.states = part.clone()


def lay_out(sentences: Sequence[PartlyEncoded], batch: Batch) -> Tensor:
    """The inverse of ``store``: float16 ``[R, L, size]``, zero at padding."""
    with torch.autocast("cpu", enabled=False):  # it can't concatenate float16
        rows = torch.cat([each.states for each in sentences if each.states is not None])
    states = rows.new_zeros(batch.input_ids.numel(), rows.shape[1])
    states[_places(batch)] = rows
    return states.view(*batch.input_ids.shape, -1)


def _places(batch: Batch) -> Tensor:
    """Where the pieces are in the flattened rows, window after window."""
    windows = batch.window_ids.cpu().flatten()
    order = torch.argsort(windows, stable=True)
    return order[int((windows < 0).sum()) :]
