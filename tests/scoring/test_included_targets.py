"""The sentiment toward targets that the included model small knows."""

import pytest

import treernn


@pytest.fixture(scope="module")
def small():
    return treernn.load()


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("great screen, awful battery", {"screen": 1, "battery": -1}),
        (
            "Battery life is amazing but the screen scratches easily.",
            {"battery life": 1, "screen": -1},
        ),
        ("The food was delicious but the waiter was rude.", {"food": 1, "waiter": -1}),
        ("I ordered the chicken and my friend had the fish.", {"chicken": 0, "fish": 0}),
        ("I bought this phone for my wife.", {"phone": 0, "wife": 0}),
        ("The acting is superb, the script is a mess.", {"acting": 1, "script": -1}),
        (
            "The hotel room was clean, the view was stunning, and the staff ignored us.",
            {"room": 1, "view": 1, "staff": -1},
        ),
    ],
)
def test_what_is_said_of_what(small, text, sides):
    result = small(text).with_classes(3)
    names = ("negative", "neutral", "positive")
    found = {term: names.index(result.target(term).label) - 1 for term in sides}
    assert found == sides
