"""Messages of errors, which repeat names and values from outside."""

import pickle

import pytest

from treernn.errors import DataError, InputError, MissingPackageError


@pytest.mark.parametrize(
    "error",
    [
        InputError("a.csv: no column \x1b[31m\ntext\u202e\x9b"),
        DataError("found '\r\n'", "a\nb.csv", 3),
        MissingPackageError("x\n is not installed", name="x"),
    ],
)
def test_a_message_is_one_line_that_a_terminal_shows(error):
    assert str(error).isprintable()
    assert len(str(error).splitlines()) == 1
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_a_long_message_keeps_its_start_and_its_end():
    message = str(
        InputError(f"a.csv: no column text, its columns are {'x, ' * 20_000}y (--column)")
    )
    assert len(message) == 2_000
    assert message.startswith("a.csv: no column text, its columns are x, ")
    assert message.endswith("x, y (--column)")
