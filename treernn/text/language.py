"""Whether a text is in English, by its most frequent words: the models know no other language.

A statistical detector was measured and left out: py3langid 0.4 takes eight times
as long (140 µs for ten words) and three seconds to load, and takes "Nice." for Esperanto.
"""

from __future__ import annotations

import re

from treernn.text.english import FUNCTION_WORDS

OTHERS = {
    "French": """
        au aux avec ce cette c'est d'un dans de des du elle en est et il ils j'ai je la le les
        leur lui mais mes moi mon ne nous on ont où par pas plus pour qu'il que qui sa sans se
        ses son sont sur très trop tu un une vous été
    """,
    "German": """
        aber alle als auch auf aus bei bin bis das dass dem den der des die doch ein eine
        einem einen einer es für hat hatte ich ihr im ist kein keine man mein mich mir mit
        nach nicht noch nur oder schon sehr sich sie sind über um und uns vom von vor war
        waren wenn wer wie wir wird zu zum zur
    """,
    "Spanish": """
        al algo como con cuando de del desde donde el ella ellos en era es esta este está
        están fue ha hay la las le lo los me mi muy más nada ni no nos para pero por porque
        que qué se ser si sin sobre su sus también te tiene todo todos un una uno y ya yo
    """,
    "Italian": """
        al alla anche che chi ci come con da dal dei del della delle di e è era gli ha hanno
        ho il in io la le lo loro ma mi molto nel nella nessuno non più per perché poi questa
        questo se senza si sono su sua suo ti tra tutti tutto un una uno
    """,
    "Portuguese": """
        ao as com como da das de do dos e é ela ele em era essa esse esta está eu foi há isso
        já mais mas me meu minha muito na não nas nem no nos o os ou para pela pelo por porque
        que quem se sem ser seu só sua também tem um uma você
    """,
    "Dutch": """
        aan al alles als bij dan dat de deze die dit door een en er geen had heb heeft het hij
        ik is je kan maar me meer met mijn naar niet nog nu of om ook op over te tot uit van
        veel voor was wat we wel werd wordt zal ze zeer zich zij zijn zo
    """,
}
_OTHER_WORDS = {language: frozenset(words.split()) for language, words in OTHERS.items()}
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LONGEST = 2_000  # characters that are looked at


def other_language(text: str) -> str | None:
    """The language of a text that is clearly not in English; None for English or in doubt.

    >>> other_language("Le film est vraiment très mauvais.")
    'French'
    >>> other_language("Déjà vu, but charming.") is None
    True
    """
    words = [word.replace("’", "'").lower() for word in _WORD.findall(text[:_LONGEST])]
    english = sum(word in FUNCTION_WORDS for word in words)
    if 4 * english > len(words):
        return None
    different = set(words)
    counts = {language: len(different & known) for language, known in _OTHER_WORDS.items()}
    best = max(counts, key=counts.__getitem__)
    if not english and any(not word.isascii() for word in different & _OTHER_WORDS[best]):
        return best  # a word such as "très"
    # Words such as "me", "on" and "was" are in several languages.
    return best if counts[best] > max(1, 2 * english, len(different) // 5) else None
