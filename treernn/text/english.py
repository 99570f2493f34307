"""Facts about written English that the tokenizer and the sentence splitter need, as plain data."""

from __future__ import annotations

ABBREVIATIONS = frozenset(
    """
    adm al approx apr assn aug ave blvd brig bros c.f ca calif capt cf cmdr co col corp dec dept
    dir dr e.g ed eds eg est etc feb fig figs fla ft gen gov hon i.e ie inc jan jr lt ltd maj mar
    messrs mr mrs ms mt mts no nos nov oct op p p.s ph.d pp prof pt pvt rep rev sec sen sept sgt
    sr st univ v vol vols vs
    """.split()
)
"""Words, in lower case, whose full stop does not end a sentence before a name or a number."""

NUMBERED = frozenset("ch fig figs n° no nos op p pp v vol vols".split())
"""Abbreviations only before a number: "no. 5"; elsewhere they are words that end sentences."""

UNITS = frozenset("approx etc hr hrs lb lbs min mins oz yr yrs".split())
"""Abbreviations whose full stop also ends a sentence if a capital letter follows."""

TITLES = frozenset(
    "a.k.a adm atty brig capt cf cmdr col det dr e.g feat fr gen gov hon i.e insp lt maj messrs mme"
    " mr mrs ms mt p.s pres prof pvt rep rev sec sen sgt st supt viz vs".split()
)
"""Abbreviations that always have something after them."""

WEEKDAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())

CONTINUING = frozenset("and because but has is or then was".split())
"""In small letters after "!" or "?" they continue the sentence: "Yahoo! is", "why? and how?"."""

CONNECTING = frozenset(
    "a about an and are as at but by for from in is my not of on or our than that the their to very"
    " was were with your".split()
)
"""Words that end no sentence, and so no line of one in the middle."""

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
    "ai|are|ca|could|dare|did|does|do|had|has|have|is|may|might|must|need|ought|sha|should|was|"
    "were|wo|would"
)
"""What stands before "n't", as the Penn Treebank divides it ("ca n't", "wo n't")."""

CONTRACTIONS = {f"{verb}nt": (verb, "n't") for verb in NEGATED_VERBS.split("|")} | {
    "cannot": ("can", "not"),
    "donot": ("do", "not"),
    "didnot": ("did", "not"),
    "doesnot": ("does", "not"),
    "isnot": ("is", "not"),
    "wasnot": ("was", "not"),
    "im": ("i", "'m"),
    **{
        f"{word}ve": (word, "'ve") for word in "i you they we could should would must might".split()
    },
    **{f"{word}re": (word, "'re") for word in "you they".split()},
    **{f"{word}ll": (word, "'ll") for word in "you they it".split()},
    **{f"{word}d": (word, "'d") for word in "you they it".split()},
    **{f"{word}s": (word, "'s") for word in "that what there here where who how he she".split()},
    "yall": ("y", "'all"),
}
"""Contractions written without their apostrophe, in lower case, and the treebank's two tokens.

"wont" and "cant" are also words (a habit; hypocritical talk), but in reviews and posts they are the
negations: in 187 tweets of SemEval 2013 to 2016 that have one of them, it is never a noun. Left
out, because they are more often another word: "its", "were", "well", "hell", "shell", "ill", "wed",
"id", "lets", "shed"."""

MISSPELT_NEGATIONS = {
    "dnt": "do",
    **dict.fromkeys(("dosnt", "dosent", "doesent", "doesn", "dosn"), "does"),
    **dict.fromkeys(("dident", "didint", "diddnt", "didn"), "did"),
    **dict.fromkeys(("wouldent", "wudnt", "wouldn"), "would"),
    **dict.fromkeys(("couldent", "cudnt", "couldn"), "could"),
    **dict.fromkeys(("shouldent", "shudnt", "shouldn"), "should"),
    **dict.fromkeys(("wasent", "wasn"), "was"),
    **dict.fromkeys(("isent", "isn"), "is"),
    "havnt": "have",
}
"""Misspelt negations and their verbs; the last letters are the "n't"."""

CENSORED = (
    "arse arsehole ass asses asshole assholes bastard bastards bitch bitches bitching bullshit cock"
    " crap crappy cunt cunts damn damned dick dickhead dicks fuck fucked fucker fuckers fuckin"
    " fucking fucks goddamn hell motherfucker motherfucking piss pissed prick pussy shit shits"
    " shitty slut suck sucked sucker sucking sucks whore wtf"
).split()
"""Words that people write with stars in them, the more frequent first where several fit."""

EMOTICONS = {
    "smile": ":) :] :} :> :3 =) =] =} (: c: ^^ ^_^ ^-^ ^.^ 8-) B-) O:) >:)",
    "laugh": ":D =D xD xDD xDDD XD XDD XDDD x-D X-D \\o/ ^o^",
    "wink": ";) ;] ;D",
    "sad": ":( :[ :{ :< :c :C =( =[ ;( ): )-: D: d: D': T_T T.T ;_; ;-; q_q Q_Q u_u X_X x_x ._.",
    "angry": ">:( >:[ :@ >_< >.<",
    "annoyed": ":/ :\\ :| :S :s =/ =\\ =| -_- -__- -.- =_=",
    "playful": ":P :p =P =p ;P ;p xP",
    "surprised": ":o :O =O o_o O_o o_O O_O o.O O.o",
    "kiss": ":* =*",
    "love": "<3",
    "heartbroken": "</3",
    "shrug": "¯\\_(ツ)_/¯ ¯_(ツ)_/¯",
}
"""Emoticons by the word that stands for them, without noses, tears and repetitions."""

EMOJI = {
    "laughing": "😂 🤣 😆 😹",
    "love": "❤️ ♥️ ♡ 🧡 💛 💚 💙 💜 🤎 🖤 🤍 🩷 🩵 🩶 💕 💖 💗 💓 💞 💘 💝 😍 🥰 😻 🫶",
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
    idk lmao lol omg smh tbh wtf
    """.split()
)
"""The most frequent words of English text; what has none of them is probably not English."""
