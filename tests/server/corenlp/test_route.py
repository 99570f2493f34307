"""``POST /``: what CoreNLP's server answers, in JSON and protobuf."""

import itertools
import json

import pytest

import treernn
from treernn.corpora.brackets import parse_brackets
from treernn.corpora.corenlp import sentiment_trees
from treernn.server.sentences import sentences_of

TEXT = "It isn't good. “A 😀 great (and/or) film”"


def annotate(server, text, properties=None, content_type="text/plain; charset=utf-8", **query):
    if isinstance(properties, dict):
        properties = json.dumps(properties)
    params = {} if properties is None else {"properties": properties}
    headers = {"content-type": content_type} if content_type else {}
    body = text if isinstance(text, bytes) else text.encode()
    return server.client.post("/", params=params | query, content=body, headers=headers)


def test_everything_without_properties(server):
    answer = annotate(server, TEXT)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json;charset=UTF-8"
    assert "access-control-allow-origin" not in answer.headers
    assert list(answer.json()) == ["sentences"]
    result = treernn.load()(TEXT)
    for index, (found, sentence) in enumerate(
        zip(answer.json()["sentences"], result.sentences, strict=True)
    ):
        assert list(found) == [
            *("index", "parse", "binaryParse", "sentimentValue", "sentiment"),
            *("sentimentDistribution", "sentimentTree", "tokens"),
        ]
        assert found["index"] == index
        assert found["parse"] == found["binaryParse"]
        assert found["parse"].startswith("(ROOT (X (X ")
        assert "\n" not in found["parse"]
        assert found["sentimentValue"] == str(treernn.LABELS.index(sentence.label))
        assert found["sentiment"] == sentence.label.capitalize().replace(" ", "")
        assert found["sentimentDistribution"] == pytest.approx(sentence.probabilities, abs=5e-6)
        [tree] = parse_brackets(sentiment_trees(found["sentimentTree"]))
        assert tree == sentence.tree
        first, *rest = found["sentimentTree"].splitlines()
        assert first.startswith(f"(ROOT|sentiment={found['sentimentValue']}|prob=0.")
        assert all(line.startswith("  ") for line in rest)
        for number, (token, ours) in enumerate(
            zip(found["tokens"], sentence.tokens, strict=True), 1
        ):
            assert (token["index"], token["word"]) == (number, ours.text)
            assert token["originalText"] == TEXT[ours.start : ours.end]
            assert (token["codepointOffsetBegin"], token["codepointOffsetEnd"]) == (
                ours.start,
                ours.end,
            )


def test_tokens_restore_the_text(server):
    for text in (TEXT, "  One.\n\n Two  three ", "a😀b 😀😀 c", "<b>bold</b> text"):
        units = text.encode("utf-16-le")
        tokens = [
            token
            for sentence in annotate(server, text).json()["sentences"]
            for token in sentence["tokens"]
        ]
        assert (
            tokens[0]["before"]
            + "".join(token["originalText"] + token["after"] for token in tokens)
            == text
        )
        for token, following in itertools.pairwise(tokens):
            assert token["after"] == following["before"]
        for token in tokens:  # as CoreNLP counts
            begin, end = token["characterOffsetBegin"], token["characterOffsetEnd"]
            assert units[2 * begin : 2 * end].decode("utf-16-le") == token["originalText"]


def words(answer):
    return [[token["word"] for token in each["tokens"]] for each in answer.json()["sentences"]]


def test_annotators(server):
    names = {"tokens", "index"}
    answer = annotate(server, "Good. Bad.", {"annotators": "tokenize,ssplit"})
    assert [set(each) for each in answer.json()["sentences"]] == [names, names]
    answer = annotate(server, "Good.", {"annotators": "tokenize, ssplit, pos, lemma, parse"})
    assert set(answer.json()["sentences"][0]) == names | {"parse", "binaryParse"}
    answer = annotate(server, "Good.", {"annotators": "sentiment,ner"})
    assert "sentimentTree" in answer.json()["sentences"][0]
    answer = annotate(server, "Good.", {"annotators": "tokenize,ssplit,pos,ner"})
    assert answer.status_code == 400
    assert answer.text == (
        "annotator ner, pos: not available; this server has tokenize, ssplit, parse, sentiment\n"
    )
    answer = annotate(server, "Good.", {"annotators": "parse,nonesuch"})
    assert (answer.status_code, answer.text.partition(";")[0]) == (
        400,
        "annotator nonesuch: unknown",
    )


def test_where_sentences_end(server):
    text = "One. Two\nthree. Four"
    assert len(words(annotate(server, text))) == 3
    lines = words(annotate(server, text, {"ssplit.eolonly": "true"}))
    assert lines == [["One", ".", "Two"], ["three", ".", "Four"]]
    assert len(words(annotate(server, text, {"ssplit.isOneSentence": "true"}))) == 1
    always = {"ssplit.newlineIsSentenceBreak": "always"}
    assert words(annotate(server, "one two\nthree", always)) == [["one", "two"], ["three"]]
    spaces = {"tokenize.whitespace": "true"}
    assert words(annotate(server, "It isn't good . So (there) !", spaces)) == [
        ["It", "isn't", "good", "."],
        ["So", "(there)", "!"],
    ]
    both = spaces | {"ssplit.eolonly": "true"}
    assert words(annotate(server, "a . b\n\nc . d\n", both)) == [list("a.b"), list("c.d")]
    assert words(annotate(server, "a . b\n c", spaces | {"ssplit.isOneSentence": "true"})) == [
        ["a", ".", "b", "c"]
    ]


def test_texts_without_words(server):
    assert annotate(server, "").json() == {"sentences": []}
    assert annotate(server, " \n ").json() == {"sentences": []}
    [sentence] = annotate(server, "?! ...").json()["sentences"]
    assert sentence["sentiment"] == "Neutral"
    assert sentence["sentimentDistribution"] == [0, 0, 1, 0, 0]
    for line in ("!", "- - -", "\u200b x", "😀"):
        found = annotate(server, line, {"ssplit.eolonly": "true", "tokenize.whitespace": "true"})
        assert len(found.json()["sentences"]) == 1, line


def test_query_keys_are_properties(server):
    answer = annotate(server, "Good.", annotators="tokenize")
    assert set(answer.json()["sentences"][0]) == {"index", "tokens"}
    answer = annotate(server, "Good.", {"annotators": "parse"}, annotators="tokenize")
    assert "parse" in answer.json()["sentences"][0]
    answer = annotate(server, "Good.", props="{'annotators': 'tokenize'}")
    assert "parse" not in answer.json()["sentences"][0]
    answer = annotate(server, "Good.", "annotators=>tokenize,ssplit;outputFormat=json")
    assert "parse" not in answer.json()["sentences"][0]


def test_how_the_body_is_decoded(server):
    def text_of(body, kind):
        answer = annotate(server, body, {"ssplit.isOneSentence": "true"}, kind)
        tokens = answer.json()["sentences"][0]["tokens"]
        return (
            "".join(each["before"] + each["originalText"] for each in tokens) + tokens[-1]["after"]
        )

    plus = "1+1 is 100% good%20"
    assert text_of(plus, None) == plus
    assert text_of(plus, "text/plain") == plus
    assert text_of(plus, "application/json") == plus
    form = "application/x-www-form-urlencoded"
    assert text_of("caf%C3%A9+is+good", form) == "café is good"
    assert (
        text_of("café is good".encode("latin-1"), "text/plain; charset=ISO-8859-1")
        == "café is good"
    )
    assert (
        text_of("café is good".encode("utf-16"), 'text/plain; charset="utf-16"') == "café is good"
    )
    for body, kind in (
        (b"caf\xe9", None),
        (b"caf\xe9", "text/plain; charset=utf8"),
        (b"a", "text/plain; charset=nonesuch"),
        (b"a", "text/plain; charset=base64"),
        (b"%E9", form),
    ):
        answer = annotate(server, body, content_type=kind)
        assert answer.status_code == 400, (body, kind)
        assert answer.text.startswith("the body is no text in the charset ")


def test_limits(server):
    answer = annotate(server, "a" * 100_001)
    assert answer.status_code == 400
    assert answer.text == (
        "Request is too long to be handled by server: 100001 characters. "
        "Max length is 100000 characters.\n"
    )
    long = "The film, which is not bad, has a good story. " * 200
    answer = annotate(server, long, timeout="1")
    assert answer.status_code == 500
    assert answer.text == "CoreNLP request timed out. Your document may be too long.\n"
    for timeout in ("9" * 400, "9" * 5_000, "20000", " 20000.0 ", ""):
        assert annotate(server, "Good.", timeout=timeout).status_code == 200
    for name in ("xml", "text", "conllu", "conll", "nonesuch"):
        answer = annotate(server, "Good.", {"outputFormat": name})
        assert (answer.status_code, answer.text) == (
            400,
            f"outputFormat {name}: not available, use json or serialized\n",
        )
    assert annotate(server, "Good.", {"outputFormat": "JSON"}).status_code == 200
    assert annotate(server, "Good.", {"inputFormat": "serialized"}).status_code == 400


@pytest.mark.parametrize(
    ("properties", "problem"),
    [
        ("{'annotators': 'tokenize'", "properties: there is no } at the end"),
        ("annotators", "properties: a key has no value"),
        ("{'annotators': {'tokenize': true}}", "properties: a value is a map"),
        ({"annotators": 5}, "annotator 5: unknown"),
        ({"annotators": None}, "annotator null: unknown"),
        ({"outputFormat": 5}, "outputFormat 5: not available"),
        ({"outputFormat": ["json", "xml"]}, "outputFormat json,xml: not available"),
        ({"inputFormat": 1}, "inputFormat: only text is available"),
        ({"ssplit.eolonly": "maybe"}, "ssplit.eolonly is maybe, expected true or false"),
        ({"ssplit.isOneSentence": 2}, "ssplit.isOneSentence is 2, expected true or false"),
        ({"tokenize.whitespace": ["a"]}, "tokenize.whitespace is a, expected true or false"),
        (
            {"ssplit.newlineIsSentenceBreak": "sometimes"},
            "ssplit.newlineIsSentenceBreak is sometimes, expected always or never or two",
        ),
        ({"timeout": "soon"}, "timeout is soon, expected milliseconds"),
        ({"timeout": True}, "timeout is true, expected milliseconds"),
        ('{"timeout": NaN}', "timeout is NaN, expected milliseconds"),
        ({"timeout": "1e9"}, "timeout is 1e9, expected milliseconds"),
    ],
    ids=range(16),
)
def test_properties_that_cannot_be_read(server, properties, problem):
    for query in ({}, {"annotators": "tokenize"}):
        answer = annotate(server, "Good.", properties, **query)
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.text.startswith(problem)
        assert answer.text.count("\n") == 1
    if isinstance(properties, dict):  # as Python writes it, and in the address
        answer = annotate(server, "Good.", str(properties))
        assert (answer.status_code, answer.text.count("\n")) == (400, 1)
        [(name, value)] = properties.items()
        assert annotate(server, "Good.", **{name: str(value)}).status_code == 400


def test_sentences_by_white_space_keep_every_character():
    for text in ("a . ' b", ". . .", '"Yes . " he said .', "\u2028a\x1c b"):
        for ends in ("free", "lines", "newlines", "one"):
            tokens = [t for each in sentences_of(text, ends, True) for t in each]
            assert [text[t.start : t.end] for t in tokens] == text.split()
