"""Which child of a phrase is its head.

The table is that of Michael Collins (1999), "Head-Driven Statistical Models for Natural Language
Parsing", appendix A, with the changes that Stanford CoreNLP makes for the binary trees that its
sentiment model sees: its annotator ``BinarizerAnnotator`` takes the head finder of
``EnglishTreebankParserParams``, which is ``ModCollinsHeadFinder``. They are, as its documentation
lists them: punctuation is no head where there is anything else; ``IN`` heads no ``S``, ``FRAG``
may; ``NN`` goes before ``QP`` in ``ADJP``; ``QP`` prefers ``CD`` and knows ``PDT``; ``NP`` also
takes ``PRP``, ``DT``, ``WDT``, ``RBR``, and ``NX`` and ``NML`` are like it; ``VP`` takes ``JJ``
before ``NP``, and at last ``NNP``; ``PP`` takes ``JJ`` and ``PP``; ``X`` has a rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

# Each rule: where to begin, then categories. "left" and "right" look for the first category among
# all children from that side, then for the second, and so on; "rightmost" takes the last child
# that has any of them. When all rules fail, the first or last child, as the last rule begins.
_NOUNS = (
    "rightmost NN NNP NNPS NNS NML NX POS JJR",
    "left NP PRP",
    "rightmost $ ADJP PRN",
    "right CD",
    "rightmost JJ JJS RB QP DT WDT RBR",
)
_TABLE = {
    "ADJP": ("left NNS NN QP $ ADVP JJ VBN VBG ADJP JJR NP JJS DT FW RBR RBS SBAR RB",),
    "ADVP": ("right RB RBR RBS FW ADVP TO CD JJR JJ IN NP JJS NN",),
    "CONJP": ("right CC RB IN",),
    "FRAG": ("right",),
    "INTJ": ("left",),
    "LST": ("right LS :",),
    "NAC": ("left NN NNS NNP NNPS NP NAC EX $ CD QP PRP VBG JJ JJS JJR ADJP FW",),
    "NML": _NOUNS,
    "NP": _NOUNS,
    "NX": _NOUNS,
    "PP": ("right IN TO VBG VBN RP FW JJ", "left PP"),
    "PRN": ("left",),
    "PRT": ("right RP",),
    "QP": ("left $ IN NNS NN JJ CD PDT DT RB NCD QP JJR JJS",),
    "RRC": ("right VP NP ADVP ADJP PP",),
    "S": ("left TO VP S FRAG SBAR ADJP UCP NP",),
    "SBAR": ("left WHNP WHPP WHADVP WHADJP IN DT S SQ SINV SBAR FRAG",),
    "SBARQ": ("left SQ S SINV SBARQ FRAG",),
    "SINV": ("left VBZ VBD VBP VB MD VP S SINV ADJP NP",),
    "SQ": ("left VBZ VBD VBP VB MD VP SQ",),
    "UCP": ("right",),
    "VP": ("left TO VBD VBN MD VBZ VB VBG VBP VP ADJP NN NNS JJ NP NNP",),
    "WHADJP": ("left CC WRB JJ ADJP",),
    "WHADVP": ("right CC WRB",),
    "WHNP": ("left WDT WP WP$ WHADJP WHPP WHNP",),
    "WHPP": ("right IN TO FW",),
    "X": ("right S VP ADJP NP SBAR PP X",),
}
_RULES = {
    category: tuple((side, tuple(wanted)) for side, *wanted in map(str.split, rules))
    for category, rules in _TABLE.items()
}
_UNKNOWN = (("left", ()),)
PUNCTUATION = frozenset({"''", "``", ",", ".", ":", "-LRB-", "-RRB-"})


@lru_cache(maxsize=4096)
def basic(category: str) -> str:
    """A category or tag without what treebanks append to it.

    >>> basic("NP-SBJ-1"), basic("PRT|ADVP"), basic("-LRB-"), basic("$")
    ('NP', 'PRT', '-LRB-', '$')
    """
    if category.startswith("-"):
        return category
    ends = (place for sign in "-=|#^~_" if (place := category.find(sign, 1)) > 0)
    return category[: min(ends, default=len(category))]


def collins_head(category: str, children: Sequence[str]) -> int:
    """The place of the head among the children of a phrase.

    A category without rules takes its first child.

    Args:
        category: of the phrase.
        children: their categories or tags, at least one.

    >>> collins_head("VP", ["VBZ", "ADJP-PRD"]), collins_head("NP", ["DT", "NN", "CC", "NN"])
    (0, 1)
    """
    names = [basic(child) for child in children]
    rules = _RULES.get(basic(category), _UNKNOWN)
    for side, wanted in rules:
        if (head := _find(side, wanted, names)) is not None:
            return _first_conjunct(head, names)
    places = range(len(names))
    if rules[-1][0] != "left":
        places = places[::-1]
    return next((place for place in places if names[place] not in PUNCTUATION), places[0])


def _find(side: str, wanted: Sequence[str], names: Sequence[str]) -> int | None:
    places = range(len(names)) if side == "left" else range(len(names) - 1, -1, -1)
    if side == "rightmost":
        return next((place for place in places if names[place] in wanted), None)
    return next((place for name in wanted for place in places if names[place] == name), None)


def _first_conjunct(head: int, names: Sequence[str]) -> int:
    """What stands before the conjunction when the head stands behind it (Collins 1999, A.3)."""
    if head < 2 or names[head - 1] not in ("CC", "CONJP"):
        return head
    before = range(head - 2, -1, -1)
    return next((place for place in before if names[place] not in PUNCTUATION), head)
