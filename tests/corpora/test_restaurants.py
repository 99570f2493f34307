"""Restaurant sentences: the published ones, targets of sentences, and errors."""

import zipfile
from collections import Counter
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.corpora import restaurants
from treernn.corpora.restaurants import read_sentences
from treernn.corpora.targets import NO_TARGET, SpanTarget, TargetText, target_of_side
from treernn.errors import DataError

NEGATIVE, NEUTRAL, POSITIVE = map(target_of_side, ("negative", "neutral", "positive"))
FILE = Path("val.xml")


def xml(*sentences):
    """XML of texts with their terms: start, end and class."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<sentences>"]
    for text, terms in sentences:
        lines += ["<sentence>", f"<text>{escape(text)}</text>", "<aspectTerms>"]
        for start, end, side in terms:
            term = quoteattr(text[start:end])
            lines.append(f'<aspectTerm from="{start}" polarity="{side}" term={term} to="{end}"/>')
        lines += ["</aspectTerms>", "</sentence>"]
    return "\n".join([*lines, "</sentences>"]).encode()


def test_published_sentences(data_file):
    parts = restaurants.load(data_file("mams-atsa.zip"))
    assert [len(part) for part in parts] == [4_297, 250, 250]
    assert Counter(each.target for each in (*parts.dev, *parts.test)) == {
        POSITIVE: 214,
        NEGATIVE: 198,
        NO_TARGET: 88,
    }
    terms = Counter(
        span.target
        for part in parts[1:]
        for each in part
        for span in each.targets
        if span.end - span.start < len(each.text)
    )
    assert terms == {NEGATIVE: 325, NEUTRAL: 604, POSITIVE: 403}
    first = parts.train[0]
    assert first.text.startswith("The decor is not special at all but their food")
    assert first.targets[0] == SpanTarget(4, 9, NEGATIVE)


@pytest.mark.parametrize(
    ("sides", "target"),
    [
        (["positive", "positive"], POSITIVE),
        (["positive", "neutral"], POSITIVE),
        (["neutral", "negative"], NEGATIVE),
        (["negative", "positive"], NO_TARGET),
        (["neutral", "neutral"], NO_TARGET),
        ([], NO_TARGET),
    ],
)
def test_the_target_of_a_sentence(sides, target):
    text = "Good food & fun"
    places = zip(((5, 9), (12, 15)), sides, strict=False)
    terms = [(start, end, side) for (start, end), side in places]
    [found] = read_sentences(xml((text, terms)), FILE)
    assert found.text == text
    assert found.target == target
    assert found.targets[: len(terms)] == tuple(
        SpanTarget(start, end, target_of_side(side)) for start, end, side in terms
    )


def test_a_term_that_is_the_whole_text():
    [found] = read_sentences(xml(("food", [(0, 4, "positive")])), FILE)
    assert found == TargetText.whole("food", POSITIVE)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"<sentences>", ":1: not XML (no element found: line 1, column 11)"),
        (b"good", ":1: not XML (syntax error: line 1, column 0)"),
        (
            b"<!DOCTYPE a [<!ENTITY b 'c'>]>\n<a/>",
            ":1: has a document type, expected sentences only",
        ),
        (xml((" ", [])), ":7: a sentence without text"),
        (xml(("food", [(2, 5, "neutral")])), ":6: characters 2 to 5, the text has 4"),
        (xml(("food", [(2, 2, "neutral")])), ":6: characters 2 to 2, the text has 4"),
        (
            xml(("food", [(0, 4, "mixed")])),
            ":6: label 'mixed', expected negative, neutral, positive",
        ),
        (
            xml(("food", [(0, 4, "neutral")])).replace(b'to="4"', b""),
            ":6: a term without to",
        ),
        (
            xml(("food", [(0, 4, "neutral")])).replace(b'to="4"', b'to="x"'),
            ":6: from and to of a term must be whole numbers",
        ),
    ],
)
def test_faulty_files(content, problem):
    with pytest.raises(DataError) as raised:
        read_sentences(content, FILE)
    assert str(raised.value) == f"val.xml{problem}"


def test_parts(tmp_path):
    sentences = [(f"food {number}", [(0, 4, "positive")]) for number in range(5)]
    path = tmp_path / "mams-atsa.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mams/val.xml", xml(*sentences))
        archive.writestr("mams/train.xml", xml(("food 1", []), ("food 7", [])))
    train, dev, test = restaurants.load(tmp_path)
    assert [each.text for each in train] == ["food 7"]
    assert [each.text for each in dev] == ["food 0", "food 1"]
    assert [each.text for each in test] == ["food 2", "food 3", "food 4"]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mams/val.xml", xml(*sentences))
    with pytest.raises(DataError, match=r"no sentences of train\.xml in it"):
        restaurants.load(path)


sentences = (
    st.text("abc <&>\"'é😀", min_size=1)
    .filter(str.strip)
    .flatmap(
        lambda text: st.tuples(
            st.just(text),
            st.lists(
                st.tuples(
                    st.integers(0, len(text) - 1),
                    st.integers(1, len(text)),
                    st.sampled_from(["negative", "neutral", "positive"]),
                ).filter(lambda term: term[0] < term[1])
            ),
        )
    )
)


@given(st.lists(sentences))
def test_reads_what_was_written(written):
    found = read_sentences(xml(*written), FILE)
    assert [each.text for each in found] == [text for text, _ in written]
    for each, (_, terms) in zip(found, written, strict=True):
        assert each.targets[: len(terms)] == tuple(
            SpanTarget(start, end, target_of_side(side)) for start, end, side in terms
        )
        assert len(each.targets) <= len(terms) + 1
