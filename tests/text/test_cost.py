"""Time grows with the length of a text, whatever is repeated in it."""

import gc
import time

import pytest

from treernn.tables.open import open_table
from treernn.text.tokenizer import tokenize

# What the patterns of treernn/text begin with, or could begin with anywhere.
REPEATED = (
    *("<!--", "<!-- x", "<script>", "<b x", "<b x='", '<b x="', "</", "<", ">", "<!"),
    *("<?a", "<x:y", "&#1", "&", "&amp;", "&a", "&#x", "&amp;#38;", "[url=", "[b", "[a]("),
    *("![", "[a]((", "`", "```\n", "a@", "@a@", "a+@", "a@b.", "@", "a.", "a-", "#a", "#"),
    *("#a_", "http://(", "www.", "a.com/", "://", "*", "**a", "a*", "f**k", "_a", "~~"),
    *("==", "|-", "===\n", "> ", "# ", "\\", "\\'", "\\u2019", ":", ":a", ":-", ":a:"),
    *("(:", ":'", ";-", "¯\\_", "D'", "<3", "xD", "★☆", "\u2764\ufe0f", "\U0001f600\u200d"),
    *("🇺", "!", "?", "‼", "!?", "⁉", "…", "...", ". ", ". . ", "!)", '."', '!"x', "! "),
    *("a!b", "--", " - ", "a - ", "- a\n", "1. ", "1. a\n", "a) ", "i. ", "(1) ", "A."),
    *("AB.C", "ab.", "12.", "1/", "Mr. ", "'", "n't", "isn t", "is n", "isn'", "%27"),
    *("'em ", '"', "“", "”", "a’", "and ", "but ", "not ", "\n", "\n \n", "\r", "a\n"),
    *("A\n", ",\n", " ", "\t", "\u2028", "\u200b", "\x00", "\ud800", "\x92", "e\u0301"),
    *("\u0301", "Ã©", "\xe2\x80", "ﷺ", "Ａ", "Ⓐ", "¡a", "日本", "soooo ", "aa", "a", "$1"),
    *("1,"),
)
AROUND = (("", ">"), ("a ", ".\n- x"))
SIZE, LIMIT = 6_000, 0.7  # characters, and seconds: five times what they take


@pytest.fixture(scope="module", autouse=True)
def _warm():
    tokenize("isnt it soooo #loveit? 😀 :-) x‼")  # word lists are loaded on demand


def seconds(run, *arguments):
    gc.disable()  # a collection takes as long as all that is in memory needs
    try:
        start = time.process_time()
        run(*arguments)
        return time.process_time() - start
    finally:
        gc.enable()


@pytest.mark.parametrize("repeated", REPEATED)
def test_repeated_parts_of_a_text(repeated):
    for before, after in AROUND:
        assert seconds(tokenize, before + (repeated * SIZE)[:SIZE] + after) < LIMIT


def test_many_columns(tmp_path):
    header = ",".join(f"c{number}" for number in range(20_000))
    (tmp_path / "a.csv").write_text(f"{header}\n{header}\n")

    def read():
        with open_table(tmp_path / "a.csv") as table:
            assert [len(record.values) for record in table.records] == [20_000]

    assert seconds(read) < 2
