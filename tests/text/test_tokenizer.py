import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treernn.text.cleaning import _SPECIAL, PLAIN
from treernn.text.tokenizer import MAX_WORD, tokenize, treebank_token
from treernn.types import Token


def written(text):
    return [" ".join(token.text for token in sentence) for sentence in tokenize(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # as the treebank writes words and signs
        ("It isn't bad, it's won\xadderful!", ["It is n't bad , it 's wonderful !"]),
        ("They'll cannot be stopped.", ["They 'll can not be stopped ."]),
        ('He said "It\'s bad (very)."', ["He said `` It 's bad ( very ) . ''"]),
        ("“Fine”, ‘she’ said — don’t…", ["`` Fine '' , ` she ' said -- do n't ..."]),
        ("writer/director, 7.5/10, $5, 50%", ["writer/director , 7.5/10 , $ 5 , 50 %"]),
        ("rock 'n' roll of the '70s, get 'em", ["rock 'n' roll of the '70s , get 'em"]),
        # where sentences end
        ("Great!!! What?! No.", ["Great !", "What ?", "No ."]),
        ("Mr. Smith vs. J. K. Rowling et al.", ["Mr. Smith vs. J. K. Rowling et al ."]),
        ("By J.R.R. Tolkien. Good.", ["By J.R.R. Tolkien .", "Good ."]),
        (
            "It's slow... and bad. It's... The end.",
            ["It 's slow ... and bad .", "It 's ...", "The end ."],
        ),
        ('"Really?" she asked. (Yes.) Go.', ["`` Really ? '' she asked .", "( Yes . )", "Go ."]),
        ("one line\nof two\n\nnext", ["one line of two", "next"]),
        ("Bad.The end.It was!So bad", ["Bad .", "The end .", "It was !", "So bad"]),
        ("bad . . . very . bad", ["bad . . . very .", "bad"]),
        # markup
        ("So good.<br /><br />See <i>Jaws</i>!", ["So good .", "See Jaws !"]),
        ("<p>One</p><div class='x'>Two</div><!-- no -->", ["One", "Two"]),
        ("It&#39;s &quot;fun&quot; &amp; good&hellip;", ["It 's `` fun '' & good ..."]),
        ("a <b and 3 < 4 <Movie Title>", ["a < b and 3 < 4 < Movie Title >"]),
        ("&nosuch; &#xD800; &nbsp;x", ["& nosuch ; � x"]),
        # single tokens
        ("at www.imdb.com/t?x=1. By me@x.org", ["at <url> .", "By <url>"]),
        ("great😀👍🏽 film :) f**k ***", ["great grinning thumbs-up film smile fuck ***"]),
        # invisible characters
        ("\ufeffzero\u200bwidth\x00nul\u00a0blank\x1b[0m", ["zerowidth nul blank [ 0m"]),
        ("这部电影很好看。", ["这部电影很好看。"]),
        ("", []),
        (" \n\t\u3000\u200b<br>", []),
    ],
)
def test_sentences_and_words(text, expected):
    assert written(text) == expected


def test_offsets_of_tokens():
    text = "  It isn&#39;t “<b>so</b> bad”…"
    (tokens,) = tokenize(text)
    assert [(token.text, text[token.start : token.end]) for token in tokens] == [
        ("It", "It"),
        ("is", "is"),
        ("n't", "n&#39;t"),
        ("``", "“"),
        ("so", "so"),
        ("bad", "bad"),
        ("''", "”"),
        ("...", "…"),
    ]


def test_a_long_word_is_truncated_but_not_its_range():
    assert tokenize("x" * 1_000) == [(Token("x" * MAX_WORD, 0, 1_000),)]


FRAGMENTS = r"""
    <br> <br/> <b> </b> <!-- --> < > & &amp; &quot; &#39; &hellip; &ndash; &nbsp; &lt; &#0; &not;
    " ' '' `` ` “ ” ‘ ’ « » … — -- - . .. ... ! ? !? , : ; ( ) [ ] { } * ** @ # $ % / \ _
    don't isn’t cannot gonna 's 'em 'n' '70s Mr. U.S. J.K. e.g. etc. it It The the film I a No
    http://a.b/c. www.x.y a@b.cc :) :-( <3 f**k 😀 👍🏽 ☺️ 好 é ﬀ 7.5 10/10 �
"""
BLANKS = [
    "\ue000",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\r\n",
    "\t",
    "\xa0",
    "\u200b",
    "\u2028",
    "\x00",
    "\x85",
]
PIECES = st.sampled_from(FRAGMENTS.split()) | st.sampled_from(BLANKS)
TEXTS = st.lists(PIECES | st.text(max_size=3), max_size=30).map("".join)

_MARKUP = re.compile(r"(?is)<!--.*?-->|</?[a-z!][^<>]*>|&#?\w+;")


@settings(deadline=None, max_examples=400)
@given(TEXTS)
def test_tokens_are_in_order_inside_and_cover_the_text(text):
    reached = 0
    uncovered = []
    for sentence in tokenize(text):
        assert sentence
        for token in sentence:
            assert reached <= token.start < token.end <= len(text)
            assert token.text
            assert not re.search(r"\s", token.text)
            uncovered.append(text[reached : token.start])
            reached = token.end
    uncovered.append(text[reached:])
    for gap in uncovered:  # white space, markup, and what cannot be seen
        left = "".join(c for c in _MARKUP.sub("", gap) if c.isprintable() and not c.isspace())
        assert not left.strip("\ufe0f\ufe0e*_~`#>")


@settings(deadline=None)
@given(st.lists(st.sampled_from(["a", "film", "it", "was", "good"]), min_size=1, max_size=20))
def test_plain_words_stay_as_they_are(words):
    assert written(" ".join(words)) == [" ".join(words)]


REPEATED = ["a", ".", ". ", "(", "<", "<b ", "&", "&amp;", '"', "'", "\"'`", "<!--", "!?", "! "]
REPEATED += ["*", "x*", "a@", "a.", "www.", "\n", "\n ", "\u200d", "😀", "-", "Mr. ", "... "]
REPEATED += [".)", "?a", "\x00", "好"]


@pytest.mark.parametrize("piece", REPEATED)
def test_repetitions_take_linear_time(piece):
    """Where a regular expression goes astray, NLTK's own guard ends it with a TimeoutError."""
    text = piece * (10_000 // len(piece))
    tokens = [token for sentence in tokenize(text) for token in sentence]
    covered = sum(token.end - token.start for token in tokens)
    if not piece.isspace() and piece not in ("<!--", "\u200d", "\x00"):
        assert covered >= len(re.sub("[ `]", "", text)) * 0.99


def test_sentences_of_the_treebank_are_tokenized_as_there(sst_dev):
    """The treebank's sentences, written as prose and split again."""
    same = single = 0
    for tree in sst_dev:
        sentences = tokenize(_prose(tree.words))
        same += [token.text for sentence in sentences for token in sentence] == list(tree.words)
        single += len(sentences) == 1
    assert same >= 0.985 * len(sst_dev)
    assert single >= 0.99 * len(sst_dev)


def _prose(words):
    text = f" {' '.join(words)} "
    text = re.sub(r" (n't|'(?:s|re|ve|ll|d|m)) ", r"\1 ", text)
    text = re.sub(r" (n't|'(?:s|re|ve|ll|d|m)) ", r"\1 ", text)
    text = re.sub(r"(`+|\() ", r"\1", text)
    text = re.sub(r" ([.,:;!?)]|''|'(?= ))(?=[ .,:;!?)'])", r"\1", text)
    text = re.sub(r"\$ ", "$", text)
    return text.replace("``", '"').replace("''", '"').replace("`", "'").strip()


def test_tokens_of_another_tokenizer_get_the_same_spelling(sst_dev):
    """Given its own division, and not how the words are written, it writes the same."""
    divided = [
        (text, each)
        for text in (_prose(tree.words) for tree in sst_dev)
        for sentence in tokenize(text)
        for each in sentence
    ]
    same = [treebank_token(text, each.start, each.end) == each for text, each in divided]
    assert sum(same) >= 0.9999 * len(same) > 20_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“ « ” »", ["``", "``", "''", "''"]),
        ('"so" \' `', ['"so"', "'", "`"]),
        ("n’t ’s", ["n't", "'s"]),
        ("… .... — --- ?! !!", ["...", "...", "--", "--", "?", "!"]),
        (":-) f**k it’s*** http://a.b/don’t", ["smile", "fuck", "it's***", "<url>"]),
        ("open close single", ["open", "close", "single"]),
        ("x" * 500, ["x" * 100]),
    ],
)
def test_spellings(text, expected):
    spans = [match.span() for match in re.finditer(r"\S+", text)]
    assert [treebank_token(text, *span).text for span in spans] == expected


def test_quotation_marks_depend_on_their_context():
    text = "He said \"no\" to 'it'."
    marks = [at for at, char in enumerate(text) if char in "'\""]
    assert [treebank_token(text, at, at + 1).text for at in marks] == ["``", "''", "`", "'"]


@pytest.mark.parametrize("text", [" ", "\n\n", "\u00a0", "\u200b", "\x00"])
def test_invisible_characters_are_not_a_token(text):
    assert treebank_token(text, 0, len(text)) is None


def test_a_token_that_differs_from_its_characters():
    assert treebank_token("gonna", 0, 3, "gon") == Token("gon", 0, 3)


PIECES = ["a", "Good", "www", "n", "em", "70s", " ", "'", '"', "-", ".", "!", "?", ":", "(", ")",
          "3", "*", "<", ",", "/", "$", "%", "\n", "é"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=8))
def test_plain_texts_have_no_special_characters(pieces):
    text = "".join(pieces)
    assert not (PLAIN.fullmatch(text) and _SPECIAL.search(text))


def test_a_usual_sentence_is_plain():
    assert PLAIN.fullmatch('It\'s a well-made film, "fresh" and (mostly) fun.')


def test_sentences_do_not_overlap_in_a_character_that_stands_for_several():
    first, second = tokenize(".'' @you\ufdfa> :( ")
    assert first[-1].end <= second[0].start
