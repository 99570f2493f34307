"""Raw text to sentences of tokens, each token with its place in the original text."""

from __future__ import annotations

from treernn.text.cleaning import PLACEHOLDER, clean
from treernn.text.sentences import sentence_spans
from treernn.text.spelling import corrected
from treernn.text.words import words
from treernn.types import Token

MAX_WORD = 100
"""Of a longer word the models see this many characters."""

_OPENING, _CLOSING, _APOSTROPHES = frozenset("“„«"), frozenset("”»"), frozenset("'’‘‛′´")


def tokenize(text: str, newline_ends_sentence: bool = False) -> list[tuple[Token, ...]]:
    """Divide a text into sentences of tokens.

    ``text[token.start : token.end]`` is the source of a token. ``token.text`` is the same, or what
    stands for it in the Stanford Sentiment Treebank. Tokens are in order and do not overlap; every
    character outside them is white space, markup, or invisible.

    Args:
        text: any text.
        newline_ends_sentence: whether every line ends a sentence.

    >>> [[token.text for token in sentence] for sentence in tokenize("It isnt bad.<br>See it!!")]
    [['It', 'is', "n't", 'bad', '.'], ['See', 'it', '!']]
    """
    mapped, whole = clean(text)
    shown, starts, ends = mapped
    found = []
    reached = 0  # also by the sentence before: both may have a part of one source character
    for start, end in sentence_spans(shown, newline_ends_sentence):
        if mapped.is_original:  # mostly, and quicker
            divided = words(shown, start, end)
            found.append(
                tuple([Token(word[:MAX_WORD], first, last) for word, first, last in divided])
            )
            continue
        tokens: list[Token] = []
        for word, first, last in words(shown, start, end):
            # A source character may stand for several clean ones; the first token takes it.
            source = max(starts[first], reached), ends[last - 1]
            if source[0] < source[1]:
                reached = source[1]
                if word == PLACEHOLDER:
                    word = whole.get(source[0], word)
                tokens.append(Token(word[:MAX_WORD], *source))
        if tokens:
            found.append(tuple(tokens))
    return found


def treebank_token(text: str, start: int, end: int, word: str = "") -> Token | None:
    """The token of another tokenizer, as the treebank writes it.

    Args:
        text: the text.
        start, end: half-open character range in it.
        word: the token, if it is not the characters themselves.

    Returns:
        the token; None where there is nothing to see, such as white space.

    >>> text = "“Not bad”\u2009…"
    >>> [treebank_token(text, *span).text for span in ((0, 1), (1, 4), (8, 9), (10, 11))]
    ['``', 'Not', "''", '...']
    """
    word = word or text[start:end]
    if word in _OPENING or word in _CLOSING or word == '"':
        opens = word in _OPENING or (word == '"' and _opens(text, start))
        return Token("``" if opens else "''", start, end)
    if word in _APOSTROPHES:
        return Token("`" if _opens(text, start) else "'", start, end)
    mapped, whole = clean(word)
    shown = "".join(mapped.text.split())
    if shown == PLACEHOLDER:
        shown = next(iter(whole.values()))
    elif PLACEHOLDER in shown:
        shown = "".join(word.split()).replace("’", "'")
    elif shown.lower() == "nt":
        shown = "N'T" if shown.isupper() else "n't"
    else:
        shown = corrected(shown)
    return Token(shown[:MAX_WORD], start, end) if shown else None


def _opens(text: str, at: int) -> bool:
    """Whether the quotation mark at this place opens a quotation."""
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    return (not before or before in " \n\t([{`") and bool(after) and not after.isspace()
