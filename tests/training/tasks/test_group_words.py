"""Word vectors of groups of people."""

import numpy as np
import pytest
import torch

from treernn.corpora.constructions.groups import group_sentences
from treernn.errors import InputError
from treernn.models.average_classifier import AverageClassifier, AverageConfig
from treernn.models.tree_classifier import TreeClassifier, TreeConfig
from treernn.parsing import load_parser
from treernn.training.tasks.group_words import fit_group_words, words_of

TEXT = "A deaf cat and a blind mouse."
WORDS = (
    *("<unk>", "german", "deaf", "blind", "depressed", "hard", "of"),
    *("film", "is", "a", "the", "woman", "it", "we", "cat"),
)
SENTENCES = [each for each in group_sentences("train", count=1) if each.kind == "disability"][::4]
GROUPS = [*SENTENCES[0].by_group]


@pytest.fixture(scope="module")
def parser():
    return load_parser("right")


@pytest.fixture(scope="module")
def model():
    """Its weights are so large that words matter."""
    torch.manual_seed(0)
    model = TreeClassifier(TreeConfig(6, hidden_size=5), WORDS).eval()
    for weights in model.parameters():
        torch.nn.init.normal_(weights)
    return model


@pytest.fixture(scope="module")
def fitted(model, parser):
    return fit_group_words(model, parser, SENTENCES, [TEXT], steps=60, learning_rate=0.1)


def group_words():
    return {word for group in GROUPS for word in words_of(group)}


def spread(model, parser):
    """How far the distributions of a sentence about the groups are apart."""
    found = []
    for sentence in SENTENCES:
        texts = [text.text.rstrip(".").split() for text in sentence.by_group.values()]
        found.append(model.roots(parser.parse(texts)).std(axis=0).mean())
    return np.mean(found)


def test_sentences_become_alike(model, fitted, parser):
    assert spread(fitted, parser) < 0.6 * spread(model, parser)


def test_only_vectors_of_these_words_change(model, fitted):
    old, new = (each.embedding.vocabulary for each in (model, fitted))
    assert new.words[: len(old)] == old.words
    assert {*new.words} == {*old.words} | group_words()
    assert "hard-of-hearing" in new.words
    before, after = model.state_dict(), fitted.state_dict()
    for name in before.keys() - {"embedding.weight"}:
        assert torch.equal(before[name], after[name]), name
    for row, word in enumerate(old.words):
        same = torch.equal(before["embedding.weight"][row], after["embedding.weight"][row])
        assert same == (word not in group_words()), word


def test_what_is_read_of_texts_stays_the_more_it_weighs(model, parser):
    trees = parser.parse([TEXT.rstrip(".").split()])

    def change(keep):
        options = {"keep": keep, "steps": 20, "learning_rate": 0.1}
        again = fit_group_words(model, parser, SENTENCES, [TEXT], **options)
        return np.abs(again.roots(trees) - model.roots(trees)).max()

    assert change(10.0) < change(0.0)


def test_the_model_itself_is_not_changed(model, fitted):
    assert model.embedding.vocabulary.words == WORDS
    assert model.embedding.weight.requires_grad
    assert fitted.embedding.weight.requires_grad


def test_models_without_word_vectors_of_leaves(parser):
    average = AverageClassifier(AverageConfig(4), WORDS)
    with pytest.raises(InputError, match="only a tree model over word vectors"):
        fit_group_words(average, parser, SENTENCES)


@pytest.mark.parametrize(
    "wrong", [{"sentences": []}, {"steps": 0}, {"learning_rate": 0.0}, {"keep": -1.0}]
)
def test_numbers_out_of_range(model, parser, wrong):
    with pytest.raises(InputError, match="at least"):
        fit_group_words(model, parser, **{"sentences": SENTENCES, **wrong})
