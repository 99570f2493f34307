"""Sentences that were published with a space around each token, as a person would write them."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nltk.tokenize.treebank import TreebankWordDetokenizer

_APART = re.compile(r"(?<=n) '(?=t\b)")  # can 't
_QUOTED = re.compile(r'(?<!\S)" ([^"]*[^"\s]) "(?!\S)')
_AMOUNT = re.compile(r"(?<=\d) \$(?=\s+[^\d\s]|\s*$)")  # 50 $ and
_JOINED = re.compile(r"(\.{2,}|(?<=\d)\$)(?=[^\W\d])")  # what nltk joins


def detokenize(text: str) -> str:
    """The text with contractions in one word and punctuation at its word.

    >>> detokenize("i did n't like it , and it 's \\" great \\" ( for $ 5 ) .")
    'i didn\\'t like it, and it\\'s "great" (for $5).'
    """
    text = _QUOTED.sub(r'"\1"', _APART.sub("'", text))
    text = _detokenizer().detokenize(_AMOUNT.sub("$", text).split())
    return _JOINED.sub(r"\1 ", text)


@cache
def _detokenizer() -> TreebankWordDetokenizer:
    from nltk.tokenize.treebank import TreebankWordDetokenizer  # here, because it is slow to import

    return TreebankWordDetokenizer()
