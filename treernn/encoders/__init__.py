"""Pretrained encoders: contextual word vectors, and which of their weights to train."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treernn.lazy import lazy_exports

if TYPE_CHECKING:
    from treernn.encoders.base_model import MINILM as MINILM
    from treernn.encoders.base_model import BaseModel as BaseModel
    from treernn.encoders.distilled import distil_vectors as distil_vectors
    from treernn.encoders.encoder import Encoder as Encoder
    from treernn.encoders.encoder import load_encoder as load_encoder
    from treernn.encoders.fine_tuning import layer_groups as layer_groups
    from treernn.encoders.fine_tuning import merge_adapters as merge_adapters
    from treernn.encoders.fine_tuning import set_trainable as set_trainable
    from treernn.encoders.tuning import Tuning as Tuning

__all__, __getattr__, __dir__ = lazy_exports(__name__)
