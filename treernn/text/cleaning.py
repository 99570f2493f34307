"""From text as people write it to clean text, with the way back.

Markup is removed, entities and wrongly decoded characters are decoded, compatibility forms of
letters become plain letters, and typographic signs those of the Stanford Sentiment Treebank. What
must stay one token (a link, an emoji, a swear word with stars) is replaced by a placeholder.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import NamedTuple

from treernn.text.emoticons import EMOJI, EMOTICON, name_of
from treernn.text.hashtags import words_of_hashtag
from treernn.text.mapped import MappedText, Pieces, unchanged
from treernn.text.spelling import corrected

PLACEHOLDER = "\ue000"
"""Stands in the clean text for a token that must stay whole."""

LINK, HANDLE = "<url>", "<user>"
"""The tokens for a link and for the name of a user, as in GloVe's vectors of tweets."""


class CleanText(NamedTuple):
    """A clean text.

    Attributes:
        mapped: the text, with the way back to the original.
        whole: what the models see for each placeholder, by its start in the original text.
    """

    mapped: MappedText
    whole: dict[int, str]


# Most sentences have nothing special, which is quicker to see than to search for.
PLAIN = re.compile(
    r"""(?: [A-Za-z0-9 ,()$%/"]++ | (?<=[A-Za-z0-9])' | -(?!-) | [.!?](?=[ "]|\Z) )*+""",
    re.VERBOSE,
)

_BLOCKS = (
    "address|article|blockquote|body|br|center|dd|div|dl|dt|footer|h[1-6]|head|header|hr|html|li|"
    "main|ol|p|section|table|tbody|td|th|thead|title|tr|ul"
)
_INLINE = (
    "a|abbr|b|big|cite|code|del|em|font|i|img|input|ins|kbd|label|link|mark|meta|pre|q|s|script|"
    "small|span|strike|strong|style|sub|sup|tt|u|wbr"
)

# Every part that could start anywhere has a bounded length, so that each pass takes linear time.

_ALL = re.compile(r"(?s).+")
_ENTITY = re.compile(r"(?i:&(?:amp;){0,3}(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});)")
# UTF-8 that was decoded as Windows-1252 or Latin-1: a lead byte and its continuation bytes.
_CONTINUATION = (
    "[\x80-\xbf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014"
    "\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]"
)
_MOJIBAKE = re.compile(
    f"[\xc2-\xdf]{_CONTINUATION}|[\xe0-\xef]{_CONTINUATION}{{2}}|[\xf0-\xf4]{_CONTINUATION}{{3}}"
)
_FOLDABLE = re.compile("[^\x00-\x7f]")
_MOST_MARKS = 30  # combining marks on one letter that are composed with it
_MARKUP = re.compile(
    rf"""
    (?P<block>  (?i:</?(?:{_BLOCKS})\b[^<>]{{0,500}}>) )
  | (?P<hidden> <!--(?:[^-]|-(?!->)){{0,1000}}--> | (?i:</?(?:{_INLINE})\b[^<>]{{0,500}}>)
              | (?i:<!doctype\b[^<>]{{0,500}}>) )
    """,
    re.VERBOSE,
)
_UNSEEN_ELEMENT = re.compile(r"(?i)<(script|style)\b[^<>]{0,500}>")
_MARKDOWN = re.compile(
    r"""
    !?\[ (?P<text>[^\[\]]{1,500}) \]\( [^()\s]{1,1000} \)     # [text](address)
  | (?m:^)[ ]{0,3}(?P<head>\#{1,6}|>{1,3})[ ]                  # a heading, a quotation
  | (?<![\w*_~`])(?P<open>[*_]{1,3}|~~|`{1,3})(?=[^\W_])       # emphasis, before a word
  | (?<=[\w.,!?;:)%])(?P<close>[*_]{1,3}|~~|`{1,3})(?![\w*_~`])   # and after one
    """,
    re.VERBOSE,
)
_APOSTROPHE = "['’ʼ＇ʹ´`‘‛′\x92\ufffd]"
_SPECIAL = re.compile(
    rf"""
    (?P<break>  [\u2028\u2029] | \n(?:[^\S\n]{{0,100}}\n)+ )
  | (?P<hidden> [\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff] )
  | (?P<link>   (?i:https?://|www\.)[^\s<>"'\x00-\x1f]{{1,2000}}(?<![.,;:!?)\]*…]) )
  | (?P<mail>   (?<![\w.+-])[\w.+-]{{1,64}}@[\w-]{{1,64}}(?:\.[\w-]{{1,64}}){{1,8}} )
  | (?P<handle> (?<![\w@])@\w{{1,30}}\b )
  | (?P<tag>    (?<![\w&/])\#(?P<words>\w{{0,99}}[^\W\d_]\w{{0,99}}) )
  | (?P<face>   (?<![\w:;=])(?:{EMOTICON})(?!\w) | (?<=[A-Za-z])[:;=][-o^]?[()]{{1,10}}(?!\w)
              | (?<!\w)[:;=]['’]?[-o^]?[()\[\]dDpPoO/\\|*3]{{1,10}}(?!\w) )
  | (?P<emoji>  {EMOJI} )
  | (?P<stars>  (?<!\w)\w{{1,30}}(?:\*{{1,30}}\w{{1,30}})+ | \*{{2,}} )                 # f**k
  | (?P<clipped> (?<!\w)['’](?:\d0s|em|til|cause|bout)(?!\w) | (?<!\w)['’]n['’](?!\w) ) # 'em
  | (?P<isnt>   (?<=[A-Za-z])(?:{_APOSTROPHE}|\\{{1,3}}['’])(?=[A-Za-z])
              | (?<=[a-z]n)\ {{1,2}}['’](?=t\b) )                                       # isn 't
  | (?P<ask>    [!?]*\?[!?]* (?<=[!?]{{2}}) )
  | (?P<shout>  !{{2,}} )
  | (?P<dots>   \.{{2,}} | … )
  | (?P<dash>   -{{2,}} | [\u2012-\u2015]+ )
  | (?P<open>   [“„«] )
  | (?P<close>  [”»] )
  | (?P<single> [’‘‛′´] )
  | (?P<space>  [\x00-\x08\x0b-\x1f\x7f-\xa0\u1680\u2000-\u200a\u202f\u205f\u3000] )
  | (?P<broken> [\ud800-\udfff] )
  | (?P<joined> (?:(?<=[a-z]{{2}}[.!?])|(?<=[!?]{{2}}))
                (?= [A-Z][a-z] | [IA]\b | \d{{1,3}}(?:\.\d)?/\d | \d{{1,2}}\ ?(?:stars?|out)\b) )
    """,
    re.VERBOSE,
)
_REPLACEMENTS = {
    "block": "\n\n",
    "break": "\n\n",
    "hidden": "",
    "ask": "?",
    "shout": "!",
    "dots": " ... ",
    "dash": " -- ",
    "open": ' "',
    "close": '"',
    "single": "'",
    "isnt": "'",
    "space": " ",
    "broken": "\ufffd",
    "joined": " ",
}


def clean(text: str) -> CleanText:
    """Clean a text.

    >>> clean("It isn&amp;#39;t <b>so</b> **bad**!!").mapped.text
    "It isn't so bad!"
    """
    mapped = unchanged(text)
    if PLAIN.fullmatch(text):
        return CleanText(mapped, {})
    if "&" in text:
        mapped = mapped.substitute(_ENTITY, _entity)
    if not mapped.text.isascii():
        mapped = _normalized(_normalized(mapped).substitute(_MOJIBAKE, _redecoded))
        mapped = mapped.substitute(_FOLDABLE, _folded)
    if "<" in mapped.text:
        mapped = _without_elements(mapped).substitute(_MARKUP, _replacement)
    if any(mark in mapped.text for mark in "*_~`[#>"):
        mapped = mapped.substitute(_MARKDOWN, _markdown)
    whole: dict[int, str] = {}
    mapped = mapped.substitute(_SPECIAL, lambda match: _special(match, mapped, whole))
    return CleanText(mapped, whole)


def _entity(match: re.Match[str]) -> str | None:
    text, before = match.group(), ""
    while text != before:  # "&amp;amp;": escaped twice
        before, text = text, html.unescape(text)
    return None if text == match.group() else text


def _redecoded(match: re.Match[str]) -> str | None:
    """What bytes of UTF-8 mean; None where they are none."""
    codes = bytearray()
    for char in match.group():
        try:
            codes += char.encode("latin-1" if char <= "\xff" else "cp1252")
        except UnicodeEncodeError:
            return None
    try:
        return codes.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _normalized(mapped: MappedText) -> MappedText:
    if unicodedata.is_normalized("NFC", mapped.text):
        return mapped
    return mapped.substitute(_ALL, _composed)


def _composed(match: re.Match[str]) -> Pieces:
    """Letters with their accents as one character each, in Unicode's normal form NFC."""
    text = match.group()
    pieces: list[tuple[str, int, int]] = []
    start, composed = 0, text[0]
    for at in range(1, len(text) + 1):
        if at < len(text) and at - start <= _MOST_MARKS:
            longer = unicodedata.normalize("NFC", composed + text[at])
            if unicodedata.combining(text[at]) or len(longer) <= len(composed):
                composed = longer
                continue
        pieces.append((composed, start, at))
        if at < len(text):
            start, composed = at, unicodedata.normalize("NFC", text[at])
    return pieces


def _folded(match: re.Match[str]) -> str | None:
    """The plain letters of a compatibility form."""
    char = match.group()
    if char == "\x92":  # Windows-1252's apostrophe, decoded as Latin-1
        return "’"
    kind = unicodedata.category(char)
    if (kind[0] in "LN" and kind != "No") or "！" <= char <= "～" or "Ⓐ" <= char <= "ⓩ":
        folded = unicodedata.normalize("NFKC", char)
        return None if folded == char else folded
    return None


def _without_elements(mapped: MappedText) -> MappedText:
    """Without scripts and style sheets."""
    text, ends = mapped.text, {}
    lower = text.lower()
    ranges: list[tuple[int, int]] = []
    for match in _UNSEEN_ELEMENT.finditer(text):
        start, name = match.start(), match[1].lower()
        if (ranges and start < ranges[-1][1]) or ends.get(name) == -1:
            continue
        ends[name] = close = lower.find(f"</{name}", match.end())
        if close >= 0:
            stop = text.find(">", close)
            ranges.append((start, len(text) if stop < 0 else stop + 1))
    for start, end in reversed(ranges):
        mapped = MappedText(
            mapped.text[:start] + mapped.text[end:],
            [*mapped.starts[:start], *mapped.starts[end:]],
            [*mapped.ends[:start], *mapped.ends[end:]],
        )
    return mapped


def _replacement(match: re.Match[str]) -> str:
    return _REPLACEMENTS[match.lastgroup or ""]


def _markdown(match: re.Match[str]) -> str | Pieces:
    if (text := match["text"]) is not None:
        first = match.start("text") - match.start()
        return [(text, first, first + len(text))]
    return ""


def _special(match: re.Match[str], mapped: MappedText, whole: dict[int, str]) -> str | Pieces:
    kind, text = match.lastgroup or "", match.group()
    if kind == "words":
        kind = "tag"
    if kind in _REPLACEMENTS:
        return _REPLACEMENTS[kind]
    if kind == "tag":
        pieces: list[tuple[str, int, int]] = []
        for start, end in words_of_hashtag(match["words"]):
            pieces += (" ", start + 1, start + 1), (match["words"][start:end], start + 1, end + 1)
        return [*pieces, (" ", len(text), len(text))]
    seen = {"link": LINK, "mail": LINK, "handle": HANDLE}.get(kind)
    if kind in ("face", "emoji"):
        seen = name_of(text) or name_of(text[:2]) or name_of(text[:3])
    whole[mapped.starts[match.start()]] = seen or corrected(text.replace("’", "'"))
    return f" {PLACEHOLDER} "
