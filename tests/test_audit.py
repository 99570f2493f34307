"""What ``make audit`` says of the reports of pip-audit."""

import pytest

from tests.helpers.audit import verdict

GOOD = {"name": "a", "version": "1", "vulns": []}
BAD = {"name": "b", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}]}
UNKNOWN = {"name": "c", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "status", "lines"),
    [
        ([GOOD], 0, ["audit: 1 packages, 0 known vulnerabilities"]),
        (
            [GOOD, BAD],
            1,
            ["audit: b 2: CVE-1, mended in 3", "audit: 2 packages, 1 known vulnerabilities"],
        ),
        (
            [GOOD, UNKNOWN],
            0,
            [
                "audit: 1 packages, 0 known vulnerabilities",
                "audit: not looked up, unknown to the index: c",
            ],
        ),
        ([UNKNOWN], 0, ["audit: NOT DONE, the index has advisories of no package"]),
    ],
)
def test_only_a_vulnerability_fails(packages, status, lines):
    assert verdict({"dependencies": packages}) == (status, lines)


def test_an_audit_that_was_not_done_says_so():
    assert verdict(None, "no network") == (
        0,
        ["audit: NOT DONE, advisories could not be reached (no network)"],
    )
