"""Denials: "Not.", "Just kidding." and "It isn't." after what somebody else says."""

from __future__ import annotations

from treernn.scoring.context.answers import answer, elliptical
from treernn.scoring.context.said import AUXILIARIES, NEGATIVES, PRONOUNS, Said, phrases

MIN_DENIED = 0.2
"""Mean class from which an opinion can be denied."""

_NOT = phrases("not, not really, nope, not at all, yeah right, as if, /s, not even close")
_KIDDING = phrases(
    "kidding, just kidding, only kidding, i 'm kidding, i 'm just kidding, jk, j/k, psych, psyche, "
    "sike, said no one, said nobody, says no one, said nobody ever, oh wait, just joking, sarcasm"
)
_MOST_WORDS = 6
_LAST = frozenset(("not", "kidding", "jk"))
_PUNCTUATION = frozenset((",", "-", "--", "...", "(", "!", ".", ";", "[", "``", "/", "…"))

_VOICES = frozenset(
    """
    everyone everybody people critics they some many most others reviewers reviews friends friend
    wife husband mother father mom dad kids girlfriend boyfriend fans someone somebody she he
    audiences
    """.split()
)
_VIEWS = frozenset(
    """
    say says said saying call calls called think thinks thought love loves loved like likes liked
    hate hates hated recommend recommends recommended praise praised claim claims claimed insist
    insists insisted believe believes tell tells told rave raved enjoyed adore adored find found
    """.split()
)
_EXPECTED = phrases("i thought, i expected, i assumed, i heard, i was told, i believed, i feared")
_WRONG = frozenset("disagree disagreed differ wrong false mistaken untrue".split())
_AGREED = frozenset("agree agreed true convinced right".split())
_LIGHT = frozenset("beg to with them that so strongly completely totally all very is are".split())


def denies(said: Said, before: Said) -> bool:
    """Whether a sentence takes back the one before it."""
    strong = abs(before.mean) >= MIN_DENIED
    if said.words in _NOT:
        return before.mean >= MIN_DENIED
    if said.starts(_KIDDING) and len(said.words) <= _MOST_WORDS:
        return strong
    return strong and _contradicts(said) and is_voice(before)


def takes_back(said: Said) -> bool:
    """Whether it begins with "just kidding" and goes on: "Just kidding, I loved it."."""
    return said.starts(_KIDDING) and len(said.words) > len(("oh", "wait"))


def denies_itself(said: Said) -> bool:
    """Whether "not" stands at the end, after punctuation: "It was great, not!"."""
    if _LAST.isdisjoint(said.lower):  # mostly, and quicker
        return False
    texts = list(said.texts)
    while texts and not any(map(str.isalnum, texts[-1])):
        texts.pop()
    if texts[-2:-1] == ["just"]:
        del texts[-2]
    return (
        len(texts) > 3
        and texts[-1] in _LAST
        and texts[-2] in _PUNCTUATION
        and max(said.mean, said.strongest_word(NEGATIVES)[1]) >= MIN_DENIED
        and not said.is_question
    )


def is_voice(said: Said) -> bool:
    """Whether it tells what others say or like, or what was expected."""
    if said.starts(_EXPECTED):
        return True
    first = said.words[:4]
    return (
        not _VOICES.isdisjoint(first)
        and "i" not in first
        and not _VIEWS.isdisjoint(said.words[1:6])
    )


def _contradicts(said: Said) -> bool:
    """ "It isn't.", "I did not.", "I disagree.", "They are wrong."."""
    words = said.words
    wrong = not _WRONG.isdisjoint(words)
    rest = [word for word in words if word not in _WRONG and word not in _AGREED]
    short = all(
        any(word in table for table in (NEGATIVES, PRONOUNS, AUXILIARIES, _LIGHT)) for word in rest
    )
    negated = not NEGATIVES.isdisjoint(words)
    if len(words) > _MOST_WORDS or not words:
        return False
    if short and wrong != negated:
        return True
    return answer(said) == -1 and (elliptical(words) or words[0] in NEGATIVES)
