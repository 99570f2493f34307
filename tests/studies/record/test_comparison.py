"""Which counts are falls, and which speeds are slower."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from one_record import COUNT, RECORD

from treernn.studies.record.accuracy import Count
from treernn.studies.record.comparison import EARLIER, SLOWER, bars, falls, slower


@pytest.mark.parametrize(
    ("right", "near", "fell"), [(91, 0, 0), (90, 0, 0), (89, 0, 1), (89, 1, 0)]
)
def test_falls(right, near, fell):
    now = [replace(COUNT, right=right, near=near), Count("new", "sentences", 1, 100, 0)]
    assert len(falls(now, [RECORD])) == fell
    assert falls(now, []) == []


def recorded(*rights, near=0):
    """A record of each number of right answers."""
    counts = [replace(COUNT, right=right, near=near) for right in rights]
    return [replace(RECORD, accuracy=(count,)) for count in counts]


def bar(records):
    return bars(records)["small", "sentences"].right


def test_what_a_count_is_compared_with():
    other = replace(RECORD, accuracy=())
    assert bar([RECORD, other]) == 90
    assert bar(recorded(90, 95)) == 95
    assert bar(recorded(90, 88, near=2)) == 90  # rounding
    assert bar(recorded(90, 87, near=2)) == 87  # somebody accepted it
    assert bar(recorded(90, 80, 81, 85)) == 85
    [line] = falls([replace(COUNT, right=85)], [*recorded(80, 90), other])
    assert line == "small, sentences: 85 of 100 right, 90 before; rounding can change 0"
    [line] = falls([replace(COUNT, right=87, near=2)], recorded(90))
    assert line == "small, sentences: 87 of 100 right, 90 before; rounding can change 2"


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=30))
def test_the_bar_does_not_creep_down(found):
    """Records that are written because there is no fall do not lower it, however many they are."""
    records = recorded(50)
    highest = 50
    for down, near in found:
        now = replace(COUNT, right=highest + 1 - down, near=near)
        if not falls([now], records):
            records.append(replace(RECORD, accuracy=(now,)))
            highest = max(highest, now.right)
        assert bar(records) == highest


def test_other_sets_are_not_compared():
    larger = replace(COUNT, right=80, of=101)
    [line] = falls([larger], [RECORD])
    assert line == "small, sentences: a set of 101 answers, 100 before; record it anew"
    assert falls([larger], [RECORD, replace(RECORD, accuracy=(larger,))]) == []
    by_rounding = replace(larger, near=10)
    assert falls([by_rounding], [RECORD, replace(RECORD, accuracy=(by_rounding,))]) == []


def test_slower():
    slow = replace(RECORD, speed={"trees": 0.99 * SLOWER * 0.5, "chains": 2.0, "new": 1.0})
    assert slower(slow, []) == []
    [line] = slower(slow, [RECORD])
    assert line == "trees: 0.40 of its reference, 0.50 before"
    for machine in ({"cpu": "another"}, {**RECORD.machine, "instructions": "others"}):
        assert slower(replace(slow, machine=machine), [RECORD]) == []
    assert slower(replace(slow, speed={"trees": 1.01 * SLOWER * 0.5}), [RECORD]) == []
    assert slower(slow, [*[slow] * EARLIER, *[RECORD] * EARLIER]) != []
    assert slower(slow, [*[RECORD] * EARLIER, *[slow] * EARLIER]) == []
