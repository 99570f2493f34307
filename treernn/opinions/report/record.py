"""A summary as plain values, for JSON."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from treernn.classes import names
from treernn.opinions.findings import Counts, Findings
from treernn.opinions.shares import Share
from treernn.types import LABELS


def record_of(findings: Findings) -> dict[str, Any]:
    """The values of a summary; shares have their numbers and intervals, classes their names."""
    counts = findings.counts
    return {
        "title": findings.title,
        "model": findings.model,
        "rows": findings.rows,
        "reviews": findings.reviews,
        "classes": _by_class(counts),
        "positive": share_record(findings.positive),
        "negative": share_record(findings.negative),
        "confidence": round(findings.confidence, 4),
        "change": _change(findings.change),
        "periods": [
            {"name": each.name, "start": each.start.isoformat(), "classes": _by_class(each.counts)}
            for each in findings.periods
        ],
        "groups": [
            {
                "name": each.name,
                "classes": _by_class(each.counts),
                "praised": dict(each.praised),
                "criticised": dict(each.criticised),
            }
            for each in findings.groups
        ],
        "ratings": _ratings(findings),
        "praised": [each.name for each in findings.praised],
        "criticised": [each.name for each in findings.criticised],
        "aspects": [
            {
                **asdict(each),
                "share": share_record(each.share),
                "change": _change(each.change),
            }
            for each in findings.aspects
        ],
        "strongest": [asdict(each) for each in findings.strongest],
        "left_out": [asdict(each) for each in findings.left_out],
    }


def share_record(share: Share) -> dict[str, Any]:
    """A share with its interval."""
    low, high = share.interval()
    values = {"share": share.value, "low": low, "high": high}
    rounded = {name: round(value, 4) for name, value in values.items()}
    return {"count": share.count, "total": share.total, **rounded}


def _by_class(counts: Counts) -> dict[str, int]:
    return dict(zip(names(len(counts) or len(LABELS)), counts, strict=False))


def _change(change: tuple[float, float, float] | None) -> dict[str, float] | None:
    if change is None:
        return None
    return dict(zip(("change", "low", "high"), (round(each, 4) for each in change), strict=True))


def _ratings(findings: Findings) -> dict[str, Any] | None:
    ratings = findings.ratings
    if ratings is None:
        return None
    plain = {each.name: getattr(ratings, each.name) for each in fields(ratings)}
    return plain | {
        "table": {str(star): _by_class(counts) for star, counts in ratings.table},
        "agree": share_record(ratings.agree),
        "opposite": share_record(ratings.opposite),
        "disagreements": [asdict(each) for each in ratings.disagreements],
    }
