"""Sentences for constructions on which models of sentiment fail, with labelled phrases.

They are written from patterns and word lists made for this project: ``*.toml`` in this folder, a
file for each family of constructions.

>>> from treernn.corpora.constructions import constructions
>>> len(constructions("heldout", seed=1, count=50))
50
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from treernn.lazy import lazy_exports

if TYPE_CHECKING:
    from treernn.corpora.constructions.groups import GroupSentence as GroupSentence
    from treernn.corpora.constructions.groups import group_sentences as group_sentences
    from treernn.corpora.constructions.groups import group_texts as group_texts
    from treernn.corpora.constructions.patterns import Span as Span
    from treernn.corpora.constructions.texts import LabelledText as LabelledText
    from treernn.corpora.constructions.texts import all_constructions as all_constructions
    from treernn.corpora.constructions.texts import constructions as constructions
    from treernn.corpora.constructions.texts import examples as examples

__all__, __getattr__, __dir__ = lazy_exports(__name__)
