"""Whether a sentence insults people. Words that a painter may mean pass, whatever else they mean."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from glin_profanity import Filter

# Words on the library's list that a painter may mean. What is aimed at somebody is found by AIMED all the same.
PAINTABLE = re.split(
    r",\s+",
    """ass, bastard, bastinado, birdlock, bitch, bitches, bondage, bs, busty, butt, cock, cocks, dick, domination,
    dominatrix, erotic, erotism, escort, eunuch, genitals, hardcore, hoe, homoerotic, hooker, incest, intercourse,
    kinky, lolita, lovemaking, mf, nipple, nipples, nude, nudity, octopussy, orgasm, orgy, panties, panty, pissed,
    playboy, pussy, rape, sadism, santorum, scat, semen, sex, sexy, simp, skeet, slut, smut, snatch, spunk, strappado,
    suck, sucks, swastika, swinger, threesome, tit, tits, topless, undressing, voyeur, vulva, wtf, lmfao, omfg, xx, xxx,
    ball gag, big black, big breasts, god damn, girl on, group sex, hard core, hot chick, how to kill, how to murder,
    huge fat, jelly donut, leather restraint, make me come, missionary position, mr hands, mound of venus,
    pleasure chest, prince albert piercing, spread legs, strip club, sultry women, tainted love, taste my, tied up,
    tight white, tongue in a, violet wand, wet dream, wrapping men""",
)
AIMED = re.compile(
    r"\b(?:you|you're|youre|u)\b(?: are| r| so| such| a| an| is| all| the| fat| ugly| dirty| little| old)* "
    r"(?:idiots?|morons?|imbeciles?|stupid|dumb\w*|losers?|pathetic|disgusting|bitch(?:es)?|whores?|sluts?|bastards?"
    r"|ass|pussy|dick|cock|pigs?)\b"
    r"|\b(?:stupid|dumb|fucking|useless|shitty) (?:bot|bitch|whore|slut|bastard|idiot|jews?|blacks?|gays?|muslims?)\b"
    r"|\bsuck my\b|\bkill (?:yourself|urself|all)\b|\bgas the\b|\bkys\b"
)


def is_abusive(sentence: str) -> bool:
    """Whether it holds a slur, or an insult that is aimed at somebody; disguised spellings are seen through."""
    plain = sentence.lower().replace("’", "'")
    return AIMED.search(plain) is not None or bool(_filter().is_profane(sentence))


@cache
def _filter() -> Filter:
    from glin_profanity import Filter

    return Filter({"languages": ["english"], "ignore_words": PAINTABLE})
