import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import treernn
from treernn.errors import InputError, ModelError
from treernn.scoring.document import combine
from treernn.text.tokenizer import tokenize
from treernn.types import LABELS, Token


def test_the_distribution_of_a_text(scorer):
    result = scorer("Great great great. Bad.")
    rows = [np.array(sentence.probabilities) for sentence in result.sentences]
    assert len(rows) == 2
    assert result.probabilities == pytest.approx(combine(rows), rel=1e-6)
    assert result.label == LABELS[int(np.argmax(result.probabilities))]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty text, nothing to score"),
        (" \n\t\u3000", "only white space or markup, nothing to score"),
        ("<p>&nbsp;<br/></p>\u200b\x00", "only white space or markup, nothing to score"),
        ("!!! ... *** —", "no word in it, nothing to score"),
    ],
)
def test_texts_with_nothing_to_score(scorer, text, problem):
    result = scorer(text)
    assert result.problems == (problem,)
    assert (result.sentences, result.probabilities, result.label, result.scored) == (
        (),
        None,
        None,
        False,
    )
    assert list(result.phrases()) == []


def test_lone_surrogates_are_replaced(scorer):
    result = scorer("a \ud800good\udfff film")
    assert result.text == "a �good� film"
    assert result.problems == ("characters that are no text (lone surrogates) were replaced: 2",)
    assert result.scored
    result.text.encode("utf-8")


def test_another_script_is_scored_with_a_note(scorer):
    result = scorer("这部电影很好看。")
    assert result.scored
    assert result.problems == ("mostly not in Latin script, but the models know English only",)
    assert scorer("Amélie is good, 好").problems == ()


TEXTS = st.sampled_from(
    [
        "",
        "  ",
        "Great film!",
        "Bad. Awful. <br> Good",
        "\ud800",
        "😀",
        "x" * 3_000,
        "好",
        "a " * 300,
    ]
) | st.text(max_size=40)


@given(st.lists(TEXTS, max_size=6))
def test_a_batch_is_scored_as_one_by_one(scorer, texts):
    scorer = scorer
    together = scorer.score_many(iter(texts))
    assert [result.to_dict() for result in together] == [scorer(text).to_dict() for text in texts]


@given(st.text() | TEXTS)
def test_any_text_has_a_result(scorer, text):
    result = scorer(text)
    assert len(result.text) == len(text)
    assert result.scored == bool(result.sentences)
    assert result.scored or result.problems
    assert result.label in (LABELS if result.scored else (None,))
    for phrase in result.phrases():
        assert result.text[phrase.start : phrase.end] == phrase.text != ""
    result.to_json()


@pytest.mark.parametrize("text", [None, 3, b"good", ["good"], float("nan")])
def test_other_values_than_str(scorer, text):
    kind = "None" if text is None else f"a {type(text).__name__}"
    with pytest.raises(
        InputError, match=f"^expected a text as a str, got {kind}; score_many takes"
    ):
        scorer(text)


def test_one_str_instead_of_several(scorer):
    with pytest.raises(InputError, match="several texts"):
        scorer.score_many("good")


def test_no_texts(scorer):
    assert scorer.score_many([]) == []


def test_a_folder_without_a_model(tmp_path):
    with pytest.raises(ModelError, match="nowhere: no such model folder"):
        treernn.load(tmp_path / "nowhere")


def test_importing_the_package_imports_nothing_slow():
    script = (
        "import sys, treernn; treernn.Tree, treernn.InputError;"
        "print(sorted({'torch', 'numpy', 'nltk', 'dgl', 'rich', 'scipy'} & set(sys.modules)))"
    )
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (process.stdout, process.stderr) == ("[]\n", "")


def test_public_names():
    for name in treernn.__all__:
        assert getattr(treernn, name) is not None
    assert set(treernn.__all__) <= set(dir(treernn))
    with pytest.raises(AttributeError, match="no attribute 'nonesuch'"):
        _ = treernn.nonesuch


@given(st.lists(TEXTS, max_size=6))
def test_tokenized_texts_are_scored_as_texts(scorer, texts):
    results = scorer.score_tokens((text, tokenize(text)) for text in texts)
    assert [result.to_dict() for result in results] == [scorer(text).to_dict() for text in texts]


def test_the_tokens_are_those_of_the_other_tokenizer(scorer):
    text = "not-so-good film"
    [result] = scorer.score_tokens([(text, [[Token("good", 7, 11), Token("film", 12, 16)], []])])
    [sentence] = result.sentences
    assert sentence.tree.words == ("good", "film")
    assert (result.text, sentence.text, sentence.start) == (text, "good film", 7)
    assert [phrase.text for phrase in result.phrases()] == ["good", "film", "good film"]


def test_a_text_without_tokens(scorer):
    [result] = scorer.score_tokens([("film", [[]])])
    assert (result.scored, len(result.problems)) == (False, 1)


def test_a_text_visits_few_files():
    """A reader who follows a call through the project sees at most 26 of its files, and the few
    that turn raw text to tokens or tell what sentences mean after others."""
    scorer = treernn.load()
    scorer("Warm up.")
    project = Path(treernn.__file__).parent.parent
    sources = {
        str(path)
        for folder in ("treernn", "cli", "corpora")
        for path in (project / folder).rglob("*.py")
        if path.name != "cached.py"  # stands in for Python's, up to 3.11
    }
    visited = set()

    def record(frame, event, _):
        if event == "call" and frame.f_code.co_filename in sources:
            visited.add(frame.f_code.co_filename)

    sys.setprofile(record)
    try:
        scorer("It isn't good. But I liked it!")
    finally:
        sys.setprofile(None)
    assert project / "treernn/scoring/scorer.py" in map(Path, visited)
    of_text = {name for name in visited if Path(name).parent.name == "text"}
    assert len(of_text) <= 8, sorted(of_text)
    of_context = {name for name in visited if Path(name).parent.name == "context"}
    assert len(of_context) <= 4, sorted(of_context)
    assert len(visited - of_text - of_context) <= 26, sorted(visited)
