from pathlib import Path

import numpy as np
import pytest

from treernn.corpora.glove import WordVectors
from treernn.errors import InputError
from treernn.studies.reproduction import distilled, reproduce
from treernn.studies.reproduction.reproduce import QUICK_ROWS, Source, _name, runs
from treernn.studies.reproduction.rows import ROWS
from treernn.studies.reproduction.runs import Data
from treernn.types import Tree


def test_the_first_seed_of_all_rows_comes_before_the_second_of_any():
    found = [(each.row, each.task, each.seed) for each in runs(["nb", "lstm", "rnn"], 2)]
    assert found == [
        ("nb", "five", 1),
        ("lstm", "five", 1),
        ("lstm", "binary", 1),
        ("rnn", "five", 1),
        ("lstm", "five", 2),
        ("lstm", "binary", 2),
        ("rnn", "five", 2),
    ]


def test_all_rows_have_runs_and_those_of_a_quick_look_are_rows():
    assert {each.row for each in runs(list(ROWS), 1)} == set(ROWS)
    assert set(QUICK_ROWS) <= set(ROWS)


def test_ensembles_come_last_and_once_after_what_they_are_made_of():
    found = [each.name for each in runs(["ensemble", "rnn", "constituency-tuned"], 2)]
    assert found[:2] == ["rnn-five-seed1", "constituency-tuned-five-seed1"]
    assert len(found) == len(set(found)) == 2 + 2 * 5 + 2
    assert found[-2:] == ["ensemble-five-seed1", "ensemble-binary-seed1"]
    assert set(found) == {each.name for each in runs(["ensemble"], 1)} | set(found[:1]) | {
        "rnn-five-seed2"
    }


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["rnn", "gpt"], "no row is called 'gpt'; there are nb, svm"),
        (["rnn", "rnn"], "rows: rnn, rnn; expected some, and each once"),
        ([], "rows: none; expected some"),
    ],
)
def test_rows_that_there_are_not(rows, message):
    with pytest.raises(InputError, match=message):
        runs(rows, 1)


def test_that_there_is_no_parser_is_said_before_the_first_run(monkeypatch, tmp_path):
    monkeypatch.setattr(reproduce, "load", lambda _: None)
    monkeypatch.setattr("treernn.parsing.dependencies._is_installed", lambda _: False)
    with pytest.raises(InputError, match="no dependency parser is installed"):
        reproduce.reproduce(runs(["nb", "dependency"], 1), Source(), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_run_that_fails_does_not_keep_the_others_from_being_done(monkeypatch, tmp_path):
    def run(which, _data, _out):
        if which.row == "rnn":
            raise InputError("the loss is no number any more")
        return {"row": which.row}

    monkeypatch.setattr(reproduce, "load", lambda _: None)
    monkeypatch.setattr(reproduce, "run", run)
    told = []
    found = reproduce.reproduce(
        runs(["nb", "rnn", "rntn"], 1), Source(), tmp_path, report=lambda *each: told.append(each)
    )
    assert found == [{"row": "nb"}, {"row": "rntn"}]
    assert [which.row for which, _ in told] == ["nb", "rnn", "rntn"]
    assert str(told[1][1]) == "the loss is no number any more"


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("glove.6B.100d.top200k.txt.gz", "GloVe 6B 300-d"),
        ("glove.6B.zip", "GloVe 6B 300-d"),
        ("glove.840B.300d.txt", "GloVe 840B 300-d"),
        ("mine.txt", "mine.txt"),
    ],
)
def test_word_vectors_are_called_by_file_and_dimension(file, name):
    assert _name(Path("data", file), 300) == name


def test_distilled_vectors_are_made_once_and_set_beside_the_given(
    monkeypatch, tmp_path, tiny_encoder
):
    trees = [Tree(("Good", "film", "is", "good")), Tree(("surprising",))]
    given = WordVectors(("good", "the"), np.ones((2, 5), np.float32))
    monkeypatch.setattr(reproduce, "load", lambda _: Data(trees, trees[:1], [], given, "GloVe"))
    monkeypatch.setattr(distilled, "MINILM", str(tiny_encoder()))
    monkeypatch.setattr(distilled, "DISTILLED", 2)
    seen = []
    monkeypatch.setattr(reproduce, "run", lambda _which, data, _out: seen.append(data) or {})
    wanted = runs(["rnn", "constituency-distilled"], 2)
    reproduce.reproduce(wanted, Source(), tmp_path / "out")
    (file,) = (tmp_path / "out").iterdir()
    before = file.stat()
    reproduce.reproduce(wanted, Source(), tmp_path / "out")
    assert file.stat() == before
    plain, beside = seen[:2]
    assert (plain.vectors_name, beside.vectors_name) == ("GloVe", "GloVe and 2 numbers of tiny")
    assert plain.vectors is given
    words, rows = beside.vectors.words, beside.vectors.vectors
    assert words[:4] == ("good", "film", "is", "surprising")
    np.testing.assert_allclose(rows[:2, :5], [[1] * 5, [0] * 5])
    assert rows.shape == (len(words), 7)
    assert np.abs(rows[:4, 5:]).min() > 0
