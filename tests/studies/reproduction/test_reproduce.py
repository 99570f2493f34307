from pathlib import Path

import numpy as np
import pytest

from treernn.errors import InputError
from treernn.studies.reproduction import reproduce as module
from treernn.studies.reproduction.reproduce import QUICK_ROWS, Source, _name, reproduce, runs_of
from treernn.studies.reproduction.rows import ROWS


def test_the_first_seed_of_all_rows_comes_before_the_second_of_any():
    found = [(each.row, each.task, each.seed) for each in runs_of(["nb", "lstm", "rnn"], 2)]
    assert found == [
        ("nb", "five", 1),
        ("lstm", "five", 1),
        ("lstm", "binary", 1),
        ("rnn", "five", 1),
        ("lstm", "five", 2),
        ("lstm", "binary", 2),
        ("rnn", "five", 2),
    ]


def test_all_rows_have_runs_and_quick_rows_are_rows():
    assert {each.row for each in runs_of(list(ROWS), 1)} == set(ROWS)
    assert set(QUICK_ROWS) <= set(ROWS)


def test_ensembles_come_last_and_once_after_their_members():
    found = [each.name for each in runs_of(["ensemble", "rnn", "constituency-tuned"], 2)]
    assert found[:2] == ["rnn-five-seed1", "constituency-tuned-five-seed1"]
    assert len(found) == len(set(found)) == 2 + 2 * 5 + 2
    assert found[-2:] == ["ensemble-five-seed1", "ensemble-binary-seed1"]
    assert set(found) == {each.name for each in runs_of(["ensemble"], 1)} | set(found[:1]) | {
        "rnn-five-seed2"
    }


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["rnn", "gpt"], "no row is called 'gpt'; there are nb, svm"),
        (["rnn", "rnn"], "rows: rnn, rnn; expected one or more, each once"),
        ([], "rows: none; expected one or more"),
    ],
)
def test_wrong_rows(rows, message):
    with pytest.raises(InputError, match=message):
        runs_of(rows, 1)


def test_a_missing_parser_is_reported_before_the_first_run(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "load", lambda *_: None)
    monkeypatch.setattr("treernn.parsing.dependencies._is_installed", lambda _: False)
    with pytest.raises(InputError, match="no dependency parser is installed"):
        next(reproduce(runs_of(["nb", "dependency"], 1), Source(None, None, tmp_path / "out")))
    assert not (tmp_path / "out").exists()


def test_a_file_in_place_of_the_folder_is_reported_before_the_first_run(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "load", lambda *_: None)
    (tmp_path / "out").write_text("")
    for out in (tmp_path / "out", tmp_path / "out" / "in"):
        with pytest.raises(InputError, match=f"^{out}: cannot be created .*; choose another --out"):
            next(reproduce(runs_of(["nb"], 1), Source(None, None, out)))


def test_a_run_that_fails_does_not_stop_the_others(monkeypatch, tmp_path):
    def run_once(run, _data, _out, _device):
        if run.row == "rnn":
            raise InputError("the loss became NaN")
        return run.row

    monkeypatch.setattr(module, "load", lambda *_: None)
    monkeypatch.setattr(module, "run_once", run_once)
    runs = runs_of(["nb", "rnn", "rntn"], 1)
    results = list(reproduce(runs, Source(None, None, tmp_path)))
    assert [run for run, _ in results] == runs
    assert [str(result) for _, result in results] == ["nb", "the loss became NaN", "rntn"]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("glove.6B.100d.top200k.txt.gz", "GloVe 6B 300-d"),
        ("glove.6B.zip", "GloVe 6B 300-d"),
        ("glove.840B.300d.txt", "GloVe 840B 300-d"),
        ("mine.txt", "mine.txt"),
    ],
)
def test_word_vectors_are_named_by_file_and_dimension(file, name):
    assert _name(Path("data", file), 300) == name


def test_distilled_vectors_are_made_once_and_concatenated(monkeypatch, tmp_path, tiny_encoder):
    folder = tmp_path / "trees"
    folder.mkdir()
    for split, text in (("train", "(2 (2 Good) (2 film))"), ("dev", "(2 is)"), ("test", "(2 odd)")):
        (folder / f"{split}.txt").write_text(text)
    (tmp_path / "glove.txt").write_text("good 1 1 1\nthe 1 1 1\n")
    monkeypatch.setattr(module, "MINILM", str(tiny_encoder()))
    monkeypatch.setattr(module, "DISTILLED_SIZE", 2)
    used = []
    monkeypatch.setattr(module, "run_once", lambda _run, data, _out, _device: used.append(data))
    source = Source(str(folder), str(tmp_path / "glove.txt"), tmp_path / "out")
    runs = runs_of(["rnn", "constituency-distilled"], 2)
    list(reproduce(runs, source))
    (file,) = (tmp_path / "out").glob("distilled-*")
    before = file.stat()
    module.load.cache_clear()
    list(reproduce(runs, source))
    assert file.stat() == before
    plain, distilled = used[:2]
    assert (plain.vectors_name, distilled.vectors_name) == ("glove.txt", "glove.txt + tiny 2-d")
    words, rows = distilled.vectors.words, distilled.vectors.vectors
    assert set(words) >= {"good", "film", "is", "odd"}
    np.testing.assert_allclose(rows[words.index("good"), :3], 1)
    np.testing.assert_allclose(rows[words.index("film"), :3], 0)
    assert rows.shape == (len(words), 5)
    assert np.abs(rows[:4, 3:]).min() > 0
