"""The words that stand for emoji and emoticons: the models know words, not pictures."""

from __future__ import annotations

import re
from functools import cache

from treernn.text import english

_BASE = (
    "[\u203c\u2049\u2122\u2139\u2190-\u23ff\u2460-\u2bff\u3030\u303d\u3297\u3299"
    "\U0001f000-\U0001faff]"
)
_STYLE = "[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]{0,2}"
EMOJI = (
    "[\U0001f1e6-\U0001f1ff]{2}|[#*0-9]\ufe0f?\u20e3|"
    f"{_BASE}{_STYLE}[\U000e0020-\U000e007f]{{0,9}}(?:\u200d{_BASE}{_STYLE}){{0,8}}"
)
"""One emoji, with its modifiers and joined parts (Unicode Technical Standard 51)."""

_UNTELLING = frozenset("face with of and button eyes sign mark symbol".split())
_PLAIN = re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")
_COMMON = {
    _PLAIN.sub("", picture): name
    for name, pictures in english.EMOJI.items()
    for picture in pictures.split()
}
_NAMES = {face: name for name, faces in english.EMOTICONS.items() for face in faces.split()}


def _pattern() -> str:
    faces = sorted(_NAMES, key=len, reverse=True)
    return "|".join(re.escape(face) for face in faces)


EMOTICON = _pattern()
"""Any emoticon that has a name."""


@cache
def name_of(picture: str) -> str | None:
    """The words for an emoji or emoticon, joined by hyphens; None where it has none.

    >>> name_of(":)"), name_of("👍🏽"), name_of("❤️")
    ('smile', 'thumbs-up', 'love')
    """
    if name := _NAMES.get(picture):
        return name
    if name := _COMMON.get(_PLAIN.sub("", picture)):
        return name
    from emoji import EMOJI_DATA  # an import that most texts do not need

    plain = re.sub("[\ufe0e\U0001f3fb-\U0001f3ff]", "", picture)
    for form in (plain, picture, plain.replace("\ufe0f", ""), plain + "\ufe0f"):
        if form in EMOJI_DATA:
            words = re.findall("[a-z0-9]+", EMOJI_DATA[form]["en"].lower())
            return "-".join([word for word in words if word not in _UNTELLING] or words)
    return None
