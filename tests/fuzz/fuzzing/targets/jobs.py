"""Jobs of scoring that were killed, with damaged parts, and continued."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from functools import cache, partial
from pathlib import Path
from random import Random

from fuzzing.case import Case, Target, options_of, with_options
from fuzzing.mutations import json_bytes, mutate_bytes, mutate_json
from fuzzing.targets.tables import Stub
from treernn.errors import InputError
from treernn.scoring import job
from treernn.scoring.entries import Detail
from treernn.scoring.formats import FORMATS
from treernn.scoring.rows import open_rows
from treernn.scoring.settings import Settings
from treernn.scoring.table import score_part


def _job(folder: Path, name: str, resume: bool, kill_after: int | None = None) -> None:
    """Score a table, or stop after some parts."""
    out = folder / "out.csv"
    with open_rows(folder / name) as table:
        writer = FORMATS["csv"](None, table.columns, "", Detail())
        settings = Settings("small", "cpu", "embedded", "float32", "csv", table.columns, "")
        record = job.job_record(name, settings)
        parts = job.run(
            out,
            record,
            table.chunks(2, 1000),
            partial(score_part, Stub(), writer),  # type: ignore[arg-type]
            writer.join,
            resume,
        )
        for number, _ in enumerate(parts, 1):
            if number == kill_after:
                parts.close()  # type: ignore[attr-defined]
                return


def _input(seed: int) -> bytes:
    random = Random(seed)
    lines = (f"{n},{' '.join(random.choices(('good', 'bad', 'film'), k=4))}\n" for n in range(10))
    return ("id,text\n" + "".join(lines)).encode()


@cache
def jobs() -> tuple[Case, Case, bytes]:
    """The files of two jobs that were killed, and the output of the first."""
    found = []
    for seed in (1, 2):
        with tempfile.TemporaryDirectory() as root:
            before = Path.cwd()
            os.chdir(root)
            try:
                folder = Path(root)
                (folder / "a.csv").write_bytes(_input(seed))
                _job(folder, "a.csv", False, kill_after=3)
                files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
                found.append(
                    {path.relative_to(root).as_posix(): path.read_bytes() for path in files}
                )
                _job(folder, "a.csv", True)
                whole = (folder / "out.csv").read_bytes()
                if seed == 1:
                    right = whole
            finally:
                os.chdir(before)
    return found[0], found[1], right


def _make_job(random: Random) -> Case:
    first, second, _ = jobs()
    case = dict(first)
    inside = [name for name in case if name != "a.csv"]
    name = random.choice(inside)
    match random.randrange(8):
        case 0 | 1:
            case[name] = mutate_bytes(random, case[name])
        case 2:
            case[name] = random.choice((b"", b"null", b"5", b"[" * 100_000, b"{}", b"[]"))
        case 3:
            del case[name]
        case 4:
            case[name] = second.get(name, b"")
        case 5:
            new = random.choice(("part-7", "part-x-y", "part-000009-0", "part-", "part-000001-9",
                                 "other", "part-000003-0", "part--1-0"))  # fmt: skip
            case[f"{name.rpartition('/')[0]}/{new}"] = case[name]
        case 6:
            a, b = random.choice(inside), random.choice(inside)
            case[a], case[b] = case[b], case[a]
        case 7:
            texts = [each for each in inside if each.endswith("job.json")]
            if texts:
                case[texts[0]] = json_bytes(random, mutate_json(random, json.loads(case[texts[0]])))
    return with_options(case, resume=random.random() < 0.8)


def _run_job(case: Case, folder: Path) -> str:
    os.chdir(folder)
    try:
        record = next((name for name in case if name.endswith("job.json")), None)
        if record:  # it names the folder of the input
            _relocate(folder / record, folder)
        _job(folder, "a.csv", options_of(case)["resume"])
    except InputError:
        shutil.rmtree(folder / "out.csv.parts", ignore_errors=True)
        raise
    finally:
        os.chdir(folder.parent)
    assert (folder / "out.csv").read_bytes() == jobs()[2], "another output"
    return "result"


def _relocate(path: Path, folder: Path) -> None:
    try:
        values = json.loads(path.read_bytes())
        if isinstance(values, dict) and str(values.get("input", "")).endswith("/a.csv"):
            values["input"] = str(folder / "a.csv")
            path.write_text(json.dumps(values, indent=1) + "\n", "utf-8")
    except (ValueError, RecursionError):
        pass


TARGETS = (Target("jobs", _make_job, _run_job, quick=150, share=2, may_write=True, prepare=jobs),)
