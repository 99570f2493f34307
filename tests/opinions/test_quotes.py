"""Which sentences are quoted."""

from treernn.opinions.opinion import Opinion, Review
from treernn.opinions.quotes import MOST_CHARACTERS, BestQuotes


def add(best, row, text, score=0.8, phrase=(0, 3)):
    opinion = Opinion(1, 0, len(text), *phrase, *phrase, "key", "key", 1, score)
    best.add(Review(row, text), opinion)


def quoted(texts, most=3):
    best = BestQuotes()
    for row, text in enumerate(texts, 1):
        add(best, row, text)
    return [quote.row for quote in best.best(most)]


def test_none_is_like_another():
    texts = [
        "The battery lasts for a whole day of work.",
        "the battery lasts for a whole day of work!!",
        "The battery lasts for two whole days of work.",
        "Charging takes an hour, which is wonderful.",
    ]
    assert quoted(texts) == [1, 4]


def test_those_that_say_more_are_first():
    best = BestQuotes()
    add(best, 1, "It has a battery that I can charge at home.", 0.1)
    add(best, 2, "An amazing battery, I never saw a better one.", 0.9)
    add(best, 3, "Wow battery", 0.9)
    assert [quote.row for quote in best.best(3)] == [2, 3, 1]


def test_many_repetitions_take_no_place_from_others():
    best = BestQuotes(4)
    for row in range(1, 101):
        add(best, row, "An amazing battery, I never saw a better one.", 0.9)
    add(best, 101, "It charges quickly, even in the car at night.", 0.5)
    assert [quote.row for quote in best.best(5)] == [1, 101]


def test_long_sentences_are_cut_around_the_phrase():
    text = "and so on " * 100 + "the battery is great" + " and so on" * 100
    best = BestQuotes()
    add(best, 1, text, phrase=(1000, 1020))
    [quote] = best.best(1)
    assert quote.text[quote.start : quote.end] == "the battery is great"
    assert quote.text.startswith("…")
    assert quote.text.endswith("…")
    assert len(quote.text) <= MOST_CHARACTERS + 2


def test_long_phrases_are_cut():
    best = BestQuotes()
    add(best, 1, "x" * 5000, phrase=(0, 5000))
    [quote] = best.best(1)
    assert (quote.start, quote.end) == (0, MOST_CHARACTERS)
    assert len(quote.text) == MOST_CHARACTERS + 1
