"""Raw text to sentences of tokens, each with its place in the original text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treernn.lazy import lazy_exports

if TYPE_CHECKING:
    from treernn.text.language import other_language as other_language
    from treernn.text.tokenizer import tokenize as tokenize
    from treernn.text.tokenizer import treebank_token as treebank_token

__all__, __getattr__, __dir__ = lazy_exports(__name__)
