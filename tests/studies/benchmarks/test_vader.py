"""VADER with its lexicon from NLTK's data or from a file."""

import zipfile

import nltk
import pytest

from treernn.errors import MissingDataError
from treernn.studies.benchmarks.vader import load_vader


@pytest.fixture(autouse=True)
def without_cache():
    """NLTK keeps what it has loaded."""
    nltk.data.clear_cache()
    yield
    nltk.data.clear_cache()


@pytest.mark.usefixtures("cache")
def test_without_a_lexicon(monkeypatch):
    monkeypatch.setattr("nltk.data.path", [])
    with pytest.raises(MissingDataError, match=r"install it: python -m nltk\.downloader vader_lex"):
        load_vader()


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("of_nltk", [True, False])
def test_scores(tmp_path, monkeypatch, of_nltk):
    (tmp_path / "sentiment").mkdir()
    with zipfile.ZipFile(tmp_path / "sentiment" / "vader_lexicon.zip", "w") as archive:
        entries = "good\t1.9\t0.9\t[1]\n:(\t-2.0\t0.4\t[1]"
        archive.writestr("vader_lexicon/vader_lexicon.txt", entries)
    monkeypatch.setattr("nltk.data.path", [str(tmp_path)] if of_nltk else [])
    if not of_nltk:
        monkeypatch.setenv("TREERNN_DATA", str(tmp_path))
    compound = load_vader()
    assert compound("good") == pytest.approx(0.4404)
    assert compound("not good") == pytest.approx(-0.3412)
    assert compound("so :(") < -0.4
    assert compound("a film") == 0
