"""A record of accuracy and speed, and its first count."""

from treernn.studies.record.accuracy import Count
from treernn.studies.record.records import Record

COUNT = Count("small", "sentences", right=90, of=100, near=0)
RECORD = Record(
    date="2026-11-29T08:15:00+00:00",
    commit="1a2b3c",
    version="0.1.0",
    machine={"cpu": "a", "instructions": "b"},
    accuracy=(COUNT, Count("parser", "brackets", 5, 9, 0)),
    speed={"trees": 0.5, "chains": 2.0},
)
