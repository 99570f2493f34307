from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.text.hashtags import words_of_hashtag
from treernn.text.lexicon import known_words
from treernn.text.tokenizer import tokenize


def divided(tag):
    return " ".join(tag[start:end] for start, end in words_of_hashtag(tag))


@pytest.mark.parametrize(
    "words",
    """
    unwatchable|unfunny|joyless|moronic|cringeworthy|snoozefest|insufferable|mawkish|awsome|TGIF
    i hate this|i dont care|i am sad|isnt good|doesnt suck|soooo good|LOVE it|best film ever
    BBC News 2024|Love This Film|best movie ever|LOVE THIS FILM|xqzvk|DVDs|AC Milan|NBA Finals
    so boring|overrated|so bad|not funny|waste of time|i love it|unimpressed|wont watch again
    """.replace("\n", "|").split("|"),
)
def test_words(words):
    words = words.strip()
    assert divided(words.replace(" ", "")) == words


@pytest.mark.parametrize(
    "words",
    """
    come on you blues|may be next year|genuine|you can believe that|stop harper|champions
    fighting talk|singapore|baize of glory|make it count|supershow|the real hunger games|dream team
    concert review|gym time|farming life|bittersweet|teen wolf|cold summer nights
    but thats none of my business|leave it yeah|college problems|tongue out tuesday
    your life sucks|not okay|addicted to netflix instant|travel news|i love food|very sick girl
    cant miss that|comedy gold|theatre of dreams|no big deal|bring on the sun|birthday boy
    no it doesnt|pop culture|commit to your practice|no shame no game|listen up|disrespect
    happy pass it on|thank goodness|so not in tech|enough already|the force is strong with this one
    we will make a date|craft beer|monday morning|gin and juice|vintage fashion|world is ending
    and he did|so close|scary thought|the future|i watch too much tv|reggae music|freakin weekend
    """.replace("\n", "|").split("|"),
)
def test_hashtags_of_tweets(words):
    words = words.strip().replace("may be", "maybe")
    assert divided(words.replace(" ", "")) == words


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("#LoveThisFilm", "Love This Film"),
        ("#worst_film_ever", "worst film ever"),
        ("#bestmovieever", "best movie ever"),
        ("#isntgood", "is n't good"),
        ("#awsome", "awesome"),
        ("#soooogood", "so good"),
        ("#NeverAgain!", "Never Again !"),
    ],
)
def test_tokens_of_a_hashtag(tag, words):
    (tokens,) = tokenize(tag)
    assert [token.text for token in tokens] == words.split()
    assert "".join(tag[token.start : token.end] for token in tokens) == tag.replace("_", "")[1:]


@given(st.sampled_from(sorted(known_words())))
def test_known_words_stay_whole(word):
    assert words_of_hashtag(word) == ((0, len(word)),)


@given(st.text(st.sampled_from("abelovefilm_AB12é"), min_size=1, max_size=30))
def test_ranges_of_a_hashtag_are_in_order_and_cover_its_letters(tag):
    ranges = words_of_hashtag(tag)
    assert all(a < b <= c < d for (a, b), (c, d) in pairwise(ranges))
    covered = {at for start, end in ranges for at in range(start, end)}
    assert covered == {at for at, char in enumerate(tag) if char.isalnum()}
