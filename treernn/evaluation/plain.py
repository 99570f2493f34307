"""Results as values that ``json.dumps`` takes."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from math import isnan
from typing import Any

import numpy as np


def to_plain(value: Any, float_format: str) -> Any:
    """Dataclasses become dicts, tuples and arrays lists, NaN None, at any depth.

    Args:
        value: a result.
        float_format: format specification to which floats are rounded.

    >>> to_plain((1, 2 / 3, float("nan")), ".2f")
    [1, 0.67, None]
    """
    if is_dataclass(value):
        return {f.name: to_plain(getattr(value, f.name), float_format) for f in fields(value)}
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, tuple | list):
        return [to_plain(item, float_format) for item in value]
    if isinstance(value, float):
        return None if isnan(value) else float(format(value, float_format))
    return value
