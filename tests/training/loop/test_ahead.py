import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.training.loop.ahead import map_ahead


@given(st.lists(st.integers()), st.integers(0, 3))
def test_it_is_map(items, count):
    assert list(map_ahead(str, items, count)) == [*map(str, items)]


def test_results_wait_for_those_before_them():
    """In another thread, and no more than were asked for."""
    done, threads = [], set()

    def work(item):
        done.append(item)
        threads.add(threading.get_ident())
        return item

    results = map_ahead(work, range(10), 2)
    assert next(results) == 0
    assert next(results) == 1
    results.close()
    assert done == [*range(len(done))]
    assert len(done) <= 4
    assert threads != {threading.get_ident()}


def test_an_error_is_raised_in_its_place():
    results = map_ahead(lambda item: 6 // item, [3, 2, 0, 1])
    assert [next(results), next(results)] == [2, 3]
    with pytest.raises(ZeroDivisionError):
        next(results)
