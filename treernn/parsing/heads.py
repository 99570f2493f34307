"""Find the head child of a phrase.

The rules are those of Collins (1999), "Head-Driven Statistical Models for Natural Language
Parsing", appendix A, with the changes of Stanford CoreNLP's ``ModCollinsHeadFinder``, which its
``BinarizerAnnotator`` uses for the trees of its sentiment model. According to its documentation:
punctuation is a head only if there is nothing else; ``IN`` is no head of ``S``, but ``FRAG`` may
be; in ``ADJP``, ``NN`` comes before ``QP``; ``QP`` prefers ``CD`` and has ``PDT``; ``NP`` also has
``PRP``, ``DT``, ``WDT`` and ``RBR``, and ``NX`` and ``NML`` have the same rules; in ``VP``, ``JJ``
comes before ``NP``, and ``NNP`` last; ``PP`` has ``JJ`` and ``PP``; ``X`` has a rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

# Each rule is a direction and categories. "left" and "right" search all children from that side
# for the first category, then for the second, and so on; "rightmost" takes the last child of any of
# the categories. If no rule applies, the head is the first or last child, by the direction of the
# last rule.
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
_DEFAULT = (("left", ()),)
PUNCTUATION = frozenset({"''", "``", ",", ".", ":", "-LRB-", "-RRB-"})


@lru_cache(maxsize=4096)
def basic_category(category: str) -> str:
    """Remove functional tags and indices from a category or tag.

    >>> [basic_category(name) for name in ("NP-SBJ-1", "PRT|ADVP", "-LRB-", "$")]
    ['NP', 'PRT', '-LRB-', '$']
    """
    if category.startswith("-"):
        return category
    ends = (place for sign in "-=|#^~_" if (place := category.find(sign, 1)) > 0)
    return category[: min(ends, default=len(category))]


def collins_head(category: str, children: Sequence[str]) -> int:
    """Find the head child of a phrase. The head of an unknown category is its first child.

    Args:
        category: category of the phrase.
        children: categories or tags of its children, at least one.

    Returns:
        The index of the head.

    >>> collins_head("VP", ["VBZ", "ADJP-PRD"]), collins_head("NP", ["DT", "NN", "CC", "NN"])
    (0, 1)
    """
    names = [basic_category(child) for child in children]
    rules = _RULES.get(basic_category(category), _DEFAULT)
    for direction, wanted in rules:
        candidates = range(len(names))[:: 1 if direction == "left" else -1]
        groups = [wanted] if direction == "rightmost" else [(name,) for name in wanted]
        heads = (i for group in groups for i in candidates if names[i] in group)
        if (head := next(heads, None)) is not None:
            break
    else:
        return next((i for i in candidates if names[i] not in PUNCTUATION), candidates[0])
    if head < 2 or names[head - 1] not in ("CC", "CONJP"):
        return head
    # In a coordination, the head is the conjunct before the conjunction (Collins 1999, A.3).
    before = range(head - 2, -1, -1)
    return next((i for i in before if names[i] not in PUNCTUATION), head)
