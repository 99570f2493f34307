"""The table of licences in docs/licences.md."""

import re
import sys
from pathlib import Path

import pytest

from tests.helpers.licences import licence, needed

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "licences.md"
ROWS = {
    name: (text, users.split(", "))
    for name, text, users in re.findall(
        r"^\| ([\w.-]+) \| (.+) \| (.+) \|$", DOCUMENT.read_text("utf-8"), re.M
    )
}


@pytest.mark.skipif(
    (sys.version_info[:2], sys.platform) != ((3, 11), "linux"), reason="made with another Python"
)
def test_it_has_what_every_installation_has():
    """What fails here is written by ``make licences``."""
    assert {name for name, (_, users) in ROWS.items() if users == ["treernn"]} == {*needed()}


def test_only_stanza_installs_packages_under_the_gpl():
    named = {name: users for name, (text, users) in ROWS.items() if "GPL" in text}
    assert named
    assert all(users == ["stanza"] for users in named.values())


def test_who_names_no_licence_is_an_error():
    with pytest.raises(ValueError, match="pycorenlp names no licence"):
        licence("pycorenlp")
