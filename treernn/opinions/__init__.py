"""What texts are about: terms, aspects, and the opinions of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treernn.lazy import lazy_exports

if TYPE_CHECKING:
    from treernn.opinions.aspects import Aspect as Aspect
    from treernn.opinions.aspects import AspectCounts as AspectCounts
    from treernn.opinions.findings import JudgedAspect as JudgedAspect
    from treernn.opinions.findings import Quote as Quote
    from treernn.opinions.listed import ListedAspects as ListedAspects
    from treernn.opinions.listed import read_listed as read_listed
    from treernn.opinions.summary import Summary as Summary
    from treernn.opinions.terms import Term as Term
    from treernn.opinions.terms import terms_of as terms_of

__all__, __getattr__, __dir__ = lazy_exports(__name__)
