"""``make audit``: are there known vulnerabilities in the packages of ``constraints.txt``?

``pip-audit`` alone says that there are none where an index does not know the packages, and fails
where it cannot be reached. Here only a vulnerability fails; what was not looked up is said.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

_COMMAND = (
    *(sys.executable, "-m", "pip_audit", "--disable-pip", "--no-deps"),
    *("--progress-spinner", "off"),
)
_SECONDS = 120


def main(path: str) -> int:
    """Audit a file of pinned packages; the status is 1 if one has a known vulnerability."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        options = ("--timeout", "10", "-f", "json", "-o", str(report), "-r", path)
        try:
            done = subprocess.run([*_COMMAND, *options], capture_output=True, timeout=_SECONDS)
            reason = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][:200]
        except subprocess.TimeoutExpired:
            reason = f"longer than {_SECONDS} seconds"
        found = json.loads(report.read_text("utf-8")) if report.exists() else None
    status, lines = verdict(found, reason)
    print("\n".join(lines))
    return status


def verdict(report: dict[str, Any] | None, reason: str = "") -> tuple[int, list[str]]:
    """Exit status and lines for a report of pip-audit; None if it made none, for a reason."""
    if report is None:
        return 0, [f"audit: NOT DONE, advisories could not be reached ({reason})"]
    packages = report["dependencies"]
    bad = [(each, found) for each in packages for found in each.get("vulns", ())]
    lines = [
        f"audit: {each['name']} {each['version']}: {found['id']}, mended in "
        f"{', '.join(found['fix_versions']) or 'no version'}"
        for each, found in bad
    ]
    skipped = [each["name"] for each in packages if "skip_reason" in each]
    if len(skipped) == len(packages):
        lines.append("audit: NOT DONE, the index has advisories of no package")
    else:
        lines.append(
            f"audit: {len(packages) - len(skipped)} packages, {len(bad)} known vulnerabilities"
        )
        if skipped:
            lines.append(f"audit: not looked up, unknown to the index: {', '.join(skipped)}")
    return (1 if bad else 0), lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
