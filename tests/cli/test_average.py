import subprocess
import sys

import treernn


def run(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "treernn", "average", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
    )


def test_average_as_a_command(tmp_path):
    done = run("small", "small", "--share", "0.4", "--share", "0.6", "--out", "mine", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "wrote mine\n", "")
    assert treernn.load(tmp_path / "mine")("A charming film.").label.endswith("positive")
    again = run("small", "small", "--out", "mine", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (2, "")
    assert again.stderr == "treernn: mine: has a model, which is not replaced; name a new folder\n"
