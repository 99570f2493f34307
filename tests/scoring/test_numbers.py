import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from treernn.scoring.numbers import rounded_texts

NUMBERS = st.floats(-20, 20) | st.integers(-20_000_000, 20_000_000).map(lambda n: n / 10**6)


@given(st.lists(NUMBERS))
def test_texts_are_those_of_json(numbers):
    expected = [json.dumps(round(number, 6)) for number in np.array(numbers, np.float64)]
    assert rounded_texts(np.array(numbers, np.float64)) == expected


@given(st.lists(st.floats(0, 1, width=32)))
def test_probabilities(numbers):
    values = np.array(numbers, np.float32)
    assert rounded_texts(values) == [*map(json.dumps, np.round(values.astype(float), 6).tolist())]
