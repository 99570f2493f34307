"""Words of the Penn Treebank, divided as ``nltk.tokenize.NLTKWordTokenizer`` divides them.

The rules are NLTK's (Apache License 2.0), which has them from Robert MacIntyre's script; a test
compares the two. To import NLTK takes longer than to import torch, as it imports SciPy and
scikit-learn where they are installed.
"""

from __future__ import annotations

import re

_RULES = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # Quotes that open.
        ("([«“‘„]|`+)", r" \1 "),
        ('^"', "``"),
        ("(``)", r" \1 "),
        (r"""([ (\[{<])("|'{2})""", r"\1 `` "),
        (r"(?i)(?<!\w)(')(?!(?:re|ve|ll|m|t|s|d|n)\b)(?=\w)", r"\1 "),
        # Punctuation.
        (r"""([^.])(\.)([\])}>"' »”’]*+)\s*$""", r"\1 \2 \3 "),
        (r"([:,])([^\d])", r" \1 \2"),
        ("([:,])$", r" \1 "),
        (r"(\.{2,})", r" \1 "),
        ("([;@#$%&])", r" \1 "),
        ("([\u2012-\u2015])", r" \1 "),
        (r"""([^.])(\.)([\])}>"']*)\s*$""", r"\1 \2\3 "),
        ("([?!])", r" \1 "),
        ("([^'])' ", r"\1 ' "),
        (r"([*])", r" \1 "),
        (r"([\]\[(){}<>])", r" \1 "),
        ("--", " -- "),
        (r"\A|\Z", " "),
        # Quotes that close, and contractions.
        ("([»”’])", r" \1 "),
        ("''", " '' "),
        ('"', " '' "),
        (r"\s+", " "),
        ("([^' ])('[sS]|'[mM]|'[dD]|') ", r"\1 \2 "),
        ("([^' ])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) ", r"\1 \2 "),
        (r"(?i)\b(can)(not)\b", r" \1 \2 "),
        (r"(?i)\b(d)('ye)\b", r" \1 \2 "),
        (r"(?i)\b(gim)(me)\b", r" \1 \2 "),
        (r"(?i)\b(gon)(na)\b", r" \1 \2 "),
        (r"(?i)\b(got)(ta)\b", r" \1 \2 "),
        (r"(?i)\b(lem)(me)\b", r" \1 \2 "),
        (r"(?i)\b(more)('n)\b", r" \1 \2 "),
        (r"(?i)\b(wan)(na)(?=\s)", r" \1 \2 "),
        (r"(?i) ('t)(is)\b", r" \1 \2 "),
        (r"(?i) ('t)(was)\b", r" \1 \2 "),
    )
]


def divide(text: str) -> list[str]:
    """The words of a sentence.

    >>> divide("It's 3,36 euros (roughly), isn't it?")
    ['It', "'s", '3,36', 'euros', '(', 'roughly', ')', ',', 'is', "n't", 'it', '?']
    """
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text.split()
