"""Clients that were written for CoreNLP's server, unchanged."""

import warnings

import pytest

TEXT = "It isn't good. The ending is great (really)!"


@pytest.fixture
def nltk_parser(server):
    corenlp = pytest.importorskip("nltk.parse.corenlp")
    pytest.importorskip("requests")
    parser = corenlp.CoreNLPParser(url=server.url)
    yield parser
    parser.session.close()


def test_nltk_parses(nltk_parser):
    [tree] = nltk_parser.raw_parse("It isn't good. So there")
    assert tree.label() == "ROOT"
    assert tree.leaves() == ["It", "is", "n't", "good", ".", "So", "there"]
    sentences = [["A", "great", "film", "."], ["It", "isn't", "(", "so", ")", "bad"]]
    trees = [next(each) for each in nltk_parser.parse_sents(sentences)]
    assert trees[0].leaves() == sentences[0]
    assert trees[1].leaves() == ["It", "is", "n't", "-LRB-", "so", "-RRB-", "bad"]
    found = [tree.leaves() for tree in nltk_parser.parse_text(TEXT)]
    assert [len(leaves) for leaves in found] == [5, 8]
    [first] = nltk_parser.parse(["a", "great", "film", "."])
    assert first.leaves() == ["a", "great", "film", "."]


def test_nltk_tokenizes(nltk_parser):
    text = "Good muffins cost $3.88\nin New York.  Please buy me\ntwo of them.\n\nThanks."
    expected = "Good muffins cost $ 3.88 in New York . Please buy me two of them . Thanks ."
    assert " ".join(nltk_parser.tokenize(text)) == expected


def test_nltk_calls_the_api(nltk_parser):
    answer = nltk_parser.api_call(TEXT, {"annotators": "sentiment"})
    assert [each["sentiment"] for each in answer["sentences"]] == ["Negative", "Verypositive"]
    assert answer["sentences"][0]["tokens"][2]["originalText"] == "n't"


def test_nltk_says_what_is_not_available(server):
    corenlp = pytest.importorskip("nltk.parse.corenlp")
    tagger = corenlp.CoreNLPParser(url=server.url, tagtype="pos")
    with pytest.raises(Exception, match="400 Client Error: Bad Request") as caught:
        tagger.tag(["good"])
    assert caught.value.response.text.startswith("annotator pos: not available")
    tagger.session.close()


def stanza_client(server, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own imports
        stanza_server = pytest.importorskip("stanza.server")
    start = stanza_server.StartServer.DONT_START
    return stanza_server.CoreNLPClient(start_server=start, endpoint=server.url, **options)


def test_stanza_reads_json(server):
    with stanza_client(server, annotators="sentiment", output_format="json") as client:
        answer = client.annotate(TEXT)
        assert [each["sentimentValue"] for each in answer["sentences"]] == ["1", "4"]
        assert client.is_alive()


def test_stanza_reads_protobuf(server):
    with stanza_client(server, annotators=["tokenize", "ssplit", "parse", "sentiment"]) as client:
        document = client.annotate(TEXT + " 😀 Fine.")
    assert document.text == TEXT + " 😀 Fine."
    first, second, *_ = document.sentence
    assert [token.word for token in first.token] == ["It", "is", "n't", "good", "."]
    assert (first.sentiment, second.sentiment) == ("Negative", "Very positive")
    assert (first.tokenOffsetBegin, first.tokenOffsetEnd, second.tokenOffsetBegin) == (0, 5, 5)
    assert first.parseTree.value == "ROOT"
    [top] = first.parseTree.child
    assert top.value == "X"
    assert leaves(first.parseTree) == leaves(first.binarizedParseTree) == leaves_of(first)
    assert leaves(second.annotatedParseTree) == leaves_of(second)
    assert first.annotatedParseTree.sentiment == 1
    assert second.annotatedParseTree.sentiment == 4
    last = document.sentence[-1].token[-1]
    assert document.text.encode("utf-16-le")[2 * last.beginChar : 2 * last.endChar] == (
        last.originalText.encode("utf-16-le")
    )
    assert document.text[last.codepointOffsetBegin : last.codepointOffsetEnd] == last.originalText


def leaves(tree):
    return [leaf for child in tree.child for leaf in leaves(child)] or [tree.value]


def leaves_of(sentence):
    return [token.word for token in sentence.token]


def test_stanza_reads_trees_of_any_depth(server):
    long = "very " * 1_500 + "good"
    with stanza_client(server, annotators="parse,sentiment") as client:
        [sentence] = client.annotate(long).sentence
        assert len(sentence.token) == 1_501
        properties = {"tokenize.whitespace": "true", "ssplit.eolonly": "true"}
        document = client.annotate("a b\nc d", properties=properties)
        assert [leaves_of(each) for each in document.sentence] == [["a", "b"], ["c", "d"]]


def test_stanza_says_what_is_not_available(server):
    with (
        stanza_client(server, annotators="ner") as client,
        pytest.raises(Exception, match="annotator ner: not available"),
    ):
        client.annotate("good")


def test_pycorenlp(server):
    pycorenlp = pytest.importorskip("pycorenlp")
    import json

    client = pycorenlp.StanfordCoreNLP(server.url)
    properties = {"annotators": "sentiment,ner", "outputFormat": "json", "timeout": 20_000}
    answer = client.annotate("It is 1+1 good. Bad!", properties=properties)
    if isinstance(answer, str):  # json.loads has no argument encoding any longer
        answer = json.loads(answer)
    first, second = answer["sentences"]
    assert "".join(each["originalText"] for each in first["tokens"]) == "Itis1+1good."
    assert second["sentiment"] in ("Negative", "Verynegative")
    assert json.loads(client.annotate("good"))["sentences"][0]["sentiment"] == "Positive"
