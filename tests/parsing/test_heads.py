import pytest

from treernn.parsing.heads import basic_category, collins_head


@pytest.mark.parametrize(
    ("category", "children", "head"),
    [
        # The examples of Collins (1999), section 2.2 and appendix A.
        ("S", "NP NP VP", 2),
        ("VP", "VBD NP PP", 0),
        ("NP", "DT JJ NN", 2),
        ("NP", "NP PP", 0),
        ("PP", "IN NP", 0),
        ("NP", "NNP NNP POS", 2),
        ("SBAR", "IN S", 0),
        ("ADVP", "RB RB", 1),
        # The last category of a list counts before a better one farther on, where position does.
        ("NP", "NN NN NP", 1),
        ("NP", "NP , NP", 0),
        ("QP", "RB $ CD CD", 1),
        ("WHNP", "WP$ NN", 0),
        # Coordination: the first conjunct, over punctuation.
        ("NP", "NN CC NN", 0),
        ("NP", "NN , CC NN", 0),
        ("NP", "CC NN", 1),
        ("VP", "VP CC VP", 0),
        # What CoreNLP changes.
        ("S", "IN NP VP", 2),
        ("ADJP", "QP NN", 1),
        ("NP", "DT PRP", 1),
        ("NX", "DT NN", 1),
        ("PP", "PP CC PP", 0),
        ("VP", "RB JJ NP", 1),
        ("X", "SYM NP", 1),
        ("PRN", "-LRB- NP -RRB-", 1),
        ("FRAG", "NP .", 0),
        ("INTJ", ", UH", 1),
        # Functional tags and what is unknown.
        ("NP-SBJ-1", "NP-TMP=2 PP-LOC", 0),
        ("FOO", "`` A B", 1),
        ("", ". ''", 0),
        ("UCP", "NP CC ADJP .", 2),
    ],
)
def test_heads(category, children, head):
    assert collins_head(category, children.split()) == head


def test_basic_categories():
    names = ["NP-SBJ-1", "NP=2", "PRT|ADVP", "-NONE-", "-LRB-", "$", "#", "PRP$", "", "S"]
    assert [*map(basic_category, names)] == [
        "NP", "NP", "PRT", "-NONE-", "-LRB-", "$", "#", "PRP$", "", "S",
    ]  # fmt: skip
