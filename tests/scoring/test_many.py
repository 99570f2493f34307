import copy
import decimal
import multiprocessing
import os
import pickle
import subprocess
import sys
import textwrap
from enum import StrEnum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import treernn
from treernn.errors import InputError, ModelError
from treernn.parsing.baselines import ShapeParser, balanced
from treernn.scoring.scorer import Scorer

pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

MISSING = [
    *(None, float("nan"), np.nan, np.float32("nan"), np.datetime64("NaT", "s"), pd.NA, pd.NaT),
    *(decimal.Decimal("NaN"), np.ma.masked),
]


@pytest.fixture(scope="module")
def shipped():
    return treernn.load()


@pytest.mark.parametrize("value", MISSING, ids=lambda value: type(value).__name__)
def test_a_missing_value_keeps_its_place(scorer, value):
    good, missing, empty, bad = scorer.score_many(["good", value, "", "bad"])
    assert (good, empty, bad) == (scorer("good"), scorer(""), scorer("bad"))
    assert (missing.text, missing.scored, missing.label) == ("", False, None)
    assert missing.problems == ("missing text, nothing to score",)


WORDS = ["good", None, "", "bad film. Great!"]
COLUMNS = {
    "list": lambda values: values,
    "tuple": tuple,
    "generator": iter,
    "object series": lambda values: pd.Series(values, dtype=object, index=list("dcba")),
    "series": lambda values: pd.Series(values),
    "string series": lambda values: pd.Series(values, dtype="string"),
    "arrow series": lambda values: pd.Series(values, dtype=pd.ArrowDtype(pa.string())),
    "category": lambda values: pd.Series(values, dtype="category"),
    "index": lambda values: pd.Index(values),
    "object array": lambda values: np.array(values, dtype=object),
    "arrow": pa.array,
    "large arrow": lambda values: pa.array(values, pa.large_string()),
    "dictionary": lambda values: pa.array(values).dictionary_encode(),
    "chunked": lambda values: pa.chunked_array([values[:1], values[1:]]),
    "polars": pl.Series,
    "polars categories": lambda values: pl.Series(values, dtype=pl.Categorical),
}


@pytest.mark.parametrize("column", COLUMNS)
def test_columns_of_libraries(scorer, column):
    results = scorer.score_many(COLUMNS[column](WORDS))
    assert results == scorer.score_many(WORDS)
    assert [result.scored for result in results] == [True, False, False, True]
    assert all(type(result.text) is str for result in results)


def test_an_array_of_str(scorer):
    results = scorer.score_many(np.array(["good", "", "bad"]))
    assert results == scorer.score_many(["good", "", "bad"])
    assert {type(result.text) for result in (*results, scorer(np.str_("good")))} == {str}


class Answer(StrEnum):
    YES = "good"


def test_a_subclass_of_str(scorer):
    assert scorer(Answer.YES) == scorer.score_many([Answer.YES])[0] == scorer("good")


@given(st.lists(st.sampled_from([*MISSING, "good", "bad.", "", "  "]), max_size=8))
def test_any_mixture(scorer, values):
    results = scorer.score_many(values)
    assert len(results) == len(values)
    for value, result in zip(values, results, strict=True):
        assert result.scored == (isinstance(value, str) and bool(value.strip()))


@pytest.mark.parametrize("value", [3, 2.5, b"good", ["good"], True, np.array(["a", "b"]), object()])
def test_other_values_are_errors(scorer, value):
    kind = type(value).__name__
    with pytest.raises(InputError, match=f"^text 1 is a {kind}, expected a str$"):
        scorer.score_many(["good", value])


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("good", "expected several texts, got one str; call the scorer with it"),
        (b"good", "expected several texts, got one bytes; call the scorer with it"),
        (None, "expected several texts, got NoneType"),
        (7, "expected several texts, got int"),
        ({"a": "good"}, r"expected several texts, got dict; pass its values\(\)"),
        (
            pd.DataFrame({"text": ["good"]}),
            "got DataFrame; pass one of its columns, or use score_frame",
        ),
        (
            pl.DataFrame({"text": ["good"]}),
            "got DataFrame; pass one of its columns, or use score_frame",
        ),
        (pa.table({"text": ["good"]}), "got Table; pass one of its columns, or use score_frame"),
        (np.array([["good", "bad"]]), "text 0 is a ndarray, expected a str"),
    ],
)
def test_what_is_no_column_of_texts(scorer, texts, message):
    with pytest.raises(InputError, match=message):
        scorer.score_many(texts)


@pytest.mark.parametrize("jobs", [0, -1, 1.5, True, None, "2"])
def test_wrong_numbers_of_jobs(scorer, jobs):
    with pytest.raises(
        InputError, match=r"^jobs is .*, expected a number of processes, at least 1$"
    ):
        scorer.score_many(["good"], jobs=jobs)


def test_progress(scorer, capfd):
    assert scorer.score_many(["good"] * 1_100, progress=True) == [scorer("good")] * 1_100
    out, err = capfd.readouterr()
    assert out == ""
    assert "1100/1100" in err
    scorer.score_many(["good"])
    assert scorer.score_many([], progress=True) == []
    assert "Error" not in capfd.readouterr().err


def test_chunks_are_put_together(scorer):
    texts = [f"{'good ' * (number % 7)}{'bad' * (number % 3)}." for number in range(1_300)]
    results = scorer.score_many(texts)
    assert [result.text for result in results] == texts
    assert [result.label for result in results] == [scorer(text).label for text in texts]
    assert len(scorer.score_many(["good " * 30_000] * 9)) == 9


def run(program, tmp_path):
    path = tmp_path / "program.py"
    path.write_text(textwrap.dedent(program))
    done = subprocess.run(
        [sys.executable, path],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def test_jobs(tmp_path):
    """In a script without ``if __name__ == "__main__"``, which its workers must not run."""
    out, err = run(
        """
        import multiprocessing, sys, treernn

        print("once")
        scorer = treernn.load()
        texts = [f"A good film{' with a bad end' * (n % 5)}. {n}" for n in range(1_100)]
        texts[600] = None
        one = scorer.score_many(texts)
        two = scorer.score_many(iter(texts), jobs=2, progress=True)
        assert one == two and type(one) is type(two)
        assert [result.text for result in two] == [text or "" for text in texts]
        assert multiprocessing.active_children() == []
        try:
            scorer.score_many([*texts, 3], jobs=2)
        except treernn.InputError as error:
            print(error)
        assert sys.modules["__main__"].scorer is scorer
        """,
        tmp_path,
    )
    assert out == "once\ntext 1100 is a int, expected a str\n"
    assert "1100/1100" in err
    assert "Traceback" not in err


def test_jobs_of_a_scorer_of_ones_own(tmp_path):
    run(
        """
        import treernn
        from treernn.parsing.baselines import ShapeParser, balanced
        from treernn.scoring.scorer import Scorer

        class Mine:
            def __init__(self):
                self.inside = treernn.load().classifier

            def distributions(self, trees):
                return self.inside.distributions(trees)

        if __name__ == "__main__":
            scorer = Scorer(ShapeParser(balanced), Mine())
            assert "Mine" in repr(scorer)
            texts = ["A good film.", "A bad film."] * 600
            assert scorer.score_many(texts) == scorer.score_many(texts, jobs=2)
        """,
        tmp_path,
    )


def test_a_scorer_that_cannot_be_copied(scorer):
    mine = Scorer(ShapeParser(lambda n: balanced(n)), scorer.classifier)
    with pytest.raises(
        InputError, match=r"^jobs=2: the scorer cannot be copied to other processes"
    ):
        mine.score_many(["good"] * 1_000, jobs=2)
    assert len(mine.score_many(["good"] * 10, jobs=2)) == 10  # are scored in this process


def test_a_pool_maps_a_scorer(tmp_path):
    """A forked worker has the models of its parent."""
    run(
        """
        import multiprocessing, pickle, treernn
        from treernn.scoring import scorer as module

        scorer = treernn.load()
        texts = ["A good film.", "", "A bad film."] * 5
        expected = [scorer(text) for text in texts]
        assert len(pickle.dumps(scorer)) < 500
        load, loads = module.load, multiprocessing.Value("i", 0)

        def counted(*arguments):
            loads.value += 1
            return load(*arguments)

        counted.__module__, counted.__qualname__ = module.__name__, "load"
        module.load = counted
        with multiprocessing.get_context("fork").Pool(2) as pool:
            assert pool.map(scorer, texts) == expected
        assert loads.value == 0
        """,
        tmp_path,
    )


def test_a_spawned_pool_maps_a_scorer(tmp_path):
    run(
        """
        import multiprocessing, treernn
        from concurrent.futures import ProcessPoolExecutor

        if __name__ == "__main__":
            scorer = treernn.load(parser="balanced", newline_ends_sentence=True)
            texts = ["A good film", "", "A bad\\nfilm"] * 5
            expected = [scorer(text) for text in texts]
            with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as executor:
                assert list(executor.map(scorer, texts)) == expected
                assert executor.submit(repr, scorer).result() == repr(scorer)
        """,
        tmp_path,
    )


def test_a_loaded_scorer_is_pickled_by_name(shipped):
    again = pickle.loads(pickle.dumps(shipped))
    assert again is not shipped
    assert again("It isn't good.") == shipped("It isn't good.")
    assert repr(again) == repr(shipped)
    assert len(pickle.dumps(shipped)) < 500
    assert copy.deepcopy(shipped)("good") == shipped("good")


def test_a_changed_scorer_is_pickled_as_it_is():
    import torch

    scorer = treernn.load()
    with torch.no_grad():
        scorer.classifier.classifier.bias[4] += 100
    assert scorer("bad").label == "very positive"
    assert pickle.loads(pickle.dumps(scorer))("bad").label == "very positive"
    scorer = treernn.load()
    scorer.parser = ShapeParser(balanced)
    again = pickle.loads(pickle.dumps(scorer))
    assert type(again.parser) is ShapeParser
    assert again("a bad film") == scorer("a bad film")
    scorer = treernn.load()
    scorer.newline_ends_sentence = True
    assert len(pickle.loads(pickle.dumps(scorer))("A good\nfilm").sentences) == 2


def test_a_model_that_is_gone(tmp_path, monkeypatch):
    from treernn.models.pretrained import SENTIMENT_MODELS

    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "small").symlink_to(SENTIMENT_MODELS["small"])
    monkeypatch.chdir(tmp_path / "models")
    (tmp_path / "models" / "medium").mkdir()  # a name of the package is no folder
    included, copied = treernn.load("small"), treernn.load(tmp_path / "models" / "small")
    sent = pickle.dumps(included), pickle.dumps(copied)
    monkeypatch.chdir(tmp_path)
    assert all(pickle.loads(each)("good") == included("good") for each in sent)
    (tmp_path / "models" / "small").unlink()
    assert pickle.loads(sent[0])("good") == included("good")
    with pytest.raises(ModelError, match="small: no such model folder"):
        pickle.loads(sent[1])


def test_repr(shipped, scorer):
    assert repr(shipped) == "Scorer(model='small', device='cpu', parser='embedded')"
    assert repr(treernn.load(parser="left", newline_ends_sentence=True)) == (
        "Scorer(model='small', device='cpu', parser='left', newline_ends_sentence=True)"
    )
    assert repr(scorer) == "Scorer(parser=ShapeParser, classifier=WordList)"
    mine = treernn.load(parser=ShapeParser(balanced))
    assert repr(mine) == "Scorer(model='small', device='cpu', parser=ShapeParser)"
    mine.parser = ShapeParser(balanced)
    assert repr(mine) == "Scorer(parser=ShapeParser, classifier=TreeClassifier, device='cpu')"


def test_jobs_in_a_worker_of_a_pool(scorer, monkeypatch):
    monkeypatch.setitem(multiprocessing.current_process()._config, "daemon", True)
    with pytest.raises(InputError, match=r"^jobs=2 in a worker of a pool.*use jobs=1$"):
        scorer.score_many(["good"] * 1_000, jobs=2)


def test_a_list_of_results_is_shown_in_a_notebook(scorer):
    results = scorer.score_many(["good", None])
    assert "missing text" in results._repr_html_()
    assert isinstance(results, list)
    assert results == [scorer("good"), results[1]] == pickle.loads(pickle.dumps(results))
