import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.parsing.baselines import balanced, left_branching, right_branching
from treernn.parsing.long_sentences import join, split
from treernn.types import Tree


@given(st.lists(st.sampled_from(["a", "b", ",", ".", "?!", "--"]), min_size=1, max_size=60))
def test_parts_have_all_words_and_respect_the_limit(words):
    ends = split(words, 8)
    assert ends[-1] == len(words)
    assert all(0 < b - a <= 8 for a, b in zip([0, *ends], ends, strict=False))


@pytest.mark.parametrize(
    ("words", "end"),
    [
        ("a a a a a . a , a a", 6),  # strong before weak
        ("a a a a a ; a . a a", 8),  # the last one
        ("a a a a a a -- a a a", 7),
        ("a . a a a a a a a a", 8),  # too early to help
    ],
)
def test_split_after_punctuation(words, end):
    assert split(words.split(), 8)[0] == end


def test_short_sentences_are_not_split():
    assert split(["a", ".", "a"], 3) == [3]


@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.sampled_from([balanced, left_branching, right_branching])),
        min_size=1,
        max_size=12,
    )
)
def test_a_joined_tree_has_the_spans_of_all_parts(parts):
    sizes = [size for size, _ in parts]
    n = sum(sizes)
    children = join([shape(size) for size, shape in parts])
    assert len(children) == n - 1
    spans = Tree(("w",) * n, children).spans()
    assert spans[-1] == (0, n)
    for number, (a, b) in enumerate(children, n):
        assert max(a, b) < number
        assert spans[a][1] == spans[b][0]
    start = 0
    for size, shape in parts:
        own = Tree(("w",) * size, shape(size)).spans()
        assert {(i + start, j + start) for i, j in own} <= set(spans)
        start += size
