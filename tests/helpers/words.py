"""Words of Python's own, which differ between its versions."""

import os


def null_byte() -> str:
    """What is wrong with a path that has a null byte."""
    try:
        os.stat("a\0b")
    except ValueError as error:
        return str(error)
    raise AssertionError("os.stat takes a null byte")
