"""Files of the repository that are pages of the site too, and links to them."""

from __future__ import annotations

import os
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
_LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)\s]*)?\)")


def _files() -> dict[str, str]:
    """The page of each file, both relative: to docs/ and to the repository."""
    single = {
        "README.zh-TW.md": "zh-TW.md",
        "SECURITY.md": "security.md",
        "CHANGELOG.md": "changelog.md",
        "CONTRIBUTING.md": "contributing.md",
    }
    found = {name: f"project/{page}" for name, page in single.items() if (ROOT / name).exists()}
    for path in sorted(ROOT.glob("treernn/pretrained/*/MODEL_CARD.md")):
        found[path.relative_to(ROOT).as_posix()] = f"project/models/{path.parent.name}.md"
    return found


def pages() -> dict[str, str]:
    """The pages by file name in docs/, with links that hold there."""
    return {
        page: with_links((ROOT / name).read_text("utf-8"), (ROOT / name).parent)
        for name, page in _files().items()
    }


def mend_links(source: list[str], page: str) -> None:
    """Let links of a page that lead out of docs/ lead to pages of the site."""
    if (DOCS / f"{page}.md").exists() and not page.startswith("project/"):
        source[0] = with_links(source[0], (DOCS / page).parent)


def with_links(text: str, folder: Path) -> str:
    """A text of a folder, whose links are relative to docs/."""
    known = {"README.md": "index.md", **_files()}

    def link(match: re.Match[str]) -> str:
        target, anchor = match[1], match[2] or ""
        path = Path(os.path.normpath(folder / target))
        name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else ""
        if name in known:
            return f"](/{known[name]}{anchor if known[name] != 'index.md' else ''})"
        if name.startswith("docs/"):
            return f"](/{name.removeprefix('docs/')}{anchor})"
        return match[0]

    return _LINK.sub(link, text)
