"""A quick run of every target; ``make fuzz`` is a long one."""

from pathlib import Path

import pytest
from fuzzing import harness
from fuzzing.targets import TARGETS

KEPT = Path(__file__).resolve().parents[2] / "build" / "fuzz"


@pytest.mark.parametrize("name", TARGETS)
def test_hostile_inputs_end_in_a_result_or_an_error_of_treernn(name):
    target = TARGETS[name]
    with harness.new_place() as place:
        counts, failures = harness.run(target, range(target.quick), place)
    problems = [f"{harness.keep(each, KEPT)}: {each.problem}" for each in failures]
    assert not problems, "again: python -m fuzzing --replay FOLDER, of:\n" + "\n".join(problems)
    assert counts.total() == target.quick
    results = sum(count for kind, count in counts.items() if not kind.endswith("Error"))
    assert results, "no case is good enough to have a result"


class _Wrong:
    """What no input may cause, for tests of the harness."""

    @staticmethod
    def crashes(_case, _folder):
        raise KeyError("x")

    @staticmethod
    def writes(_case, folder):
        (folder.parent.parent / "outside").write_text("x")
        (folder.parent.parent / "outside").unlink()
        return "result"

    @staticmethod
    def leaves(_case, folder):
        (folder / "left").write_text("x")
        return "result"

    @staticmethod
    def reads(_case, folder):
        return (folder.parent / "secret" / "file").read_text()

    @staticmethod
    def starts(_case, _folder):
        import subprocess

        subprocess.run(["true"])
        return "result"

    @staticmethod
    def hangs(_case, _folder):
        while True:
            pass


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("crashes", "KeyError"),
        ("writes", "Forbidden: wrote"),
        ("leaves", "a file was left"),
        ("reads", "Forbidden: read"),
        ("starts", "Forbidden: subprocess.Popen"),
        ("hangs", "Hang: longer"),
    ],
)
def test_a_fault_is_found_and_kept(name, problem, tmp_path, monkeypatch):
    monkeypatch.setattr("fuzzing.guard.CPU_SECONDS", 0.2)
    target = harness.Target(name, lambda _: {"file": b"content"}, getattr(_Wrong, name), quick=1)
    with harness.new_place() as place:
        counts, [failed] = harness.run(target, [7], place)
    assert counts == {"FAILED": 1}
    assert problem in failed.problem
    assert harness.kept(harness.keep(failed, tmp_path)) == (name, {"file": b"content"})


def test_a_case_is_the_same_in_every_run():
    for target in TARGETS.values():
        harness.prepare(target)
        assert harness.make(target, 11) == harness.make(target, 11)
