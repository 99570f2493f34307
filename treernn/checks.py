"""Checks of configurations and settings; each raises ``InputError`` for a value out of range."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from treernn.errors import InputError

MAX_SIZE = 2**31 - 1
"""No size is larger; products of several still have to fit."""


def brief(value: Any) -> str:
    """A value for a message: on one line, and not too long.

    >>> brief("a\\nb"), brief(10**100)
    ("'a\\\\nb'", '1000000000000000000000000000000000000000…')
    """
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # of more than 4,300 digits
        text = f"a huge {type(value).__name__}"
    return text if len(text) <= 60 else text[:40] + "…"


def check_sizes(config: Any, *names: str, minimum: int = 1) -> None:
    """Check that attributes are integers of at least ``minimum``."""
    for name in names:
        size = getattr(config, name)
        if type(size) is not int or size < minimum:
            raise InputError(
                f"{name} is {brief(size)}, expected a whole number, at least {minimum}"
            )
        if size > MAX_SIZE:
            raise InputError(f"{name} is {brief(size)}, expected at most {MAX_SIZE}")


def check_cell(config: Any, cells: Collection[str]) -> None:
    """Check that ``config.cell`` is one of ``cells``."""
    if not isinstance(config.cell, str) or config.cell not in cells:
        raise InputError(f"cell is {brief(config.cell)}, expected one of {', '.join(cells)}")


def check_bools(config: Any, *names: str) -> None:
    """Check that attributes are true or false."""
    for name in names:
        if type(flag := getattr(config, name)) is not bool:
            raise InputError(f"{name} is {brief(flag)}, expected true or false")


def check_fractions(config: Any, *names: str) -> None:
    """Check that attributes are from 0 to below 1."""
    for name in names:
        fraction = getattr(config, name)
        if type(fraction) not in (int, float) or not 0 <= fraction < 1:
            raise InputError(f"{name} is {brief(fraction)}, expected from 0 to below 1")


def check_non_negative(config: Any, *names: str) -> None:
    """Check that attributes are at least 0 and fit into float32."""
    for name in names:
        value = getattr(config, name)
        if type(value) not in (int, float) or not 0 <= value < 1e38:
            raise InputError(f"{name} is {brief(value)}, expected 0 or more, below 1e38")
