import json

import pytest

REVIEW = "It's not a bad film. <br/>Great!"


@pytest.fixture
def score(treernn, small_model):
    def run(*arguments, **settings):
        return treernn("score", "--model", str(small_model), *arguments, **settings)

    return run


def test_trees_and_the_whole(score):
    done = score(REVIEW)
    assert (done.returncode, done.stderr) == (0, b"")
    lines = done.stdout.decode().splitlines()
    assert lines[0] == "It's not a bad film."
    for word in ("It", "'s", "not", "a", "bad", "film", ".", "Great", "!"):
        assert any(line.endswith(f" {word}") for line in lines)
    assert lines[-1].startswith("Overall")
    assert "\x1b" not in done.stdout.decode()


def test_json_prints_everything(score):
    done = score("--format", "json", REVIEW)
    assert (done.returncode, done.stderr) == (0, b"")
    found = json.loads(done.stdout)
    assert found["text"] == REVIEW
    assert sum(found["probabilities"]) == pytest.approx(1, abs=1e-5)
    assert [sentence["text"] for sentence in found["sentences"]] == [
        "It's not a bad film.",
        "Great!",
    ]
    pending = [sentence["tree"] for sentence in found["sentences"]]
    while pending:
        node = pending.pop()
        assert REVIEW[node["start"] : node["end"]] == node["text"]
        assert len(node["probabilities"]) == 5
        pending += node.get("children", [])


def test_standard_input_is_one_text(score):
    done = score("--format", "json", "-", stdin="A good film.\n\nA bad — “film”.\n")
    assert [s["text"] for s in json.loads(done.stdout)["sentences"]] == [
        "A good film.",
        "A bad — “film”.",
    ]


def test_each_line_of_a_file_is_a_text(score, tmp_path):
    file = tmp_path / "reviews.txt"
    file.write_bytes("\ufeffA good film\r\n\nNot bad, née…\n".encode())
    done = score("--format", "json", "--file", str(file), "first", "second")
    assert [json.loads(line)["text"].strip() for line in done.stdout.splitlines()] == [
        "first",
        "second",
        "A good film",
        "Not bad, née…",
    ]
    done = score("--file", str(file))
    assert "1 of 2" in done.stdout.decode()


def test_what_cannot_be_scored_is_said_and_the_rest_is_scored(score):
    done = score("--format", "json", "good", " ", "bad")
    assert done.returncode == 1
    assert done.stderr.decode() == (
        "treernn: text 2: only white space or markup, nothing to score\n"
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["label"] is None for one in found] == [False, True, False]


@pytest.mark.parametrize("locale", [{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}])
def test_input_and_output_are_utf8_in_any_locale(score, locale):
    done = score("-", stdin="née 😀 good\n", **locale)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "née 😀 good" in done.stdout.decode("utf-8")


def test_input_that_is_not_utf8_is_scored(score):
    done = score("--format", "json", "-", stdin=b"a good \xff film \x00\x1b[31m")
    assert done.returncode == 0
    assert json.loads(done.stdout)["text"] == "a good \ufffd film \x00\x1b[31m"


def test_a_sentence_of_five_thousand_words(score):
    for form in ("json", "tree"):
        done = score("--format", form, "-", stdin="good film " * 2_500)
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout.count(b"film") >= 100


def test_nothing_to_score(score):
    done = score()
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == (
        b"treernn: nothing to score, give a text, - for standard input, or --file\n"
    )


def test_a_file_that_is_not_there(score, tmp_path):
    done = score("--file", str(tmp_path / "none.txt"))
    assert done.returncode == 2
    assert done.stderr.decode() == (
        f"treernn: {tmp_path / 'none.txt'}: cannot be read (No such file or directory)\n"
    )
