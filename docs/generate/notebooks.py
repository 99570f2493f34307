"""Tutorials that are executed when the site is built, and notebooks of them to download.

MyST-NB executes them and shows what they print. Here a page, which is plain Markdown, becomes one
with cells, and the notebook that MyST-NB writes becomes one that needs no other file.
"""

from __future__ import annotations

import base64
import re
from itertools import pairwise
from pathlib import Path

import nbformat

DOCS = Path(__file__).resolve().parents[1]
PAGES = ("tutorials/nets", "tutorials/own-labels", "tutorials/reviews")  # they need no data set

_BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```\n", re.M | re.S)
_LAST_BLOCK = re.compile(r"^```(?:(?!^```).)*^```\s*\Z", re.M | re.S)
_RUN = re.compile(r"treernn (?!draw)")  # what it draws is on the page
_OUTPUT = re.compile(r"(?:^# .*\n)+\Z", re.M)
_PICTURE = re.compile(r"!\[([^]]*)\]\(([^)]+)\)")
_LINK = re.compile(r"(?<!!)\[([^]]+)\]\((?!https?:)[^)]+\)")
_DOWNLOAD = "{nb-download}"
_KINDS = {".svg": "image/svg+xml", ".png": "image/png"}
_KERNEL = "{name: python3, language: python, display_name: Python 3}"
_HEAD = f"---\nfile_format: mystnb\nkernelspec: {_KERNEL}\n---\n"
# Cells that are of the site alone, and those whose source the page has as a block of its own.
_SETUP, _SHOWN = "setup", "shown"


def make_cells(page: str, source: list[str]) -> None:
    """Let MyST-NB run the blocks of a tutorial."""
    if page in PAGES:
        title, rest = _BLOCK.sub(_cell, source[0]).split("\n", 1)
        link = f"{_DOWNLOAD}`This page as a notebook <{page.rpartition('/')[2]}.ipynb>`"
        setup = _code(f"%run '{DOCS / 'generate' / 'in_kernel.py'}'\n", _SETUP, "remove-cell")
        source[0] = f"{_HEAD}{setup}{title}\n\n{link}\n{rest}"


def stand_alone(page: str, output: Path) -> None:
    """Attach the pictures of a notebook, and leave out what only the site can show."""
    if page in PAGES:
        path = output / f"{page}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        notebook.metadata = {"kernelspec": notebook.metadata["kernelspec"]}
        cells = [cell for cell in notebook.cells if _SETUP not in cell.metadata.get("tags", ())]
        for cell, after in pairwise([*cells, None]):
            if cell.cell_type == "markdown":
                if after and _SHOWN in after.metadata.get("tags", ()):
                    cell.source = _LAST_BLOCK.sub("", cell.source)
                _attach(cell)
        for cell in cells:
            cell.metadata = {}
        notebook.cells = [cell for cell in cells if cell.source.strip()]
        nbformat.write(notebook, path)


def _cell(block: re.Match[str]) -> str:
    """A block as a cell, and above it as it is where a reader would not type what the cell has."""
    language, word, code = block.groups()
    if language == "python":
        return _code(_OUTPUT.sub("", code))  # the output follows
    if word not in (None, "not-run"):
        return block[0] + _code(f"%%writefile {word}\n{code}", _SHOWN, "remove-cell")
    if (language, word) == ("sh", None) and _RUN.match(code):
        return block[0] + _code(f"%%sh\n{code}", _SHOWN, "remove-input")
    return block[0]


def _code(source: str, *tags: str) -> str:
    head = f":tags: [{', '.join(tags)}]\n\n" if tags else ""
    return f"```{{code-cell}}\n{head}{source}```\n"


def _attach(cell: nbformat.NotebookNode) -> None:
    """Pictures are part of the cell; links to other pages, and to this notebook, are their text."""
    pictures = {}
    for _, target in _PICTURE.findall(cell.source):
        path = DOCS / target.lstrip("/")
        pictures[path.name] = {_KINDS[path.suffix]: base64.b64encode(path.read_bytes()).decode()}
    text = _PICTURE.sub(lambda it: f"![{it[1]}](attachment:{Path(it[2]).name})", cell.source)
    text = _LINK.sub(r"*\1*", text)
    cell.source = re.sub(rf"^{_DOWNLOAD}.*\n\n", "", text, flags=re.M)
    if pictures:
        cell.attachments = pictures
