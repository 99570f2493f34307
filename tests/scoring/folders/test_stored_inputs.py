"""Objects of a store are found as the files of a folder are. Arrow's file system of a folder is the
store here; real ones are in tests/cli/test_score_stores.py."""

import contextlib
from pathlib import Path

import hypothesis
import hypothesis.strategies as st
import pytest
from pyarrow.fs import LocalFileSystem, SubTreeFileSystem

from treernn import stores
from treernn.errors import InputError
from treernn.scoring.folders.inputs import find_inputs
from treernn.scoring.folders.stored_inputs import find_stored

NAMES = (
    "a.csv", "2024/b.jsonl.gz", "2024/01/c.parquet", "2025/d.TXT", "2025/notes.md", "part-0",
    "_SUCCESS", ".a.csv.crc", "_delta_log/0.json", ".hidden/e.csv",
    "scored/a.csv.parquet", "scored/2024/b.csv", "scored2/b.csv", "2024/scored/c.csv",
)  # fmt: skip


def make(folder, names):
    for name in names:
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def served(monkeypatch, folder):
    """``s3://bucket/`` is the folder ``bucket`` in this one, which is the current one too."""
    system = SubTreeFileSystem(str(folder), LocalFileSystem())
    monkeypatch.setattr(stores, "_filesystem", lambda *_: system)
    monkeypatch.chdir(folder)


@pytest.fixture
def bucket(tmp_path, monkeypatch):
    served(monkeypatch, tmp_path)
    make("bucket/data", NAMES)


def stored(find, arguments, out=None, **options):
    """What is found there, or what is said."""
    address = find is find_stored
    where = "s3://" if address else ""
    try:
        found = find(
            [f"{where}{each}" for each in arguments],
            out=None if out is None else f"{where}{out}",
            **options,
        )
    except InputError as error:
        return str(error).replace("s3://", "")
    return [(file.name, file.size) for file in found.files], found.skipped


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize("out", [None, "out", "scored", "2024", "2024/scored/", "scored2"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["data/"],
        ["data/**"],
        ["data/20*"],
        ["data/**/*.[cp]*"],
        ["data/a.csv"],
        ["data/2024", "data/2025/"],
        ["data", "data/a.csv"],
        ["data/2025/notes.md"],
    ],
)
def test_as_on_disk(arguments, out):
    """What lies below the folder of the output is no input, and only that."""
    arguments = [f"bucket/{each}" for each in arguments]
    out = None if out is None else f"bucket/data/{out}"
    found = stored(find_stored, arguments, out)
    assert found == stored(find_inputs, arguments, out)


@pytest.mark.usefixtures("bucket")
def test_the_output_is_no_input():
    [files, skipped] = stored(find_stored, ["bucket/data/"], "bucket/data/scored")
    names = [name for name, _ in files]
    assert "scored2/b.csv" in names
    assert "2024/scored/c.csv" in names
    assert not [name for name in names if name.startswith("scored/")]
    assert skipped == ("2025/notes.md", "part-0")
    # What is named is taken, wherever it is.
    named = ["bucket/data/scored/a.csv.parquet"]
    assert stored(find_stored, named, "bucket/data/scored")[0][0][0] == "a.csv.parquet"
    for out in ("bucket/data", "bucket/data/", "bucket"):
        said = stored(find_stored, ["bucket/data/"], out)
        assert said.startswith(f"{out}: holds the inputs of bucket/data/, so its files would be")


@pytest.mark.usefixtures("bucket")
def test_what_cannot_be_inputs():
    for arguments, problem in [
        (["bucket/none/"], "bucket/none/: no such object, nor a folder with any"),
        (["bucket/data/_*/"], "bucket/data/_*/: no file that can be read"),
        (["bucket/data/2025/n*"], "bucket/data/2025/n*: no file that can be read, but notes.md"),
        (["bucket*/a.csv"], "bucket*/a.csv: the name of a bucket cannot be a pattern"),
    ]:
        assert stored(find_stored, arguments) == problem
    with pytest.raises(InputError, match=r"data/a\.csv: no address as the others"):
        find_stored(["s3://bucket/data/", "data/a.csv"])
    make("other", ["a.csv"])
    with pytest.raises(InputError, match="the inputs are in several buckets"):
        find_stored(["s3://bucket/data/", "s3://other/"])
    assert stored(find_stored, ["bucket/data/"], input_format="csv")[1] == ()


PATHS = st.lists(
    st.lists(st.sampled_from(["a", "b", "_a", ".b", "c.csv", "d.json.gz", "e.md", "_f.csv"]),
             min_size=1, max_size=3).map("/".join),
    min_size=1, unique=True,
)  # fmt: skip


@hypothesis.given(PATHS, st.sampled_from([None, "bucket/a", "bucket/b/a", "bucket/a/b/"]))
def test_any_folder_as_on_disk(tmp_path_factory, paths, out):
    folder = tmp_path_factory.mktemp("any")
    with pytest.MonkeyPatch.context() as patch:
        served(patch, folder)
        for path in paths:
            with contextlib.suppress(OSError):  # a folder of the name of a file, or the other way
                make("bucket", [path])
        found = stored(find_stored, ["bucket/"], out)
        assert found == stored(find_inputs, ["bucket/"], out)
