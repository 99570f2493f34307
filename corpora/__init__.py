"""Readers of data sets and of one's own data, a module for each; they return plain values.

>>> from treernn.corpora import digits
>>> digits.rows("test", 1)[0].captions
('seven',)

A new corpus is a new module. If it has a ``treernn.corpora.locations.DataSet`` called ``DATA``,
``treernn info`` shows where its files are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from treernn.lazy import lazy_exports

if TYPE_CHECKING:
    from treernn.corpora.annotations.reading import Annotated as Annotated
    from treernn.corpora.annotations.reading import read_annotations as read_annotations
    from treernn.corpora.brackets import format_tree as format_tree
    from treernn.corpora.brackets import read_brackets as read_brackets
    from treernn.corpora.captions import Captioned as Captioned
    from treernn.corpora.captions import read_captions as read_captions
    from treernn.corpora.captions import read_features as read_features
    from treernn.corpora.frames import TaggedFrames as TaggedFrames
    from treernn.corpora.frames import read_frame_tags as read_frame_tags
    from treernn.corpora.frames import read_frames as read_frames
    from treernn.corpora.glove import WordVectors as WordVectors
    from treernn.corpora.labelled import read_labelled as read_labelled
    from treernn.corpora.parallel import Pair as Pair
    from treernn.corpora.parallel import read_pairs as read_pairs
    from treernn.corpora.penn import PennTree as PennTree
    from treernn.corpora.penn import read_penn as read_penn
    from treernn.corpora.rally import Rally as Rally
    from treernn.corpora.reviews import Review as Review
    from treernn.corpora.spans import read_spans as read_spans
    from treernn.corpora.tagged import TaggedSentence as TaggedSentence
    from treernn.corpora.tagged import read_tagged as read_tagged
    from treernn.corpora.tagged import read_treebank as read_treebank
    from treernn.corpora.targets import SpanTarget as SpanTarget
    from treernn.corpora.targets import TargetText as TargetText

__all__, __getattr__, __dir__ = lazy_exports(__name__)
