"""Product reviews: the published ones, what their marks mean, and errors."""

import zipfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.corpora import products
from treernn.corpora.products import read_sentences
from treernn.corpora.targets import NO_TARGET, TargetText, target_of_side
from treernn.errors import DataError

NEGATIVE, POSITIVE = map(target_of_side, ("negative", "positive"))
FILE = Path("Nokia.txt")


def test_published_reviews(data_file):
    parts = products.load(data_file("product-reviews-1.zip"))
    assert [len(part) for part in parts] == [2_992, 345, 534]
    assert [Counter(each.target for each in part) for part in parts] == [
        {NO_TARGET: 1_711, POSITIVE: 749, NEGATIVE: 532},
        {NO_TARGET: 186, POSITIVE: 129, NEGATIVE: 30},
        {NO_TARGET: 276, POSITIVE: 186, NEGATIVE: 72},
    ]
    texts = {each.text for part in parts for each in part}
    assert "the pictures are razor-sharp, even in macro." in texts
    assert "i got this camera about a month ago and i can't put it down." in texts


@pytest.mark.parametrize(
    ("marks", "target"),
    [
        ("", NO_TARGET),
        (" ", NO_TARGET),
        ("camera[+2]", POSITIVE),
        ("picture[+3], macro[+1][u]", POSITIVE),
        ("remote[-1][p]", NEGATIVE),
        ("remote[-3[p]", NEGATIVE),
        ("menu[+1}, control[+1]", POSITIVE),
        ("size [-2][cc],weight[-1]", NEGATIVE),
        ("size[+]", POSITIVE),
        ("size[ +2 ]", POSITIVE),
    ],
)
def test_marks(marks, target):
    expected = [TargetText.whole("it's good.", target)]
    assert read_sentences(f"{marks}##it 's good . \n", FILE) == expected
    assert read_sentences(f"{marks}#it 's good .", FILE) == expected


@pytest.mark.parametrize("marks", ["size[+2], weight[-1]", "size[2]", "size", "size[u]"])
def test_marks_that_leave_a_sentence_out(marks):
    assert read_sentences(f"{marks}##good\n", FILE) == []


def test_lines_that_are_no_sentences():
    content = "* Annotated by: # x\n***\n\n[t]great # phone\n ##\nsize[+1]##\n##good\n"
    assert read_sentences(content, FILE) == [TargetText.whole("good", NO_TARGET)]
    with pytest.raises(DataError) as raised:
        read_sentences("##good\ngood\n", FILE)
    assert str(raised.value) == "Nokia.txt:2: expected marks, ## and a sentence, or a title [t]"


def write(folder, names):
    path = folder / "product-reviews-1.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("reviews/README.txt", "no reviews")
        for name in names:
            archive.writestr(f"reviews/{name}_2.txt", f"x[+1]##the {name} is good .\n##same .\n")
    return path


def test_parts(tmp_path):
    write(tmp_path, ["Apex", "Canon", "Creative", "Nikon", "Nokia", "Other"])
    train, dev, test = products.load(tmp_path)
    assert [each.text for each in train] == [
        f"the {name} is good." for name in ("Apex", "Canon", "Creative")
    ]
    assert [each.text for each in dev] == ["the Nikon is good."]
    assert [each.text for each in test] == ["the Nokia is good.", "same."]


def test_a_product_is_missing(tmp_path):
    path = write(tmp_path, ["Apex", "Canon", "Nikon", "Nokia"])
    with pytest.raises(DataError) as raised:
        products.load(path)
    problem = "no file of Creative in it, expected names like Creative….txt"
    assert str(raised.value) == f"{path}: {problem}"


@given(st.lists(st.sampled_from("+-")), st.text("abc ", min_size=1).filter(str.strip))
def test_any_marks(signs, text):
    marks = ",".join(f"size[{sign}2]" for sign in signs)
    found = read_sentences(f"{marks}##{text}", FILE)
    match {*signs}, found:
        case names, []:
            assert len(names) == 2
        case names, [each]:
            assert len(names) < 2
            expected = {(): NO_TARGET, ("+",): POSITIVE, ("-",): NEGATIVE}
            assert each.target == expected[tuple(names)]
            assert each.text.split() == text.split()


def test_features_that_the_sentence_names():
    content = (
        "Battery life[+2], screen[-1]##the screen is bad , but the battery life is good .\n"
        "size[+2][u], battery[-2][p], price[+1]##you get a lot for it .\n"
        "use[+1]##because of the use .\n"
        "x[2], zoom[+1]##zoom and x .\n"
        "##the zoom .\n"
    )
    found = [
        {text.text[each.start : each.end]: each.target for each in text.targets}
        for text in products.read_features(content, FILE)
    ]
    assert found == [
        {"battery life": POSITIVE, "screen": NEGATIVE},
        {"use": POSITIVE},
        {"zoom": POSITIVE},
    ]


def test_parts_of_features(tmp_path):
    write(tmp_path, ["Apex", "Canon", "Creative", "Nikon", "Nokia"])
    assert [len(part) for part in products.load_features(tmp_path)] == [0, 0, 0]
