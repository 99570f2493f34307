"""Results with a lexicon: exact at its words, as usual above them, the same elsewhere."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import treernn
from treernn.scoring.lexicon.entries import of_mapping
from treernn.scoring.lexicon.own_words import OwnWords
from treernn.scoring.scorer import Scorer
from treernn.types import LABELS, Token

WORDS = {
    "glorpy": "very positive",
    "zorky": -1,
    "mehish": "neutral",
    "off the hook": "very positive",
    "hook": "negative",
    "must-have": 0.75,
    "🔥": "very negative",
    "sick": "positive",
    "US": -0.5,
    "don't bother": -1,
    "@netflix": 1,
}


@pytest.fixture(scope="module")
def scorer(scorer_with):
    return scorer_with(WORDS)


def phrase(result, text):
    """The largest phrase of this text."""
    return [each for each in result.phrases() if each.text == text][-1]


def test_a_word_that_the_model_does_not_know_is_read_as_one_that_it_knows(scorer):
    good, bad, neither = scorer.score_many(
        ["The film was glorpy.", "The film was not glorpy.", "The film was mehish."]
    )
    assert good.label == "very positive"
    assert bad.label in ("negative", "very negative")
    assert neither.label == "neutral"
    for result, text, label in (
        *((good, "glorpy", "very positive"), (bad, "glorpy", "very positive")),
        (neither, "mehish", "neutral"),
    ):
        assert phrase(result, text).label == label
        assert max(phrase(result, text).distribution) == 1


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("This is very zorky.", "This is not zorky at all."),
        ("It isn't glorpy.", "It is glorpy."),
        ("A zorky film, but the ending is glorpy.", "A glorpy film with a glorpy ending."),
        ("I never glorpy it.", "I glorpy it."),
        ("That was not off the hook.", "That was off the hook!"),
        ("That was 🔥🔥", "That was sick"),
        ("Don't bother.", "Bother."),
    ],
)
def test_the_tree_above_turns_and_weighs_it_as_usual(scorer, text, better):
    assert scorer(text).score < scorer(better).score - 0.3


def test_an_entry_contradicts_the_model(small, scorer):
    text = "The beat is sick."
    assert small(text).score < -0.2 < 0.2 < scorer(text).score
    assert phrase(scorer(text), "sick").score == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("text", "part", "score"),
    [
        ("Glorpy films are rare.", "Glorpy", 1),
        ("GLORPY!!!", "GLORPY", 1),
        ("Glorpy.", "Glorpy.", 1),
        ("zorky", "zorky", -1),
        ("“Zorky”", "“Zorky”", -1),
        ("That was OFF THE HOOK, man", "OFF THE HOOK", 1),
        ("off the\nhook it is", "off the\nhook", 1),
        ("Off-the-hook stuff", "Off-the-hook", 1),
        ("#OffTheHook", "OffTheHook", 1),
        ("The hook is off.", "hook", -0.5),
        ("a must have", "must have", 0.75),
        ("They told us of the US.", "US", -0.5),
        ("so 🔥!", "🔥", -1),
        ("@netflix", "@netflix", 1),
        ("Thanks, @netflix: great", "@netflix", 1),
        ("DONT BOTHER with it", "DONT BOTHER", -1),
    ],
)
def test_the_phrase_has_what_the_lexicon_says(scorer, text, part, score):
    found = phrase(scorer(text), part)
    assert found.score == pytest.approx(score, abs=1e-6)
    assert text[found.start : found.end] == part


def test_words_within_a_phrase_are_neutral_and_shown(scorer):
    [sentence] = scorer("It was off the hook.").sentences
    shown = {each.text: each.label for each in sentence.phrases()}
    assert shown["off the hook"] == "very positive"
    assert [shown[each] for each in ("off", "the", "hook", "the hook")] == ["neutral"] * 4
    assert sentence.tree.words == ("It", "was", "off", "the", "hook", ".")


def test_no_match_across_sentences_and_paragraphs(small, scorer):
    for text in ("We went off. The rest was fine.", "off the\n\nrest", "It was off, the rest"):
        assert scorer(text) == small(text)


def test_a_sentence_that_has_no_entry_is_the_same(small, scorer):
    texts = ["Two hours of my life.", "us and them", "", "?!", "It isn't good. He'll see."]
    assert scorer.score_many(texts) == small.score_many(texts)


def test_the_tree_of_a_text_is_the_same_with_words_of_the_lexicon(small, scorer):
    for text in ("A glorpy, zorky film that is sick, in the US.", "so 🔥, must-have"):
        with_it, without = scorer(text).sentences, small(text).sentences
        assert [each.tree.children for each in with_it] == [each.tree.children for each in without]
        assert [each.tokens for each in with_it] == [each.tokens for each in without]


@pytest.mark.parametrize("classes", [3, 2])
def test_fewer_classes(scorer, classes):
    result = scorer("It was glorpy.").with_classes(classes)
    assert phrase(result, "glorpy").label == "positive"
    assert phrase(result, "glorpy").probabilities[-1] == 1


PARTS = (
    *WORDS,
    "Glorpy",
    "OFF the Hook",
    "the",
    "not",
    "film",
    ".",
    "!",
    "\n",
    ",",
    "(",
    ")",
    "off",
)


@settings(max_examples=12)
@given(
    st.lists(st.one_of(st.sampled_from(PARTS), st.text(max_size=5)), max_size=14).map(" ".join),
    st.dictionaries(st.sampled_from(PARTS[:13]), st.floats(-1, 1), min_size=1, max_size=6),
)
def test_phrases_are_where_they_say(small, text, words):
    lexicon = of_mapping(words)
    result = Scorer(small.parser, small.classifier, lexicon=lexicon)(text)
    for sentence in result.sentences:
        assert len(sentence.tokens) == len(sentence.tree.words)
        assert sentence.distributions.shape == (sentence.tree.num_nodes, len(LABELS))
        assert np.allclose(sentence.distributions.sum(1), 1, atol=1e-5)
        assert sentence.tree.spans()[-1] == (0, len(sentence.tokens))
    for each in result.phrases():
        assert result.text[each.start : each.end] == each.text
    plain = small(text)
    if plain.scored:
        spans = [(token.start, token.end) for each in plain.sentences for token in each.tokens]
        assert spans == [(t.start, t.end) for each in result.sentences for t in each.tokens]


@pytest.fixture(scope="module")
def own_words(scorer):
    return OwnWords(scorer.lexicon, scorer.classifier)


@settings(max_examples=12)
@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=12).map(" ".join))
def test_what_is_unfolded_can_be_folded_again(scorer, own_words, text):
    own = own_words
    for sentence in scorer(text).sentences:
        tokens, tree = own.folded(text, sentence.tokens, sentence.tree)
        assert tokens == own.fold(text, sentence.tokens).tokens
        assert tree.words == tuple(token.text for token in tokens)
        assert tree.spans()[-1] == (0, len(tokens))
        assert sorted(child for each in tree.children for child in each) == [*range(tree.root)]


def test_spellings_are_shown_as_written(scorer_with):
    own = scorer_with({"sicc": 1, "so": 0.5})
    [sentence] = own("That is sicc and soooo long").sentences
    assert sentence.tree.words == ("That", "is", "sicc", "and", "so", "long")
    assert sentence.distributions[2, 4] == 1
    assert sentence.distributions[4, 3] == 1


def test_targets_are_seen_among_the_words_of_the_lexicon(scorer):
    text = "The glorpy screen is great, but the battery is zorky. The camera was off the hook."
    result = scorer(text)
    battery, screen, camera = (result.target(each) for each in ("battery", "screen", "camera"))
    assert battery.score < -0.3 < 0.3 < min(screen.score, camera.score)
    hook = result.target("hook")
    assert (hook.text, text[hook.phrase_start : hook.phrase_end]) == ("hook", "off the hook")


def test_explanations_name_the_words_of_the_text(scorer):
    [first, *_] = scorer("The film was not glorpy.").explain()
    assert first.kind == "negation"
    assert '"glorpy" (very positive)' in first.text
    [first, *_] = scorer("It was off the hook!").explain()
    assert "off the hook" in first.text


def test_tokens_of_another_tokenizer(scorer):
    text = "so off the hook"
    words = [Token("so", 0, 2), Token("off", 3, 6), Token("the", 7, 10), Token("hook", 11, 15)]
    [result] = scorer.score_tokens([(text, [words])])
    assert phrase(result, "off the hook").score == 1


@pytest.fixture(scope="module")
def loaded():
    return treernn.load(lexicon=WORDS)


def test_scorers_are_copied_with_their_lexicon(scorer, loaded):
    assert repr(loaded) == (
        "Scorer(model='small', device='cpu', parser='embedded', lexicon=Lexicon(11 entries))"
    )
    texts = ["The film was glorpy.", "off the hook"]
    copied = pickle.loads(pickle.dumps(loaded))
    assert copied.score_many(texts) == loaded.score_many(texts) == scorer.score_many(texts)
    assert len(pickle.dumps(loaded)) < 10_000  # without the models


def test_another_lexicon_or_classifier(scorer_with, small):
    own = scorer_with({"glorpy": 1})
    assert own("glorpy").score == 1
    own.lexicon = of_mapping({"glorpy": -1})
    assert own("glorpy").score == -1
    own.lexicon = None
    assert own("glorpy") == small("glorpy")


def test_domains(scorer_with):
    words = {"sick": {None: -1, "games": 1}, "lit": {"games": 0.5}}
    assert scorer_with(words)("sick").score == -1
    games = scorer_with(words, "games")
    assert (games("sick").score, games("lit").score) == (1, 0.5)


def test_entries_are_no_words_to_a_bare_classifier(small):
    """A classifier that has no vocabulary, as that of another library."""

    class Bare:
        def distributions(self, trees):
            return small.classifier.distributions(trees)

    scorer = Scorer(small.parser, Bare(), lexicon=of_mapping({"glorpy": 1}))
    assert scorer("The film was glorpy.").label == "very positive"


def test_many_texts_in_several_processes_are_those_of_one(loaded):
    texts = ["so glorpy", "off the hook", "neither"] * 180  # two chunks
    one, two = loaded.score_many(texts), loaded.score_many(texts, jobs=2)
    assert [each.label for each in one] == [each.label for each in two]
    assert max(abs(a.score - b.score) for a, b in zip(one, two, strict=True)) < 1e-5
