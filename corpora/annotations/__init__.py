"""Labels that people made in Label Studio, Prodigy and doccano, from the files that these export.

A module for each tool makes ``Entry``s, texts with the labels of each annotator; ``reading`` makes
texts with targets of them. To add a tool: a module with ``is_item`` and ``entry``, and a line in
``reading.TOOLS``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from treernn.lazy import lazy_exports

if TYPE_CHECKING:
    from treernn.corpora.annotations.reading import Annotated as Annotated
    from treernn.corpora.annotations.reading import read_annotations as read_annotations

__all__, __getattr__, __dir__ = lazy_exports(__name__)
