"""The trees in an output of CoreNLP's sentiment annotator.

Its text output prints the words, the parse tree and more of each sentence before its tree of
sentiment; its JSON has the tree in a field of the sentence. ``SentimentPipeline`` with ``-output
PENNTREES`` prints each sentence on the line before its tree.
"""

from __future__ import annotations

import json
import re

_FIELD = re.compile(r'"sentimentTree"\s*:\s*("(?:[^"\\]|\\.)*+")')
_TITLE = "Sentiment-annotated binary tree"
_TREE = re.compile(r"\(-?[0-9] ")
_LEAF = re.compile(r"(?<![^\s()])([^\s()]++)\)")  # from the start of a word only: linear time


def sentiment_trees(text: str) -> str:
    """The text with nothing but trees in it, each on the line where it was.

    Anything but an output of CoreNLP is returned as it is.

    >>> sentiment_trees('{"sentences": [{"sentimentTree": "(2|prob=0.9\\\\n  It)"}]}')
    '(2|prob=0.9   It)'
    """
    if text.lstrip()[:1] in ("{", "[") and _FIELD.search(text):
        try:
            return "\n".join(map(_fields, text.split("\n")))
        except ValueError:  # no JSON
            return text
    if text.lstrip().startswith("("):
        return text
    if _TITLE not in text:
        return _without_sentences(text)
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


def _fields(line: str) -> str:
    """The trees in a line of JSON."""
    return " ".join(" ".join(json.loads(tree).split("\n")) for tree in _FIELD.findall(line))


def _without_sentences(text: str) -> str:
    """The text without lines that repeat the words of the tree on the next line, if it has nothing
    else than these and trees."""
    lines = text.split("\n")
    kept: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line.strip() and not _TREE.match(line):
            if not _TREE.match(following) or _letters(line) != _letters_of_tree(following):
                return text
            line = ""
        kept.append(line)
    return "\n".join(kept)


def _letters_of_tree(tree: str) -> str:
    words = _LEAF.findall(tree)
    return _letters("".join(word for word in words if not re.fullmatch("-[LR][RCS]B-", word)))


def _letters(text: str) -> str:
    return "".join(re.findall(r"\w", text))
