"""Tutorials as executed notebooks, to download: Python blocks are run, pictures are in the file."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[1]
PAGES = ("tutorials/nets",)  # they need nothing but the package, and seconds

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```\n", re.M | re.S)
_OUTPUT = re.compile(r"(?:^# .*\n)+\Z", re.M)
_PICTURE = re.compile(r"!\[([^]]*)\]\(([^)]+)\)")
_LINK = re.compile(r"(?<!!)\[([^]]+)\]\((?!https?:)[^)]+\)")
_KINDS = {".svg": "image/svg+xml", ".png": "image/png"}


def pages() -> dict[str, str]:
    """The notebooks by file name in docs/."""
    return {_file(name): _notebook(DOCS / f"{name}.md") for name in PAGES}


def link(page: str, source: list[str]) -> None:
    """Put a link to the notebook below the title of its page."""
    if page in PAGES:
        title, rest = source[0].split("\n", 1)
        text = "This page as a notebook, with pictures and outputs"
        source[0] = f"{title}\n\n{{download}}`{text} </{_file(page)}>`\n{rest}"


def _file(name: str) -> str:
    return f"project/notebooks/{name.rpartition('/')[2]}.ipynb"


def _notebook(path: Path) -> str:
    """A page in Jupyter's format (nbformat 4.5)."""
    names: dict[str, Any] = {"__name__": "__main__"}
    cells: list[dict[str, Any]] = []

    def add(kind: str, source: str, **more: Any) -> None:
        cell = {"cell_type": kind, "id": f"cell-{len(cells)}", "metadata": {}}
        cells.append({**cell, "source": source.strip("\n"), **more})

    text, end = path.read_text("utf-8"), 0
    for block in _BLOCK.finditer(text):
        _add_text(text[end : block.start()], path.parent, add)
        end = block.end()
        language, code = block.groups()
        if language == "python":
            code = _OUTPUT.sub("", code)  # the output follows
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(code, str(path), "exec"), names)  # noqa: S102
            stream = {"name": "stdout", "output_type": "stream", "text": out.getvalue()}
            add("code", code, execution_count=len(cells) + 1, outputs=[stream])
        else:
            lines = "".join(f"!{line}\n" for line in code.splitlines())
            add("code", lines, execution_count=None, outputs=[])
    _add_text(text[end:], path.parent, add)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _add_text(text: str, folder: Path, add: Any) -> None:
    """A cell of text; its pictures are attached, its links to other pages are their text."""
    attachments = {}
    for _, target in _PICTURE.findall(text):
        content = base64.b64encode((folder / target).read_bytes()).decode()
        attachments[Path(target).name] = {_KINDS[Path(target).suffix]: content}
    text = _PICTURE.sub(lambda found: f"![{found[1]}](attachment:{Path(found[2]).name})", text)
    if text.strip():
        add(
            "markdown",
            _LINK.sub(r"*\1*", text),
            **({"attachments": attachments} if attachments else {}),
        )
