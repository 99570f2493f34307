import pytest

from treernn.tables.open import open_table


@pytest.fixture(scope="session")
def read():
    """The records of a file with this content."""

    def read(path, content, **options):
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with open_table(path, **options) as table:
            return list(table.records)

    return read
