"""``--lexicon`` and ``treernn lexicon``: in texts, files, streams and several processes."""

import csv
import io
import json

import pytest

WORDS = "text,class,domain\nglorpy,very positive,\noff the hook,neg,\nsick,pos,games\n"
TEXTS = ("The film was glorpy.", "The film was not glorpy.", "It was off the hook", "It is long.")


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "words.csv").write_text(WORDS)
    (tmp_path / "films.csv").write_text("text\n" + "".join(f"{text}\n" for text in TEXTS * 130))


def rows(text):
    return [*csv.DictReader(io.StringIO(text))]


def test_texts_and_files_have_the_same_scores(in_process, tmp_path):
    status, out, err = in_process("score", "--lexicon", "words.csv", "--json", *TEXTS)
    assert (status, err) == (0, "")
    texts = [json.loads(line) for line in out.splitlines()]
    assert [each["label"] for each in texts[:2]] == ["very positive", "negative"]
    leaf = '"text": "glorpy", "start": 13, "end": 19, "label": "very positive", "score": 1.0'
    assert leaf in out
    for jobs in ("1", "2"):
        options = ("--lexicon", "words.csv", "--jobs", jobs, "-o", f"{jobs}.csv")
        assert in_process("score", "films.csv", *options)[0] == 0
    one, two = (rows((tmp_path / f"{jobs}.csv").read_text()) for jobs in "12")
    assert [each["label"] for each in one] == [each["label"] for each in two]
    assert [each["label"] for each in one[:4]] == [each["label"] for each in texts]
    for each, other in zip(one[:4], texts, strict=True):
        assert float(each["score"]) == pytest.approx(other["score"], abs=1e-4)


def test_a_job_is_not_continued_with_another_lexicon():
    from treernn.scoring import job
    from treernn.scoring.lexicon.files import read_lexicon
    from treernn.scoring.settings import Settings

    lexicon = read_lexicon("words.csv").in_domain(None)
    settings = ("small", "cpu", "embedded", "float32", "csv", ("text",), "")
    with_it = job.job_record("films.csv", Settings(*settings, lexicon=lexicon))
    without = job.job_record("films.csv", Settings(*settings))
    assert json.loads(json.dumps(with_it))["lexicon sha256"] == lexicon.digest
    assert with_it != without


def test_streams(treernn):
    lines = "".join(json.dumps({"text": text}) + "\n" for text in TEXTS[:2])
    options = ("--input-format", "jsonl", "--lexicon", "words.csv", "--no-phrases")
    done = treernn("score", "-", *options, stdin=lines)
    found = [json.loads(line)["label"] for line in done.stdout.splitlines()]
    assert found == ["very positive", "negative"]


def test_a_lexicon_kept_with_a_model(in_process, tmp_path):
    status, out, err = in_process("lexicon", "small", "words.csv", "-o", "mine")
    assert (status, out, err) == (0, "mine: small with 3 entries of its own\n", "")
    status, out, _ = in_process("score", "--model", "mine", "--domain", "games", "--json", "sick")
    assert json.loads(out)["score"] == 0.5
    asked = ("score", "--model", "mine", "Great screen, but the battery is awful.")
    status, out, _ = in_process(*asked, "--target", "battery", "--json")
    assert (status, json.loads(out)["target_label"]) == (0, "negative")
    printed = in_process("lexicon", "mine")[1]
    (tmp_path / "again.csv").write_text(printed)
    assert in_process("lexicon", "small", "again.csv")[1] == printed
    assert json.loads(in_process("lexicon", "mine", "--json")[1])[2] == {
        **{"text": "sick", "score": 0.5, "domain": "games"}
    }


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("score", "--lexicon", "none.csv", "x"), "none.csv: no such file"),
        (("score", "--domain", "games", "x"), "there is no lexicon that could have the domain"),
        (
            ("score", "--lexicon", "words.csv", "--domain", "cars", "x"),
            "no entry of the lexicon has the domain 'cars'; its domains are games",
        ),
        (
            ("score", "--lexicon", "words.csv", "--format", "vectors", "x"),
            "vectors are states of the words as written, which a lexicon replaces",
        ),
        (("lexicon", "small"), "small: has no lexicon; treernn lexicon small words.csv -o FOLDER"),
        (("lexicon", "small", "-o", "x"), "-o needs a file of words and phrases"),
        (("lexicon", "none"), "none: no such model folder; included models are small, medium"),
        (("lexicon", "small", "films.csv"), "films.csv:2: neither a class nor a score; the"),
        (("serve", "--lexicon", "none.csv", "--port", "0"), "none.csv: no such file"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done(in_process, arguments, problem):
    status, out, err = in_process(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith(f"treernn: {problem}")
    assert err.count("\n") == 1
