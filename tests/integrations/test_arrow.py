"""Tables of Arrow, as the engines of data pass them."""

import pickle

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from treernn.cli.app import app
from treernn.errors import InputError
from treernn.integrations.arrow import ArrowScorer

TEXTS = ["A wonderful film.", None, "", "Not good at all.", "It has no plot. I liked it!"]
TABLE = pa.table({"id": range(5), "review": TEXTS, "stars": [5, 4, 3, 1, 2]})


@pytest.fixture(scope="module")
def scored() -> pa.Table:
    return ArrowScorer("review")(TABLE)


def test_a_table_is_scored_as_a_file(scored, tmp_path):
    pq.write_table(TABLE, tmp_path / "in.parquet")
    arguments = ["score", "--file", str(tmp_path / "in.parquet"), "--column", "review"]
    CliRunner().invoke(app, [*arguments, "-o", str(tmp_path / "out.parquet")])
    of_file = pq.read_table(tmp_path / "out.parquet")
    assert scored.schema.equals(of_file.schema)
    without_errors = scored.drop_columns(["error"])
    assert without_errors.equals(of_file.drop_columns(["error"]))
    assert [error and error.split(": ")[-1] for error in of_file["error"].to_pylist()] == scored[
        "error"
    ].to_pylist()


def test_rows_that_cannot_be_scored_stay(scored):
    assert scored["id"].to_pylist() == [0, 1, 2, 3, 4]
    assert scored["error"].to_pylist() == [None, "review is null", "review is empty", None, None]
    assert scored["label"].to_pylist()[0] == "very positive"


def test_it_can_be_sent_to_another_process_without_models(scored):
    sent = pickle.dumps(ArrowScorer("review"))
    assert len(sent) < 1000
    assert pickle.loads(sent)(TABLE).equals(scored)


def assert_same(found, expected):
    """But for rounding: what else is in a batch changes the last bits."""
    assert found.schema.equals(expected.schema)
    for ours, theirs in zip(found.to_pylist(), expected.to_pylist(), strict=True):
        for name in ("probabilities", "score"):
            assert ours.pop(name) == pytest.approx(theirs.pop(name), abs=1e-5)
        assert ours == theirs


def test_batches_and_frames_give_the_same(scored):
    scorer = ArrowScorer("review")
    batches = TABLE.to_batches(max_chunksize=2)
    assert_same(pa.Table.from_batches(scorer(iter(batches))), scored)
    assert_same(scorer(batches[0]), scored.slice(0, 2))
    frame = scorer(TABLE.to_pandas())
    assert isinstance(frame, pd.DataFrame)
    assert [*frame] == scored.column_names
    assert_same(pa.Table.from_pandas(frame, scored.schema, preserve_index=False), scored)


def test_an_empty_table_has_the_columns_and_types(scored):
    empty = ArrowScorer("review")(TABLE.slice(0, 0))
    assert len(empty) == 0
    assert empty.schema.equals(scored.schema)
    assert ArrowScorer("review").schema(TABLE.schema).equals(scored.schema)
    batch = ArrowScorer("review")(pa.RecordBatch.from_pylist([], TABLE.schema))
    assert batch.schema.equals(scored.schema)


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        (pa.table({"text": ["a"]}), "the table has no column review, its columns are: text"),
        (pa.table({"review": [1]}), "the table: column review holds int64, expected text"),
        (pa.table({"review": ["a"], "label": ["b"]}), "already has a column label"),
        (
            pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["review", "review"]),
            "more than one column review",
        ),
        (
            pa.Table.from_arrays([pa.array(["a"])] * 3, names=["review", "x", "x"]),
            "more than one column x",
        ),
        (pd.DataFrame({"text": ["a"], 0: [1]}), "no column review, its columns are: text, 0"),
        (pd.DataFrame([["a", "b"]], columns=["review"] * 2), "more than one column review"),
        (pd.DataFrame({"review": ["a"], "label": ["b"]}), "already has a column label"),
        (pd.DataFrame({"review": [1.5]}), "column review holds double, expected text"),
        (pd.DataFrame({"review": ["a", 1]}), "column review holds values of several types"),
        ({"review": ["a"]}, "a dict is no table"),
    ],
)
def test_what_cannot_be_scored_is_one_line(table, problem):
    with pytest.raises(InputError, match=problem) as caught:
        ArrowScorer("review")(table)
    assert "\n" not in str(caught.value)


def test_settings_change_what_is_added():
    scored = ArrowScorer("review", classes=3, prefix="my_", max_characters=20)(TABLE)
    assert scored["my_label"].to_pylist()[0] == "positive"
    assert len(scored["my_probabilities"].to_pylist()[0]) == 3
    assert scored["stars"].equals(TABLE["stars"])
    assert "27 characters, the limit is 20" in scored["my_error"].to_pylist()[4]


def test_a_frame_keeps_its_index_and_its_own_stars_and_may_have_lone_surrogates():
    texts = pd.Series(["\ud800 good", None], [7, 7], dtype=object)
    frame = pd.DataFrame({"review": texts, "stars": [5, 1]})
    scored = ArrowScorer("review")(frame)
    assert [*scored.index] == [7, 7]
    assert [*scored["stars"]] == [5, 1]
    assert scored["label"].iloc[0] == "positive"
    assert scored["error"].iloc[1] == "review is null"
