"""Which trees are in an epoch of a parser."""

import numpy as np
import pytest

from treernn.errors import InputError
from treernn.training.data.soft_targets import SoftTargets

SPANS = [np.zeros((1, 3), np.float32)] * 30


def test_sampling_of_an_epoch():
    soft = SoftTargets(SPANS, 10, 0.3)
    assert soft.epoch_size == 16
    first, second = (
        np.concatenate(soft.sample(np.random.default_rng(seed))).tolist() for seed in (1, 2)
    )
    for drawn in first, second:
        assert drawn[:10] == list(range(10))
        assert len(set(drawn)) == 16
        assert max(drawn) < 30
    assert first != second
    for resample in (0.0, 1.2, -1.0):
        with pytest.raises(InputError, match=r"^resample is "):
            SoftTargets(SPANS, 10, resample)
