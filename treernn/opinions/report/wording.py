"""What pages and Markdown say alike: numbers, and sentences about what was measured."""

from __future__ import annotations

from treernn.opinions.findings import Findings, JudgedAspect, LeftOut
from treernn.opinions.shares import Share

ACCURACY = {
    "small": {"film reviews": 90.8, "product reviews": 88.4, "pros and cons": 92.3, "tweets": 81.9},
    "medium": {
        "film reviews": 90.0,
        "product reviews": 92.2,
        "pros and cons": 93.0,
        "tweets": 82.4,
    },
    "large": {"film reviews": 89.5, "product reviews": 93.8, "pros and cons": 95.5, "tweets": 86.9},
}
"""Of the included models, negative against positive, in %: those of docs/models.md."""

TARGET_ACCURACY = {"small": (78.6, 80.2), "medium": (81.2, 86.0), "large": (83.0, 91.4)}
"""Of the same, negative, neutral and positive toward what is named, in %: restaurant sentences that
praise and blame, and features of products; those of docs/targets.md."""


def percent(value: float) -> str:
    """A share in whole per cent, which says when there are some but fewer than half a per cent.

    >>> percent(0.123), percent(0.001), percent(0.0), percent(0.999)
    ('12 %', '<1 %', '0 %', '>99 %')
    """
    if 0 < value < 0.005:
        return "<1 %"
    return ">99 %" if 0.995 < value < 1 else f"{100 * value:.0f} %"


def interval(share: Share) -> str:
    """The interval of a share.

    >>> interval(Share(8, 10))
    '49 to 94 %'
    """
    low, high = share.interval()
    return f"{100 * low:.0f} to {100 * high:.0f} %"


def number(count: int, what: str, many: str = "") -> str:
    """A number of things.

    >>> number(1, "review"), number(2_000, "review")
    ('1 review', '2,000 reviews')
    """
    return f"{count:,} {what if count == 1 else many or what + 's'}"


def points(change: tuple[float, float, float]) -> str:
    """A change of a share, in points with a sign.

    >>> points((-0.12, -0.17, -0.071))
    '−12 points (−17 to −7)'
    """
    value, low, high = (f"{100 * each:+.0f}".replace("-", "−") for each in change)
    return f"{value} points ({low} to {high})"


def judged(aspect: JudgedAspect) -> str:
    """How many reviews praise and criticise an aspect."""
    share = aspect.share
    return (
        f"Of {number(aspect.reviews, 'review')} that name it, {aspect.praised:,} praise and "
        f"{aspect.criticised:,} criticise it: {percent(share.value)} praise ({interval(share)})."
    )


def trend(findings: Findings) -> str:
    """Whether it is getting better or worse; empty without dates."""
    if not findings.periods:
        return ""
    if sum(sum(period.counts) for period in findings.periods) < 2:
        return "Only one review has a date: nothing can be said about a change."
    if findings.change is None:
        return (
            "Between the earlier and the later half of the reviews, the share of positive ones "
            "did not change by more than chance explains."
        )
    better = "better" if findings.change[0] > 0 else "worse"
    return (
        f"It is getting {better}: from the earlier to the later half of the reviews, the share of "
        f"positive ones changed by {points(findings.change)}."
    )


def agreement(findings: Findings) -> str:
    """How the verdicts agree with the ratings; empty without ratings."""
    ratings = findings.ratings
    if ratings is None:
        return ""
    scale = "" if ratings.scale == "1 to 5" else ", read as 1 to 5 stars (below 3 is negative)"
    correlation = "" if ratings.correlation is None else f" Correlation {ratings.correlation:.2f}."
    return (
        f"Of {number(ratings.agree.total, 'review')} with a rating from {ratings.scale}{scale}, "
        f"{percent(ratings.agree.value)} ({interval(ratings.agree)}) are read as they are rated: "
        f"negative, neutral or positive. {percent(ratings.opposite.value)} are read as the "
        f"opposite.{correlation} Mean difference {ratings.difference:.1f} stars."
    )


def certainty(findings: Findings) -> list[str]:
    """How sure the figures are, in sentences."""
    said = [
        "Intervals are for chance alone (95 %, Wilson): what another sample of as many reviews "
        "might have shown. They do not cover errors of the model.",
        f"On average the model gives the class that it chose a probability of "
        f"{percent(findings.confidence)}.",
    ]
    if figures_of := ACCURACY.get(findings.model):
        figures = ", ".join(
            f"{percent(value / 100)} of {kind}" for kind, value in figures_of.items()
        )
        said.append(
            "Measured on texts that it was not trained on, the model "
            f"{findings.model} tells negative from positive in {figures}. Your texts may be of "
            "another kind: compare the ratings, and "
            "read the sentences."
        )
    if findings.targets and (known := TARGET_ACCURACY.get(findings.model)):
        said.append(
            "Whether a sentence praises, criticises or only names a thing, it gets right for "
            f"{percent(known[0] / 100)} of the things in restaurant sentences that do both, and "
            f"{percent(known[1] / 100)} of the features of a product."
        )
    if not findings.targets:
        said.append(
            f"The model {findings.model} has not learnt the sentiment toward what is named: "
            "opinions are those of the phrases around the names."
        )
    if findings.taken:
        said.append(
            "The verdicts on whole reviews are those of the file, which was scored before; the "
            f"aspects were read by {findings.model}."
        )
    said.append(
        "A review praises an aspect if it says more good than bad of it, and criticises it if "
        "more bad than good. An aspect is listed as praised if its share of praise is above that "
        "of all aspects together, otherwise as criticised."
    )
    return said


def left_out(each: LeftOut) -> str:
    """A line about rows or values that count nowhere."""
    rows = ", ".join(f"{row:,}" for row in each.rows)
    more = ", …" if each.count > len(each.rows) else ""
    where = f" (row{'s' if each.count > 1 else ''} {rows}{more})" if rows else ""
    example = f", such as “{each.example}”" if each.example else ""
    return f"{each.count:,}: {each.reason}{example}{where}"
