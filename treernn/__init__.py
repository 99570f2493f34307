"""Tree-structured sentiment: a parse tree for every sentence, a distribution for every phrase.

>>> import treernn
>>> scorer = treernn.load()
>>> scorer("It isn't good.").label
'negative'
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from treernn import clone, forks
from treernn.lazy import lazy_exports
from treernn.version import __version__ as __version__

if TYPE_CHECKING:
    from treernn.errors import DataError as DataError
    from treernn.errors import InputError as InputError
    from treernn.errors import MissingDataError as MissingDataError
    from treernn.errors import MissingPackageError as MissingPackageError
    from treernn.errors import ModelError as ModelError
    from treernn.errors import TreernnError as TreernnError
    from treernn.opinions.summarize import summarize as summarize
    from treernn.opinions.summary import Summary as Summary
    from treernn.scoring.result import Result as Result
    from treernn.scoring.scorer import Scorer as Scorer
    from treernn.scoring.scorer import load as load
    from treernn.scoring.sentence import Phrase as Phrase
    from treernn.scoring.sentence import Sentence as Sentence
    from treernn.types import LABELS as LABELS
    from treernn.types import Token as Token
    from treernn.types import Tree as Tree

if not os.path.isdir(__path__[0]):
    _message = f"treernn is in an archive, {__path__[0]}: install it with pip, as files"
    raise ImportError(_message, name=__name__)  # with the name, `python -m` prints one line

__all__, __getattr__, __dir__ = lazy_exports(__name__)

clone.register()
forks.register()
