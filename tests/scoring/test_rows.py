from hypothesis import given
from hypothesis import strategies as st

from treernn.scoring.rows import Chunk, Row, gather, score_chunk


@given(st.lists(st.text(max_size=9), max_size=30), st.integers(1, 6), st.integers(1, 40))
def test_chunks_hold_every_row_in_order_and_keep_their_limits(texts, most, characters):
    rows = [(Row(f"line {number}", text), number / 100) for number, text in enumerate(texts)]
    chunks = list(gather(iter(rows), most, characters))
    assert [row for chunk in chunks for row in chunk.rows] == [row for row, _ in rows]
    assert all(1 <= len(chunk.rows) <= most for chunk in chunks)
    for chunk in chunks:
        assert sum(len(row.text) for row in chunk.rows[:-1]) < characters
        assert (chunk.rows[-1], chunk.share) in rows
    for chunk in chunks[:-1]:
        full = len(chunk.rows) == most
        assert full or sum(len(row.text) for row in chunk.rows) >= characters


def test_a_bad_row_keeps_its_place_among_the_scored(scorer):
    rows = [
        Row("line 1", "good"),
        Row("line 2", error="no field text"),
        Row("line 3", "<p></p>"),
        Row("line 4", "bad"),
    ]
    scored = score_chunk(scorer, Chunk(rows))
    assert [result and result.label for result in scored.results] == [
        "positive",
        None,
        None,
        "negative",
    ]
    assert scored.errors == [
        None,
        "line 2: no field text",
        "line 3: only white space or markup, nothing to score",
        None,
    ]
