"""Targets by character range on the nodes of parse trees."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from treernn.corpora.targets import (
    NO_TARGET,
    SpanTarget,
    TargetText,
    target_of_class,
    target_of_classes,
)
from treernn.parsing import load_parser
from treernn.scoring.aligned import align, joined
from treernn.types import Tree

RIGHT = load_parser("right")


def labels(text: TargetText) -> list[dict[str, int]]:
    found = []
    for tree, targets, _ in align([text], RIGHT).trees:
        spans = [" ".join(tree.words[start:end]) for start, end in tree.spans()]
        found.append(
            {span: int(row.argmax()) for span, row in zip(spans, targets, strict=True) if row.any()}
        )
    return found


def test_a_part_and_the_same_with_punctuation() -> None:
    text = TargetText("So isn't bad .", (SpanTarget(3, 12, target_of_class(3)),))
    assert labels(text) == [{"is n't bad .": 3}]


def test_the_whole_of_one_sentence_is_its_root() -> None:
    assert labels(TargetText.whole("(Terrible)", target_of_class(0))) == [
        {"terrible": 0, "terrible .": 0}
    ]


def test_the_whole_of_several_sentences_is_a_tree_of_them_all() -> None:
    whole = SpanTarget(0, 32, target_of_class(3))
    second = SpanTarget(10, 22, target_of_class(4))
    text = TargetText("It rains. I like that. So it is.", (whole, second))
    [found] = align([text], RIGHT).trees
    assert labels(text) == [
        {"I like that .": 4, "It rains . I like that . So it is .": 3},
    ]
    merged = Tree(
        ("It", "rains", ".", "I", "like", "that", ".", "So", "it", "is", "."),
        ((1, 2), (0, 11), (5, 6), (4, 13), (3, 14), (12, 15), (9, 10), (8, 17), (7, 18), (16, 19)),
    )
    assert found.tree == merged
    assert align([text], RIGHT).aligned == 2


@given(st.lists(st.integers(1, 4), min_size=1, max_size=5))
def test_joined_trees_keep_their_phrases_and_targets(sizes: list[int]) -> None:
    trees = [
        RIGHT.parse([tuple(f"{number}.{word}" for word in range(size))])[0]
        for number, size in enumerate(sizes)
    ]
    targets = [
        np.random.default_rng(size).random((tree.num_nodes, 5), np.float32)
        for size, tree in zip(sizes, trees, strict=True)
    ]
    whole = joined(trees, targets)

    def phrases(tree: Tree, rows: np.ndarray) -> set[tuple[str, ...]]:
        spans = tree.spans()
        return {
            (*tree.words[start:end], str(row.tolist()))
            for (start, end), row in zip(spans, rows, strict=True)
            if row.any()
        }

    expected = set().union(*map(phrases, trees, targets))
    assert phrases(whole.tree, whole.targets) == expected
    assert whole.tree.num_nodes == sum(tree.num_nodes for tree in trees) + len(trees) - 1
    assert whole.tree.spans()[-1] == (0, sum(sizes))
    assert all(child < whole.tree.num_nodes for each in whole.tree.children for child in each)


def test_what_is_no_phrase_is_left_out_and_counted() -> None:
    crossing = SpanTarget(0, 6, target_of_class(1))
    part_of_a_word = SpanTarget(1, 4, target_of_class(1))
    text = TargetText("a very good film", (crossing, part_of_a_word))
    alignment = align([text], RIGHT)
    assert (alignment.trees, alignment.aligned, alignment.parts) == ([], 0, 2)


def test_a_part_keeps_its_label_beside_that_of_the_whole() -> None:
    part, whole = SpanTarget(0, 4, target_of_class(4)), SpanTarget(0, 5, target_of_class(1))
    assert labels(TargetText("Good.", (part, whole))) == [{"good": 4, "good .": 1}]


def test_texts_of_links_alone_have_no_tree() -> None:
    assert align([TargetText.whole("https://a.example/b", target_of_class(4))], RIGHT).trees == []


def test_sets_of_classes_stay_sets() -> None:
    text = TargetText.whole("It works", target_of_classes((3, 4)))
    [tree] = align([text], RIGHT).trees
    assert tree.targets[tree.tree.root].tolist() == [0, 0, 0, 1, 1]


def test_links_that_are_not_read_do_not_shift_labels() -> None:
    start = len("@ann http://a.example it is ")
    text = TargetText(
        "@ann http://a.example it is good", (SpanTarget(start, start + 4, target_of_class(3)),)
    )
    assert labels(text) == [{"good": 3}]


def test_a_text_without_an_opinion_is_no_label_that_was_left_out() -> None:
    texts = [
        TargetText.whole("A film.", NO_TARGET),
        TargetText.whole("A film.", target_of_class(2)),
    ]
    alignment = align(texts, RIGHT)
    assert (len(alignment.trees), alignment.aligned, alignment.parts) == (1, 1, 1)
