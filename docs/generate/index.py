"""The contents: pages that index.md doesn't name are listed where it says so."""

from __future__ import annotations

import re

OTHERS = "OTHER-PAGES"


def fill(env, page: str, source: list[str]) -> None:
    """Put the pages at the top of docs/ that a table of contents doesn't name in its place."""
    if OTHERS in source[0]:
        named = set(re.findall(r"^[\w/-]+$", source[0], re.M))
        found = sorted(name for name in env.found_docs if "/" not in name and name != page)
        source[0] = source[0].replace(OTHERS, "\n".join(x for x in found if x not in named))
