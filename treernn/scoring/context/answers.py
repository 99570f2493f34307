"""Yes and no: what a bare answer says about what its question asks.

The question is read as a claim: what it would mean if the answer were yes. So "Isn't it great?" and
"Is it great?" are the same claim, and "Could it be any better?" is one against the film.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise

from treernn.scoring.context.said import AUXILIARIES, NEGATIVES, PRONOUNS, TROUBLES, Said, phrases

MIN_ASKED = 0.5
"""Mean class from which a question is one of opinion."""

MIN_WORD, MIN_WITH_WORD = 0.8, 0.2
"""A question of less is one of opinion too if it has a word of the first mean class, and itself the
second: "Did it do any good?" Questions of what something is need the word alone: "Is it good?"."""

MIN_URGED = 0.25
"""As MIN_WORD, for questions that want a yes: "Isn't it ...?"."""

_YES = frozenset("yes yep yeah yup yea yay y".split())
_SURELY = frozenset("absolutely definitely certainly totally sure surely indeed".split())
_SURE_PHRASES = phrases(
    "of course, you bet, very much, without a doubt, without doubt, in a heartbeat, think so, "
    "guess so"
)
_NO_DOUBT = phrases("no doubt, no question, no doubt about it")
_FAR = phrases("far from it, as if, fat chance")
# Of these, the words above, pronouns and auxiliaries a bare answer consists.
_LIGHT = frozenset(
    """
    um uh uhm er erm hmm hm mm well oh ooh ah god hell heck gosh lord goodness boy man dear lol haha
    ha ok okay sadly unfortunately alas sorry honestly frankly personally fortunately thankfully
    luckily happily imo imho obviously actually simply just a answer afraid think guess suppose
    believe say so for me at all really quite exactly even close much very bit one the in slightest
    least by any means of course chance way thanks thank sir ma'am madam again ever once and to
    honest my opinion life yet anymore particularly especially likely doubt question without
    heartbeat bet 100 far from as if fat single god's
    """.split()
)
_MOST_WORDS = 8

_BE = frozenset("is are was were".split())
_WH = frozenset("who whom whose what what's when where why how which".split())
_VERDICTS = frozenset(
    """
    worth worthwhile recommend recommended again enjoy enjoyed satisfied happy pleased impressed
    bother rewatch entertained laugh laughed care cared hype expectations well deliver
    """.split()
)
_LIKING, _DOING = frozenset("like liked love loved".split()), frozenset("do does did would".split())
_ACTS = frozenset(
    "buy bought return watch watched see seen go come read rent order visit use".split()
)
_WOULD = frozenset("would will wo should".split())

# Words that models take for an opinion, but that ask for a fact.
_NO_OPINION = NEGATIVES | frozenset(
    """
    horror comedy war crime tragedy love-story new free true real win won romance animated
    """.split()
)

_MORE = frozenset("better worse more less".split())
_SUCH = frozenset("so such as".split())


def answer(said: Said) -> int:
    """1 for a bare yes, -1 for a bare no, 0 for anything else."""
    words = said.words
    if not words or len(words) > _MOST_WORDS:
        return 0
    known = (_LIGHT, _YES, _SURELY, NEGATIVES, PRONOUNS, AUXILIARIES)
    if not all(any(word in table for table in known) for word in words):
        return 0
    if words in _NO_DOUBT:
        return 1
    yes = not _YES.isdisjoint(words)
    if not NEGATIVES.isdisjoint(words) or words in _FAR:
        return 0 if yes else -1
    if yes or not _SURELY.isdisjoint(words) or _has(words, _SURE_PHRASES):
        return 1
    return int(elliptical(words))


def elliptical(words: tuple[str, ...]) -> bool:
    """Whether it has a pronoun and an auxiliary after it, as "It is" and "I did not"."""
    return any(one in PRONOUNS and two in AUXILIARIES for one, two in pairwise(words))


def claim(question: Said) -> float | None:
    """The mean class if the answer were yes, 0 without an opinion; None if it asks no yes or no."""
    words, asked = question.words, abs(question.mean)
    labelled = len(words) > 1 and words[0] in ("q", "question")
    words = words[labelled:]
    if not words or words[0] in _WH:
        return None
    word, value = question.strongest_word(_NO_OPINION)
    negated = "n't" in words or "not" in words
    has_word = abs(value) >= (MIN_URGED if negated else MIN_WORD)
    compares = _compares(words, word)
    what_it_is = words[0] in _BE
    if has_word and (asked >= MIN_WITH_WORD or labelled or compares or what_it_is):
        sign = _sign(value)
    elif not TROUBLES.isdisjoint(words):
        sign = -1
    elif _asks_verdict(frozenset(words)) or (words[0] in ("does", "did") and "work" in words):
        sign = 1
    elif asked >= MIN_ASKED:
        sign = _sign(question.mean) * (-1 if negated else 1)
    else:
        return 0.0
    if compares:
        sign *= 1 if "less" in words else -1
    return sign * max(asked, 1.0)


def _asks_verdict(words: frozenset[str]) -> bool:
    def both(one: frozenset[str], other: frozenset[str]) -> bool:
        return not words.isdisjoint(one) and not words.isdisjoint(other)

    return not words.isdisjoint(_VERDICTS) or both(_LIKING, _DOING) or both(_ACTS, _WOULD)


def _compares(words: tuple[str, ...], strongest: str) -> bool:
    """Whether it asks if anything could be better, or worse, or was ever so."""
    more = not _MORE.isdisjoint(words) or strongest.endswith("er")
    if "ever" in words:
        return more or not _SUCH.isdisjoint(words)
    asks_any = (
        words[0] in ("could", "can") or words[:2] == ("have", "i") or words[1:2] == ("there",)
    )
    return more and asks_any


def _has(words: tuple[str, ...], table: Collection[tuple[str, ...]]) -> bool:
    return any(
        words[start : start + len(phrase)] == phrase
        for phrase in table
        for start in range(len(words))
    )


def _sign(value: float) -> int:
    return 1 if value > 0 else -1
