"""Trees of any shape with any words, and a tree as CoreNLP prints it."""

import re

from hypothesis import strategies as st

from treernn.types import Tree

CORENLP = """(ROOT|sentiment=1|prob=0.280
  (NP|sentiment=2|prob=0.971 (PRP$|sentiment=2|prob=0.995 Your) (NN|sentiment=2|prob=0.986 service))
  (@S|sentiment=1|prob=0.328 (VP|sentiment=1|prob=0,463 sucks) (.|sentiment=2|prob=0.997 .)))
"""
SERVICE = Tree(("Your", "service", "sucks", "."), ((0, 1), (2, 3), (4, 5)), (2, 2, 1, 2, 2, 1, 1))

# Words that are likely to collide with the escapes, and others.
WORDS = st.one_of(
    st.lists(
        st.sampled_from(
            ["(", ")", "[", "}", "/", "*", "\\", "-", "LRB", "-RCB-", "a", "\xa0", "\ufeff"]
        ),
        min_size=1,
        max_size=6,
    ).map("".join),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=6),
).filter(lambda word: word == word.strip() and not re.search("[ \t\n\r\f\v]", word) and word)


@st.composite
def trees(draw: st.DrawFn, words: st.SearchStrategy[str] = WORDS) -> Tree:
    """Random trees with unary and n-ary nodes, inner nodes in post-order."""
    leaves = draw(st.lists(words, min_size=1, max_size=8))
    stack: list[int] = []
    children: list[tuple[int, ...]] = []

    def merge(arity: int) -> None:
        below = tuple(stack[-arity:])
        del stack[-arity:]
        children.append(below)
        stack.append(len(leaves) + len(children) - 1)

    for leaf in range(len(leaves)):
        stack.append(leaf)
        for arity in draw(st.lists(st.integers(1, 4), max_size=3)):
            if arity <= len(stack):
                merge(arity)
    if len(stack) > 1:
        merge(len(stack))
    count = len(leaves) + len(children)
    labels = draw(st.lists(st.integers(-1, 4), min_size=count, max_size=count))
    return Tree(tuple(leaves), tuple(children), tuple(labels) if max(labels) >= 0 else ())
