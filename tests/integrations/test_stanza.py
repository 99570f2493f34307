"""The processor in pipelines that need no Stanza models: pretokenized text, or spaCy's rules."""

import json
import subprocess
import sys

import numpy as np
import pytest

import treernn
from treernn.errors import InputError, ModelError
from treernn.types import LABELS

stanza = pytest.importorskip("stanza")
import treernn.integrations.stanza  # noqa: E402  (registers the variant)

# Warnings of Stanza and its dependencies.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

TEXT = "Great great\nawful\nA film ."


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A resource folder of Stanza without models."""
    folder = tmp_path_factory.mktemp("stanza")
    listed = {"en": {"lang_name": "English", "packages": {}, "tokenize": {"default": {}}}}
    (folder / "resources.json").write_text(json.dumps({**listed, "de": listed["en"]}))
    return str(folder)


@pytest.fixture(scope="module")
def pipeline(folder, scorer):
    """A pipeline for tokens separated by spaces and sentences separated by newlines."""
    return make(folder, tokenize_pretokenized=True, sentiment_with_treernn=scorer)


def make(folder, language="en", processors="tokenize,sentiment", **settings):
    return stanza.Pipeline(
        language, folder, None, processors, download_method=None, use_gpu=False,
        logging_level="ERROR", **settings,
    )  # fmt: skip


def test_three_and_five_classes(pipeline):
    document = pipeline(TEXT)
    assert [sentence.sentiment for sentence in document.sentences] == [2, 0, 1]
    assert all(type(sentence.sentiment) is int for sentence in document.sentences)
    assert [sentence.treernn.label for sentence in document.sentences] == [
        "very positive",
        "very negative",
        "neutral",
    ]
    assert tuple(s.treernn for s in document.sentences) == document.treernn.sentences
    assert document.treernn.text == document.text
    assert document.treernn.label in LABELS


def test_words_and_offsets_are_stanzas(pipeline):
    document = pipeline("A not-so-good film ,  isn't it ?\nSo bad")
    for sentence in document.sentences:
        words = [(word.text, word.start_char, word.end_char) for word in sentence.words]
        assert [(t.text, t.start, t.end) for t in sentence.treernn.tokens] == words
        for phrase in sentence.treernn.phrases():
            assert document.text[phrase.start : phrase.end] == phrase.text
    assert "not-so-good" in [phrase.text for phrase in document.treernn.phrases()]


def test_models_get_words_as_in_the_treebank(pipeline, scorer):
    pipeline("“ Good ” … he ’s — OK")
    assert scorer.classifier.words == [("``", "Good", "''", "...", "he", "'s", "--", "OK")]


def test_the_most_probable_of_three_classes():
    """The probabilities of very negative and negative are added."""
    from types import SimpleNamespace

    from treernn.integrations.stanza import _three_classes

    rows = ((0.2, 0.25, 0.3, 0.15, 0.1), (0.1, 0.2, 0.4, 0.1, 0.2), (0.1, 0.2, 0.3, 0.15, 0.25))
    sentences = [SimpleNamespace(distributions=np.array([row])) for row in rows]
    assert [_three_classes(sentence) for sentence in sentences] == [0, 1, 2]


def test_a_batch_equals_single_documents(pipeline):
    texts = [TEXT, "bad", "good film\nbad bad film", "!"]
    together = pipeline.process_many(texts)
    streamed = list(pipeline.stream(iter(texts), batch_size=3))
    for text, *documents in zip(texts, together, streamed, strict=True):
        alone = pipeline(text)
        for document in documents:
            assert document.treernn.to_dict() == alone.treernn.to_dict()
            assert [s.sentiment for s in document.sentences] == [
                s.sentiment for s in alone.sentences
            ]


def test_sentences_without_words(pipeline):
    document = pipeline("! ?\n...")
    assert [(s.sentiment, s.treernn) for s in document.sentences] == [(None, None)] * 2
    assert document.treernn.problems == ("no word in it, nothing to score",)
    assert pipeline("").treernn.problems == ("empty text, nothing to score",)


def test_attributes_are_none_before_scoring(folder):
    document = make(folder, processors="tokenize", tokenize_pretokenized=True)("good")
    assert (document.treernn, document.sentences[0].treernn) == (None, None)


def test_document_without_text(pipeline):
    words = [[{"id": (1,), "text": "good"}, {"id": (2,), "text": "film"}], [{"text": "bad"}]]
    document = pipeline(stanza.Document(words))
    assert document.treernn.text == "good film bad"
    assert [phrase.text for phrase in document.treernn.phrases()] == [
        "good",
        "film",
        "good film",
        "bad",
    ]


def test_multi_word_tokens(pipeline):
    words = [
        {"id": (1, 2), "text": "isn't", "misc": "start_char=0|end_char=5"},
        {"id": (1,), "text": "is", "misc": "start_char=0|end_char=2"},
        {"id": (2,), "text": "n't", "misc": "start_char=2|end_char=5"},
        {"id": (3, 4), "text": "gonna", "misc": "start_char=6|end_char=11"},
        {"id": (3,), "text": "going"},
        {"id": (4,), "text": "to"},
    ]
    document = pipeline(stanza.Document([words], "isn't gonna"))
    assert [(t.text, t.start, t.end) for t in document.treernn.sentences[0].tokens] == [
        ("is", 0, 2),
        ("n't", 2, 5),
        ("going", 6, 11),
        ("to", 6, 11),
    ]


def test_sentiment_is_saved_with_the_document(pipeline):
    document = pipeline(TEXT)
    assert "# sentiment = 2" in f"{document:C}"
    again = stanza.Document.from_serialized(document.to_serialized())
    assert [sentence.sentiment for sentence in again.sentences] == [2, 0, 1]


def test_default_model_with_spacys_tokenizer(folder):
    """``treernn`` is named as a package, so no model of Stanza is needed."""
    pytest.importorskip("spacy")
    pipeline = make(
        folder,
        processors={"tokenize": "spacy", "sentiment": "treernn"},
    )
    document = pipeline("A wonderful film. It isn't good.")
    assert [sentence.sentiment for sentence in document.sentences] == [2, 0]
    assert document.treernn.to_dict() == treernn.load()(document.text).to_dict()


def test_default_model_and_model_folder(folder, tmp_path):
    pipeline = make(folder, tokenize_pretokenized=True, sentiment_with_treernn=True)
    assert [s.sentiment for s in pipeline("A wonderful film .").sentences] == [2]
    with pytest.raises(ModelError, match="nowhere: no such model folder"):
        make(folder, tokenize_pretokenized=True, sentiment_with_treernn=tmp_path / "nowhere")


def test_other_languages_are_errors(folder, scorer):
    with pytest.raises(InputError) as caught:
        make(folder, "de", tokenize_pretokenized=True, sentiment_with_treernn=scorer)
    assert str(caught.value) == ("treernn's models are for English, this pipeline is for 'de'")


def test_stanzas_own_processor_is_unchanged(folder):
    """Without the variant it looks for its own model."""
    with pytest.raises(FileNotFoundError):
        make(folder, tokenize_pretokenized=True)


def test_without_stanza():
    script = (
        "import sys; sys.modules['stanza'] = None\n"
        "try: import treernn.integrations.stanza\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == (
        "Stanza is not installed: pip install 'treernn[stanza]'\n",
        "",
    )
