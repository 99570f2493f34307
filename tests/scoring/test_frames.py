import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.errors import InputError
from treernn.scoring.entries import Detail, probability_columns
from treernn.scoring.formats import FORMATS

pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")

ADDED = list(Detail().flat)
TEXTS = ["Great film!", "awful", "", None, "bad bad"]
SCORES = [0.1, -0.5, None, None, -0.2]
ERRORS = [None, None, "row 2: empty text, nothing to score", "row 3: text is null", None]


@pytest.fixture(params=[pd, pl], ids=["pandas", "polars"])
def library(request):
    return request.param


def _plain(frame):
    """Rows as dicts with None where a value is missing."""
    if isinstance(frame, pd.DataFrame):
        return frame.astype(object).where(frame.notna(), None).to_dict("records")
    return frame.to_dicts()


def test_columns_are_added(scorer, library):
    frame = library.DataFrame({"text": TEXTS, "stars": [5, 1, 3, 3, 2]})
    before = _plain(frame)
    scored = scorer.score_frame(frame, "text")
    assert type(scored) is type(frame)
    added = [name for name in ADDED if name != "stars"]  # theirs stay, ours are left out
    assert list(scored.columns) == ["text", "stars", *added]
    rows = _plain(scored)
    assert [{"text": row["text"], "stars": row["stars"]} for row in rows] == before
    assert [row["error"] for row in rows] == ERRORS
    assert [row["label"] for row in rows] == ["neutral", "very negative", None, None, "negative"]
    assert [row["sentiment"] for row in rows] == [2, 0, None, None, 1]
    assert [row["score"] and round(row["score"], 1) for row in rows] == SCORES
    for row in rows:
        probabilities = [row[name] for name in probability_columns(5)]
        if row["error"]:
            assert probabilities == [None] * 5
        else:
            assert probabilities == pytest.approx(scorer(row["text"]).probabilities, abs=1e-6)
    assert _plain(frame) == before  # it is not changed


def test_a_frame_gets_the_columns_of_csv(scorer, tmp_path, library):
    """The same columns and values as ``treernn score reviews.csv -o scored.csv`` writes."""
    from treernn.scoring.rows import Chunk, Row, score_chunk

    texts = ["Great film!", "这部电影很好看。", "awful"]
    rows = [Row(f"line {n}", text, {"text": text}) for n, text in enumerate(texts)]
    writer = FORMATS["csv"](scorer.classifier, ["text"])
    written = tmp_path / "scored.csv"
    written.write_bytes(writer.begin + writer.encode(score_chunk(scorer.score_many, Chunk(rows))))
    expected = _plain(library.read_csv(written))
    scored = _plain(scorer.score_frame(library.DataFrame({"text": texts}), "text"))
    assert scored == expected


def test_the_index_is_kept(scorer):
    index = pd.MultiIndex.from_tuples([("b", 1), ("b", 1), ("a", 2), ("a", 3), ("c", 0)])
    frame = pd.DataFrame({"text": TEXTS}, index=index)
    scored = scorer.score_frame(frame, "text")
    assert scored.index.equals(index)
    assert [None if pd.isna(error) else error for error in scored["error"]] == ERRORS


def test_values_that_are_not_str(scorer):
    values = ["good", 3, float("nan"), pd.NA, ["good"], None, pd.NaT, b"good", "good"]
    scored = scorer.score_frame(pd.DataFrame({"text": values}), "text")
    assert [None if pd.isna(error) else error for error in scored["error"]] == [
        None,
        "row 1: text is a int, expected a str",
        "row 2: text is null",
        "row 3: text is null",
        "row 4: text is a list, expected a str",
        "row 5: text is null",
        "row 6: text is null",
        "row 7: text is a bytes, expected a str",
        None,
    ]
    numbers = scorer.score_frame(pl.DataFrame({"text": [1, None]}), "text")
    assert numbers["error"].to_list() == [
        "row 0: text is a int, expected a str",
        "row 1: text is null",
    ]


def test_types_do_not_depend_on_the_values(scorer):
    for texts in ([], [None], ["good"]):
        frame = scorer.score_frame(pl.DataFrame({"text": texts}, {"text": pl.String}), "text")
        assert [str(kind) for kind in frame.dtypes[1:]] == (
            ["String", "Int8", *["Float64"] * 5, "String", "String", "Float64", "Float64"]
        )
        other = scorer.score_frame(pd.DataFrame({"text": texts}, dtype="string"), "text")
        assert [str(kind) for kind in other.dtypes.iloc[1:]] == (
            ["string", "Int8", *["float64"] * 5, "string", "string", "float64", "float64"]
        )


@given(
    st.lists(st.one_of(st.none(), st.sampled_from(["good", "Bad. Great!", "", "!"])), max_size=9)
)
def test_nothing_is_lost(scorer, texts):
    frames = (
        pd.DataFrame({"t": texts}, dtype="string"),
        pl.DataFrame({"t": texts}, {"t": pl.String}),
    )
    for frame in frames:
        rows = _plain(scorer.score_frame(frame, "t"))
        assert [row["t"] for row in rows] == texts
        assert all((row["label"] is None) == (row["error"] is not None) for row in rows)


def test_more_rows_than_are_scored_at_once(scorer, library):
    texts = ["good", "bad", None] * 500
    scored = scorer.score_frame(library.DataFrame({"text": texts}), "text")
    labels = [row["label"] for row in _plain(scored)]
    assert labels == ["positive", "negative", None] * 500


def test_a_missing_column(scorer, library):
    frame = library.DataFrame({"review": ["good"], "stars": [1]})
    with pytest.raises(InputError) as caught:
        scorer.score_frame(frame, "text")
    assert str(caught.value) == "the frame has no column text, its columns are: review, stars"
    with pytest.raises(InputError, match="its columns are: none"):
        scorer.score_frame(library.DataFrame(), "text")


def test_a_column_that_occurs_twice(scorer):
    frame = pd.DataFrame([["good", "bad"]], columns=["text", "text"])
    with pytest.raises(InputError, match="the frame has more than one column text"):
        scorer.score_frame(frame, "text")


def test_columns_that_would_be_overwritten(scorer, library):
    frame = library.DataFrame({"text": ["good"], "label": [1]})
    with pytest.raises(InputError) as caught:
        scorer.score_frame(frame, "text")
    assert str(caught.value) == (
        "the frame already has a column label, rename the added columns with prefix="
    )
    scored = scorer.score_frame(frame, "text", prefix="tree_")
    assert list(scored.columns) == ["text", "label", *(f"tree_{name}" for name in ADDED)]
    assert _plain(scored)[0]["tree_sentiment"] == 3
    assert _plain(scored)[0]["label"] == 1


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        ([{"text": "good"}], "list"),
        ({"text": ["good"]}, "dict"),
        (pd.Series(["good"]), "Series"),
        (pl.LazyFrame({"text": ["good"]}), "LazyFrame, call its collect()"),
    ],
)
def test_other_values_than_frames(scorer, frame, kind):
    with pytest.raises(InputError) as caught:
        scorer.score_frame(frame, "text")
    assert str(caught.value) == f"expected a DataFrame of pandas or Polars, got {kind}"


def test_the_other_library_is_not_imported():
    script = (
        "import sys, polars, treernn.scoring.frames;"
        "print('pandas' in sys.modules, 'torch' in sys.modules)"
    )
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (process.stdout, process.stderr) == ("False False\n", "")
