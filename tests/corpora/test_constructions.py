"""Sentences written from patterns: the notation, the data, the splits."""

import re
from collections import Counter
from functools import cache
from random import Random

import pytest

from treernn.corpora.constructions import (
    LabelledText,
    all_constructions,
    constructions,
    examples,
    group_sentences,
    group_texts,
)
from treernn.corpora.constructions.groups import group_patterns
from treernn.corpora.constructions.patterns import Slot, read_pattern, write
from treernn.corpora.constructions.texts import finished
from treernn.corpora.constructions.words import DOMAINS, Drawing, read_words
from treernn.errors import DataError, InputError
from treernn.parsing import load_parser
from treernn.scoring.aligned import align

SPLITS = ("train", "heldout")
KINDS = all_constructions()
PATTERNS = [
    (kind, split, pattern)
    for kind in KINDS
    for split in SPLITS
    for pattern in kind.patterns[split] + kind.contrasts[split]
]


@cache
def all_texts(split: str) -> list[LabelledText]:
    return constructions(split, 0)


def written(source: str, words: str = "") -> tuple[str, dict[str, tuple[int, ...]]]:
    def draw(slot: Slot) -> tuple[str, tuple[int, ...]]:
        return words or slot.words, (3,) if slot.labelled else ()

    text, spans = write(read_pattern(source), Random(1), draw)
    return text, {text[span.start : span.end]: span.classes for span in spans}


def test_a_pattern_has_labelled_phrases() -> None:
    assert written("1: It [1 isn't [34 {good}]]") == (
        "It isn't good",
        {"good": (3, 4), "isn't good": (1,)},
    )
    assert written("1: [1 not {~good}] , [3 or ]so") == (
        "not good, or so",
        {"not good": (1,), "or": (3,)},
    )


@pytest.mark.parametrize(
    ("source", "word", "text"),
    [
        ("3: a {good} film", "old", "an old film"),
        ("3: a [3 {good} film]", "honest", "an honest film"),
        ("3: a {good} film", "useful", "a useful film"),
        ("3: A {good} film", "awful", "An awful film"),
        ("3: America {good}", "old", "America old"),
        ("3: a( |) {good}( |)film", "nice", "a nice film"),
    ],
)
def test_wordings_fit(source: str, word: str, text: str) -> None:
    found = write(read_pattern(source), Random(0), lambda _: (word, ()))[0]
    assert found.replace("nicefilm", "nice film") == text


def test_the_same_slot_is_the_same_word_and_a_number_makes_another() -> None:
    pattern = read_pattern("2: {x} {x} {x2} {~x}")
    lists = read_words({"x": {"any": "b, c, d", "class": 3}})
    text, spans = write(pattern, Random(1), Drawing(lists, pattern, "train", Random(1)))
    one, same, other, again = text.split()
    assert one == same == again != other
    assert len(spans) == 3


@pytest.mark.parametrize(
    "source",
    [
        "no class",
        "5: wrong",
        "3: (open",
        "3: a|b",
        "3: [3 open",
        "3: close]",
        "3: {Slot}",
        "3: )",
        "",
    ],
)
def test_a_wrong_pattern_says_so(source: str) -> None:
    with pytest.raises(DataError, match="pattern"):
        write(read_pattern(source), Random(1), lambda _: ("", ()))


def test_wrong_words_say_so() -> None:
    with pytest.raises(DataError, match="colour"):
        read_words({"x": {"colour": "red"}})
    pattern = read_pattern("@film 2: {x}")
    with pytest.raises(DataError, match="no words 'x'"):
        Drawing({}, pattern, "train", Random(1))
    with pytest.raises(DataError, match="of no domain"):
        Drawing(read_words({"x": {"food": "soup"}}), pattern, "train", Random(1))


@pytest.mark.parametrize(
    ("kind", "split", "pattern"), PATTERNS, ids=lambda each: getattr(each, "source", "")
)
def test_every_pattern_can_be_written(kind, split, pattern) -> None:
    for domain in pattern.domains:
        assert domain in DOMAINS
    random = Random(1)
    for _ in range(8):
        text, spans = write(pattern, random, Drawing(kind.words, pattern, split, random))
        assert text == " ".join(text.split())
        assert not {*"[]{}|"} & {*text}
        for span in spans:
            assert {*span.classes} <= {0, 1, 2, 3, 4}
            phrase = text[span.start : span.end]
            assert phrase
            assert phrase == phrase.strip()
            # Phrases are of whole words.
            assert not text[span.start - 1 : span.start].isalnum() or not phrase[0].isalnum()
            assert not text[span.end : span.end + 1].isalnum() or not phrase[-1].isalnum()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_construction_has_patterns_and_counterexamples(kind) -> None:
    assert len(kind.patterns["train"]) >= 6
    assert len(kind.patterns["heldout"]) >= 3
    assert len(kind.contrasts["train"]) >= 3
    assert len(kind.contrasts["heldout"]) >= 2


def test_no_pattern_is_in_both_splits() -> None:
    sources = [pattern.source for _, _, pattern in PATTERNS]
    assert [source for source, times in Counter(sources).items() if times > 1] == []


def test_texts_are_balanced_different_and_the_same_for_a_seed() -> None:
    texts = constructions("train", 1, 20 * len(KINDS))
    assert texts == constructions("train", 1, 20 * len(KINDS))
    assert texts != constructions("train", 2, 20 * len(KINDS))
    assert len({text.text.lower() for text in texts}) == len(texts) == 20 * len(KINDS)
    assert set(Counter(text.construction for text in texts).values()) == {20}
    assert sum(text.contrast for text in texts) == 8 * len(KINDS)


def test_phrases_move_with_opening_words() -> None:
    pattern = read_pattern("1: it [1 isn't {good}]")
    text, spans = write(pattern, Random(0), lambda _: ("great", (4,)))
    seen = set()
    for seed in range(200):
        whole, moved = finished(text, spans, (1,), Random(seed))
        seen.add(whole.removesuffix(".").removesuffix("!"))
        assert [whole[span.start : span.end] for span in moved] == ["great", "isn't great"]
        assert [span.classes for span in moved] == [(4,), (1,)]
    assert {"It isn't great", "it isn't great", "Honestly, it isn't great"} <= seen
    assert all(finished("Is it?", [], (2,), Random(i))[0][:2].lower() == "is" for i in range(50))


def test_emoticons_keep_their_space() -> None:
    assert written("3: so {~good} , {~x} . {~smile} !")[0] == "so good, x. smile!"
    assert write(read_pattern("3: it {x}"), Random(0), lambda _: (":)", ()))[0] == "it :)"


def test_many_texts_and_none_of_them_is_held_out() -> None:
    train = all_texts("train")
    assert len(train) >= 6000
    held_out = {text.text.lower().rstrip(".!") for text in all_texts("heldout")}
    assert not held_out & {text.text.lower().rstrip(".!") for text in train}


def test_examples_are_of_known_constructions_and_in_no_split() -> None:
    assert {text.construction for text in examples()} == {kind.name for kind in KINDS}
    assert len(examples()) >= 100
    for text in examples():
        assert text.classes
        assert {*text.classes} <= {*range(5)}
    texts = {text.text.lower().rstrip(".! ") for text in examples()}
    assert len(texts) == len(examples())
    for split in SPLITS:
        assert not texts & {text.text.lower().rstrip(".! ") for text in all_texts(split)}


def test_numbers_and_splits_that_there_are_not() -> None:
    assert constructions("heldout", 0, 0) == []
    assert len(constructions("heldout", 0, 1)) == 1
    with pytest.raises(InputError, match="no split 'test'"):
        constructions("test")
    with pytest.raises(InputError, match="count is -1"):
        constructions("train", 0, -1)


def test_targets_of_a_text() -> None:
    text = LabelledText("Not bad", (2, 3), (), "negation").with_targets()
    assert text.target == (0, 0, 1, 1, 0)


@pytest.mark.parametrize("split", SPLITS)
def test_phrases_are_phrases_of_the_parser(split: str) -> None:
    texts = [text.with_targets() for text in constructions(split, 3, 5 * len(KINDS))]
    alignment = align(texts, load_parser("embedded"))
    assert alignment.aligned / alignment.parts > 0.88


def test_words_of_groups_are_neutral_and_held_out_groups_are_not_in_training() -> None:
    texts = group_texts("train", 1, 600)
    assert len({text.text.lower() for text in texts}) == len(texts) > 590
    assert texts == group_texts("train", 1, 600)
    held = [group for group in group_patterns().groups if group.held_out]
    assert 10 < len(held) < len(group_patterns().groups) / 3
    for text in texts:
        spans = {text.text[span.start : span.end].lower(): span.classes for span in text.spans}
        kind = text.construction.removeprefix("groups: ")
        found = [
            group
            for group in group_patterns().groups
            if group.kind == kind
            and {group.adjective.lower(), group.people.lower(), group.predicate.lower()} & {*spans}
        ]
        assert found
        assert not any(group.held_out for group in found)
        for group in found:
            for words in (group.adjective, group.people, group.predicate):
                assert spans.get(words.lower(), (2,)) == (2,)


def test_texts_about_groups_are_balanced() -> None:
    texts = group_texts("train", 0, 1050)
    kinds = Counter(text.construction for text in texts)
    assert max(kinds.values()) - min(kinds.values()) <= 3
    for kind in kinds:
        sides = Counter(max(text.classes) - 2 > 0 for text in texts if text.construction == kind)
        assert sides[True] == pytest.approx(kinds[kind] / 3, abs=2)


def test_sentences_are_the_same_but_for_the_group() -> None:
    for sentence in group_sentences("heldout", 5, 1):
        rests = set()
        for group, text in sentence.by_group.items():
            assert text.classes == next(iter(sentence.by_group.values())).classes
            rest = text.text.lower()
            for words in (group.people, group.predicate, group.adjective):
                rest = re.sub(rf"\b{re.escape(words.lower())}\b", "…", rest)
            rests.add(" ".join(word for word in rest.split() if word not in ("a", "an")))
        assert len(rests) == 1
        if sentence.plain:
            assert "  " not in sentence.plain.text
            assert not sentence.plain.text.startswith(" ")


def test_patterns_of_groups_are_in_one_split() -> None:
    patterns = group_patterns().patterns
    sources = {
        split: {pattern.source for side in sides.values() for pattern in side}
        for split, sides in patterns.items()
    }
    assert not sources["train"] & sources["heldout"]
    for split, least in (("train", 12), ("heldout", 10)):
        assert min(len(side) for side in patterns[split].values()) >= least


def test_wrong_requests_for_groups() -> None:
    assert group_texts("heldout", 0, 0) == group_sentences("train", 0, 0) == []
    with pytest.raises(InputError, match="no split 'dev'"):
        group_texts("dev")
    with pytest.raises(InputError, match="count is -2"):
        group_sentences("heldout", 0, -2)
