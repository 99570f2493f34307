import json
import math
import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import treernn
from tests.helpers.words import null_byte
from treernn import strict_json
from treernn.errors import DataError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(max_examples=50)
@given(VALUES)
def test_what_is_written_can_be_read_and_has_no_nan(value):
    assert strict_json.loads(strict_json.dumps(value)) == with_null(value)


def with_null(value):
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list):
        return [with_null(item) for item in value]
    if isinstance(value, dict):
        return {key: with_null(item) for key, item in value.items()}
    return value


@settings(max_examples=50)
@given(st.binary() | st.text())
def test_any_content_is_a_value_or_one_line(content):
    try:
        strict_json.loads(content)
    except DataError as error:
        problem = str(error)
    else:
        problem = ""
    assert len(problem.splitlines()) <= 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
        ("NaN", "it has the number NaN"),
        ("[-Infinity]", "it has the number -Infinity"),
        ("1e400", "it has the number 1e400, out of range"),
        ("9" * 5000, "Exceeds the limit (4300 digits) for integer string conversion"),
        (b"\xff", "'utf-8' codec can't decode byte 0xff"),
        (b"\xff\xfe1\x00", "'utf-8' codec can't decode byte 0xff"),
        ("", "Expecting value"),
    ],
)
def test_content_that_is_not_json(text, problem):
    with pytest.raises(DataError) as caught:
        strict_json.loads(text)
    assert str(caught.value).startswith(f"damaged, not JSON ({problem}")


def test_only_regular_files_of_bounded_size_are_read(tmp_path):
    def problem(path, limit=100):
        with pytest.raises(DataError) as caught:
            strict_json.read(path, limit)
        return str(caught.value)

    path = tmp_path / "file"
    path.write_text('{"a": [1]}')
    (tmp_path / "link").symlink_to(path)
    assert strict_json.read(path) == strict_json.read(tmp_path / "link") == {"a": [1]}
    assert problem(path, 3) == f"{path}: larger than 3 bytes, cannot be right"
    os.mkfifo(tmp_path / "pipe")
    for other in (tmp_path / "pipe", tmp_path, "/dev/null", "/dev/zero"):
        assert problem(other) == f"{other}: not a regular file"
    assert problem(tmp_path / ("x" * 300)).endswith(": cannot be read (File name too long)")
    assert problem("a\0b").endswith(f": cannot be read ({null_byte()})")
    path.write_text("{")
    assert problem(path).startswith(f"{path}: damaged, not JSON (Expecting property name")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert problem(tmp_path / "loop").endswith(
        ": cannot be read (Too many levels of symbolic links)"
    )
    with pytest.raises(FileNotFoundError):
        strict_json.read(tmp_path / "none")


def test_undefined_numbers_become_null_in_all_formats_of_options():
    value = {"é": math.nan, "b": [math.inf, (1, -math.inf)]}
    assert json.loads(strict_json.dumps(value, indent=1)) == {"é": None, "b": [None, [1, None]]}
    assert strict_json.dumps(value, ensure_ascii=False).startswith('{"é": null')


def test_commands_print_no_other_json():
    root = Path(treernn.__file__).parent.parent
    places = [*root.glob("cli/**/*.py"), *root.glob("treernn/views/*.py")]
    assert len(places) > 30
    for path in places:
        assert not re.search(r"(?<!strict_)json\.dumps?\(", path.read_text("utf-8")), path
