"""Results as one file of HTML: the coloured trees of the page, for any browser, without a network.

The file has its results as JSON, and a script that draws them; what the browser may do with it is
limited by a policy in its head. A table of many texts stays usable, because the file is bounded:
once the trees take ``MAX_TREES`` bytes, further texts have their verdict alone, and after
``MAX_FILE`` bytes they are only counted. A tree is drawn when its row is opened.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from html import escape
from typing import Any, TypeAlias

from treernn.printing import printable
from treernn.scoring.script import SCRIPTS, bundled
from treernn.tables.encoding import replace_surrogates

Result: TypeAlias = Any
"""``treernn.Result``, which imports this module."""

MAX_TREES, MAX_FILE = 20_000_000, 32_000_000
"""Bytes of a file: of its trees, and of all its results."""


def results_page(results: Sequence[Result]) -> str:
    """The page of results, for ``Result.to_html``."""
    lines = (line(result, number, result.text) for number, result in enumerate(results, 1))
    return "".join(page(lines, results[0].text if len(results) == 1 else ""))


def line(result: Result | None, row: int, text: str, error: str | None = None) -> str:
    """A row as JSON on a line, a tab, and its sentences with their trees as JSON.

    Args:
        result: None if the row has none.
        row: its number, from 1.
        text: what is shown of a row without a result.
        error: why it has none.
    """
    head: dict[str, Any] = {"text": replace_surrogates(text), "label": None, "problems": []}
    trees: Iterable[str] = ()
    if result is not None:
        head = result.to_dict_without_trees()
        head["explanations"] = [each.to_dict() for each in result.explain()]
        trees = (sentence.to_json(texts=False) for sentence in result.sentences)
    record = {"row": row, "error": error and replace_surrogates(error), "answer": head}
    return f"{_data(json.dumps(record, ensure_ascii=False))}\t[{_data(','.join(trees))}]\n"


def page(lines: Iterable[str], title: str = "") -> Iterator[str]:
    """The file, piece by piece.

    Args:
        lines: of ``line``.
        title: of the page, if the text that it is about is short.
    """
    script, style = bundled(SCRIPTS / "file.js"), _style()
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "
        "trusted-types 'none'"
    )
    yield (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(printable(title)[:80] or 'Sentiment')} · treernn</title>\n"
        f"<style>{style}</style>\n</head>\n<body>\n<main></main>\n"
        '<script type="application/json" id="results">{"rows": ['
    )
    trees = size = missing = treeless = 0
    between = "\n"
    for each in lines:
        head, _, sentences = each.rstrip("\n").partition("\t")
        if missing or (size and size + len(head) > MAX_FILE):
            missing += 1
            continue
        if len(sentences) > 2 and (not trees or trees + len(sentences) <= MAX_TREES):
            trees += len(sentences)
            head = f'{head[:-2]},"sentences":{sentences}}}}}'
        elif len(sentences) > 2:
            treeless += 1
        size += len(head)
        yield between + head
        between = ",\n"
    yield (
        f'\n], "missing": {missing}, "treeless": {treeless}}}</script>\n'
        f'<script type="module">{script}</script>\n</body>\n</html>\n'
    )


def _style() -> str:
    return (SCRIPTS / "result" / "result.css").read_text("utf-8")


def _data(text: str) -> str:
    """JSON that no reader of HTML takes for a tag or a comment."""
    return text.replace("<", "\\u003c")


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
