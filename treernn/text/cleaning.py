"""From text as people write it to clean text, with the way back.

Markup is removed, entities and wrongly decoded characters are decoded, compatibility forms of
letters become plain letters, and typographic signs those of the Stanford Sentiment Treebank. What
must stay one token (a link, an emoji, a swear word with stars) is replaced by a placeholder.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from treernn.text.characters import INVISIBLE, normalize
from treernn.text.emoticons import EMOJI, FACE, SHORTCODE, name_of
from treernn.text.hashtags import words_of_hashtag
from treernn.text.mapped import MappedText, Pieces, unchanged
from treernn.text.markdown import SIGNS, without_markdown
from treernn.text.markup import without_markup
from treernn.text.negation import APOSTROPHE, SPELLED_APART, mended_negations
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
    r"""(?: [A-Za-z0-9 ,()%/"]++ | \$(?=\d)
    | (?<=[A-Za-z0-9])' | -(?![-)]) | [.!?](?=[ "]|\Z)
    | (?<=[A-Za-z0-9]{2})[;:](?=\ [A-Za-z0-9]{2}) )*+""",
    re.VERBOSE,
)

# Every part that could start anywhere has a bounded length, so that each pass takes linear time.
_URL = r"""[^\s<>"()\x00-\x1f]|\([^\s<>"'()\x00-\x1f]{0,200}\)"""
_DOMAIN = r"(?:[a-z0-9][a-z0-9-]{0,62}\.){1,4}"
_CONTINUES = (
    r"(?:and|because|but|just|not|really|she|that|the|they|this|very|would)\b"
    r"|(?:he|i|is|it|my|so|was|we)\ [a-z]"
)
_SPECIAL = re.compile(
    rf"""
    (?P<break>  [\u2028\u2029] | \n(?:[^\S\n]{{0,100}}\n)+ )
  | (?P<line>   \r\n? | [\x0b\x0c] )
  | (?P<hidden> [{INVISIBLE}] | \u2122\ufe0f? )
  | (?P<link>   <(?i:(?:https?|ftp)://|mailto:)[^\s<>]{{1,2000}}>
              | (?i:(?:https?|ftp)://|www\.|mailto:)(?:{_URL}){{1,2000}}(?<![.,;:!?'\]*…])
              | (?<![\w@./-])(?i:{_DOMAIN}(?:com|org|edu|gov|io|co\.uk)(?![\w-]|\.\w)
                  |{_DOMAIN}[a-z]{{2,6}}(?=/\w))(?:/(?:{_URL}){{0,2000}})?(?<![.,;:!?'\]*…]) )
  | (?P<sworn>  (?<![\w@$])(?i:(?:sh[!1]t|\$h[i!]t|b[!1]tch|f[@\#]{{1,2}}c?k|a\$\$|@ss)
                  (?:s|es|ty|ing|ed)?)(?!\w) )
  | (?P<mail>   (?<![\w.+-])[\w.+-]{{1,64}}@[\w-]{{1,64}}(?:\.[\w-]{{1,64}}){{1,8}} )
  | (?P<handle> (?:(?<!\S)\.)?(?<![\w@])@\w{{1,30}}(?:@[\w-]{{1,64}}(?:\.[\w-]{{1,64}}){{1,8}})?\b )
  | (?P<tag>    (?<![&/])(?:(?<!\w)|(?<=[^\W\d_]))\#{{1,3}}(?P<words>\w{{0,99}}[^\W\d_]\w{{0,99}}) )
  | (?P<face>   {FACE} | {SHORTCODE} )
  | (?P<rating> \u2605{{1,10}}\u2606{{1,10}} | \u2605{{2,10}} )
  | (?P<close>  [”»›❞」] | (?<=[\w.!?,])“(?!\w) )
  | (?P<open>   [“„«‹❝「] | (?<=[:=/*.!?])"(?=\w) )
  | (?P<ask>    [!?]*\?[!?]* (?<=[!?]{{2}}) | [\u2049\u2753]\ufe0f? )
  | (?P<shout>  !{{2,}} | [\u203c\u2757]\ufe0f? )
  | (?P<emoji>  {EMOJI} )
  | (?P<stars>  (?<![\w*])\w{{1,30}}(?:\*{{1,30}}\w{{1,30}}){{1,30}}\*{{0,30}}
              | (?<![\w*])[^\W\d_]{{1,30}}\*{{2,30}}(?!\w) | \*{{2,}} )                     # f**k
  | (?P<clipped> (?<!\w)['’](?:\d0s|em|til|cause|bout)(?!\w) | (?<!\w)['’]n['’](?!\w) )   # 'em
  | (?P<within> (?<=[A-Za-z])(?:{APOSTROPHE}|\\{{1,3}}['’])(?=[A-Za-z]) )                    # it's
  | (?P<dots>   \.{{2,}} | … )
  | (?P<dash>   -{{2,}} | [\u2012-\u2015]+ )
  | (?P<single> [’‘‛′´‚] )
  | (?P<space>  [\x00-\x08\x0e-\x1f\x7f-\xa0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000] )
  | (?P<broken> [\ud800-\udfff] )
  | (?P<inverted> [¡¿](?=\w) )
  | (?P<joined> (?<=[A-Z]{{2}}\.)(?=[A-Z][a-z]{{2}})
              | (?:(?<=[a-z]{{2}}[.!?])|(?<=[!?]{{2}})|(?<=\d{{2}}[.!?])|(?<=[)\]"”][.!?]))
                  (?=["“(]?(?:[A-Z][a-z]|[IA]\b)|\d{{1,3}}(?:\.\d)?/\d|\d{{1,2}}\ ?(?:stars?|out)\b)
              | (?<=[a-z]{{2}}[!?])(?=[a-z]{{2}}) | (?<=[a-z]{{2}}\.)(?=(?:{_CONTINUES})) )
    """,
    re.VERBOSE,
)
_REPLACEMENTS = {
    "break": "\n\n",
    "line": "\n",
    "hidden": "",
    "ask": "?",
    "shout": "!",
    "dash": " -- ",
    "open": ' "',
    "close": '"',
    "single": "'",
    "within": "'",
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
    if PLAIN.fullmatch(text) and not SPELLED_APART.search(text):
        return CleanText(mapped, {})
    mapped = mended_negations(normalize(without_markup(mapped)))
    if SIGNS.search(mapped.text):
        mapped = without_markdown(mapped)
    whole: dict[int, str] = {}
    mapped = mapped.substitute(_SPECIAL, lambda match: _special(match, mapped, whole))
    return CleanText(mapped, whole)


def _special(match: re.Match[str], mapped: MappedText, whole: dict[int, str]) -> str | Pieces:
    kind, text = match.lastgroup or "", match.group()
    if kind in _REPLACEMENTS:
        return _REPLACEMENTS[kind]
    if kind == "dots":  # with a space after it only where a word follows
        return " ... " if match.string[match.end() : match.end() + 1].isalnum() else " ..."
    if kind == "tag":
        pieces: list[tuple[str, int, int]] = [(" ", 0, 0)]
        first = len(text) - len(match["words"])
        for start, end in words_of_hashtag(match["words"]):
            word = match["words"][start:end], start + first, end + first
            pieces += (" ", start + first, start + first), word
        follows = match.string[match.end() : match.end() + 1]
        return [*pieces, (" ", len(text), len(text))] if follows.isalnum() else pieces
    if kind == "inverted":
        return [(text, 0, 1), (" ", 1, 1)]
    if kind == "rating":
        return [(f"{text.count('★')} ", 0, 1), ("stars ", 1, len(text))]
    seen = {"link": LINK, "mail": LINK, "handle": HANDLE}.get(kind)
    if kind in ("face", "emoji"):
        seen = name_of(text)
    whole[mapped.starts[match.start()]] = seen or corrected(text.replace("’", "'"))
    return PLACEHOLDER
