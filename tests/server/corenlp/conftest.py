"""A server for the clients of CoreNLP."""

from collections.abc import Iterator

import pytest
from serving import Serving, serving

pytest.importorskip("starlette")


@pytest.fixture(scope="session")
def server() -> Iterator[Serving]:
    with serving() as running:
        yield running
