"""Comparing results whose numbers differ in the last digit."""


class Near:
    """Equal to values of JSON whose numbers differ in the last digit: what texts are scored
    together with changes the order of some sums."""

    def __init__(self, value):
        self.value = value

    def __repr__(self):
        return repr(self.value)

    def __eq__(self, other):
        value = self.value
        if isinstance(value, float) and isinstance(other, float):
            return abs(value - other) < 5e-6
        if isinstance(value, list | tuple):
            return len(value) == len(other) and [*map(Near, value)] == [*other]
        if isinstance(value, dict):
            return {name: Near(each) for name, each in value.items()} == other
        return value == other

    __hash__ = None
