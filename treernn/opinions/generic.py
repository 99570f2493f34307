"""Nouns that opinions are full of and that are no aspects of anything, as lists of words.

Chosen from the nouns that are frequent in texts of all kinds: film reviews, tweets, lines of pros
and cons, reviews of restaurants and of three products.
"""

from __future__ import annotations

GENERIC = frozenset(
    """
    ability addition advice amount answer anyway area aspect attempt attention average bit
    bottom bunch case chance change choice circumstance class comment comparison complaint con
    concern conclusion condition consideration couple day deal decision degree detail difference
    difficulty dislike doubt downside drawback edge effort end evening example exception
    expectation experience extent fact fault favor favorite flaw form front future guess half
    hand help hope hour idea inch instance issue item job joke kind lack level life like list
    lot love luck majority manner matter means mind minute mistake moment month morning most
    need night note number occasion opinion option order part people percent period person piece
    place plan plenty point position possibility pro problem purpose question range rate reason
    recommendation regard rest result review reviewer rule score second sense series set side
    sign situation sort spot star start state step story stuff subject suggestion surprise thank
    thanks thing thought time today tomorrow tonight ton top total trouble truth try turn type
    understanding use view way week weekend while word work world year yesterday dad daughter
    dude family father folk friend girl girlfriend guy husband kid lady man mom mother parent
    sister somebody son wife woman boy boyfriend brother child anniversary birthday christmas
    april august december february friday january july june march may monday november october
    saturday september sunday thursday tuesday wednesday bang buck cent dollar money crap god
    heck hell shit wow lol haha mr ms dr sir
    """.split()
)

ATTRIBUTES = frozenset(
    """
    amount area capacity cost count feature function height issue length level life number part
    performance problem quality range rate size speed system time variety weight width
    """.split()
)
"""What they say of the noun before them: "battery life" is about the battery. Some are aspects
where they stand alone."""
