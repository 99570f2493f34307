"""What the values of a configuration, or of settings, have to be: each check raises
``InputError`` for one that cannot be."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from treernn.errors import InputError


def check_sizes(config: Any, *names: str, least: int = 1) -> None:
    """Whole numbers."""
    for name in names:
        size = getattr(config, name)
        if type(size) is not int or size < least:
            raise InputError(f"{name} is {size!r}, expected a whole number, at least {least}")


def check_cell(config: Any, cells: Collection[str]) -> None:
    """``cell`` is the name of one of these."""
    if config.cell not in cells:
        raise InputError(f"cell is {config.cell!r}, expected one of {', '.join(cells)}")


def check_flags(config: Any, *names: str) -> None:
    """True or false."""
    for name in names:
        if type(flag := getattr(config, name)) is not bool:
            raise InputError(f"{name} is {flag!r}, expected true or false")


def check_shares(config: Any, *names: str) -> None:
    """From 0 to below 1."""
    for name in names:
        share = getattr(config, name)
        if type(share) not in (int, float) or not 0 <= share < 1:
            raise InputError(f"{name} is {share!r}, expected from 0 to below 1")


def check_amounts(config: Any, *names: str) -> None:
    """0 or more, and what float32 holds."""
    for name in names:
        amount = getattr(config, name)
        if not 0 <= amount < 1e38:
            raise InputError(f"{name} is {amount}, expected 0 or more, below 1e38")
