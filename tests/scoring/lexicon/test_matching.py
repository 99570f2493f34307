"""Where entries are in a text, however both are written."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.errors import InputError
from treernn.scoring.lexicon.entries import of_mapping
from treernn.scoring.lexicon.matching import Matcher
from treernn.text.tokenizer import tokenize


def found(words, text):
    """The parts of a text that are entries."""
    matcher = Matcher(of_mapping(dict.fromkeys(words, 1)))
    return [
        text[tokens[match.start].start : tokens[match.end - 1].end]
        for tokens in tokenize(text)
        for match in matcher.matches(text, tokens)
    ]


@pytest.mark.parametrize(
    ("entry", "text", "parts"),
    [
        # case
        ("glorpy", "Glorpy, GLORPY and glorpy.", ["Glorpy", "GLORPY", "glorpy"]),
        ("US", "Tell us about the US, Us!", ["US"]),
        ("off the hook", "Off The Hook. OFF THE HOOK", ["Off The Hook", "OFF THE HOOK"]),
        # hyphens, apostrophes, contractions
        (
            "must-have",
            "A must have, a must‐have, a must-have.",
            ["must have", "must‐have", "must-have"],
        ),
        ("off the hook", "off-the-hook", ["off-the-hook"]),
        ("must have", "I musthave it", []),
        ("don't bother", "dont bother, don’t bother", ["dont bother", "don’t bother"]),
        ("dont bother", "Don't bother.", ["Don't bother"]),
        ("ain't", "It aint, ain’t it, AIN'T", ["aint", "ain’t", "AIN'T"]),
        ("o'clock", "oclock o’clock", ["oclock", "o’clock"]),
        ("hell", "He'll be ill, what the hell", ["hell"]),
        ("were", "We're there, they were", ["were"]),
        ("mcdonald's", "McDonald’s", ["McDonald’s"]),
        # pieces of words are none
        ("sick", "sickness, homesick, sick", ["sick"]),
        ("have", "a must-have", []),
        # spelling
        ("so", "sooooo good", ["sooooo"]),
        ("glorpy", "glorpyyyyy", ["glorpyyyyy"]),
        ("excellent", "excelent", ["excelent"]),
        ("excelent", "excellent", []),
        ("shit", "sh*t", ["sh*t"]),
        ("café", "cafe\u0301 CAFÉ", ["cafe\u0301", "CAFÉ"]),
        ("glorpy", "glor\u200bpy ｇｌｏｒｐｙ 𝐠𝐥𝐨𝐫𝐩𝐲", ["glor\u200bpy", "ｇｌｏｒｐｙ", "𝐠𝐥𝐨𝐫𝐩𝐲"]),
        ("R&D", "R&amp;D", ["R&amp;D"]),
        # signs
        ("👍", "👍🏽 👍 👍🏿", ["👍🏽", "👍", "👍🏿"]),
        ("👍🏽", "👍", ["👍"]),
        ("❤", "❤️ ❤ :heart:", ["❤️", "❤", ":heart:"]),
        (":fire:", "so 🔥", ["🔥"]),
        ("👩🏽‍💻", "👩‍💻 👩", ["👩‍💻"]),
        ("🔥", "hot🔥🔥", ["🔥", "🔥"]),
        ("🔥🔥", "🔥🔥🔥 🔥", ["🔥🔥"]),
        (":)", ":-) :)) :D", [":-)", ":))"]),
        (":-)", ":-) :) :))", [":-)", ":)", ":))"]),
        ("...", "Well ... no…", ["...", "…"]),
        ("!!!", "What!!! No!", ["!!!"]),
        ("%)", "done %) 5%", ["%)"]),
        ("xD", "lol xD", ["xD"]),
        ("love", "❤️ I love it", ["love"]),
        ("fire", "🔥 fire", ["fire"]),
        # names and hashtags
        ("@netflix", "@netflix netflix", ["@netflix"]),
        ("netflix", "@netflix netflix", ["netflix"]),
        ("off the hook", "#OffTheHook #offthehook", ["OffTheHook", "offthehook"]),
        ("fail", "#fail fail", ["fail", "fail"]),
        ("#fail", "#fail fail", ["fail"]),
        # what divides
        ("off the hook", "off the\nhook", ["off the\nhook"]),
        ("off the hook", "off the\n\nhook", []),
        ("off the hook", "We went off. The hook broke.", []),
        ("off the hook", "off, the hook", []),
        ("off the hook", "<b>off</b> the <i>hook</i>", ["off</b> the <i>hook"]),
        ("off the hook", "(off the hook)", ["off the hook"]),
        ("10/10", "10/10 would do", ["10/10"]),
        ("C++", "C++ is", ["C++"]),
    ],
)
def test_where_an_entry_is(entry, text, parts):
    assert found([entry], text) == parts


def test_each_form_of_a_sign_may_have_an_entry():
    matcher = Matcher(of_mapping({":'(": -1, ":(": -0.5, "👍🏽": 0.5, "👍": 1}))
    text = ":( :'( :-( 👍 👍🏽 👍🏿"
    [tokens] = tokenize(text)
    scores = [match.score for match in matcher.matches(text, tokens)]
    assert scores == [-0.5, -1, -0.5, 1, 0.5, 1]


def test_the_longest_of_the_first_wins():
    words = ["off the hook", "hook", "the hook line", "off"]
    assert found(words, "off the hook line, the hook line, off hook") == [
        *("off the hook", "the hook line", "off", "hook"),
    ]


def test_an_entry_with_capitals_precedes_one_without():
    matcher = Matcher(of_mapping({"it": 0.25, "IT": -1}))
    text = "IT is it, It."
    [tokens] = tokenize(text)
    assert [match.score for match in matcher.matches(text, tokens)] == [-1, 0.25, 0.25]


@given(st.lists(st.text("ab -'’.#\n", min_size=1, max_size=8), max_size=4), st.text("ab -'’.#\n"))
def test_matches_are_whole_tokens_in_order(words, text):
    usable = {}
    for word in words:
        try:
            of_mapping({**usable, word: 1})
        except InputError:
            continue
        usable[word] = 1
    if not usable:
        return
    matcher = Matcher(of_mapping(usable))
    for tokens in tokenize(text):
        reached = 0
        for match in matcher.matches(text, tokens):
            assert reached <= match.start < match.end <= len(tokens)
            reached = match.end


def test_every_entry_is_found_in_a_text_of_it_alone():
    words = ["glorpy", "Off the Hook", "don't", "👍", "a must-have", "C++", "#fail", "@bob", ":-/"]
    for word in words:
        assert found(words, word) == [word.removeprefix("#")]


class Counting(Matcher):
    """Counts what is looked up, which takes the time."""

    lookups = 0

    def _begins(self, form):
        self.lookups += 1
        return super()._begins(form)


def test_work_grows_with_the_text_alone():
    names = ["".join(letters) for letters in product("bdglmnprst", "aeiou", "bdglmnprst", "aeiou")]
    entries = {f"{name} of the {name}": n % 3 - 1 for n, name in enumerate(names)}
    always = {"baba of the baba": 1, " ".join(["very"] * 30): 1}

    def lookups(count, entries):
        text = "very " * 10 * count + "baba of the baba and baba of the other " * count
        matcher = Counting(of_mapping(entries | always))
        matches = [m for tokens in tokenize(text) for m in matcher.matches(text, tokens)]
        assert len(matches) >= count
        return matcher.lookups

    assert lookups(800, entries) <= 9 * lookups(100, entries)
    assert lookups(100, entries) == lookups(100, {})
