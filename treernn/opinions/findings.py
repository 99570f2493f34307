"""What many reviews say, as values: verdicts, aspects, and sentences that show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from treernn.opinions.shares import Share

SHOWN_ASPECTS = 10
"""Aspects on each side of a report, with their sentences."""

Counts = tuple[int, ...]
"""Of reviews for each class, from negative to positive: five, three or two of them."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of a review, with the phrase that says it.

    Attributes:
        row: number of the review's row in the table, from 1.
        text: the sentence.
        start, end: characters of the phrase in it.
        term: the words that name the aspect.
        score: of the phrase toward the aspect, from -1 to 1.
    """

    row: int
    text: str
    start: int
    end: int
    term: str
    score: float


@dataclass(frozen=True, slots=True)
class JudgedAspect:
    """Something that reviews judge. A review praises it if more of its mentions are positive than
    negative, and criticises it if fewer are.

    Attributes:
        name: what it is called here.
        words: its names in the reviews, the most frequent first.
        reviews: that name it.
        mentions: in all of them.
        praised, criticised, mixed: numbers of reviews; mixed ones do both as often.
        praise, criticism: sentences that are telling and differ.
        change: how much the share of praise has risen from the first half of the time to the
            second, with its 95 % interval; None where this cannot be told from chance.
    """

    name: str
    words: tuple[str, ...]
    reviews: int
    mentions: int
    praised: int
    criticised: int
    mixed: int
    praise: tuple[Quote, ...] = ()
    criticism: tuple[Quote, ...] = ()
    change: tuple[float, float, float] | None = None

    @property
    def share(self) -> Share:
        """The reviews that praise it, of those that judge it."""
        return Share(self.praised, self.praised + self.criticised + self.mixed)


@dataclass(frozen=True, slots=True)
class Strong:
    """A short phrase with a strong sentiment.

    Attributes:
        text: in lower case.
        score: mean of its mentions, from -1 to 1.
        count: of reviews' sentences with it.
        row: a row that has it.
    """

    text: str
    score: float
    count: int
    row: int


@dataclass(frozen=True, slots=True)
class Period:
    """A span of time.

    Attributes:
        name: for example ``2024-03``.
        start: its first day.
        counts: of the reviews by class.
    """

    name: str
    start: date
    counts: Counts


@dataclass(frozen=True, slots=True)
class Group:
    """The reviews with one value in the column of groups.

    Attributes:
        name: the value.
        counts: of its reviews by class.
        praised, criticised: names of the aspects that stand out, with the number of reviews.
    """

    name: str
    counts: Counts
    praised: tuple[tuple[str, int], ...] = ()
    criticised: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A review whose rating is far from its verdict.

    Attributes:
        row: its number.
        text: its beginning.
        rating: as it is in the table.
        rated, read: stars from 1 to 5, of its author and of the model.
    """

    row: int
    text: str
    rating: float
    rated: float
    read: float


@dataclass(frozen=True, slots=True)
class Ratings:
    """How the verdicts agree with the authors' own.

    Attributes:
        scale: of the ratings, for example ``1 to 5``.
        table: for each whole star from 1 to 5 the reviews by class.
        agree, opposite: reviews where both are negative, neutral or positive alike; and where one
            is negative and the other positive.
        correlation: of the stars (Pearson); None for fewer than three reviews, or equal ones.
        difference: mean absolute, in stars.
        disagreements: those that differ most.
    """

    scale: str
    table: tuple[tuple[int, Counts], ...]
    agree: Share
    opposite: Share
    correlation: float | None
    difference: float
    disagreements: tuple[Disagreement, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows or values that count nowhere.

    Attributes:
        reason: why.
        count: how many.
        rows: the first of them.
        example: a value that could not be read, or empty.
    """

    reason: str
    count: int
    rows: tuple[int, ...] = ()
    example: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """What many reviews say.

    Attributes:
        title: of the reviews.
        model: that read them, for example ``small``.
        taken: whether the verdicts are those of the table, which was scored already.
        targets: whether the model has learnt the sentiment toward what a sentence names; if not, it
            is that of the phrase around it.
        rows: of the table.
        counts: of the reviews by class.
        confidence: the mean probability of the classes that were chosen.
        aspects: those with most reviews first.
        strongest: short phrases, the most positive and the most negative ones.
        periods, groups, ratings: where columns for them were given.
        change: how much the share of positive reviews has risen from the first half of the time to
            the second, with its 95 % interval.
        left_out: what counts nowhere, and why.
        quoted: the texts of the reviews that are quoted, by row; long ones in part.
    """

    title: str
    model: str
    taken: bool
    targets: bool
    rows: int
    counts: Counts
    confidence: float
    aspects: tuple[JudgedAspect, ...] = ()
    strongest: tuple[Strong, ...] = ()
    periods: tuple[Period, ...] = ()
    groups: tuple[Group, ...] = ()
    ratings: Ratings | None = None
    change: tuple[float, float, float] | None = None
    left_out: tuple[LeftOut, ...] = ()
    quoted: tuple[tuple[int, str], ...] = ()

    @property
    def reviews(self) -> int:
        """Number of the reviews that count."""
        return sum(self.counts)

    @property
    def negative(self) -> Share:
        """The negative and very negative reviews, of all."""
        return Share(sum(self.counts[: len(self.counts) // 2]), self.reviews)

    @property
    def positive(self) -> Share:
        """The positive and very positive reviews, of all."""
        return Share(sum(self.counts[-(len(self.counts) // 2) :]), self.reviews)

    @property
    def praised(self) -> tuple[JudgedAspect, ...]:
        """The aspects that stand out by praise, those that most reviews praise first: with a larger
        share of praise than all aspects together."""
        usual = self._usual_share()
        found = [each for each in self.aspects if each.praised and each.share.value >= usual]
        return tuple(sorted(found, key=lambda each: (-each.praised, each.name)))

    @property
    def criticised(self) -> tuple[JudgedAspect, ...]:
        """The other aspects, those that most reviews criticise first."""
        usual = self._usual_share()
        found = [each for each in self.aspects if each.criticised and each.share.value < usual]
        return tuple(sorted(found, key=lambda each: (-each.criticised, each.name)))

    def _usual_share(self) -> float:
        judged = sum(each.share.total for each in self.aspects)
        # Where there is nothing but praise, nothing stands out by it.
        return min(sum(each.praised for each in self.aspects) / judged if judged else 0.0, 0.999)
