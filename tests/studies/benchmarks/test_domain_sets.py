"""The sets of texts of several kinds: what is in them, and what is missing."""

import pytest

from treernn.corpora.targets import TargetText, target_of_class, target_of_side
from treernn.errors import DataError, InputError, MissingDataError
from treernn.studies.benchmarks.domain_sets import DomainSet, has_picture, load_sets

TREES = "(4 (2 It) (3 (2 's) (3 good)))\n(1 (2 not) (2 good))\n(2 (2 so) (2 so))\n"
TWEETS = (
    "part\tlabel\ttext\n"
    "2016dev\tpositive\tgood\n"
    "2016devtest\tpositive\tgreat :)\n"
    "2016devtest\tneutral\tnews :)\n"
    "2016devtest\tnegative\tsad\n"
)


def write(folder, tweets=TWEETS, trees=TREES):
    if tweets:
        (folder / "semeval-tweets.tsv").write_text(tweets)
    if trees:
        for split in ("train", "dev", "test"):
            (folder / f"{split}.txt").write_text(trees)


@pytest.mark.parametrize(
    "text",
    [
        "fun :)",
        "fun:-D",
        "no :'(",
        "<3 it",
        "so xD",
        "wow 😀",
        "👍🏽",
        "=(",
        ":-/ hm",
        "see http://a.b/c :(",
    ],
)
def test_texts_with_a_picture(text):
    assert has_picture(text)


@pytest.mark.parametrize(
    "text", ["fun", "at 10:30", "see http://t.co/DpxD:D", "1:0", "(a) b: c", "x = 3", "taxDept", ""]
)
def test_texts_without_a_picture(text):
    assert not has_picture(text)


def test_targets_that_are_a_side():
    sides = ("negative", "neutral", "positive")
    texts = [TargetText.whole(side, target_of_side(side)) for side in sides]
    graded = [TargetText.whole("b", target_of_class(3)), TargetText("c", ())]
    found = DomainSet.of("made", [*texts, *graded, *texts])
    assert found.texts == sides
    assert found.gold.tolist() == [0, 1, 2]


def test_sets_of_a_folder(tmp_path):
    write(tmp_path)
    sets, missing = load_sets("test", tmp_path)
    assert {each.name: (each.texts, each.gold.tolist()) for each in sets} == {
        "SST sentences": (("It's good", "not good"), [2, 0]),
        "tweets": (("great :)", "news :)", "sad"), [2, 1, 0]),
        "tweets with emoticons or emoji": (("great :)",), [2]),
    }
    assert [line.partition(":")[0] for line in missing] == [
        "film reviews",
        "product reviews",
        "pros and cons",
        "restaurant sentences",
    ]
    assert missing[3] == (
        "restaurant sentences: no mams-atsa.zip, get it from "
        "https://github.com/siat-nlp/MAMS-for-ABSA"
    )
    sets, _ = load_sets("dev", tmp_path)
    assert [each.name for each in sets] == ["SST sentences", "tweets"]


def test_the_folder_of_the_variable(tmp_path, cache, monkeypatch):
    write(tmp_path, trees="")
    monkeypatch.setenv("TREERNN_DATA", str(tmp_path))
    sets, missing = load_sets()
    assert [each.name for each in sets] == ["tweets", "tweets with emoticons or emoji"]
    assert missing[0].startswith("SST sentences: no train")
    assert not cache.exists()


@pytest.mark.usefixtures("cache")
def test_all_sets_are_missing(tmp_path, monkeypatch):
    with pytest.raises(MissingDataError, match=f"^no data sets in {tmp_path}, expected some of "):
        load_sets("test", tmp_path)
    monkeypatch.setenv("TREERNN_DATA", str(tmp_path))
    problem = "^no data sets in the folder that TREERNN_DATA names, expected some of "
    with pytest.raises(MissingDataError, match=problem):
        load_sets()
    monkeypatch.setenv("TREERNN_DATA", str(tmp_path / "none"))
    with pytest.raises(MissingDataError, match="TREERNN_DATA names this folder, but it does not"):
        load_sets()


def test_errors(tmp_path):
    with pytest.raises(InputError, match="no split 'train', expected one of dev, test"):
        load_sets("train", tmp_path)
    write(tmp_path, tweets="part\tlabel\ttext\n2016dev\tso\tno\n")
    with pytest.raises(DataError, match=r"semeval-tweets\.tsv:2: label 'so', expected negative"):
        load_sets("dev", tmp_path)


def test_published_sets(data_file):
    folder = data_file("semeval-tweets.tsv.gz").parent
    for name in ("mams-atsa.zip", "pros-cons-half.tsv.gz", "product-reviews-1.zip"):
        data_file(name)
    sets, missing = load_sets("test", folder)
    assert missing == []
    assert {each.name: len(each.texts) for each in sets} == {
        "SST sentences": 1821,
        "film reviews": 400,
        "product reviews": 258,
        "pros and cons": 2047,
        "restaurant sentences": 205,
        "tweets": 1993,
        "tweets with emoticons or emoji": 53,
    }
    for each in sets:
        assert {*each.gold.tolist()} == ({0, 1, 2} if each.name == "tweets" else {0, 2})
