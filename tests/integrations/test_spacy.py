import itertools
import subprocess
import sys

import pytest
import torch

import treernn
from tests.helpers.near import Near
from treernn.errors import InputError, ModelError

spacy = pytest.importorskip("spacy")
from spacy.tokens import Doc, DocBin  # noqa: E402

TEXTS = ["Great film! Bad, bad.", "", "awful", "A film", "!!! ...", "good  \n\n good. "]


@pytest.fixture(scope="module")
def shipped():
    """A pipeline with a sentencizer and the default component."""
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("treernn")
    return nlp


@pytest.fixture
def nlp(shipped, scorer, monkeypatch):
    """The same pipeline with the small test classifier."""
    monkeypatch.setattr(shipped.get_pipe("treernn"), "scorer", scorer)
    return shipped


def plain(doc):
    return doc._.treernn.to_dict()


def test_spacy_finds_the_component_by_name():
    script = (
        "import spacy, sys; nlp = spacy.blank('en');"  # imports all that entry points name
        "assert not {'nltk', 'treernn.models', 'treernn.parsing'} & set(sys.modules);"
        "nlp.add_pipe('treernn'); print(nlp('A wonderful film.')._.treernn.label)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("very positive\n", "")


def test_same_result_as_from_text(shipped):
    text = "It isn't good. A wonderful film!"
    assert plain(shipped(text)) == treernn.load()(text).to_dict()


def test_spans_that_are_phrases(nlp):
    doc = nlp("Great film! So bad.")
    spans = [doc[i:j] for i in range(len(doc)) for j in range(i + 1, len(doc) + 1)]
    found = {(span.start_char, span.end_char): span._.treernn for span in spans}
    phrases = {(phrase.start, phrase.end): phrase for phrase in doc._.treernn.phrases()}
    assert found == {place: phrases.get(place) for place in found}
    assert set(phrases) <= set(found)
    assert [sentence._.treernn.label for sentence in doc.sents] == ["neutral", "neutral"]
    assert doc[0:1]._.treernn.label == "very positive"
    assert doc[1:5]._.treernn is None
    assert doc[2:2]._.treernn is None


def test_tokens_are_spacys(nlp, scorer):
    doc = Doc(nlp.vocab, ["Not-so-good", "film", "“", "OK", "…"], [True, True, False, True, False])
    nlp.get_pipe("treernn")(doc)
    assert scorer.classifier.words == [("Not-so-good", "film", "``", "OK", "...")]
    [sentence] = doc._.treernn.sentences
    assert [(token.start, token.end) for token in sentence.tokens] == [
        (token.idx, token.idx + len(token)) for token in doc
    ]


def test_white_space_tokens_are_ignored(nlp, scorer):
    doc = nlp(" good \n\n film.  Bad \u200b !\n")
    assert scorer.classifier.words == [("good", "film", "."), ("Bad", "!")]
    assert doc._.treernn.text == doc.text
    *sentences, blank = doc.sents
    assert [each._.treernn.text for each in sentences] == [each.text.strip() for each in sentences]
    assert (blank.text, blank._.treernn) == ("\n", None)
    assert doc[0:1].text.isspace()
    assert doc[0:1]._.treernn is None
    assert doc[0:2]._.treernn.text == "good"


def test_without_sentence_boundaries(nlp, scorer):
    with nlp.select_pipes(disable=["sentencizer"]):
        doc = nlp("Great film! So bad.")
    assert scorer.classifier.words == [("Great", "film", "!", "So", "bad", ".")]
    assert doc[:]._.treernn.text == doc.text


def test_sentence_boundaries_of_any_component(nlp, scorer):
    doc = nlp.make_doc("Great film so bad")
    for token in doc:
        token.is_sent_start = token.i in (0, 2)
    nlp.get_pipe("treernn")(doc)
    assert scorer.classifier.words == [("Great", "film"), ("so", "bad")]


def test_texts_without_words(nlp):
    for text, problem in [
        ("", "empty text, nothing to score"),
        ("  ", "only white space or markup, nothing to score"),
        ("?!", "no word in it, nothing to score"),
    ]:
        doc = nlp(text)
        assert doc._.treernn.problems == (problem,)
        assert doc[:]._.treernn is None


def test_attributes_are_none_before_scoring(nlp):
    doc = nlp.make_doc("good")
    assert (doc._.treernn, doc[:]._.treernn) == (None, None)


@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_batch_equals_single_documents(nlp, size):
    docs = list(nlp.pipe(TEXTS, batch_size=size))
    assert [plain(doc) for doc in docs] == [plain(nlp(text)) for text in TEXTS]


def test_a_batch_is_one_call_to_the_model(nlp, scorer):
    list(nlp.pipe(TEXTS))
    assert scorer.classifier.words == [
        ("Great", "film", "!"),
        ("Bad", ",", "bad", "."),
        ("awful", "."),
        ("A", "film"),
        ("good", "good", "."),
    ]


def test_endless_stream(nlp):
    docs = nlp.pipe(itertools.cycle(TEXTS), batch_size=4)
    found = [plain(doc) for doc in itertools.islice(docs, 20)]
    assert found[:6] == found[6:12] == [plain(nlp(text)) for text in TEXTS]


def test_as_tuples(nlp):
    pairs = [(text, number) for number, text in enumerate(TEXTS)]
    for doc, number in nlp.pipe(pairs, as_tuples=True):
        assert doc._.treernn.text == TEXTS[number]


def test_several_processes(shipped):
    """With several threads of torch, which a fork does not copy; see ``test_forks.py``."""
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        alone = [plain(doc) for doc in shipped.pipe(TEXTS, batch_size=2)]
        docs = list(shipped.pipe(TEXTS, n_process=2, batch_size=2))
        assert [plain(doc) for doc in docs] == Near(alone)
    finally:
        torch.set_num_threads(threads)


def test_results_are_saved_with_documents(nlp):
    docs = [nlp(text) for text in TEXTS]
    stored = DocBin(store_user_data=True, docs=docs).to_bytes()
    for doc, again in zip(docs, DocBin().from_bytes(stored).get_docs(nlp.vocab), strict=True):
        assert plain(again) == plain(doc)
        assert again._.treernn.label == doc._.treernn.label
        assert [s._.treernn for s in again.sents] == [s._.treernn for s in doc.sents]
    arrays = Doc(nlp.vocab)
    arrays.user_data["array"] = treernn.load()("good").sentences[0].distributions
    copied = Doc(nlp.vocab).from_bytes(arrays.to_bytes()).user_data["array"]
    assert (copied == arrays.user_data["array"]).all()


def test_a_pipeline_is_saved_and_loaded(shipped, tmp_path):
    shipped.to_disk(tmp_path)
    again = spacy.load(tmp_path)
    assert again.pipe_names == ["sentencizer", "treernn"]
    assert plain(again("A wonderful film.")) == plain(shipped("A wonderful film."))


def test_errors_go_to_the_error_handler(nlp, monkeypatch):
    component = nlp.get_pipe("treernn")

    def score_tokens(documents):
        if any("awful" in text for text, _ in documents):
            raise ValueError("awful")
        return scored(documents)

    scored = component.scorer.score_tokens
    monkeypatch.setattr(component.scorer, "score_tokens", score_tokens)
    with pytest.raises(ValueError, match="awful"):
        nlp("awful")
    failed = []
    nlp.set_error_handler(lambda name, _, docs, error: failed.append((name, len(docs), str(error))))
    try:
        assert [doc.text for doc in nlp.pipe(["good", "awful", "bad"], batch_size=1)] == [
            "good",
            "bad",
        ]
    finally:
        nlp.set_error_handler(spacy.util.raise_error)
    assert failed == [("treernn", 1, "awful")]


def test_missing_model(tmp_path):
    nlp = spacy.blank("en")
    with pytest.raises(ModelError, match="nowhere: no such model folder"):
        nlp.add_pipe("treernn", config={"model": str(tmp_path / "nowhere")})


def test_other_languages_are_errors():
    with pytest.raises(InputError) as caught:
        spacy.blank("de").add_pipe("treernn")
    assert str(caught.value) == "treernn's models are for English, this pipeline is for 'de'"


def test_without_spacy():
    script = (
        "import sys; sys.modules['spacy'] = None\n"
        "try: import treernn.integrations.spacy\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == (
        "spaCy is not installed: pip install 'treernn[spacy]'\n",
        "",
    )
