import numpy as np
import pytest

from treernn.corpora.frames import read_videos
from treernn.corpora.rally import (
    EVENTS,
    HEIGHT,
    SIDES,
    WIDTH,
    rallies,
    rally,
    save_rallies,
)
from treernn.errors import InputError

FIRST = rallies(200)


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_rallies_are_reproducible():
    assert all(same(one, rally(number)) for number, one in enumerate(FIRST[:5]))
    assert not same(FIRST[0], FIRST[1])
    assert not same(rally(0, seed=2), FIRST[0])


@pytest.mark.parametrize("number", range(20))
def test_frames_up_to_the_last_stroke_do_not_show_the_winner(number):
    left, right = (rally(number, winner=side) for side in SIDES)
    assert (left.winner, right.winner) == SIDES
    assert left.last_stroke == right.last_stroke
    seen = left.last_stroke + 1
    assert np.array_equal(left.frames[:seen], right.frames[:seen])
    assert left.events == right.events[:seen] + ("none",) * (len(left.events) - seen)
    shorter = min(len(left.frames), len(right.frames))
    assert (left.frames[seen:shorter] != right.frames[seen:shorter]).any()
    with pytest.raises(InputError, match="winner 'up', expected left or right"):
        rally(number, winner="up")


def test_frames_and_events():
    for each in FIRST:
        assert each.frames.dtype == np.uint8
        assert each.frames.shape == (len(each.events), HEIGHT, WIDTH)
        assert set(each.events) <= set(EVENTS)
        strokes = [t for t, event in enumerate(each.events) if event != "none"]
        assert [each.events[t] for t in strokes] == ["serve"] + ["hit"] * (len(strokes) - 1)
        assert strokes[-1] == each.last_stroke < len(each.events) - 3
    assert 80 < sum(each.winner == "left" for each in FIRST) < 120
    strokes = [each.events.count("hit") for each in FIRST]
    assert min(strokes) == 0
    assert max(strokes) > 6


def test_a_serve_looks_like_a_bounce():
    """The ball is in the hand, as at the bounce before; frames differ by noise only."""
    for each in FIRST:
        serve = each.events.index("serve")
        before, after = each.vectors[serve - 4], each.vectors[serve]
        assert np.abs(after - before).max() < 0.25  # noise of both, whose spread is 0.04
        assert np.abs(each.vectors[serve + 1] - after).max() > 0.25


def test_vectors_are_flat_frames():
    each = FIRST[0]
    assert each.vectors.shape == (len(each.frames), HEIGHT * WIDTH)
    np.testing.assert_allclose(each.vectors[3].reshape(HEIGHT, WIDTH) * 255, each.frames[3], 1e-6)


def test_saved_rallies_are_read_as_videos(tmp_path):
    save_rallies(tmp_path / "films", FIRST[:3])
    for column, tags in (
        ("event", [each.events for each in FIRST]),
        ("winner", [(each.winner,) * len(each.events) for each in FIRST]),
    ):
        videos = read_videos(tmp_path / "films", column)
        assert [video.tags for video in videos] == tags[:3]
        np.testing.assert_allclose(videos[1].frames, FIRST[1].vectors * 255, 1e-6)
