"""``treernn.Summary``: what many reviews say, as one small value that writes itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

from treernn.opinions.findings import Findings, JudgedAspect, Quote
from treernn.opinions.report.markdown import markdown_of
from treernn.opinions.report.record import record_of


@dataclass(frozen=True, slots=True, repr=False)
class Summary(Findings):
    """What many reviews say; see ``Findings`` for its attributes."""

    def __repr__(self) -> str:
        reviews, aspects = self.reviews, len(self.aspects)
        return (
            f"Summary({reviews:,} review{'s' * (reviews != 1)}, "
            f"{aspects:,} aspect{'s' * (aspects != 1)})"
        )

    def _repr_html_(self) -> str:
        return f'<iframe srcdoc="{escape(self.to_html())}" width="100%" height="700"></iframe>'

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, with shares and their intervals."""
        return record_of(self)

    def to_json(self) -> str:
        """``to_dict`` as JSON."""
        return json.dumps(self.to_dict(), indent=1, allow_nan=False)

    def to_markdown(self) -> str:
        """The same for people, in Markdown."""
        return markdown_of(self)

    def to_html(self) -> str:
        """A page for any browser, without a network and without scripts.

        Raises:
            MissingPackageError: there are dates, and matplotlib, which draws them, is not
                installed.
        """
        from treernn.opinions.report.page import page_of

        return page_of(self)

    def to_frame(self) -> Any:
        """The aspects as a data frame of pandas: a row for each.

        Raises:
            MissingPackageError: pandas is not installed.
        """
        from treernn.optional import require

        pandas = require("pandas", extra="frames")
        rows = [_flat(each) for each in self.aspects]
        return pandas.DataFrame(rows, columns=list(_flat(_NOTHING)))


def _flat(aspect: JudgedAspect) -> dict[str, Any]:
    low, high = aspect.share.interval()
    hidden = ("words", "praise", "criticism", "change")
    plain = {name: value for name, value in asdict(aspect).items() if name not in hidden}
    quotes: Sequence[Quote] = (*aspect.praise[:1], *aspect.criticism[:1])
    return {
        **plain,
        **{"share": aspect.share.value, "low": low, "high": high},
        "words": ", ".join(aspect.words),
        "quotes": " | ".join(quote.text for quote in quotes),
    }


_NOTHING = JudgedAspect("", (), 0, 0, 0, 0, 0)
