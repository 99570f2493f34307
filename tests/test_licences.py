"""The table of licences in docs/licences.md."""

import re
import sys
from importlib.metadata import requires, version
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


def is_of_this_installation() -> bool:
    """Whether Python and the packages that treernn needs are those that the table was made with."""
    pins = (DOCUMENT.parents[1] / "constraints.txt").read_text("utf-8")
    pinned = dict(re.findall(r"^([\w.-]+)==([^;\s]+)", pins, re.M))
    names = [re.split(r"[^\w-]", line)[0] for line in requires("treernn") if "extra ==" not in line]
    return (sys.version_info[:2], sys.platform) == ((3, 11), "linux") and all(
        pinned.get(name) in (None, version(name)) for name in names
    )


@pytest.mark.skipif(not is_of_this_installation(), reason="made with other versions")
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
