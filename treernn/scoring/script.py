"""One script of several modules of JavaScript, for a file that has no other files beside it.

The modules are written so that this is easy: an import is ``import { a, b } from "./file.js";`` at
the beginning of a line, an export is a word before a declaration, and no two modules have the same
name at their top. A module is part of the script once, after those that it imports.
"""

from __future__ import annotations

import re
from pathlib import Path

SCRIPTS = Path(__file__).parent / "page_scripts"
"""What draws results, in the files that are written here and in the page of the server."""

_IMPORT = re.compile(r'^import \{[^}]*\} from "([^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=const |class |(?:async )?function\*? )", re.MULTILINE)
_COMMENT = re.compile(r"^ *(?:/\*\*(?:(?!\*/).)*\*/|// [^\n]*)\n", re.MULTILINE | re.DOTALL)


def bundled(entry: Path) -> str:
    """The script of a module and of all that it imports, without the comments before declarations.

    >>> "\\nclass TreeView {" in bundled(SCRIPTS / "file.js")
    True
    """
    parts: dict[Path, str] = {}
    _add(entry.resolve(), parts)
    return "\n".join(parts.values())


def _add(module: Path, parts: dict[Path, str]) -> None:
    if module in parts:
        return
    text = module.read_text("utf-8")
    parts[module] = ""  # its place; two modules that import each other end here
    for name in _IMPORT.findall(text):
        _add((module.parent / name).resolve(), parts)
    del parts[module]
    text = _COMMENT.sub("", _EXPORT.sub("", _IMPORT.sub("", text)))
    parts[module] = re.sub(r"\n{2,}", "\n", text).strip("\n") + "\n"
