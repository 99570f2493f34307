def test_explanations_are_below_the_trees(treernn, small_model):
    process = treernn("score", "--model", str(small_model), "--explain", "Not bad.", "Good. Great!")
    assert (process.returncode, process.stderr) == (0, b"")
    lines = [line.strip() for line in process.stdout.decode().splitlines()]
    assert lines.count("Why") == 2
    assert lines.count("Sentences that weigh most") == 1


def test_explanations_need_trees_or_columns(treernn):
    process = treernn("score", "--explain", "--format", "ptb", "Not bad.")
    assert process.returncode == 2
    assert process.stderr == (
        b"treernn: --explain needs trees or a format with columns, not --format ptb\n"
    )
    assert process.stdout == b""
