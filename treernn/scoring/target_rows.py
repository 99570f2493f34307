"""The sentiment toward a target in each row of a table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from treernn.checks import brief
from treernn.scoring.entries import Detail
from treernn.scoring.rows import Scored

if TYPE_CHECKING:
    from treernn.scoring.scorer import Scorer


def with_targets(scorer: Scorer, scored: Scored, detail: Detail) -> Scored:
    """Scored rows with the sentiment toward the target of each, if any is asked for.

    A row whose text does not mention it has none, and a note that says so.
    """
    if detail.targets is None:
        return scored
    from treernn.scoring.targets import spans_within, strongest

    terms = [detail.targets.of(values) for values, _, _ in scored.rows()]
    rows = [
        (index, result, spans_within(result, term) if term else [])
        for index, (result, term) in enumerate(zip(scored.results, terms, strict=True))
        if result is not None
    ]
    asked = [row for row in rows if row[2]]
    found = scorer.targets([row[1] for row in asked], [row[2] for row in asked])
    targets = dict(zip((row[0] for row in asked), map(strongest, found), strict=True))
    notes = {
        index: f"no mention of {brief(terms[index])}" if terms[index] else "no target"
        for index, _, spans in rows
        if not spans
    }
    return replace(scored, targets=targets, notes=notes)
