"""A server that most tests share."""

from collections.abc import Iterator

import pytest
from serving import Serving, serving

pytest.importorskip("starlette")


@pytest.fixture(scope="session")
def server() -> Iterator[Serving]:
    """A server with the small model and two parsers, with limits that a test can reach."""
    limits = ("--max-chars", "20000", "--max-body", "300000", "--max-texts", "200")
    with serving("--parser", "embedded", "--parser", "right", *limits) as running:
        yield running
