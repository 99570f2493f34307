"""Pretrained encoders: vectors for words in their sentence, and what of an encoder learns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treernn.lazy import lazy_exports

if TYPE_CHECKING:
    from treernn.encoders.distilled import distil_vectors as distil_vectors
    from treernn.encoders.encoder import Encoder as Encoder
    from treernn.encoders.encoder import load_encoder as load_encoder
    from treernn.encoders.tuning import Tuning as Tuning

__all__, __getattr__, __dir__ = lazy_exports(__name__)
