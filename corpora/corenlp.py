"""The trees in an output of CoreNLP's sentiment annotator.

Its text output prints the words, the parse tree and more of each sentence before its tree of
sentiment; its JSON has the tree in a field of the sentence.
"""

from __future__ import annotations

import json
import re

_FIELD = re.compile(r'"sentimentTree"\s*:\s*("(?:[^"\\]|\\.)*+")')
_TITLE = "Sentiment-annotated binary tree"


def sentiment_trees(text: str) -> str:
    """The text with nothing but trees in it, each on the line where it was.

    Anything but an output of CoreNLP is returned as it is.

    >>> sentiment_trees('{"sentences": [{"sentimentTree": "(2|prob=0.9\\\\n  It)"}]}')
    '(2|prob=0.9   It)'
    """
    if text.lstrip()[:1] in ("{", "[") and _FIELD.search(text):
        lines = text.split("\n")
        return "\n".join(
            " ".join(" ".join(json.loads(tree).split("\n")) for tree in _FIELD.findall(line))
            for line in lines
        )
    if _TITLE not in text or text.lstrip().startswith("("):
        return text
    kept: list[str] = []
    inside = False
    for line in text.split("\n"):
        if line.startswith(_TITLE):
            inside = True
            line = ""
        elif not line.strip():
            inside = False
        kept.append(line if inside else "")
    return "\n".join(kept)
