"""Reviews in Arrow's format, and back."""

from hypothesis import given, settings
from hypothesis import strategies as st

from treernn.opinions.opinion import Opinion, Review, StrongPhrase, decode, encode, texts_of

places = st.integers(0, 2**31 - 1)
score = st.floats(-1, 1, width=32)
texts = st.text()
distribution = st.lists(st.floats(0, 1, width=32), min_size=5, max_size=5)
opinions = st.builds(
    Opinion,
    *([places] * 7),
    key=texts,
    head=texts,
    sign=st.sampled_from([-1, 0, 1]),
    score=score,
    distribution=distribution,
)
reviews = st.builds(
    Review,
    row=st.integers(1, 2**60),
    text=texts,
    error=st.none() | texts,
    foreign=st.booleans(),
    distribution=st.none() | distribution,
    group=st.none() | texts,
    day=st.none() | places,
    rating=st.none() | st.floats(allow_nan=False),
    unread_time=st.none() | texts,
    unread_rating=st.none() | texts,
    phrases=st.lists(st.builds(StrongPhrase, places, places, score), max_size=3),
    opinions=st.lists(opinions, max_size=3),
)


@settings(max_examples=25)
@given(st.lists(reviews, max_size=5))
def test_back(some):
    assert [*decode(encode(some))] == some


def test_texts_of_some_rows(tmp_path):
    path = tmp_path / "part"
    path.write_bytes(encode([Review(row, f"text {row}") for row in range(1, 9)]))
    assert texts_of(path, [3, 8, 99]) == {3: "text 3", 8: "text 8"}
