"""The small model on text as people write it: spelling, signs and layout change no opinion."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import treernn
from treernn.text import tokenize

NEGATIVE, POSITIVE = ("very negative", "negative"), ("positive", "very positive")
APOSTROPHES = "'’ʼ＇ʹ´`\x92\ufffd"


@pytest.fixture(scope="module")
def scorer():
    return treernn.load()


def mean(result):
    return float(np.arange(-2.0, 3.0) @ result.probabilities)


def tokens(text):
    return [[token.text for token in sentence] for sentence in tokenize(text)]


@pytest.mark.parametrize(
    "text",
    [
        *(f"This film isn{sign}t good." for sign in APOSTROPHES),
        *(f"This film {word} good." for word in ("isnt", "is'nt", "isn\\'t", "isn 't", "isnâ€™t")),
        *("I dont like it.", "I didnt enjoy it.", "It doesnt work.", "It wasnt good."),
        *("You wont enjoy this movie.", "I cant recommend this film.", "THIS FILM ISNT GOOD."),
        *("It isn&amp;#39;t good.", "This is **terrible**.", "# worst_film_ever", "It is sh*t."),
        *("It is badly-acted.", "It is over-rated.", "It is _terrible_.", "It is horrrrible."),
        *("It is awfull.", "It is terribel.", "It is disapointing.", "It is boooring."),
        *("Ｔｈｉｓ ｉｓ ｔｅｒｒｉｂｌｅ．", "𝓣𝓱𝓲𝓼 𝓲𝓼 𝓽𝓮𝓻𝓻𝓲𝓫𝓵𝓮"),
        *(":(", "👎", "💩", "#worst_film_ever", "(terrible)", "AWFUL", "“Awful”"),
        "<script>good great best</script><p>Terrible film.</p>",
        "<style>.great{color:red}</style>Awful.",
        *("It was great. Not.", "Pros: none. Cons: everything.", "Is it good? No."),
        "I wanted to like it. The cast is superb. It looks gorgeous. But the film is a bore.",
    ],
)
def test_negative(scorer, text):
    assert scorer(text).label in NEGATIVE


@pytest.mark.parametrize(
    "text",
    [
        *("The ﬁnest ﬁlm", "This is 𝐚𝐦𝐚𝐳𝐢𝐧𝐠", "A finé ﬁlm, the best"),
        *("It is good/great.", "It is amaaaazing.", "It is soooo good.", "It is fantatsic."),
        *("It is excelent.", "It is wonderfull.", "It is *great*.", "It is brilliantly-acted."),
        *("❤️", ":)", "😍", "👍🏽", "#LoveThisFilm", "(great)", "GREAT", "'Excellent'"),
        *("Did I like it? Yes!", "Is it bad? No.", "Pros: everything. Cons: none."),
    ],
)
def test_positive(scorer, text):
    assert scorer(text).label in POSITIVE


@pytest.mark.parametrize("word", ["awful", "great", "good", "bad", "nice", "boring", "superb"])
def test_a_word_alone_has_one_verdict(scorer, word):
    forms = (
        word,
        word.upper(),
        word.capitalize(),
        *(f"{word}.", f"({word})", f'"{word}"', f"*{word}*"),
    )
    results = scorer.score_many(forms)
    for result in results:
        assert result.probabilities == pytest.approx(results[0].probabilities, abs=1e-5)


@pytest.mark.parametrize(
    "addition", ["@HateMail_99", "http://worst.com/bad", "www.awful.org", "me@terrible.com"]
)
@pytest.mark.parametrize(
    "text", ["It was a lovely day", "I hate this place", "The food is good, the service is bad."]
)
def test_links_and_handles_are_no_opinion(scorer, text, addition):
    plain, *others = scorer.score_many((text, f"{text} {addition}", f"{addition} {text}"))
    for other in others:
        assert other.probabilities == pytest.approx(plain.probabilities, abs=1e-5)


def test_compounds_are_not_all_the_same(scorer):
    first, second = scorer.score_many(["a not-so-good film", "a so-bad-it's-good film"])
    assert abs(mean(first) - mean(second)) > 0.01
    [one, five] = scorer.score_many(["a 1-star film", "a 5-star film"])
    assert one.probabilities != five.probabilities


def test_opposite_opinions_balance(scorer):
    for text in ("Good! Bad!", "Bad! Good!", "Great. Awful.", "I love it. I hate it."):
        result = scorer(text)
        assert abs(mean(result)) < 0.5
        assert result.label not in ("very negative", "very positive")


def test_what_is_on_the_whole_balanced_is_no_extreme(scorer):
    praise = ("Great.", "I loved it.", "A great film.", "Good!", "Wonderful acting.", "Superb.")
    blame = ("Awful.", "I hated it.", "A terrible film.", "Bad!", "Dull plot.", "A bore.")
    pairs = [pair for a in praise for b in blame for pair in ((a, b), (b, a), (a, b, a, b))]
    results = scorer.score_many([" ".join(pair) for pair in pairs])
    balanced = [result for result in results if abs(mean(result)) < 0.5]
    assert len(balanced) > len(results) / 2
    assert not [result for result in balanced if result.label in ("very negative", "very positive")]


@pytest.mark.parametrize(
    "text",
    ["Ｔｈｅ ｂｅｓｔ ｆｉｌｍ", "𝐓𝐡𝐞 𝐰𝐨𝐫𝐬𝐭 𝐟𝐢𝐥𝐦 𝐞𝐯𝐞𝐫", "ter\u00adrible film", "LOL omg wtf"],
)
def test_english_in_other_characters_has_no_note(scorer, text):
    assert scorer(text).problems == ()


BAD = ("The film is dull.", "I did not like the story and the actors were poor.", "It is a mess.")
INSULTS = ("It stinks.", "Garbage!", "What a terrible film.", "Awful.", "The plot is stupid.")


@pytest.mark.parametrize("text", BAD)
@pytest.mark.parametrize("insult", INSULTS)
def test_an_insult_makes_no_text_less_negative(scorer, text, insult):
    before, after = scorer.score_many([text, f"{text} {insult}"])
    assert mean(after) <= mean(before) + 1e-5


@pytest.mark.parametrize(
    "text",
    [
        "Das Essen war sehr schlecht und der Service noch schlimmer.",
        "Le film est vraiment très mauvais et je ne le recommande pas.",
        "La película es muy mala y no la recomiendo a nadie.",
    ],
)
def test_other_languages_have_a_note(scorer, text):
    assert "know English only" in scorer(text).problems[0]


def test_the_first_reason_is_not_against_the_verdict(scorer):
    result = scorer("It's not a bad movie, but the ending ruins everything.")
    reasons = result.explain()
    assert result.label in NEGATIVE
    assert "the ending ruins everything" in reasons[0].text
    assert reasons[0].direction == -1
    assert any(reason.kind == "contrast" for reason in reasons)


VERBS = ("is", "was", "are", "were", "did", "does", "do", "would", "could", "should", "has", "had")


@given(st.sampled_from(VERBS), st.sampled_from(APOSTROPHES), st.sampled_from([str, str.upper]))
def test_a_negation_with_any_apostrophe_is_one_token(verb, apostrophe, case):
    text = case(f"it {verb}n{apostrophe}t good")
    assert tokens(text) == [[*case(f"it {verb}").split(), case("n't"), case("good")]]
    assert tokens(case(f"it {verb}nt good")) == tokens(text)


@settings(deadline=None)
@given(st.text(st.characters(categories=["L", "M", "P", "Zs"]), max_size=20))
def test_decomposed_text_is_read_like_composed_text(text):
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert tokens(composed) == tokens(decomposed)
