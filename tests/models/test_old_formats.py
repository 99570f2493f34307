"""Files that earlier versions wrote are read: see docs/compatibility.md.

``formats/`` has a small model and a lexicon of each format that is promised to be read, with what
it said when it was written. They are never written again. A new format gets a folder beside them.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from treernn.corpora.brackets import parse_brackets
from treernn.models import storage
from treernn.models.tree_classifier import TreeClassifier
from treernn.scoring.lexicon import files as lexicon_files

STORED = Path(__file__).parent / "formats"
MODELS = sorted(STORED.glob("model-*"))
LEXICONS = sorted(STORED.glob("lexicon-*"))


@pytest.mark.parametrize("folder", MODELS, ids=lambda path: path.name)
def test_models_say_what_they_said(folder):
    said = json.loads((folder / "said.json").read_text())
    model = TreeClassifier.load(folder)
    [found] = model.distributions(parse_brackets(said["tree"]))
    np.testing.assert_allclose(found, said["distributions"], atol=1e-5)


@pytest.mark.parametrize("file", LEXICONS, ids=lambda path: path.stem)
def test_lexicons_have_what_they_had(file):
    lexicon = lexicon_files.read_stored(file)
    assert [(entry.text, entry.score, entry.domain) for entry in lexicon.entries] == [
        ("peng", 0.8, ""),
        ("not half bad", 0.5, "film"),
    ]


def test_the_format_that_is_written_is_among_them():
    assert f"model-{storage.FORMAT}" in [path.name for path in MODELS]
    assert f"lexicon-{lexicon_files.FORMAT}" in [path.stem for path in LEXICONS]
