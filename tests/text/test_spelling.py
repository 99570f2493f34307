import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.text.english import CENSORED
from treernn.text.lexicon import common_words, is_word, known_words, rare_words
from treernn.text.misspellings import MISSPELLINGS
from treernn.text.spelling import MAX_LENGTH, corrected


def pairs(text):
    """Rows of "written=meant", of which the second may be left out."""
    return [
        (written, meant or written)
        for written, _, meant in (x.partition("=") for x in text.split())
    ]


REPEATED = """
    soooo=so amaaaazing=amazing goood=good noooo=no boooring=boring toooo=too offff=off lossss=loss
    hmmmm=hmm yesss=yes coool=cool feeel=feel meeet=meet looove=love hateee=hate baaad=bad
    killl=kill hellll=hell yummm=yum pleaseee=please stuuupid=stupid grrrr=grr shhhh=shh dulll=dull
    terribleeee=terrible horrribel=horrible SOOOO=so xxiii XVIII amaaaazing-ly=amazing-ly
    soooooo-so=so-so asss=ass loool=lol
"""
WELL_KNOWN = """
    definately=definitely recieve=receive dissapointing=disappointing dissapointed=disappointed
    dissapointment=disappointment realy=really anoying=annoying amzing=amazing
    definitly=definitely pointles=pointless suprising=surprising suprisingly=surprisingly
    frustating=frustrating attrocious=atrocious dreadfull=dreadful delightfull=delightful
    tedius=tedious wierd=weird wierdness=weirdness stupd=stupid fantasic=fantastic
    horrendus=horrendous akward=awkward akwardly=awkwardly pathedic=pathetic suberb=superb
    pretensious=pretentious appaling=appalling apallingly=appallingly medicore=mediocre
    Terribel=terrible TERRIBEL=terrible Excelent=excellent EXCELENT=excellent crapp=crap
"""
TYPICAL = """
    terribel=terrible excelent=excellent wonderfull=wonderful wonderfuly=wonderfully
    borring=boring shiit=shit uggly=ugly animaton=animation feirce=fierce disposible=disposable
    sterotypes=stereotypes completley=completely COMPLETLEY=completely seriouslly=seriously
"""
CLIPPED = """
    missin=missing passin=passing puttin=putting leavin=leaving drivin=driving knowin=knowing
    showin=showing beggin=begging amazin=amazing losin=losing cryin=crying robin Dustin cabin
"""
SWEARING = """
    sh*t=shit f**king=fucking cr*p=crap sh**=shit f***=fuck s***=shit a**=ass bull****=bullshit
    *ss=ass su*ks=sucks b*tch=bitch f*cking=fucking sh!t=shit $hit=shit f@ck=fuck b!tch=bitch
    sh1t=shit a$$=ass F***=fuck as* hell* 5* *** ** * good** $5 wow! a1 w@w A* x* 10/10
"""
AS_THEY_ARE = """
    specious raunch jangle chomps constrictive deportment wedgie weirdo sadden defund bawling recant
    shoutout shucks preposition compote colonise follback preachy herbivore wuxia teh punny creds
    Tolkein Schnieder majidi travil donati schnieder callar watchOS iPhones inspira sphero expecto
    unfilmable bingeable realise honour 好好好 well-shot
"""


@pytest.mark.parametrize(
    ("word", "meant"),
    pairs(REPEATED + WELL_KNOWN + TYPICAL + CLIPPED + SWEARING + AS_THEY_ARE),
)
def test_what_is_meant(word, meant):
    assert corrected(word) == meant


@given(st.sampled_from(sorted(known_words())))
def test_known_words_stay(word):
    assert corrected(word) == word
    assert corrected(word.upper()) == word.upper()


@given(st.sampled_from(sorted(rare_words())))
def test_rare_words_stay(word):
    assert corrected(word) == word


@given(st.sampled_from(sorted(MISSPELLINGS)))
def test_the_table_holds_in_any_case_and_has_no_words(word):
    assert not is_word(word)
    assert is_word(MISSPELLINGS[word])
    for cased in (word, word.upper(), word.capitalize()):
        assert corrected(cased) == MISSPELLINGS[word]


@given(st.sampled_from(CENSORED), st.data())
def test_swear_words_with_one_star(word, data):
    at = data.draw(st.integers(1, len(word) - 2))
    starred = word[:at] + "*" + word[at + 1 :]
    assert corrected(starred) in CENSORED
    assert len(corrected(starred)) == len(word)


@given(st.text(st.sampled_from("abcdeilnorst*!$@-AZé5"), min_size=1, max_size=60))
def test_what_is_corrected_is_settled(word):
    once = corrected(word)
    assert once
    assert corrected(once) == once or not is_word(once.lower())


@given(st.text(st.characters(), max_size=60))
def test_any_characters(word):
    assert corrected(word) or not word


def test_names_are_no_common_words():
    assert {"terrible", "film", "i", "a"} <= common_words().keys() | {"i", "a"}
    assert not {"schneider", "der", "madrid"} & common_words().keys()
    assert "madrid" in known_words()


@pytest.mark.parametrize("unit", ["x*", "a", "*", "sh!t", "ab-", "so-"])
def test_long_runs_are_left_alone_at_once(unit):
    long = unit * 100_000
    start = time.perf_counter()
    assert corrected(long) == long
    assert time.perf_counter() - start < 0.2
    assert len(corrected("o" * (MAX_LENGTH + 1))) > MAX_LENGTH


def test_unknown_words_take_little_longer_than_known_ones():
    letters, choose = "etaoinshrdlucmfwypvbgk", random.Random(1)
    unknown = ["".join(choose.choices(letters, k=9)) for _ in range(5000)]
    corrected("warm-up")
    corrected("bettter")
    start = time.perf_counter()
    for word in unknown:
        corrected(word)
    assert (time.perf_counter() - start) / len(unknown) < 200e-6  # seconds; about 25e-6


def test_few_words_of_the_treebank_change(sst_dev):
    words = {word for tree in sst_dev for word in tree.words}
    changed = {word for word in words if corrected(word) != word}
    assert len(changed) < 0.002 * len(words)
