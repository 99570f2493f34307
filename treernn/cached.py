"""``cached_property`` without a lock.

That of ``functools`` up to Python 3.11 has one lock for all objects of a class. If a process forks
while another thread computes such a property, the lock stays closed in the child for ever; and
threads that compute the properties of different objects wait for each other.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or sys.version_info >= (3, 12):
    from functools import cached_property as cached_property
else:

    class cached_property:  # noqa: N801
        """Computed at its first use, then an attribute of the object."""

        def __init__(self, function: Callable[[Any], Any]) -> None:
            self.function = function
            self.__doc__ = function.__doc__

        def __set_name__(self, owner: type, name: str) -> None:
            self.name = name

        def __get__(self, instance: Any, owner: type | None = None) -> Any:
            if instance is None:
                return self
            # An attribute of the object comes before this descriptor, which has no ``__set__``.
            value = instance.__dict__[self.name] = self.function(instance)
            return value
