"""Handles: what is typed after an @ to mention a member. One definition for accounts and texts."""

from __future__ import annotations

import re
import unicodedata

# Begins and ends with a letter or digit, so that the full stop behind a mention is not part of it.
HANDLE = r"[a-z0-9](?:[a-z0-9_.-]{0,38}[a-z0-9])?"
# Words that would be taken for everybody, or for whoever runs the forum.
_RESERVED = """\
admin admins administrator administrators all anonymous channel everybody everyone folkmoot group
here member members moderator moderators nobody system team
"""
RESERVED = frozenset(_RESERVED.split())
# Room for the number that tells people of one name apart.
_LONGEST_BASE = 34
_HANDLE = re.compile(HANDLE)
_OTHER = re.compile(r"[^a-z0-9]+")
# Letters that Unicode does not take apart, and the two neighbouring alphabets as people write them
# who have only Latin letters at hand.
_LETTERS_AS = """\
ß:ss æ:ae œ:oe ø:o đ:d ð:d þ:th ł:l ħ:h ı:i ŋ:n ’: ': ʻ: ʼ:
а:a б:b в:v г:g д:d е:e ж:zh з:z и:i й:i к:k л:l м:m н:n о:o
п:p р:r с:s т:t у:u ф:f х:kh ц:ts ч:ch ш:sh щ:shch ъ: ы:y ь: э:e
ю:yu я:ya є:e і:i ї:i ґ:g ђ:dj ј:j љ:lj њ:nj ћ:c џ:dz ў:u
α:a β:v γ:g δ:d ε:e ζ:z η:i θ:th ι:i κ:k λ:l μ:m ν:n ξ:x ο:o
π:p ρ:r σ:s ς:s τ:t υ:y φ:f χ:ch ψ:ps ω:o
"""
_LETTERS = str.maketrans(dict(pair.split(":") for pair in _LETTERS_AS.split()))


def is_handle(word: str) -> bool:
    """Whether a member may have this handle, if nobody else has it."""
    return _HANDLE.fullmatch(word) is not None and word not in RESERVED


def handle_from(name: str) -> str:
    """A handle made of a name: ``Zoë Müller`` becomes ``zoe-muller``. Of a name in a script without
    a table here it is ``someone``. Two names may give the same."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS))
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    # Accented letters of the other alphabets have their bases only now.
    words = _OTHER.sub("-", letters.translate(_LETTERS)).strip("-")
    return words[:_LONGEST_BASE].strip("-") or "someone"
