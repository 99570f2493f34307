def test_explanations_are_below_the_trees(treernn, small_model):
    done = treernn("score", "--model", str(small_model), "--explain", "Not bad.", "Good. Great!")
    assert (done.returncode, done.stderr) == (0, b"")
    lines = [line.strip() for line in done.stdout.decode().splitlines()]
    assert lines.count("Why") == 2
    assert lines.count("Sentences that weigh most") == 1


def test_explanations_need_trees(treernn):
    done = treernn("score", "--explain", "--format", "csv", "Not bad.")
    assert done.returncode == 2
    assert done.stderr == b"treernn: --explain goes with trees, not with --format csv\n"
    assert done.stdout == b""
