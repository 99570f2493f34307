"""Texts: to tokens, to results, and to all that is printed of a result."""

from __future__ import annotations

import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from typing import Any

import treernn
from fuzzing.case import Case, Target, bytes_of, options_of, text_of, with_options
from fuzzing.mutations import PIECES, hostile_text, mutate_text
from treernn.scoring.result import Result
from treernn.text.language import other_language
from treernn.text.tokenizer import tokenize

REVIEW = (
    "It isn't good, but (as they say) it's NOT the worst film I've seen... <br /><br />I loved "
    "Mr. Smith's acting!!! 10/10 :-) See https://example.org/a?b=c or @me #GoodFilm.\n\n"
    '- boring plot\n- great music &amp; lights\n\n**Overall**: "worth it", she said.'
)


def text(random: Random) -> str:
    """A hostile text, a damaged review, or one piece very often."""
    match random.randrange(8):
        case 0 | 1 | 2:
            return mutate_text(random, REVIEW, 8)
        case 3:
            repeated = random.choice(PIECES) + random.choice(("", " ", "a"))
            return repeated * random.choice((10, 100, 1000))
        case 4:
            return hostile_text(random, 150)
    return hostile_text(random)


def _make_tokens(random: Random) -> Case:
    return with_options({"text": bytes_of(text(random))}, lines=random.random() < 0.3)


def _tokens(case: Case, _: Path) -> str:
    given = text_of(case["text"])
    end = 0
    for sentence in tokenize(given, options_of(case)["lines"]):
        assert sentence, "an empty sentence"
        for token in sentence:
            assert end <= token.start < token.end <= len(given), "offsets"
            assert token.text, "a token without a text"
            assert not re.search("[ \t\r\n]", token.text), "white space in a token"
            end = token.end
    other_language(given)
    return "result"


def _make_texts(random: Random) -> Case:
    longest = random.choice((60, 150, 150, 600))
    texts = [None if random.random() < 0.03 else text(random)[:longest] for _ in range(5)]
    return {"texts": json.dumps(texts).encode()}


@cache
def scorer() -> treernn.Scorer:
    """The small model."""
    import torch

    torch.set_num_threads(1)
    return treernn.load()


def _score(case: Case, _: Path) -> str:
    texts = json.loads(case["texts"])
    results = scorer().score_many(texts)
    assert len(results) == len(texts), "a result is missing"
    for given, result in zip(texts, results, strict=True):
        check_result(given or "", result)
    results._repr_html_()
    return "result"


def check_result(given: str, result: Result) -> None:
    """Check all that is known of a result."""
    assert result.text == re.sub("[\ud800-\udfff]", "\ufffd", given), "the text"
    assert result.scored or result.problems, "neither a result nor a problem"
    end = 0
    for sentence in result.sentences:
        assert end <= sentence.start < sentence.end <= len(given), "sentence offsets"
        assert sentence.text == result.text[sentence.start : sentence.end], "sentence text"
        end = sentence.end
        for phrase in sentence.phrases():
            assert phrase.text == result.text[phrase.start : phrase.end], "phrase text"
            assert sentence.start <= phrase.start < phrase.end <= sentence.end, "phrase offsets"
            assert abs(sum(phrase.probabilities) - 1) < 1e-3, "probabilities"
            assert min(phrase.probabilities) >= 0, "probabilities"
    values = strict(result.to_json())
    assert values["label"] == result.label, "label"
    if result.scored:
        assert abs(sum(values["probabilities"]) - 1) < 1e-3, "probabilities"
    result.explain()
    check_html(result._repr_html_())


def strict(data: str | bytes) -> Any:
    """A value from JSON as its standard has it."""

    def refuse(name: str) -> Any:
        raise AssertionError(f"{name} in JSON")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(dict(pairs)) == len(pairs), "a name twice in JSON"
        return dict(pairs)

    text = data if isinstance(data, str) else data.decode("utf-8")
    value = json.loads(text, parse_constant=refuse, object_pairs_hook=once)
    json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


class _Tags(HTMLParser):
    """Checks that tags are balanced and that none of them runs anything."""

    empty = ("br", "hr", "img", "circle", "line", "path", "rect")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _KNOWN, f"<{tag}> in HTML"
        for name, value in attrs:
            assert not name.startswith("on") and name not in ("href", "src"), f"{name} in HTML"
            assert value is not None, f"{name} without a value"
        if tag not in self.empty:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.empty:
            assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"


_KNOWN = ("div", "span", "b", "i", "svg", "g", "text", "title", "circle", "line", "path", "rect",
          "br", "table", "tr", "td", "th", "details", "summary", "tspan")  # fmt: skip


def check_html(html: str) -> None:
    """Check that HTML has no markup of a text in it."""
    tags = _Tags()
    tags.feed(html)
    tags.close()
    assert not tags.open, f"<{tags.open[-1:]}> is not closed"


def _ready() -> None:
    for result in scorer().score_many(
        ["It is not a good film. I loved it!", "", "Das ist nicht gut."]
    ):
        check_result(result.text, result)


TARGETS = (
    Target("tokens", _make_tokens, _tokens, quick=1500, share=25, on_disk=False, prepare=_ready),
    Target("scoring", _make_texts, _score, quick=60, share=1, on_disk=False, prepare=_ready),
)
