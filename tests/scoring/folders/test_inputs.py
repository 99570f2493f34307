"""Which files folders, patterns and names stand for, and which of them are a shard's."""

import glob
import os
from pathlib import Path

import hypothesis
import hypothesis.strategies as st
import pytest

from treernn.errors import InputError
from treernn.scoring.folders.inputs import InputFile, find_inputs, is_pattern, shard_of
from treernn.scoring.folders.output import check_names
from treernn.tables.open import format_of


def make(folder, *names):
    for name in names:
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def names(*arguments, **options):
    return [file.name for file in find_inputs([*map(str, arguments)], **options).files]


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make("data", "a.csv", "2024/b.jsonl.gz", "2024/01/c.parquet", "2025/d.TXT", "2025/notes.md")
    make("data", "_SUCCESS", ".a.csv.crc", "_delta_log/0.json", ".hidden/e.csv", "part-0")
    return tmp_path / "data"


ALL = ["2024/01/c.parquet", "2024/b.jsonl.gz", "2025/d.TXT", "a.csv"]


@pytest.mark.parametrize("argument", ["data", "data/", "./data", "data/2024/..", "data/**"])
def test_a_folder(data, argument):
    found = find_inputs([argument])
    assert [file.name for file in found.files] == ALL
    assert found.skipped == ("2025/notes.md", "part-0")
    assert found.base == str(data)
    for file in found.files:
        assert Path(file.path) == data / file.name
        assert file.size == len(file.name)


@pytest.mark.usefixtures("data")
def test_patterns():
    assert names("data/*.csv") == ["a.csv"]
    assert names("data/*") == ALL  # a folder that matches is taken whole, as a shell passes it
    assert names("data/20*") == ALL[:-1]
    assert names("data/**/*.[pj]*") == ALL[:2]
    assert names("**/2024/**/*.p*") == ["data/2024/01/c.parquet"]
    assert names("d*/2024/*") == ["data/2024/01/c.parquet", "data/2024/b.jsonl.gz"]
    assert names(*glob.glob("data/[a2]*")) == ALL


@pytest.mark.usefixtures("data")
def test_names():
    assert names("data/a.csv") == ["a.csv"]
    assert names("data/a.csv", "data/2024/b.jsonl.gz", "data/./a.csv") == [ALL[1], "a.csv"]
    assert names("data/2024", "data/2025") == ALL[:-1]
    assert names("data", "data/a.csv") == ALL
    assert names("data/2025/notes.md") == ["notes.md"]  # what is named is taken; reading it fails
    assert names("data", input_format="csv") == sorted([*ALL, "2025/notes.md", "part-0"])


@pytest.mark.usefixtures("data")
def test_what_cannot_be_inputs():
    os.mkfifo("data/pipe.csv")
    found = find_inputs(["data"])
    assert (found.skipped, found.special) == (("2025/notes.md", "part-0"), ("pipe.csv",))
    for arguments, problem in [
        (["none"], "none: cannot be read (No such file or directory)"),
        (["data/*.xlsx"], "data/*.xlsx: no file has such a name"),
        (["data/pipe.csv"], "data/pipe.csv: a named pipe, expected a file"),
        (["data/2025/n*"], "data/2025/n*: no file that can be read, but notes.md"),
        (["data/_*"], "data/_*: no file that can be read"),
    ]:
        with pytest.raises(InputError) as caught:
            find_inputs(arguments)
        assert str(caught.value) == problem
    with pytest.raises(InputError, match=r"data/a\\u0000: cannot be read \(.*embedded null"):
        find_inputs(["data/a\0"])


@pytest.mark.usefixtures("data")
def test_links():
    os.symlink("..", "data/2024/up")  # a circle
    os.symlink("2025", "data/again")
    os.symlink("nowhere.csv", "data/lost.csv")
    assert names("data") == sorted([*ALL, "again/d.TXT", "lost.csv"])
    assert names("data/**/*.TXT") == ["2025/d.TXT", "again/d.TXT"]


@pytest.mark.usefixtures("data")
def test_links_of_folders_to_each_other():
    for name in "0123456789":
        os.symlink("../2025", f"data/2024/{name}")
        os.symlink("../2024", f"data/2025/{name}")
    found = names("data")
    assert {"2024/0/d.TXT", "2025/9/01/c.parquet"} < {*found}
    assert len(found) == len(ALL) + 10 * 3
    assert names("data/**") == found
    assert {*names("data/**/**/*.parquet")} == {each for each in found if each.endswith("parquet")}


def test_the_output_is_no_input(data):
    make("data/scored", "a.csv.parquet")
    for argument in ("data", "data/**", "data/*", "data/**/*.parquet"):
        for out in ("data/scored", "data/scored/", data / "scored"):
            assert "scored/a.csv.parquet" in names(argument)
            assert "scored/a.csv.parquet" not in names(argument, out=out)
    for out in ("data", ".", "data/../data"):
        with pytest.raises(InputError, match="holds the inputs of data, so its files would be"):
            find_inputs(["data"], out=out)
    os.symlink("data", "link")
    with pytest.raises(InputError, match="holds the inputs of link"):
        find_inputs(["link"], out="data")
    assert names("data/a.csv", out="data") == ["a.csv"]


@pytest.mark.usefixtures("data")
def test_what_is_a_pattern():
    make("data", "a[1].csv")
    for text in ("data/*", "*.csv", "data/**/*.txt", "x/*.csv.gz"):
        assert is_pattern(text)
    for text in ("5*/10", "data/a[1].csv", "good?", "*", "so *good* it is.csv", "and/or?", "a\0*/"):
        assert not is_pattern(text)


NAMES = st.lists(
    st.lists(st.sampled_from(["a", "b", "_a", ".b", "c.csv", "d.json.gz", "e.md", "_f.csv"]),
             min_size=1, max_size=3).map("/".join),
    min_size=1, unique=True,
)  # fmt: skip


@hypothesis.given(NAMES)
def test_any_folder(tmp_path_factory, paths):
    """All that is not hidden is found once, and either scored or named."""
    folder = tmp_path_factory.mktemp("any")
    made = []
    for path in paths:
        try:
            make(folder, path)
            made.append(path)
        except OSError:  # there is a folder of the name of the file, or the other way round
            pass
    shown = [path for path in made if not any(part[0] in "._" for part in path.split("/"))]
    expected = sorted(path for path in shown if format_of(path))
    if not expected:
        with pytest.raises(InputError):
            find_inputs([str(folder)])
        return
    for argument in (str(folder), f"{folder}/**"):
        found = find_inputs([argument])
        assert [file.name for file in found.files] == expected
        assert [*found.skipped] == sorted({*shown} - {*expected})


SIZES = st.lists(st.integers(0, 10**9) | st.integers(0, 3), max_size=40)


@hypothesis.given(SIZES, st.integers(1, 9), st.randoms(use_true_random=False))
def test_shards(sizes, count, random):
    files = [InputFile(f"/x/{n}", f"{n}", size) for n, size in enumerate(sizes)]
    shards = [shard_of(files, number, count) for number in range(1, count + 1)]
    assert sorted(file for shard in shards for file in shard) == sorted(files)
    for shard in shards:
        assert [*shard] == sorted(shard, key=lambda file: file.name)
    random.shuffle(files)  # the order in which the system lists them does not matter
    assert shards == [shard_of(files, number, count) for number in range(1, count + 1)]
    # No shard has more than the least one by more than its smallest file.
    costs = [[file.size + (1 << 12) for file in shard] for shard in shards]
    least = min(map(sum, costs))
    assert all(sum(cost) - min(cost, default=0) <= least for cost in costs)


def test_more_shards_than_files():
    files = [InputFile(f"/x/{n}", f"{n}", n) for n in range(3)]
    shards = [shard_of(files, number, 10**9) for number in (1, 2, 3, 4, 10**9)]
    assert shards == [(files[2],), (files[1],), (files[0],), (), ()]


def test_a_result_that_would_be_a_folder():
    problem = "a.csv.parquet: would be the result of one input, and the folder of that of a.csv.p"
    with pytest.raises(InputError, match=problem):
        check_names(["a.csv", "a.csv.parquet/b.csv"], "parquet")
    check_names(["a.csv", "a.csv.parquet/b.csv"], "csv")
