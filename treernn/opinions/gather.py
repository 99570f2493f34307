"""The second look at all reviews, once it is known which aspects, groups and times there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappush, heapreplace
from math import sqrt

from treernn.opinions.findings import Disagreement, JudgedAspect, Ratings, Strong
from treernn.opinions.opinion import NEGATIVE, POSITIVE, Opinion, Review
from treernn.opinions.quotes import BestQuotes
from treernn.opinions.scales import Scale
from treernn.opinions.shares import Share, change

MOST_PHRASES = 20_000
QUOTES, OTHER_QUOTES, STRONGEST, DISAGREEMENTS = 4, 1, 12, 8

_EXCERPT = 300
_FEWEST_STARS_APART = 2.0
_FEW = 3
_PUNCTUATION = " \t\n.,;:!?…-–—()[]\"'*/"
_BE = frozenset("is are was were be been 's 're it it's they're".split())
_MOST_WORDS = 12  # names of an aspect that are counted


@dataclass(slots=True)
class _Judged:
    """What reviews say of an aspect."""

    reviews: int = 0
    mentions: int = 0
    praised: int = 0
    criticised: int = 0
    mixed: int = 0
    words: Counter[str] = field(default_factory=Counter)
    groups: Counter[tuple[str, bool]] = field(default_factory=Counter)
    halves: Counter[tuple[bool, int]] = field(default_factory=Counter)
    praise: BestQuotes = field(default_factory=BestQuotes)
    criticism: BestQuotes = field(default_factory=BestQuotes)


class Gathered:
    """What is gathered of all reviews.

    Args:
        aspects: the name of the aspect for each key that belongs to one.
        groups: those that are shown.
        scale: of the ratings.
        middle: the first day of the later half.
    """

    def __init__(
        self,
        aspects: Mapping[str, str],
        groups: Sequence[str] = (),
        scale: Scale | None = None,
        middle: int | None = None,
    ) -> None:
        self._aspects, self._groups, self._middle = aspects, frozenset(groups), middle
        self._judged = {name: _Judged() for name in aspects.values()}
        self.phrases = Phrases()
        self.ratings = None if scale is None else RatingSums(scale)

    def add(self, review: Review) -> None:
        """Gather what a review says."""
        if not review.counted:
            return
        about: dict[str, list[Opinion]] = {}
        for opinion in review.opinions:
            if name := self._aspects.get(opinion.key):
                about.setdefault(name, []).append(opinion)
        for name, opinions in about.items():
            self._judge(self._judged[name], review, opinions)
        for phrase in review.phrases:
            if text := _phrase(review.text[phrase.start : phrase.end]):
                self.phrases.add(text, phrase.score, review.row)
        if self.ratings is not None:
            self.ratings.add(review)

    def _judge(self, judged: _Judged, review: Review, opinions: Sequence[Opinion]) -> None:
        signs = [opinion.sign for opinion in opinions]
        total, said = sum(signs), any(signs)
        judged.reviews += 1
        judged.mentions += len(opinions)
        judged.praised += total > 0
        judged.criticised += total < 0
        judged.mixed += said and not total
        for opinion in opinions:
            word = " ".join(review.text[opinion.start : opinion.end].lower().split())
            if word in judged.words or len(judged.words) < _MOST_WORDS:
                judged.words[word] += 1
            if opinion.sign == POSITIVE:
                judged.praise.add(review, opinion)
            elif opinion.sign == NEGATIVE:
                judged.criticism.add(review, opinion)
        if total and review.group in self._groups:
            judged.groups[review.group or "", total > 0] += 1
        if said and self._middle is not None and review.day is not None:
            judged.halves[review.day >= self._middle, (total > 0) - (total < 0)] += 1

    def aspects(self) -> tuple[JudgedAspect, ...]:
        """All aspects that a review names, those of most reviews first."""
        found = [_aspect(name, judged) for name, judged in self._judged.items() if judged.reviews]
        return tuple(sorted(found, key=lambda each: (-each.reviews, each.name)))

    def of_group(self, group: str, praised: bool, most: int = 3) -> tuple[tuple[str, int], ...]:
        """The aspects that most reviews of a group praise, or criticise, with their numbers; those
        that are as often judged otherwise are left out."""
        counts = [
            (name, judged.groups[group, praised])
            for name, judged in self._judged.items()
            if judged.groups[group, praised] > judged.groups[group, not praised]
        ]
        return tuple(sorted(counts, key=lambda each: (-each[1], each[0]))[:most])


def _aspect(name: str, judged: _Judged) -> JudgedAspect:
    more_praise = judged.praised >= judged.criticised
    numbers = (QUOTES, OTHER_QUOTES) if more_praise else (OTHER_QUOTES, QUOTES)
    return JudgedAspect(
        name,
        tuple(word for word, _ in sorted(judged.words.items(), key=lambda e: (-e[1], e[0]))),
        *(judged.reviews, judged.mentions, judged.praised, judged.criticised, judged.mixed),
        praise=judged.praise.best(numbers[0]),
        criticism=judged.criticism.best(numbers[1]),
        change=certain_change(*(_half(judged.halves, later) for later in (False, True))),
    )


def _half(halves: Counter[tuple[bool, int]], later: bool) -> Share:
    return Share(halves[later, 1], sum(halves[later, sign] for sign in (-1, 0, 1)))


FEWEST_COMPARED = 10
"""Reviews of a half below which nothing is said of a change: a trend of six reviews, however
certain by the formula, is one that nobody should act on."""


def certain_change(before: Share, after: Share) -> tuple[float, float, float] | None:
    """See ``shares.change``; None where its interval has 0, or there are few reviews to compare."""
    if min(before.total, after.total) < FEWEST_COMPARED:
        return None
    found = change(before, after)
    return None if found[1] <= 0 <= found[2] else found


def _phrase(text: str) -> str:
    """A phrase as it is counted: without punctuation around it and forms of "be" before it; empty
    if only a word is left."""
    words = text.lower().strip(_PUNCTUATION).split()
    while words and words[0] in _BE:
        del words[0]
    return " ".join(words) if len(words) > 1 else ""


class Phrases:
    """Short strong phrases; of very many different ones the weakest are forgotten."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[int, float, int]] = {}

    def add(self, text: str, score: float, row: int) -> None:
        """Count a phrase."""
        count, total, first = self._found.get(text, (0, 0.0, row))
        self._found[text] = count + 1, total + score, first
        if len(self._found) > 2 * MOST_PHRASES:
            kept = sorted(self._found.items(), key=lambda each: -abs(each[1][1]))
            self._found = dict(kept[:MOST_PHRASES])

    def strongest(self, most: int = STRONGEST) -> tuple[Strong, ...]:
        """The positive ones, then the negative ones: frequent and strong ones first."""
        found = [
            Strong(text, round(total / count, 4), count, row)
            for text, (count, total, row) in self._found.items()
        ]
        found.sort(key=lambda each: (-abs(each.score) * each.count**0.5, each.text))
        good = [each for each in found if each.score > 0]
        bad = [each for each in found if each.score < 0]
        return (*_different(good, most), *_different(bad, most))


def _different(phrases: Sequence[Strong], most: int) -> list[Strong]:
    """The first ones, without those that have the words of an earlier one, or are in it."""
    chosen: list[Strong] = []
    for phrase in phrases:
        words = set(phrase.text.split())
        if all(
            len(words & (other := set(each.text.split()))) < min(len(words), len(other))
            for each in chosen
        ):
            chosen.append(phrase)
        if len(chosen) == most:
            break
    return chosen


class RatingSums:
    """Sums of ratings and verdicts.

    Args:
        scale: of the ratings; others are counted as ``outside``.
    """

    def __init__(self, scale: Scale) -> None:
        self.scale, self.outside, self.outside_rows = scale, 0, list[int]()
        self._table: dict[int, list[int]] = {}
        self._sums = [0.0] * 7  # n, x, y, xx, yy, xy, |x - y|
        self._agree = self._opposite = 0
        self._apart: list[tuple[float, int, Disagreement]] = []
        self._texts: set[str] = set()

    def add(self, review: Review) -> None:
        """Add a review that counts."""
        if review.rating is None or review.distribution is None:
            return
        rated = self.scale.stars(review.rating)
        if rated is None:
            self.outside += 1
            if len(self.outside_rows) < _FEW:
                self.outside_rows.append(review.row)
            return
        shares, classes = review.distribution, len(review.distribution)
        read = 1 + 4 * sum(n * each for n, each in enumerate(shares)) / (classes - 1)
        place = max(range(classes), key=lambda n: shares[n])
        self._table.setdefault(int(rated + 0.5), [0] * classes)[place] += 1
        theirs = (rated > 3) - (rated < 3)
        ours = (2 * place > classes - 1) - (2 * place < classes - 1)
        self._agree += theirs == ours
        self._opposite += theirs * ours < 0
        for number, term in enumerate(
            (1, rated, read, rated**2, read**2, rated * read, abs(rated - read))
        ):
            self._sums[number] += term
        self._keep(review, rated, read)

    def _keep(self, review: Review, rated: float, read: float) -> None:
        apart = abs(rated - read)
        full = len(self._apart) == DISAGREEMENTS
        if apart < _FEWEST_STARS_APART or (full and apart <= self._apart[0][0]):
            return
        text = " ".join(review.text[: 4 * _EXCERPT].split())
        text = text if len(text) <= _EXCERPT else f"{text[:_EXCERPT].rstrip()}…"
        if text in self._texts:
            return
        self._texts.add(text)
        found = Disagreement(review.row, text, float(review.rating or 0), rated, round(read, 2))
        item = (apart, -review.row, found)
        if full:
            self._texts.discard(heapreplace(self._apart, item)[2].text)
        else:
            heappush(self._apart, item)

    def ratings(self) -> Ratings | None:
        """What the sums say; None without a review."""
        n, x, y, xx, yy, xy, apart = self._sums
        if not n:
            return None
        spread = (n * xx - x * x) * (n * yy - y * y)
        return Ratings(
            str(self.scale),
            tuple((star, tuple(counts)) for star, counts in sorted(self._table.items())),
            Share(self._agree, int(n)),
            Share(self._opposite, int(n)),
            (n * xy - x * y) / sqrt(spread) if n > 2 and spread > 1e-6 else None,
            apart / n,
            tuple(found for *_, found in sorted(self._apart, reverse=True)),
        )
