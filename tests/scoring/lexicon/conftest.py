"""Scorers with lexicons, which share the models."""

import pytest

import treernn
from treernn.scoring.lexicon.entries import of_mapping
from treernn.scoring.scorer import Scorer


@pytest.fixture(scope="session")
def small():
    return treernn.load()


@pytest.fixture(scope="session")
def scorer_with(small):
    """A scorer with the entries of a mapping."""

    def make(words, domain=None):
        lexicon = of_mapping(words).in_domain(domain)
        scorer = Scorer(small.parser, small.classifier, lexicon=lexicon)
        scorer.folder = small.folder
        return scorer

    return make
