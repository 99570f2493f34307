"""Texts to results: the sentiment of each phrase, and scored rows of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treernn.lazy import lazy_exports

if TYPE_CHECKING:
    from treernn.scoring.document import combine as combine
    from treernn.scoring.explain import Explanation as Explanation
    from treernn.scoring.result import Result as Result
    from treernn.scoring.scorer import Classifier as Classifier
    from treernn.scoring.scorer import Scorer as Scorer
    from treernn.scoring.scorer import load as load
    from treernn.scoring.sentence import Phrase as Phrase
    from treernn.scoring.sentence import Sentence as Sentence
    from treernn.scoring.wording import NEGATORS as NEGATORS
    from treernn.text.tokenizer import tokenize as tokenize
    from treernn.text.tokenizer import treebank_token as treebank_token

__all__, __getattr__, __dir__ = lazy_exports(__name__)
