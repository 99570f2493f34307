"""Checks of configurations and settings; each raises ``InputError`` for a value out of range."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from treernn.errors import InputError


def check_sizes(config: Any, *names: str, minimum: int = 1) -> None:
    """Check that attributes are integers of at least ``minimum``."""
    for name in names:
        size = getattr(config, name)
        if type(size) is not int or size < minimum:
            raise InputError(f"{name} is {size!r}, expected a whole number, at least {minimum}")


def check_cell(config: Any, cells: Collection[str]) -> None:
    """Check that ``config.cell`` is one of ``cells``."""
    if config.cell not in cells:
        raise InputError(f"cell is {config.cell!r}, expected one of {', '.join(cells)}")


def check_bools(config: Any, *names: str) -> None:
    """Check that attributes are true or false."""
    for name in names:
        if type(flag := getattr(config, name)) is not bool:
            raise InputError(f"{name} is {flag!r}, expected true or false")


def check_fractions(config: Any, *names: str) -> None:
    """Check that attributes are from 0 to below 1."""
    for name in names:
        fraction = getattr(config, name)
        if type(fraction) not in (int, float) or not 0 <= fraction < 1:
            raise InputError(f"{name} is {fraction!r}, expected from 0 to below 1")


def check_non_negative(config: Any, *names: str) -> None:
    """Check that attributes are at least 0 and fit into float32."""
    for name in names:
        value = getattr(config, name)
        if not 0 <= value < 1e38:
            raise InputError(f"{name} is {value}, expected 0 or more, below 1e38")
