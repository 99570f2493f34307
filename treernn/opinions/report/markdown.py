"""The summary in Markdown. What reviews say is text: marks that mean something are escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from treernn.classes import names
from treernn.opinions.findings import SHOWN_ASPECTS, Findings, JudgedAspect, Quote
from treernn.opinions.report import wording
from treernn.opinions.report.wording import number, percent
from treernn.printing import printable, visible

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&:=@$^\"'])")
_WORDS = re.compile(
    r"(?<=\w)\\([-.'])(?=\w)|\\([.'!:,()])(?=\s|$)|(?<=\s)\\(\()(?=\w)|(?<=\w)\\(\))(?=\\:\s)"
)


def markdown_of(findings: Findings) -> str:
    """The whole findings."""
    return "\n".join(_lines(findings)) + "\n"


def text(content: str) -> str:
    r"""Text on one line that no reader of Markdown or HTML takes for more.

    >>> print(text("<b>*so*</b> [x](y) | well-made."))
    \<b\>\*so\*\</b\> \[x\]\(y) \| well-made.
    >>> print(text("for chance (95 %, Wilson): small"))
    for chance (95 %, Wilson): small
    """
    return _WORDS.sub(r"\1\2\3\4", _MARKS.sub(r"\\\1", printable(content)))


def _lines(findings: Findings) -> Iterator[str]:
    rows = "" if findings.rows == findings.reviews else f" of {number(findings.rows, 'row')}"
    model = text(findings.model)
    yield f"# {text(findings.title) or 'Reviews'}"
    yield ""
    yield (
        f"{number(findings.reviews, 'review')}{rows}, read by treernn, model {model}: "
        f"{percent(findings.positive.value)} positive ({wording.interval(findings.positive)}), "
        f"{percent(findings.negative.value)} negative ({wording.interval(findings.negative)})."
    )
    for said in filter(None, (wording.trend(findings), wording.agreement(findings))):
        yield from ("", said)
    classes = names(len(findings.counts) or 5)
    if findings.reviews:
        shares = [percent(count / findings.reviews) for count in findings.counts]
        yield from _table(classes, [[f"{c:,}" for c in findings.counts], shares])
    for heading, found in (("Periods", findings.periods), ("Groups", findings.groups)):
        if found:
            yield from ("", f"## {heading}")
            rows_of = [[text(e.name), *(f"{c:,}" for c in e.counts)] for e in found]
            yield from _table((heading[:-1].lower(), *classes), rows_of)
    for heading, side, aspects in (
        ("Most praised", True, findings.praised[:SHOWN_ASPECTS]),
        ("Most criticised", False, findings.criticised[:SHOWN_ASPECTS]),
    ):
        yield from ("", f"## {heading}")
        if not aspects:
            yield from ("", "Nothing stands out.")
        for aspect in aspects:
            yield from _aspect(aspect, side)
    if findings.strongest:
        yield from ("", "## The strongest phrases", "")
        for each in findings.strongest:
            sign = "+" if each.score > 0 else "−"
            yield f"- {sign} {text(each.text)} ({number(each.count, 'time')}, row {each.row:,})"
    if findings.ratings is not None and findings.ratings.disagreements:
        yield from ("", "## Where ratings and verdicts disagree most", "")
        for apart in findings.ratings.disagreements:
            yield (
                f"- Row {apart.row:,}: rated {apart.rating:g}, read as {apart.read:.1f} stars. "
                f"{text(apart.text)}"
            )
    yield from ("", "## How sure is this?", "")
    yield from (f"- {text(each)}" for each in wording.certainty(findings))
    yield from (f"- Left out: {text(wording.left_out(each))}" for each in findings.left_out)


def _aspect(aspect: JudgedAspect, praised: bool) -> Iterator[str]:
    yield from ("", f"### {text(aspect.name)}", "", wording.judged(aspect))
    quotes = (aspect.praise, aspect.criticism) if praised else (aspect.criticism, aspect.praise)
    if any(quotes):
        yield ""
        yield from map(_quote, (*quotes[0], *quotes[1]))


def _quote(quote: Quote) -> str:
    before, phrase, after = (
        visible(part)
        for part in (
            quote.text[: quote.start],
            quote.text[quote.start : quote.end],
            quote.text[quote.end :],
        )
    )
    pieces = [text(before), f"**{text(phrase)}**", text(after)]
    spaces = ["", " " * before.endswith(" "), " " * after.startswith(" ")]
    quoted = "".join(space + piece for space, piece in zip(spaces, pieces, strict=True))
    sign = "+" if quote.score > 0 else "−"
    return f"- {sign} {quoted} (row {quote.row:,})"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    head = [*head]
    yield ""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
