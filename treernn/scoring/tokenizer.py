"""Raw text to sentences of tokens with offsets in the original text.

The text is cleaned first: markup is removed, entities and typographic characters are replaced, and
the source range of each clean character is recorded. NLTK's tokenizers then split the clean text
without changing it, so that offsets in the original text are a look-up. Tokens are spelled as in
the Stanford Sentiment Treebank: ``is n't``, `` `` '' ``, ``...``.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from treernn.types import Token

MAX_WORD = 100
"""Characters of a longer word that the models read."""

_PARAGRAPH, _SENTENCE = 10_000, 2_000
"""Characters passed to NLTK's tokenizers at once, so that their time is linear in the text."""

_ATOM = "\ue000"
"""Replaces in the clean text what must stay one token: an address, an emoji, a censored word."""

_BLOCKS = (
    "address|article|blockquote|body|br|center|dd|div|dl|dt|footer|h[1-6]|head|header|hr|html|li|"
    "main|ol|p|section|table|tbody|td|th|thead|title|tr|ul"
)
_INLINE = (
    "a|abbr|b|big|cite|code|del|em|font|i|img|input|ins|kbd|label|link|mark|meta|pre|q|s|script|"
    "small|span|strike|strong|style|sub|sup|tt|u|wbr"
)
_EMOJI = r"\u2190-\u23ff\u2460-\u2bff\U0001f000-\U0001faff"

# Repetitions that could start anywhere are bounded, so that the search is linear in the text.
_SPECIAL = re.compile(
    rf"""
    (?P<block>  (?i:</?(?:{_BLOCKS})\b[^<>]{{0,500}}>)
              | [\u2028\u2029] | \n(?:[^\S\n]{{0,100}}\n)+ )
  | (?P<hidden> <!--(?:[^-]|-(?!->)){{0,1000}}--> | (?i:</?(?:{_INLINE})\b[^<>]{{0,500}}>)
              | (?i:<!doctype\b[^<>]{{0,500}}>)
              | [\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0e\ufe0f\ufeff] )
  | (?P<entity> (?i:&(?:\#[0-9]{{1,7}}|\#x[0-9a-f]{{1,6}}|[a-z][a-z0-9]{{1,31}});) )
  | (?P<atom>   (?i:https?://|www\.)[^\s<>"'\x00-\x1f]{{1,2000}}(?<![.,;:!?)\]*…])    # address
              | (?<![\w.+-])[\w.+-]{{1,64}}@[\w-]{{1,64}}(?:\.[\w-]{{1,64}}){{1,8}}   # mail
              | (?<!\w)[:;=]['’]?[-o^]?[()\[\]dDpPoO/\\|*3]{{1,10}}(?!\w) | <3(?!\d)   # emoticon
              | [{_EMOJI}][{_EMOJI}\ufe0f\u200d\u20e3\U000e0020-\U000e007f]*          # emoji
              | (?<!\w)\w{{1,30}}(?:\*{{1,30}}\w{{1,30}})+ | \*{{2,}}                 # f**k, ***
              | (?<!\w)['’](?:\d0s|em|til|cause|bout)(?!\w) | (?<!\w)['’]n['’](?!\w) )  # 'em
  | (?P<question>[!?]*\?[!?]* (?<=[!?]{{2}}) )
  | (?P<exclaim> !{{2,}} )
  | (?P<dots>   \.{{2,}} | … )
  | (?P<dash>   -{{2,}} | [\u2012-\u2015]+ )
  | (?P<open>   [“„«] )
  | (?P<close>  [”»] )
  | (?P<single> [’‘‛′´] )
  | (?P<space>  [\x00-\x08\x0b-\x1f\x7f-\xa0\u1680\u2000-\u200a\u202f\u205f\u3000] )
  | (?P<surrogate> [\ud800-\udfff] )
  | (?P<joined> (?:(?<=[a-z]{{2}}[.!?])|(?<=[!?]{{2}}))(?=[A-Z][a-z]) )               # bad.It
    """,
    re.VERBOSE,
)
# Most texts have none of these; a match of the whole text is faster than a search.
_PLAIN = re.compile(
    r"""(?: [A-Za-z0-9 ,()$%/"]++ | (?<=[A-Za-z0-9])' | -(?!-) | [.!?](?=[ "]|\Z) )*+""", re.VERBOSE
)
_CLEAN = {
    "block": "\n\n",
    "hidden": "",
    "atom": f" {_ATOM} ",
    "question": "?",
    "exclaim": "!",
    "dots": " ... ",
    "dash": " -- ",
    "open": ' "',
    "close": '"',
    "single": "'",
    "space": " ",
    "surrogate": "\ufffd",
    "joined": " ",
}


class _Abbreviations(set[str]):
    """A set of abbreviations that also contains all initials such as ``J.R.R``."""

    def __contains__(self, word: object) -> bool:
        return super().__contains__(word) or bool(_INITIALS.fullmatch(str(word)))


_INITIALS = re.compile(r"\w(?:\.\w)+")
_ABBREVIATIONS = """
    adm al approx apr assn aug ave blvd bros brig c.f ca capt cf cmdr co col corp dec dept dir dr
    e.g ed eds eg est etc feb fig ft gen gov hon i.e ie inc jan jr lt ltd maj mar messrs mr mrs ms
    mt nov oct p.s ph.d prof pt pvt rep rev sen sept sgt sr st u.k u.s vol vs
"""
# Capitalized, these start a new sentence after an abbreviation or an ellipsis.
_STARTERS = """
    a all also although an and another anyway as at because but by can could did do does don't even
    every everyone everything first for from go had has have he her here his how however i i'd i'll
    i'm i've if in instead is it it's its just let's like maybe me most my never nobody not nothing
    now of oh ok okay on one only or our overall perhaps personally please really see she so some
    still that that's the their then there there's these they they're this those though to too
    unfortunately very was watch we well what when where which while who why will with without
    would wow yes yet you you're your
"""


def tokenize(text: str) -> list[tuple[Token, ...]]:
    """Split a text into sentences of tokens.

    ``text[token.start : token.end]`` is the source of a token, and ``token.text`` its spelling in
    the Stanford Sentiment Treebank. Tokens are in order and do not overlap; all characters outside
    them are white space, markup, or invisible.

    >>> [[token.text for token in sentence] for sentence in tokenize("It isn’t bad.<br>See it!!")]
    [['It', 'is', "n't", 'bad', '.'], ['See', 'it', '!']]
    """
    clean, starts, ends = _clean(text)
    sentences = []
    for start, end in _sentence_spans(clean):
        tokens: list[Token] = []
        previous_end = 0
        for word, first, last in _words(clean, start, end):
            # A source character may have several clean ones; it belongs to the first token.
            source = max(starts[first], previous_end), ends[last - 1]
            if source[0] < source[1]:
                previous_end = source[1]
                spelling = text[slice(*source)].replace("’", "'") if word == _ATOM else word
                tokens.append(Token(spelling[:MAX_WORD], *source))
        if tokens:
            sentences.append(tuple(tokens))
    return sentences


def split(text: str) -> list[tuple[int, int]]:
    """The sentences of a cleaned text, as half-open character ranges in it."""
    return list(_sentence_spans(_clean(text)[0]))


def treebank_token(text: str, start: int, end: int, word: str = "") -> Token | None:
    """A token of another tokenizer, spelled as in the Stanford Sentiment Treebank.

    Args:
        text: the text.
        start, end: half-open character range of the token.
        word: the token, if it differs from the characters of the range.

    Returns:
        The token; None if it is invisible, such as white space.

    >>> text = "“Not bad”\u2009…"
    >>> [treebank_token(text, *span).text for span in ((0, 1), (1, 4), (8, 9), (10, 11))]
    ['``', 'Not', "''", '...']
    """
    word = word or text[start:end]
    special = _SPECIAL.fullmatch(word)
    kind = special.lastgroup if special else None
    if kind in ("open", "close") or word == '"':
        spelling = "``" if kind == "open" or (not kind and _opens(text, start)) else "''"
    elif kind == "single" or word == "'":
        spelling = "`" if _opens(text, start) else "'"
    else:
        spelling = "".join(_clean(word)[0].split())
        if _ATOM in spelling:
            spelling = "".join(word.split()).replace("’", "'")
    return Token(spelling[:MAX_WORD], start, end) if spelling else None


def _clean(text: str) -> tuple[str, Sequence[int], Sequence[int]]:
    """The clean text, and the start and end of the source of each of its characters."""
    if _PLAIN.fullmatch(text):
        return text, range(len(text)), range(1, len(text) + 1)
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    copied = 0
    for match in _SPECIAL.finditer(text):
        replacement = _replacement(match)
        if replacement is None:
            continue
        start, end = match.span()
        pieces.append(text[copied:start])
        starts.extend(range(copied, start))
        ends.extend(range(copied + 1, start + 1))
        pieces.append(replacement)
        starts.extend([start] * len(replacement))
        ends.extend([end] * len(replacement))
        copied = end
    pieces.append(text[copied:])
    starts.extend(range(copied, len(text)))
    ends.extend(range(copied + 1, len(text) + 1))
    return "".join(pieces), starts, ends


def _replacement(match: re.Match[str]) -> str | None:
    """The clean text for a match of ``_SPECIAL``; None to keep it."""
    kind = match.lastgroup
    if kind != "entity":
        return _CLEAN[kind or ""]
    character = html.unescape(match.group())
    if character == match.group():
        return None
    special = _SPECIAL.fullmatch(character)
    return _CLEAN.get(special.lastgroup or "", character) if special else character


def _sentence_spans(clean: str) -> Iterator[tuple[int, int]]:
    """Sentences of the clean text; an empty line is always a boundary."""
    splitter, _ = _tokenizers()
    offset = 0
    for paragraph in clean.split("\n\n"):
        first = last = 0
        for begin, stop in _chunks(paragraph, _PARAGRAPH):
            for start, end in splitter.span_tokenize(paragraph[begin:stop]):
                start, end = begin + start, begin + end
                if last and not _continues(paragraph, last, start, end):
                    yield offset + first, offset + last
                    first = start
                last = end
        yield offset + first, offset + last
        offset += len(paragraph) + 2


def _continues(paragraph: str, last: int, start: int, end: int) -> bool:
    """Whether a range continues the sentence that ends at ``last``: it is the ``he said`` after a
    quotation, or has no word."""
    return (paragraph[last - 1] in "'\"" and paragraph[start].islower()) or not any(
        map(str.isalnum, paragraph[start:end])
    )


def _words(clean: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """The words of a sentence in the treebank's spelling, with their ranges in the clean text."""
    _, tokenizer = _tokenizers()
    for begin, stop in _chunks(clean[start:end], _SENTENCE):
        position = start + begin
        for word in tokenizer.tokenize(clean[position : start + stop]):
            while clean[position].isspace():
                position += 1
            # The only characters that the tokenizer changes are double quotes.
            length = 1 if clean[position] == '"' else len(word)
            spelling = "`" if word == "'" and _opens(clean, position) else word
            yield spelling, position, position + length
            position += length


def _chunks(text: str, size: int) -> Iterator[tuple[int, int]]:
    """Split a text of more than ``size`` characters: after a full stop, at white space, or at
    ``size``."""
    start = 0
    while start < len(text):
        stop = start + size
        if stop < len(text):
            for mark in (". ", " "):
                position = text.rfind(mark, start + size // 2, stop)
                if position > 0:
                    stop = position + len(mark)
                    break
        yield start, min(stop, len(text))
        start = stop


def _opens(clean: str, position: int) -> bool:
    """Whether the apostrophe at this position opens a quotation."""
    before, after = clean[position - 1 : position], clean[position + 1 : position + 2]
    return (not before or before in " \n\t([{`") and bool(after) and not after.isspace()


@cache
def _tokenizers() -> tuple[Any, Any]:
    """NLTK's sentence and word tokenizers; imported on first use, which takes a second."""
    from nltk.tokenize.destructive import NLTKWordTokenizer
    from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer

    parameters = PunktParameters()
    parameters.abbrev_types = _Abbreviations(_ABBREVIATIONS.split())
    parameters.sent_starters.update(_STARTERS.split())
    return PunktSentenceTokenizer(parameters), NLTKWordTokenizer()
