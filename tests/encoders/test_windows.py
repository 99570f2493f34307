import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from treernn.encoders.windows import split_into_windows


@given(st.lists(st.integers(1, 9), min_size=1, max_size=60), st.integers(9, 20))
def test_windows(sizes, room):
    sizes = np.array(sizes)
    ends = np.cumsum(sizes)
    starts = ends - sizes
    actual = split_into_windows(sizes, room)
    read = [word for _, (first, last) in actual for word in range(first, last)]
    assert read == list(range(len(sizes)))
    if ends[-1] <= room:
        assert len(actual) == 1
    for (begin, end), (first, last) in actual:
        assert begin <= first <= last <= end
        assert ends[end - 1] - starts[begin] <= room
        for word in range(first, last):
            # Twice the way from the word's middle to the nearer end of the window.
            context = [
                min(
                    starts[word] + ends[word] - 2 * starts[b],
                    2 * ends[e - 1] - starts[word] - ends[word],
                )
                for (b, e), _ in actual
                if b <= word < e
            ]
            assert max(context) == min(
                starts[word] + ends[word] - 2 * starts[begin],
                2 * ends[end - 1] - starts[word] - ends[word],
            )
