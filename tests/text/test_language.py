import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treernn.text.foreign import ANOTHER, OTHERS
from treernn.text.language import other_language
from treernn.text.lexicon import is_word

SENTENCES = {
    "French": """
        C'est nul.|Très mauvais film.|J'adore ce film !|Un navet.|Je n'ai pas aimé.|C'était génial
        Film magnifique|Pas mal du tout.|Le meilleur film de l'année|Une perte de temps totale
        Jamais vu un film aussi mauvais|CE FILM EST NUL|c’est trop bien
        Film très mauvais
        Le film est vraiment très mauvais et je ne le recommande pas.
    """,
    "German": """
        Der Film ist schlecht.|Sehr guter Film!|Ich liebe diesen Film.|Schrecklich.|Nie wieder!
        Was für ein Unsinn!|Das war langweilig.|Ein Meisterwerk|Schade um die Zeit|Finger weg!
        Das Essen war sehr schlecht und der Service noch schlimmer.|DER FILM IST SCHLECHT
    """,
    "Spanish": """
        La película es mala.|Muy buena película.|Me encantó.|No me gustó nada.|Una obra maestra
        No me gustó la película.|Es una pérdida de tiempo|Increíble|Ni fu ni fa|Te la recomiendo
        La película es muy mala y no la recomiendo a nadie.
    """,
    "Italian": """
        Il film è brutto.|Molto bello.|Non mi è piaciuto.|Un capolavoro|Che noia!|Pessimo film
        Il peggior film dell'anno|Il film è molto bello ma la fine non mi piace.
    """,
    "Portuguese": """
        O filme é ruim.|Muito bom filme.|Eu adorei.|Não gostei.|O pior filme do ano|Muito chato
        O filme não é bom e eu não recomendo para você.|Uma obra-prima
    """,
    "Dutch": """
        De film is slecht.|Zeer goede film.|Ik vond het niks.|Wat een onzin!|Een meesterwerk
        Jammer|Ik hou van deze film|Het eten was niet goed en ook de bediening viel tegen.
    """,
    ANOTHER: """
        Filmen är dålig.|Jag älskade den.|Det var en tråkig film|Jeg kunne ikke lide den
        Filmen er dårlig|Elokuva oli huono.|Film jest zły.|Nie podobał mi się.|Bardzo dobry film.
        Film je špatný.|Film çok kötü.|Hiç beğenmedim|Film ini buruk.|Saya tidak suka film ini
        Filmul este prost.|Nu mi-a plăcut|A film rossz.|Nem tetszett|Phim này rất tệ.
        Ang pangit ng pelikula.|La pel·lícula és dolenta|Vrlo dobar film|Filamu hii ni mbaya
        Mér fannst þessi mynd mjög leiðinleg og löng.|Šī filma bija ļoti garlaicīga un gara.
        Skuespillerne var dårlige, og historien var altfor lang.
        Herkes çok iyi oynamış ama senaryo sıkıcıydı.
    """,
}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (text.strip(), language)
        for language, texts in SENTENCES.items()
        for text in texts.strip().replace("\n", "|").split("|")
    ],
)
def test_other_languages(text, language):
    assert other_language(text) == language


ENGLISH = """
    Nice.|Loved it|gr8 movie lol|La La Land|Die Hard|:) 10/10|Déjà vu, but charming.
    per se|a la carte
    The Cabinet of Dr. Caligari|De Niro in Las Vegas|très chic|mucho fun|no no no no|me me me
    bon appétit
    Amélie is a delight.|La Dolce Vita|Das Boot|El Mariachi rocks|Roma
    Les Misérables was boring|Au Revoir Les Enfants|I Am Love|Il Postino|Das Boot is a masterpiece
    Der Untergang|Sin City sucks
    Y Tu Mamá También is sexy|Guillermo del Toro directs|De Niro, De Palma, De Vito
    omg lmao|wtf smh
    Lars von Trier disappoints|Die, monster, die!|As good as gold|film noir|coup de grâce|mein Gott!
    Merci pour le movie .|A thought-provoking picture .|A less-than-thrilling thriller .|n/a|A. . .
    A true-blue delight .|c'mon|D'Angelo rules|Voilà!|Zo rox|dem feels|MIT grads
    un-freaking-believable
    grandiloquent lugubrious sardonic mawkish maudlin treacly saccharine
    Penélope Cruz sizzles
    wuxia anime manga|Die Hard 2 sux|nah bro|Meh|ugh|na na na na hey hey goodbye|Son et lumière
"""


@pytest.mark.parametrize(
    "text", [text.strip() for text in ENGLISH.strip().replace("\n", "|").split("|")]
)
def test_english_and_what_is_in_doubt(text):
    assert other_language(text) is None


@pytest.mark.parametrize("text", ["", " ", "...", "123", "'", "😀", "a", "I"])
def test_no_words(text):
    assert other_language(text) is None


@given(st.sampled_from([name for name in OTHERS if name != ANOTHER]), st.data())
def test_words_of_one_language_are_never_english(language, data):
    only = sorted(
        word
        for word in OTHERS[language].difference(*(OTHERS[x] for x in OTHERS if x != language))
        if len(word) > 4 and not is_word(word)
    )
    words = data.draw(st.lists(st.sampled_from(only), min_size=3, max_size=6, unique=True))
    assert other_language(" ".join(words).capitalize()) == language


@given(st.text(max_size=300))
def test_any_text(text):
    assert other_language(text) in {None, *OTHERS}


def test_the_treebank_is_english(sst_dev):
    assert [tree.words for tree in sst_dev if other_language(" ".join(tree.words))] == []
    assert [tree.words for tree in sst_dev if other_language(" ".join(tree.words[:5]))] == []


def test_it_takes_little_time(sst_dev):
    texts = [" ".join(tree.words) for tree in sst_dev]
    other_language("Ich liebe diesen Film.")
    start = time.perf_counter()
    for text in texts:
        other_language(text)
    assert (time.perf_counter() - start) / len(texts) < 1e-3  # seconds; about 15e-6


def test_a_long_text_is_judged_by_its_beginning():
    words = ["der", "film", "ist", "sehr", "schlecht", "und", "langweilig"]
    text = " ".join(random.Random(1).choices(words, k=100_000))
    start = time.perf_counter()
    assert other_language(text) == "German"
    assert time.perf_counter() - start < 0.2
