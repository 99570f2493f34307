from rich.console import Console

from treernn.scoring.explain import Explanation
from treernn.scoring.sentence import Phrase
from treernn.views.explanation import explanation_lines

PHRASE = Phrase("not bad", 0, 7, "positive", (0.0, 0.0, 0.0, 1.0, 0.0))


def shown(result, width=60):
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(explanation_lines(result))
    return [line.rstrip() for line in capture.get().splitlines()]


def test_sentences_come_before_phrases():
    result = [
        Explanation("sentence", "A weighs most", PHRASE, (), 0.5),
        Explanation("negation", "B turns C", PHRASE, (PHRASE,), 2.0),
        Explanation("word", "D is bad\x1b[31m", PHRASE, (), 0.1),
    ]
    assert shown(result) == [
        "Sentences that weigh most",
        "━━━━━━ A weighs most",
        "Why",
        "━━━━━━ B turns C",
        "━      D is bad [31m",
    ]


def test_long_lines_are_wrapped():
    result = [Explanation("word", "four words and more", PHRASE, (), 1.0)]
    assert shown(result, 20) == ["Why", "━━━━━━ four words", "       and more"]


def test_no_explanations():
    assert shown([]) == ["Why", "no phrase stands out"]
