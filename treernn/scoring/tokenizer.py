"""Raw text to sentences of tokens, each token with its place in the original text.

The text is first *cleaned*: markup goes, entities and typographic signs become what they stand
for, and every clean character remembers the source characters it came from. NLTK's tokenizers then
work on the clean text, which they only ever divide, so that the way back to the source is a
look-up. Tokens are written as in the Stanford Sentiment Treebank: ``is n't``, `` `` '' ``, ``...``.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from treernn.types import Token

MAX_WORD = 100
"""A longer word is shown to the models up to this many characters."""

_PARAGRAPH, _SENTENCE = 10_000, 2_000
"""Characters that NLTK's tokenizers see at once, so that their time is linear in the text."""

_WHOLE = "\ue000"
"""Stands in the clean text for what must stay one token: an address, an emoji, a censored word."""

_BLOCKS = (
    "address|article|blockquote|body|br|center|dd|div|dl|dt|footer|h[1-6]|head|header|hr|html|li|"
    "main|ol|p|section|table|tbody|td|th|thead|title|tr|ul"
)
_INLINE = (
    "a|abbr|b|big|cite|code|del|em|font|i|img|input|ins|kbd|label|link|mark|meta|pre|q|s|script|"
    "small|span|strike|strong|style|sub|sup|tt|u|wbr"
)
_PICTURE = r"\u2190-\u23ff\u2460-\u2bff\U0001f000-\U0001faff"

# Whatever could start anywhere is bounded, so that the pass is linear in the text.
_SPECIAL = re.compile(
    rf"""
    (?P<block>  (?i:</?(?:{_BLOCKS})\b[^<>]{{0,500}}>)
              | [\u2028\u2029] | \n(?:[^\S\n]{{0,100}}\n)+ )
  | (?P<hidden> <!--(?:[^-]|-(?!->)){{0,1000}}--> | (?i:</?(?:{_INLINE})\b[^<>]{{0,500}}>)
              | (?i:<!doctype\b[^<>]{{0,500}}>)
              | [\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0e\ufe0f\ufeff] )
  | (?P<entity> (?i:&(?:\#[0-9]{{1,7}}|\#x[0-9a-f]{{1,6}}|[a-z][a-z0-9]{{1,31}});) )
  | (?P<whole>  (?i:https?://|www\.)[^\s<>"'\x00-\x1f]{{1,2000}}(?<![.,;:!?)\]*…])    # address
              | (?<![\w.+-])[\w.+-]{{1,64}}@[\w-]{{1,64}}(?:\.[\w-]{{1,64}}){{1,8}}   # mail
              | (?<!\w)[:;=]['’]?[-o^]?[()\[\]dDpPoO/\\|*3]{{1,10}}(?!\w) | <3(?!\d)   # emoticon
              | [{_PICTURE}][{_PICTURE}\ufe0f\u200d\u20e3\U000e0020-\U000e007f]*      # emoji
              | (?<!\w)\w{{1,30}}(?:\*{{1,30}}\w{{1,30}})+ | \*{{2,}}                 # f**k, ***
              | (?<!\w)['’](?:\d0s|em|til|cause|bout)(?!\w) | (?<!\w)['’]n['’](?!\w) )  # 'em
  | (?P<ask>    [!?]*\?[!?]* (?<=[!?]{{2}}) )
  | (?P<shout>  !{{2,}} )
  | (?P<dots>   \.{{2,}} | … )
  | (?P<dash>   -{{2,}} | [\u2012-\u2015]+ )
  | (?P<open>   [“„«] )
  | (?P<close>  [”»] )
  | (?P<single> [’‘‛′´] )
  | (?P<space>  [\x00-\x08\x0b-\x1f\x7f-\xa0\u1680\u2000-\u200a\u202f\u205f\u3000] )
  | (?P<broken> [\ud800-\udfff] )
  | (?P<joined> (?:(?<=[a-z]{{2}}[.!?])|(?<=[!?]{{2}}))(?=[A-Z][a-z]) )               # bad.It
    """,
    re.VERBOSE,
)
# Most sentences have nothing of all this, which is quicker to see than to search for.
_PLAIN = re.compile(
    r"""(?: [A-Za-z0-9 ,()$%/"]++ | (?<=[A-Za-z0-9])' | -(?!-) | [.!?](?=[ "]|\Z) )*+""", re.VERBOSE
)
_CLEAN = {
    "block": "\n\n",
    "hidden": "",
    "whole": f" {_WHOLE} ",
    "ask": "?",
    "shout": "!",
    "dots": " ... ",
    "dash": " -- ",
    "open": ' "',
    "close": '"',
    "single": "'",
    "space": " ",
    "broken": "\ufffd",
    "joined": " ",
}


class _Abbreviations(set[str]):
    """The listed ones, and all like ``J.R.R.``"""

    def __contains__(self, word: object) -> bool:
        return super().__contains__(word) or bool(_INITIALS.fullmatch(str(word)))


_INITIALS = re.compile(r"\w(?:\.\w)+")
_ABBREVIATIONS = """
    adm al approx apr assn aug ave blvd bros brig c.f ca capt cf cmdr co col corp dec dept dir dr
    e.g ed eds eg est etc feb fig ft gen gov hon i.e ie inc jan jr lt ltd maj mar messrs mr mrs ms
    mt nov oct p.s ph.d prof pt pvt rep rev sen sept sgt sr st u.k u.s vol vs
"""
# After an abbreviation or an ellipsis these, with a capital letter, begin a new sentence.
_OPENERS = """
    a all also although an and another anyway as at because but by can could did do does don't even
    every everyone everything first for from go had has have he her here his how however i i'd i'll
    i'm i've if in instead is it it's its just let's like maybe me most my never nobody not nothing
    now of oh ok okay on one only or our overall perhaps personally please really see she so some
    still that that's the their then there there's these they they're this those though to too
    unfortunately very was watch we well what when where which while who why will with without
    would wow yes yet you you're your
"""


def tokenize(text: str) -> list[tuple[Token, ...]]:
    """Divide a text into sentences of tokens.

    ``text[token.start : token.end]`` is the token's source. ``token.text`` is the same, or what
    stands for it in the Stanford Sentiment Treebank. Tokens are in order and do not overlap; every
    character outside them is white space, markup, or invisible.

    >>> [[token.text for token in sentence] for sentence in tokenize("It isn’t bad.<br>See it!!")]
    [['It', 'is', "n't", 'bad', '.'], ['See', 'it', '!']]
    """
    clean, starts, ends = _clean(text)
    found = []
    for start, end in _sentence_spans(clean):
        tokens: list[Token] = []
        reached = 0
        for word, first, last in _words(clean, start, end):
            # A source character may stand for several clean ones; the first token takes it.
            source = max(starts[first], reached), ends[last - 1]
            if source[0] < source[1]:
                reached = source[1]
                shown = text[slice(*source)].replace("’", "'") if word == _WHOLE else word
                tokens.append(Token(shown[:MAX_WORD], *source))
        if tokens:
            found.append(tuple(tokens))
    return found


def treebank_token(text: str, start: int, end: int, word: str = "") -> Token | None:
    """What another tokeniser found at a place of a text, written as in the treebank.

    Args:
        text: the text.
        start, end: half-open character range in it.
        word: what stands there, where that is not the characters themselves.

    Returns:
        the token; None where there is nothing to see, such as white space.

    >>> text = "“Not bad”\u2009…"
    >>> [treebank_token(text, *span).text for span in ((0, 1), (1, 4), (8, 9), (10, 11))]
    ['``', 'Not', "''", '...']
    """
    word = word or text[start:end]
    special = _SPECIAL.fullmatch(word)
    kind = special.lastgroup if special else None
    if kind in ("open", "close") or word == '"':
        shown = "``" if kind == "open" or (not kind and _opens(text, start)) else "''"
    elif kind == "single" or word == "'":
        shown = "`" if _opens(text, start) else "'"
    else:
        shown = "".join(_clean(word)[0].split())
        if _WHOLE in shown:
            shown = "".join(word.split()).replace("’", "'")
    return Token(shown[:MAX_WORD], start, end) if shown else None


def _clean(text: str) -> tuple[str, Sequence[int], Sequence[int]]:
    """The clean text, and for each of its characters the source range it came from."""
    if _PLAIN.fullmatch(text):
        return text, range(len(text)), range(1, len(text) + 1)
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    for match in _SPECIAL.finditer(text):
        piece = _stands_for(match)
        if piece is None:
            continue
        start, end = match.span()
        pieces.append(text[done:start])
        starts.extend(range(done, start))
        ends.extend(range(done + 1, start + 1))
        pieces.append(piece)
        starts.extend([start] * len(piece))
        ends.extend([end] * len(piece))
        done = end
    pieces.append(text[done:])
    starts.extend(range(done, len(text)))
    ends.extend(range(done + 1, len(text) + 1))
    return "".join(pieces), starts, ends


def _stands_for(match: re.Match[str]) -> str | None:
    """What the clean text has in the place of a special piece of the source; None to keep it."""
    kind = match.lastgroup
    if kind != "entity":
        return _CLEAN[kind or ""]
    meant = html.unescape(match.group())
    if meant == match.group():
        return None
    again = _SPECIAL.fullmatch(meant)
    return _CLEAN.get(again.lastgroup or "", meant) if again else meant


def _sentence_spans(clean: str) -> Iterator[tuple[int, int]]:
    """Sentences of the clean text; an empty line always divides."""
    splitter, _ = _tokenizers()
    at = 0
    for paragraph in clean.split("\n\n"):
        first = last = 0
        for begin, stop in _chunks(paragraph, _PARAGRAPH):
            for start, end in splitter.span_tokenize(paragraph[begin:stop]):
                start, end = begin + start, begin + end
                if last and not _belongs(paragraph, last, start, end):
                    yield at + first, at + last
                    first = start
                last = end
        yield at + first, at + last
        at += len(paragraph) + 2


def _belongs(paragraph: str, last: int, start: int, end: int) -> bool:
    """Whether what was divided from the sentence that ends at ``last`` is still part of it:
    the ``he said`` after a quotation, or signs without a word."""
    return (paragraph[last - 1] in "'\"" and paragraph[start].islower()) or not any(
        map(str.isalnum, paragraph[start:end])
    )


def _words(clean: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """The words of a sentence as the treebank writes them, with their places in the clean text."""
    _, tokenizer = _tokenizers()
    for begin, stop in _chunks(clean[start:end], _SENTENCE):
        at = start + begin
        for word in tokenizer.tokenize(clean[at : start + stop]):
            while clean[at].isspace():
                at += 1
            # The tokenizer divides and, of all characters, changes only the double quotes.
            length = 1 if clean[at] == '"' else len(word)
            yield "`" if word == "'" and _opens(clean, at) else word, at, at + length
            at += length


def _chunks(text: str, size: int) -> Iterator[tuple[int, int]]:
    """Divide what is too long: after a full stop, at white space, or where it must be."""
    start = 0
    while start < len(text):
        stop = start + size
        if stop < len(text):
            for mark in (". ", " "):
                found = text.rfind(mark, start + size // 2, stop)
                if found > 0:
                    stop = found + len(mark)
                    break
        yield start, min(stop, len(text))
        start = stop


def _opens(clean: str, at: int) -> bool:
    """Whether the apostrophe at this place opens a quotation."""
    before, after = clean[at - 1 : at], clean[at + 1 : at + 2]
    return (not before or before in " \n\t([{`") and bool(after) and not after.isspace()


@cache
def _tokenizers() -> tuple[Any, Any]:
    """NLTK's sentence and word tokenizers; its import takes a second, so it waits for a text."""
    from nltk.tokenize.destructive import NLTKWordTokenizer
    from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer

    parameters = PunktParameters()
    parameters.abbrev_types = _Abbreviations(_ABBREVIATIONS.split())
    parameters.sent_starters.update(_OPENERS.split())
    return PunktSentenceTokenizer(parameters), NLTKWordTokenizer()
