import itertools
import threading
from queue import Queue

import pytest

from treernn.errors import DataError
from treernn.scoring.rows import Row
from treernn.scoring.stream import without_delay


def rows_of(queue):
    while (item := queue.get()) is not None:
        if isinstance(item, Exception):
            raise item
        yield Row(item)


def test_a_row_does_not_wait_for_the_next_one():
    queue = Queue()
    chunks = without_delay(rows_of(queue), max_rows=64)
    for number in range(3):
        queue.put(f"line {number}")
        chunk = next(chunks)
        assert [row.place for row in chunk.rows] == [f"line {number}"]
    queue.put(None)
    assert list(chunks) == []


def test_rows_are_queued_while_others_are_scored():
    read = threading.Semaphore(0)

    def rows():
        for number in range(100):
            yield Row(f"line {number}")
            read.release()

    chunks = without_delay(rows(), max_rows=40)
    first = len(next(chunks).rows)
    for _ in range(60):  # the reader is so far ahead by now
        read.acquire()
    rest = [[row.place for row in chunk.rows] for chunk in chunks]
    places = [place for chunk in rest for place in chunk]
    assert places == [f"line {number}" for number in range(first, 100)]
    assert max(map(len, rest)) == 40


def test_the_queue_is_bounded():
    taken = []

    def rows():
        for number in range(10_000):
            taken.append(number)
            yield Row("")

    chunks = without_delay(rows(), max_rows=8)
    for _ in range(10):
        next(chunks)
        assert len(taken) <= 10 * 8 + 2 * 8 + 2


def test_an_error_comes_after_the_rows_before_it():
    queue = Queue()
    for item in ("line 1", "line 2", DataError("broken")):
        queue.put(item)
    places = []
    with pytest.raises(DataError, match="broken"):
        places.extend(row.place for chunk in without_delay(rows_of(queue)) for row in chunk.rows)
    assert places == ["line 1", "line 2"]


def test_an_abandoned_stream_leaves_no_thread():
    before = set(threading.enumerate())
    for taken in (1, 3):
        chunks = without_delay((Row(f"line {n}", "good") for n in itertools.count(1)), 2)
        for _ in range(taken):
            next(chunks)
        [thread] = set(threading.enumerate()) - before
        chunks.close()
        thread.join(10)
        assert not thread.is_alive()
