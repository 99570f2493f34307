"""The summary as one page: for any browser and for paper, without a network and without scripts.

What reviews say is text: it is escaped, and the page's policy would stop it if it were not.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files

from treernn.classes import names
from treernn.opinions.findings import SHOWN_ASPECTS, Counts, Findings, JudgedAspect, Quote, Strong
from treernn.opinions.report import wording
from treernn.opinions.report.bars import bar, forest, legend
from treernn.opinions.report.chart import NARROW, WIDE, chart_of
from treernn.opinions.report.wording import number, percent
from treernn.printing import printable, visible
from treernn.version import __version__

_GLANCE = 5  # aspects on each side of the overview


def page_of(findings: Findings) -> str:
    """The page.

    Raises:
        MissingPackageError: there are periods, and matplotlib is not installed.
    """
    style = files(__package__).joinpath("report.css").read_text("utf-8")
    hashed = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{hashed}'; base-uri 'none'; form-action 'none'"
    title = text(printable(findings.title)[:200] or "Reviews")
    parts = [
        _head(findings, title),
        _glance(findings),
        _over_time(findings),
        _by_group(findings),
        _aspects(findings),
        _strongest(findings),
        _ratings(findings),
        _certainty(findings),
        _quoted(findings),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{title} · treernn</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(filter(None, parts))
        + "\n</main>\n</body>\n</html>\n"
    )


def text(content: str) -> str:
    """Text of a review or a table as HTML."""
    return escape(visible(content))


def _unbroken(said: str) -> str:
    """No line ends between a number and its sign."""
    return said.replace(" %", "&nbsp;%")


def _head(findings: Findings, title: str) -> str:
    rows = "" if findings.rows == findings.reviews else f" of {number(findings.rows, 'row')}"
    span = ""
    if findings.periods:
        first, last = findings.periods[0].name, findings.periods[-1].name
        span = f", {first}" if first == last else f", {first} to {last}"
    return (
        f"<header><h1>{title}</h1><p>{number(findings.reviews, 'review')}{rows}{span}. Read phrase "
        f"by phrase by treernn {__version__}, model {text(findings.model)}.</p></header>"
    )


def _glance(findings: Findings) -> str:
    if not findings.reviews:
        return '<section><h2>At a glance</h2><p class="none">No review could be read.</p></section>'
    tiles = [
        _tile(percent(findings.positive.value), "positive", wording.interval(findings.positive)),
        _tile(percent(findings.negative.value), "negative", wording.interval(findings.negative)),
    ]
    if findings.ratings is not None:
        share = findings.ratings.agree
        tiles.append(_tile(percent(share.value), "read as rated", wording.interval(share)))
    if findings.change is not None:
        value, _, between = wording.points(findings.change).partition(" points ")
        tiles.append(
            _tile(
                value,
                "points positive, later half",
                between.strip("()"),
            )
        )
    columns = "".join(
        f'<div><h3 class="{side}">{heading}</h3>{_short_list(found, side)}</div>'
        for heading, side, found in (
            ("Praised most", "praised", findings.praised),
            ("Criticised most", "criticised", findings.criticised),
        )
    )
    return (
        f'<section><h2>At a glance</h2><div class="tiles">{"".join(tiles)}</div>'
        f"{bar(findings.counts, 'large')}{legend(findings.counts)}"
        f'<div class="columns">{columns}</div></section>'
    )


def _tile(value: str, what: str, between: str) -> str:
    return f'<div class="tile"><b>{value}</b> {what}<small>{between}</small></div>'


def _short_list(aspects: Sequence[JudgedAspect], side: str) -> str:
    if not aspects:
        return '<p class="none">Nothing stands out.</p>'
    items = []
    for each in aspects[:_GLANCE]:
        count = each.praised if side == "praised" else each.criticised
        items.append(
            f'<li><a href="#{_anchor(each)}">{text(each.name)}</a> '
            f"<span>{count:,} of {each.share.total:,}</span></li>"
        )
    return f"<ol>{''.join(items)}</ol>"


def _over_time(findings: Findings) -> str:
    if not findings.periods:
        return ""
    charts = ""
    if len(findings.periods) > 1:
        charts = "".join(
            f'<div class="chart {name}">{chart_of(findings.periods, width)}</div>'
            for name, width in (("wide", WIDE), ("narrow", NARROW))
        )
    classes = names(len(findings.counts))
    head = "".join(f"<th>{name}</th>" for name in ("period", *classes))
    rows = "".join(
        f"<tr><th>{each.name}</th>{''.join(f'<td>{count:,}</td>' for count in each.counts)}</tr>"
        for each in findings.periods
    )
    return (
        f"<section><h2>Over time</h2><p>{_unbroken(wording.trend(findings))}</p>{charts}"
        f'<details><summary>The numbers</summary><div class="scroll" tabindex="0"><table><tr>{head}'
        f"</tr>{rows}</table></div></details></section>"
    )


def _by_group(findings: Findings) -> str:
    if not findings.groups:
        return ""
    rows = []
    for each in sorted(findings.groups, key=lambda group: -_positive(group.counts)):
        praised, criticised = (
            ", ".join(f"{text(name)} <small>{count:,}</small>" for name, count in found)
            for found in (each.praised, each.criticised)
        )
        said = [f"<b>+</b> {praised}"] * bool(praised) + [f"<b>−</b> {criticised}"] * bool(
            criticised
        )
        rows.append(
            f'<div class="group"><h3>{text(each.name)}</h3>'
            f"<p>{number(sum(each.counts), 'review')}, {percent(_positive(each.counts))} positive"
            f"</p>{bar(each.counts)}<p>{' &nbsp; '.join(said)}</p></div>"
        )
    return f'<section><h2>By group</h2><div class="groups">{"".join(rows)}</div></section>'


def _positive(counts: Counts) -> float:
    return sum(counts[-(len(counts) // 2) :]) / (sum(counts) or 1)


def _aspects(findings: Findings) -> str:
    if not findings.aspects:
        return (
            '<section><h2>What they talk about</h2><p class="none">No aspect is named by several '
            "reviews.</p></section>"
        )
    parts = []
    for heading, side, found in (
        ("Most praised", "praised", findings.praised[:SHOWN_ASPECTS]),
        ("Most criticised", "criticised", findings.criticised[:SHOWN_ASPECTS]),
    ):
        cards = "".join(_card(each, side) for each in found)
        cards = cards or '<p class="none">Nothing stands out.</p>'
        parts.append(
            f'<section><h2 class="{side}">{heading}</h2><div class="cards">{cards}</div></section>'
        )
    rows = "".join(
        f"<tr><th>{text(each.name)}</th><td>{each.reviews:,}</td><td>{each.praised:,}</td>"
        f'<td>{each.criticised:,}</td><td class="wide">{forest(each.share)}</td>'
        f"<td>{percent(each.share.value) if each.share.total else ''}</td></tr>"
        for each in findings.aspects
    )
    head = (
        "<tr><th>aspect</th><th>reviews</th><th>praise</th><th>criticism</th>"
        "<th>share of praise, 0 to 100 %, with its interval</th><th></th></tr>"
    )
    parts.append(
        '<section><h2>All aspects</h2><div class="scroll" tabindex="0"><table class="all">'
        f"{head}{rows}</table></div></section>"
    )
    return "\n".join(parts)


def _card(aspect: JudgedAspect, side: str) -> str:
    counts = (aspect.criticised, aspect.mixed, aspect.praised)
    others = [word for word in aspect.words if word != aspect.name][:4]
    also = f'<p class="words">also: {text(", ".join(others))}</p>' if others else ""
    trend = ""
    if aspect.change is not None:
        way = "rising" if aspect.change[0] > 0 else "falling"
        trend = f" Its share of praise is {way}: {wording.points(aspect.change)}."
    first, second = (aspect.praise, aspect.criticism)
    if side == "criticised":
        first, second = second, first
    but = f'<p class="but">But also:</p>{_quotes(second)}' if second else ""
    return (
        f'<article id="{_anchor(aspect)}"><h3>{text(aspect.name)}</h3>{also}{bar(counts)}'
        f"<p>{_unbroken(wording.judged(aspect))}{trend}</p>{_quotes(first)}{but}</article>"
    )


def _quotes(quotes: Iterable[Quote]) -> str:
    return "".join(
        f"<blockquote>{text(each.text[: each.start])}"
        f'<mark class="m{_place(each.score)}">{text(each.text[each.start : each.end])}</mark>'
        f'{text(each.text[each.end :])} <a class="row" href="#row-{each.row}">row {each.row:,}</a>'
        "</blockquote>"
        for each in quotes
    )


def _place(score: float) -> int:
    """The class of five that is nearest to a score; of opinions never the neutral one."""
    if abs(score) < 0.25:
        return 3 if score > 0 else 1
    return round(2 + 2 * score)


def _strongest(findings: Findings) -> str:
    if not findings.strongest:
        return ""
    columns = []
    for good, heading in ((True, "Positive"), (False, "Negative")):
        found = [each for each in findings.strongest if (each.score > 0) == good]
        if found:
            columns.append(f"<div><h3>{heading}</h3><ul>{''.join(map(_strong, found))}</ul></div>")
    return (
        f'<section><h2>The strongest phrases</h2><div class="columns phrases">{"".join(columns)}'
        "</div></section>"
    )


def _strong(phrase: Strong) -> str:
    place = _place(phrase.score)
    count = f"{phrase.count:,} times, first in row" if phrase.count > 1 else "row"
    return (
        f'<li><mark class="m{place}">{text(phrase.text)}</mark> '
        f'<a class="row" href="#row-{phrase.row}">{count} {phrase.row:,}</a></li>'
    )


def _ratings(findings: Findings) -> str:
    ratings = findings.ratings
    if ratings is None:
        return ""
    rows = "".join(
        f'<div class="star"><span>{number(star, "star")}</span>{bar(counts)}'
        f"<span>{sum(counts):,}</span></div>"
        for star, counts in ratings.table
    )
    apart = "".join(
        f'<li><p>Rated {each.rating:g}, read as {each.read:.1f} stars <a class="row" '
        f'href="#row-{each.row}">row {each.row:,}</a></p><blockquote>{text(each.text)}'
        "</blockquote></li>"
        for each in ratings.disagreements
    )
    if apart:
        apart = f'<h3>Where they disagree most</h3><ul class="apart">{apart}</ul>'
    return (
        f"<section><h2>Agreement with the ratings</h2>"
        f"<p>{_unbroken(wording.agreement(findings))}</p>"
        f'<div class="stars">{rows}</div>{apart}</section>'
    )


def _certainty(findings: Findings) -> str:
    said = "".join(f"<li>{text(each)}</li>" for each in wording.certainty(findings))
    out = "".join(f"<li>{text(wording.left_out(each))}</li>" for each in findings.left_out)
    out = f"<h3>Left out</h3><ul>{out}</ul>" if out else "<p>Nothing was left out.</p>"
    return f"<section><h2>How sure is this?</h2><ul>{said}</ul>{out}</section>"


def _quoted(findings: Findings) -> str:
    if not findings.quoted:
        return ""
    quoted = number(len(findings.quoted), "review that is", "reviews that are")
    reviews = "".join(
        f'<div class="review" id="row-{row}"><h3>Row {row:,}</h3><p>{_lines(content)}</p></div>'
        for row, content in findings.quoted
    )
    return f"<section><details><summary>The {quoted} quoted</summary>{reviews}</details></section>"


def _lines(content: str) -> str:
    return "\n".join(map(text, content.splitlines()))


def _anchor(aspect: JudgedAspect) -> str:
    return f"aspect-{sha256(aspect.name.encode()).hexdigest()[:12]}"
