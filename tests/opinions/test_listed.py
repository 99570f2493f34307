"""Lists of aspects, in files of TOML and CSV."""

import pickle
import time

import pytest

from treernn.errors import DataError, MissingDataError
from treernn.opinions.listed import read_listed
from treernn.scoring.scorer import load

TOML = """
# What we sell
battery = ["charge", "power supply"]
screen = "display"
"Customer service" = []
"""
CSV = """aspect,names
battery,charge,power supply
screen,display
"Customer service",
"""


@pytest.fixture(scope="module")
def scorer():
    return load("small")


def written(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.toml", TOML),
        ("a.csv", CSV),
        ("a.CSV", "\ufeff" + CSV.replace("\n", "\r\n")),
        ("a.csv", CSV.replace(",", ";")),
        ("a.csv", "battery,charge\nscreen,display\nbattery,power supply\n\nCustomer  service\n"),
    ],
    ids=["toml", "csv", "mark", "semicolons", "without-header"],
)
def test_formats(tmp_path, name, content):
    listed = read_listed(written(tmp_path / name, content))
    assert listed.aspects == ("battery", "screen", "Customer service")
    assert {words for words, aspect in listed.names if aspect == "battery"} == {
        ("battery",),
        ("charge",),
        ("power", "supply"),
    }
    assert pickle.loads(pickle.dumps(listed)) == listed
    assert hash(pickle.loads(pickle.dumps(listed))) == hash(listed)


def test_terms_of_texts(tmp_path, scorer):
    listed = read_listed(written(tmp_path / "a.toml", TOML))
    text = "The Power   supplies died. CUSTOMER SERVICE  was rude; two batteries and the display!"
    results = scorer.score_many([text, "", "It charges well, though the price is high."])
    found = listed.terms_of(results)
    assert [(term.key, term.text) for term in found[0]] == [
        ("battery", "Power   supplies"),
        ("Customer service", "CUSTOMER SERVICE"),
        ("battery", "batteries"),
        ("screen", "display"),
    ]
    assert [text[term.start : term.end] for term in found[0]] == [term.text for term in found[0]]
    assert [term.sentence for term in found[0]] == [0, 1, 1, 1]
    assert found[1] == ()
    assert [(term.key, term.text) for term in found[2]] == [("battery", "charges")]


def test_the_longest_name_counts_and_parts_of_words_do_not(tmp_path, scorer):
    listed = read_listed(written(tmp_path / "a.csv", "life,life\nbattery,battery life\nbat,bat\n"))
    [found] = listed.terms_of([scorer("Battery life is fine, my life too; the combat was not.")])
    assert [(term.key, term.text) for term in found] == [
        ("battery", "Battery life"),
        ("life", "life"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.txt", "battery", "a.txt: unknown format, expected a list of aspects as .toml or .csv"),
        ("a.toml", "", "a.toml: lists no aspects"),
        ("a.csv", "aspect,names\n", "a.csv: lists no aspects"),
        ("a.toml", "battery = [\n", "a.toml:"),
        ("a.toml", "a = 1\nb c = 2", "a.toml:2:3: not TOML: "),
        ("a.toml", "battery = 3", "'battery' is 3, expected a list of names in quotes"),
        ("a.toml", "battery = ['a', 3]", "'battery' is ['a', 3], expected a list of names"),
        ("a.toml", "[battery]\na = 'b'", "'battery' is {'a': 'b'}, expected a list of names"),
        ("a.toml", "battery = ['']", "'' of 'battery' has no word"),
        ("a.toml", "'!!' = []", "'!!' of '!!' has no word"),
        ("a.csv", "a,b\n,c\n", "a.csv:2: no aspect in the first column"),
        ("a.csv", 'a,"b\n', "a.csv:1: not CSV: "),
        ("a.csv", "a,key\nc,Keys\n", "a.csv:2: 'Keys' is a name of 'a' and of 'c', expected one"),
        ("a.csv", "a," + "b " * 11, "a.csv:1: 'b b b b b b b b b b b' has 11 words"),
        ("a.csv", b"a,\xff\n", "a.csv:1:3: byte 0xff is not UTF-8"),
        ("a.toml", b"\x00", "a.toml"),
        ("a.csv", b"PK\x03\x04abc", "is an archive"),
    ],
)
def test_wrong_files_give_one_line(tmp_path, name, content, problem):
    with pytest.raises(DataError) as caught:
        read_listed(written(tmp_path / name, content))
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_opened(tmp_path):
    with pytest.raises(MissingDataError, match=r"none\.csv"):
        read_listed(tmp_path / "none.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(DataError, match="folder"):
        read_listed(tmp_path / "folder.csv")


def test_a_long_list_takes_linear_time(tmp_path, scorer):
    rows = "".join(f"aspect {number},the {number} thing\n" for number in range(5_000))
    began = time.perf_counter()
    listed = read_listed(written(tmp_path / "a.csv", rows))
    assert len(listed.aspects) == 5_000
    [found] = listed.terms_of([scorer("The 4999 thing is good, and aspect 17 is not.")])
    assert [term.key for term in found] == ["aspect 4999", "aspect 17"]
    assert time.perf_counter() - began < 30
