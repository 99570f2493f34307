import re

from hypothesis import given
from hypothesis import strategies as st

from treernn.text.mapped import unchanged

TEXTS = st.text(st.sampled_from("ab <>&"), max_size=12)


def test_replacements_stand_for_the_whole_match():
    mapped = unchanged("a&amp;b").substitute(re.compile("&amp;"), lambda _: "&")
    assert mapped.text == "a&b"
    assert [(mapped.starts[i], mapped.ends[i]) for i in range(3)] == [(0, 1), (1, 6), (6, 7)]


def test_pieces_are_mapped_character_by_character():
    mapped = unchanged("#AbCd").substitute(
        re.compile("#.*"), lambda _: [(" ", 1, 1), ("Ab", 1, 3), (" ", 3, 3), ("Cd", 3, 5)]
    )
    assert mapped.text == " Ab Cd"
    assert [mapped.starts[i] for i in (1, 2, 4, 5)] == [1, 2, 3, 4]
    assert [mapped.ends[i] for i in (1, 2, 4, 5)] == [2, 3, 4, 5]


@given(TEXTS, st.sampled_from(["a", "a+", "<", "[<>]+", "b|&"]), st.sampled_from(["", "x", "xyz"]))
def test_the_way_back_stays_in_order_over_several_passes(text, pattern, new):
    mapped = unchanged(text)
    for _ in range(2):
        mapped = mapped.substitute(re.compile(pattern), lambda _: new)
    assert len(mapped.text) == len(mapped.starts) == len(mapped.ends)
    assert list(mapped.starts) == sorted(mapped.starts)
    assert all(0 <= a < b <= len(text) for a, b in zip(mapped.starts, mapped.ends, strict=True))
    kept = [i for i, char in enumerate(mapped.text) if mapped.ends[i] - mapped.starts[i] == 1]
    assert all(mapped.text[i] in (text[mapped.starts[i]], *new) for i in kept)
