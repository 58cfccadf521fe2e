"""How a name sounds: one key for the ways in which the same Indian name is written.

Devanagari is first written in Latin letters, then both take the same way: long and short vowels
are one, breath after a consonant is dropped, and an `a` inside a word does not count, because it is
written by some and left out by others (Kulkarni, कुलकर्णी). What is left tells Patil from Patel.
The key is for finding who may be the same person, never for deciding it.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations
from typing import Final

MOST_PARTS: Final = 5
CLOSE_IN_AGE: Final = 1

TITLES: Final = frozenset(
    ("mr", "mrs", "ms", "miss", "dr", "shri", "shrimati", "sri", "smt", "kumari")
) | {"श्री", "श्रीमती", "श्रीमान", "डॉ", "कुमारी", "सौ"}

SHORT_A: Final = "."
"""How the vowel of a Devanagari consonant that has no other is written here."""

JOINER: Final = "\u094d"
"""The sign (virama) that takes this vowel away."""

_CONSONANTS: Final = {
    "क": "k", "ख": "k", "ग": "g", "घ": "g", "ङ": "n",
    "च": "ch", "छ": "ch", "ज": "j", "झ": "j", "ञ": "n",
    "ट": "t", "ठ": "t", "ड": "d", "ढ": "d", "ण": "n",
    "त": "t", "थ": "t", "द": "d", "ध": "d", "न": "n",
    "प": "p", "फ": "f", "ब": "b", "भ": "b", "म": "m",
    "य": "y", "र": "r", "ल": "l", "ळ": "l", "व": "v",
    "श": "s", "ष": "s", "स": "s", "ह": "h",
}  # fmt: skip
_VOWEL_SIGNS: Final = {
    "ा": "a", "ि": "i", "ी": "i", "ु": "u", "ू": "u", "ृ": "ri",
    "े": "e", "ै": "ai", "ो": "o", "ौ": "au", "ॅ": "e", "ॉ": "o",
}  # fmt: skip
_OTHERS: Final = {
    "अ": "a", "आ": "a", "इ": "i", "ई": "i", "उ": "u", "ऊ": "u", "ऋ": "ri",
    "ए": "e", "ऐ": "ai", "ओ": "o", "औ": "au", "ऍ": "e", "ॲ": "e", "ऑ": "o",
    "ं": "n", "ँ": "n",
}  # fmt: skip

# One after the other, over a whole word. `A` is an a that stays, at the start and at the end.
_RULES: Final = tuple(
    (re.compile(pattern), put)
    for pattern, put in (
        (r"(?<=[^aeiou.][rynmvl])[.]$", "A"),  # कृष्ण is Krishna, but कमल is Kamal
        (r"av[.]$", "ao"),  # राव is Rao
        (r"[.]$", ""),
        (r"^m[ou]h([ao.]mm?[aeu.])?d$|^md$", "mohamad"),
        (r"dny|gny|jn", "gy"),  # ज्ञ is written in three ways
        (r"ksh|x", "ks"),
        (r"chh|tch", "ch"),
        (r"ck|q|c(?!h)", "k"),
        (r"ch", "c"),
        (r"ph", "f"),
        (r"ez$", "es"),
        (r"z", "j"),
        (r"w", "v"),
        (r"nh$", "ng"),  # सिंह is Singh
        (r"(?<=[bcdfgjklmnprstv])h", ""),
        (r"(?<=[aeiou])h$", ""),
        (r"([b-df-hj-np-tvy])\1", r"\1"),
        (r"m(?=[bf])", "n"),
        (r"ee|ii", "i"),
        (r"oo|uu", "u"),
        (r"aa", "a"),
        (r"[ae][iy]|[.]y", "e"),
        (r"a[uo]|ou|ow", "o"),
        (r"iy", "i"),
        (r"y(?![aeiouA.])", "i"),
        (r"^a|a$", "A"),
        (r"[a.]", ""),
        (r"(.)\1", r"\1"),
    )
)


def sounds_of(name: str) -> frozenset[str]:
    """The keys of the parts of a name; initials and titles do not count."""
    parts = list(dict.fromkeys(_parts(name)))
    return frozenset(sound for sound in map(sound_of, parts[:MOST_PARTS]) if sound)


def pairs_of(name: str) -> set[str]:
    """Every two parts of a name as one term: under these, names like it are found."""
    return {" ".join(pair) for pair in combinations(sorted(sounds_of(name)), 2)}


def similar(name: str, other: str) -> bool:
    """Whether two names sound like one: every part of the shorter, two at least, is in the other.

    So a father's name in the middle may be left out, but must not differ.
    """
    shorter, longer = sorted((sounds_of(name), sounds_of(other)), key=len)
    return len(shorter) >= 2 and shorter <= longer


@lru_cache(maxsize=4096)
def sound_of(part: str) -> str:
    """The key of one part of a name, in Latin or Devanagari; empty in any other script."""
    word = "".join(_in_latin(part))
    for pattern, put in _RULES:
        word = pattern.sub(put, word)
    return word


def _parts(name: str) -> Iterator[str]:
    """The parts in small letters without accents; Devanagari keeps the signs that carry sound."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    heard = "".join(letter for letter in letters if not _is_silent(letter))
    for part in re.split(r"[^\w\u0900-\u097f]+", heard):
        if len(part) > 1 and part not in TITLES:
            yield part


def _is_silent(letter: str) -> bool:
    accent = unicodedata.combining(letter) and letter != JOINER
    return bool(accent) or unicodedata.category(letter) == "Cf" or letter in "'\u2019\u02bc`"


def _in_latin(part: str) -> Iterator[str]:
    """Letter by letter; a consonant has its short vowel unless the next sign gives another."""
    for letter, following in zip(part, [*part[1:], ""], strict=True):
        if letter in _CONSONANTS:
            yield _CONSONANTS[letter]
            if following != JOINER and following not in _VOWEL_SIGNS:
                yield SHORT_A
        elif letter in _VOWEL_SIGNS:
            yield _VOWEL_SIGNS[letter]
        elif letter in _OTHERS:
            yield _OTHERS[letter]
        elif letter.isascii() and letter.isalpha():
            yield letter
