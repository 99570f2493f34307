"""Facts about written English that the tokenizer and the sentence splitter need, as plain data."""

from __future__ import annotations

ABBREVIATIONS = frozenset(
    """
    adm al approx apr assn aug ave blvd bros brig c.f ca capt cf cmdr co col corp dec dept dir dr
    e.g ed eds eg est etc feb fig figs ft gen gov hon i.e ie inc jan jr lt ltd maj mar messrs mr mrs
    ms mt mts no nos nov oct op p pp p.s ph.d prof pt pvt rep rev sec sen sept sgt sr st univ v vol
    vols vs
    """.split()
)
"""Words, in lower case, whose full stop does not end a sentence before a name or a number."""

NUMBERED = frozenset("fig figs n° no nos op p pp sec v vol vols".split())
"""Abbreviations only before a number: "no. 5"; elsewhere they are words that end sentences."""

TITLES = frozenset(
    "adm brig capt cmdr col dr gen gov hon lt maj messrs mr mrs ms mt prof pvt rep rev sen sgt st"
    " vs".split()
)
"""Abbreviations that always have something after them."""

OPENERS = frozenset(
    """
    a all also although an and another anyway as at because but by can could did do does don't even
    every everyone everything first for from go had has have he her here his how however i i'd i'll
    i'm i've if in instead is it it's its just let's like maybe me most my never nobody not nothing
    now of oh ok okay on one only or our overall perhaps personally please really see she so some
    still that that's the their then there there's these they they're this those though to too
    unfortunately very was watch we well what when where which while who why will with without
    would wow yes yet you you're your
    """.split()
)
"""Words that, with a capital letter, begin a new sentence after an abbreviation or an ellipsis."""

SAYING = (
    "added|admitted|announced|answered|asked|called|cried|exclaimed|explained|insisted|laughed|"
    "mumbled|murmured|muttered|replied|responded|said|says|screamed|shouted|sighed|suggested|"
    "thought|told|whispered|wondered|wrote|yelled"
)
"""Verbs that follow a quotation: "Good morning!" Anna exclaimed."""

NEGATED_VERBS = (
    "ai|are|ca|could|did|does|do|had|has|have|is|might|must|need|ought|sha|should|was|were|wo|would"
)
"""What stands before "n't", as the Penn Treebank divides it ("ca n't", "wo n't")."""

CONTRACTIONS = {
    word + "nt": (word, "n't")
    for word in (
        "are ca could did does do had has have is might must need should was were wo would".split()
    )
} | {
    "cannot": ("can", "not"),
    "im": ("i", "'m"),
    "ive": ("i", "'ve"),
    "youre": ("you", "'re"),
    "theyre": ("they", "'re"),
    "youve": ("you", "'ve"),
    "theyve": ("they", "'ve"),
    "weve": ("we", "'ve"),
    "youll": ("you", "'ll"),
    "theyll": ("they", "'ll"),
    "itll": ("it", "'ll"),
    "thats": ("that", "'s"),
    "whats": ("what", "'s"),
    "theres": ("there", "'s"),
    "hes": ("he", "'s"),
    "shes": ("she", "'s"),
}
"""Contractions written without their apostrophe, in lower case, and the treebank's two tokens.

"wont" and "cant" are also words (a habit; hypocritical talk), but in reviews and posts they are the
negations: in 187 tweets of SemEval 2013 to 2016 that have one of them, it is never a noun. Left
out, because they are more often another word: "its", "were", "well", "hell", "shell", "ill", "wed",
"id", "lets", "shed"."""

CENSORED = (
    "arse arsehole ass asses asshole assholes bastard bastards bitch bitches bitching bullshit cock"
    " crap crappy cunt cunts damn damned dick dickhead dicks fuck fucked fucker fuckers fuckin"
    " fucking fucks goddamn hell motherfucker motherfucking piss pissed prick pussy shit shits"
    " shitty slut suck sucked sucker sucking sucks whore wtf"
).split()
"""Words that people write with stars in them, the more frequent first where several fit."""

EMOTICONS = {
    "smile": "8-) B-) :3 :) :-) :o) :] :-] =) =] (: (-: :^) ^^ ^_^ ^-^ :') :'-)",
    "laugh": ":D :-D =D xD XD x-D xDD XDD",
    "wink": ";) ;-) ;] ;-] ;D ;-D",
    "sad": "T_T T.T ;_; ;-; Q_Q :( :-( :[ :-[ =( =[ ): )-: :'( :'-( :c :-c D: D; :<",
    "angry": ">:( >:-( >:[",
    "annoyed": ":/ :-/ :\\ :-\\ =/ =\\ -_- -__- :| :-| =|",
    "playful": ":P :-P :p :-p =P =p ;P ;p xP",
    "surprised": ":o :-o :O :-O =O o_o O_o o_O O_O 8-0",
    "kiss": ":* :-* =*",
    "love": "<3 ♥ ♡",
    "heartbroken": "</3",
}
"""Emoticons by the word that stands for them."""

EMOJI = {
    "laughing": "😂 🤣 😆 😹",
    "love": "❤️ ♥️ 🧡 💛 💚 💙 💜 🤎 🖤 🤍 🩷 🩵 🩶 💕 💖 💗 💓 💞 💘 💝 😍 🥰 😻 🫶",
    "kiss": "😘 😗 😙 😚",
    "cool": "😎",
    "amazing": "🤩",
    "celebrate": "🥳 🎉 🎊",
    "applause": "👏 🙌",
    "perfect": "💯",
    "winner": "🏆 🥇",
    "strong": "💪",
    "delicious": "😋 🤤",
    "sad": "😢 😔 🙁 ☹️ 😿 😟 😞",
    "crying": "😭",
    "heartbroken": "💔",
    "angry": "😡 😠 🤬 👿 😤",
    "annoyed": "🙄 😒",
    "frustrated": "😣 😖 😫 😩",
    "disgusting": "🤢 🤮",
}
"""Emoji by the word that stands for them; for others it is the name that Unicode gives."""

FUNCTION_WORDS = frozenset(
    """
    a about after all also am an and any are as at be because been but by can could did do does
    don't for from get go good got great had has have he her here him his how i i'm if in into is
    it it's its just like me more most my n't no not of on one only or our out over really she so
    some than that the their them then there they this to too up us very was we well were what when
    which who will with would you your
    """.split()
)
"""The most frequent words of English text; what has none of them is probably not English."""
