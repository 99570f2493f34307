"""The words that stand for emoji and emoticons: the models know words, not pictures."""

from __future__ import annotations

import re
from functools import cache

from treernn.text import english

_BASE = (
    "[\u203c\u2049\u2139\u2190-\u23ff\u2460-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_STYLE = "[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]{0,2}"
EMOJI = (
    "[\U0001f1e6-\U0001f1ff]{2}|[#*0-9]\ufe0f?\u20e3|[\xa9\xae]\ufe0f|"
    f"{_BASE}{_STYLE}[\U000e0020-\U000e007f]{{0,9}}(?:\u200d{_BASE}{_STYLE}){{0,8}}"
)
"""One emoji, with its modifiers and joined parts (Unicode Technical Standard 51)."""

SHORTCODE = r"(?<![\w:]):[a-z][a-z0-9_+-]{1,30}:(?!\w)"
"""Perhaps the name of an emoji, as chat programs write it: ``:heart:``."""

_UNTELLING = frozenset("face with of and button eyes sign mark symbol".split())
_PLAIN = re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")
_NAMES = {
    _PLAIN.sub("", picture): name
    for table in (english.EMOTICONS, english.EMOJI)
    for name, pictures in table.items()
    for picture in pictures.split()
}
WORDS = {face: name for face, name in _NAMES.items() if face.replace("-", "").isalnum()}
"""Emoticons of letters and digits alone, such as ``xD``."""

_EYES = "[:;=]['’]?[-o^~]?"
_LETTERS = "[DPpOoSsCc3]{1,10}(?![\\w(:])"
_OTHERS = "|".join(
    re.escape(face)
    for faces in english.EMOTICONS.values()
    for face in sorted(faces.split(), key=len, reverse=True)
    if face[0] not in ":;=Dd" and face not in WORDS
)
FACE = "|".join(
    (
        rf"(?<![\w:;=])>?{_EYES}(?:[)\]}}]{{1,10}}|[(\[{{/\\|*@<>]{{1,10}}(?![\w/])|{_LETTERS})",
        rf"(?<=[A-Za-z]){_EYES}(?:[()]{{1,10}}(?!\w)|[DPp]{{1,5}}(?!\w|\.\ [A-Z])|[/*](?![\w/*]))",
        rf"<3{{1,10}}(?!\d)|(?<!\w)\(?(?:{_OTHERS})\)?(?![\w(])",
        r"(?<!\w)[Dd]'?:(?=\s*(?:\Z|\n))",  # not "vitamin D: good"
    )
)
"""Perhaps an emoticon."""


@cache
def name_of(picture: str) -> str | None:
    """The words for an emoji or emoticon, joined by hyphens; None where it has none.

    >>> name_of(":-))"), name_of("👍🏽"), name_of("❤️")
    ('smile', 'thumbs-up', 'love')
    """
    plain = _PLAIN.sub("", picture)
    for form in (plain, _face(plain), _face(plain.strip("()"))):
        if name := _NAMES.get(form):
            return name
    from emoji import EMOJI_DATA, emojize  # an import that most texts do not need

    if picture.startswith(":") and picture.endswith(":"):
        named = emojize(picture, language="alias")
        return name_of(named) if named != picture else None
    for form in (plain, picture, plain + "\ufe0f"):
        if form in EMOJI_DATA:
            words = re.findall("[a-z0-9]+", EMOJI_DATA[form]["en"].lower())
            return "-".join([word for word in words if word not in _UNTELLING] or words)
    return None


@cache
def canonical(picture: str) -> str:
    """An emoji or emoticon as one of all its forms: without skin tones, noses and repetitions, and
    the emoji itself for the name that chat programs write.

    >>> canonical("👍🏽"), canonical(":-))"), canonical(":thumbsup:")
    ('👍', ':)', '👍')
    """
    if picture.startswith(":") and picture.endswith(":") and len(picture) > 2:
        from emoji import emojize

        picture = emojize(picture, language="alias")
    plain = _PLAIN.sub("", picture)
    return next((form for form in (plain, _face(plain)) if form in _NAMES), plain)


def _face(picture: str) -> str:
    """An emoticon without nose, tears and repetitions."""
    match = re.fullmatch(r"(>?[:;=xX8B])['’]?[-o^~]?(\S)\2*", picture)
    if match:
        return match[1] + match[2]
    return re.sub(r"(3|D)\1+$", r"\1", picture)
