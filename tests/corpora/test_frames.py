import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.corpora.frames import read_frame_tags, read_frames, read_video, read_videos
from treernn.errors import DataError, MissingDataError


def save(path, array):
    np.save(path, array)
    return path


def written(path, text):
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("kind", [np.uint8, np.float16, np.float64, np.int64, np.bool_])
def test_numbers_of_any_type(tmp_path, kind):
    frames = np.array([[1, 0], [0, 1], [1, 1]], dtype=kind)
    found = read_frames(save(tmp_path / "a.npy", frames))
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, frames)


@pytest.mark.parametrize(
    ("array", "problem"),
    [
        (np.zeros(3), "an array of shape [3], expected [frames, size]"),
        (np.zeros((2, 3, 4)), "an array of shape [2, 3, 4], expected [frames, size]"),
        (np.zeros((0, 4)), "an array of shape [0, 4]"),
        (np.array([["a"]]), "the array contains <U1, expected numbers"),
        (
            np.array([[1.0], [np.nan]]),
            "the array contains a number that is not a finite float32, at [1, 0]",
        ),
        (
            np.array([[1e300]]),
            "the array contains a number that is not a finite float32, at [0, 0]",
        ),
    ],
)
def test_faulty_arrays(tmp_path, array, problem):
    path = save(tmp_path / "a.npy", array)
    with pytest.raises(DataError, match=re.escape(f"{path}: {problem}")):
        read_frames(path)


def test_damaged_arrays(tmp_path):
    path = tmp_path / "a.npy"
    with pytest.raises(MissingDataError, match="no such file"):
        read_frames(path)
    whole = save(tmp_path / "b.npy", np.zeros((5, 2))).read_bytes()
    pickled = save(tmp_path / "c.npy", np.array([[{}]], dtype=object)).read_bytes()
    for content in (b"", b"frames", whole[:-3], whole[:20], pickled):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"a.npy: not a .npy file of numbers, or damaged \("):
            read_frames(path)
    with open(path, "wb") as file:
        np.savez(file, np.zeros((1, 1)))
    with pytest.raises(DataError, match=r"not a \.npy file of numbers"):
        read_frames(path)


@given(st.binary(max_size=200))
def test_random_bytes_are_errors(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "a.npy"
    path.write_bytes(content)
    with pytest.raises(DataError):
        read_frames(path)


def test_tags_in_any_order_and_column(tmp_path):
    path = written(tmp_path / "a.csv", 'tag, frame ,who\nserve,1,left\n\n"a, b",0,right\n')
    assert read_frame_tags(path, 2) == ("a, b", "serve")
    assert read_frame_tags(path, 2, "who") == ("right", "left")


@pytest.mark.filterwarnings("ignore:.*2 columns are called")
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", ": empty, expected a line of column names"),
        ("frame,label\n0,a\n", ":1: no column 'tag', the header has frame, label"),
        ("frame,tag,tag\n", ":1: no column 'tag', the header has frame, tag (1), tag (2)"),
        ("frame,tag\n0,a\n1\n", ":3: 1 fields, expected 2"),
        ("frame,tag\n0,a\n2,a\n", ":3: frame '2', expected a number from 0 to 1"),
        ("frame,tag\n-1,a\n", ":2: frame '-1', expected a number from 0 to 1"),
        ("frame,tag\n0.5,a\n", ":2: frame '0.5', expected"),
        ("frame,tag\n0,a\n0,b\n", ":3: frame 0 has two tags"),
        ("frame,tag\n0, \n", ":2: the tag of frame 0 is empty"),
        ("frame,tag\n1,a\n", ": frame 0 has no tag; the video has 2 frames, 1 have one"),
        ('frame,tag\n0,"a\n', ":2: not CSV, do its quotation marks match? ("),
    ],
)
def test_faulty_tags(tmp_path, text, problem):
    path = written(tmp_path / "a.csv", text)
    with pytest.raises(DataError, match=re.escape(f"{path}{problem}")):
        read_frame_tags(path, 2)


def test_folder_of_videos(tmp_path):
    for name, frames in (("b", np.ones((1, 3))), ("a", np.zeros((2, 3)))):
        save(tmp_path / f"{name}.npy", frames)
        lines = "".join(f"{n},{name}{n}\n" for n in range(len(frames)))
        written(tmp_path / f"{name}.csv", f"frame,tag\n{lines}")
    first, second = read_videos(tmp_path)
    assert (first.tags, second.tags) == (("a0", "a1"), ("b0",))
    assert second.frames.tolist() == [[1, 1, 1]]
    elsewhere = written(tmp_path / "other.csv", "frame,tag\n0,x\n")
    assert read_video(tmp_path / "b.npy", elsewhere).tags == ("x",)


def test_faulty_folders(tmp_path):
    with pytest.raises(MissingDataError, match="no such folder"):
        read_videos(tmp_path / "none")
    with pytest.raises(DataError, match=r"contains no \.npy file"):
        read_videos(tmp_path)
    save(tmp_path / "a.npy", np.zeros((1, 3)))
    with pytest.raises(MissingDataError, match=r"a\.csv: no such file"):
        read_videos(tmp_path)
    save(tmp_path / "b.npy", np.zeros((1, 4)))
    for name in "ab":
        written(tmp_path / f"{name}.csv", "frame,tag\n0,x\n")
    with pytest.raises(
        DataError, match=r"b\.npy: frame vectors of size 4, those of a\.npy have size 3$"
    ):
        read_videos(tmp_path)
