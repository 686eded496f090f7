"""Claim codes: ten words with which an asker comes back. Whoever has them is the asker."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256

from forum_anonymous_questions.words import WORDS, places_in, word_list

COUNT = 10
"""Ten of 7,772 words are 129 bits."""
MOST_ACTS = 4
"""What can be done with one code between two fixed times, beside asking and taking back."""


def new_code() -> str:
    """A code that nobody can guess."""
    return code_from(secrets.token_bytes(32))


def code_from(seed: bytes) -> str:
    """The code that belongs to 32 bytes, which nobody can guess either."""
    number, found = int.from_bytes(seed, "big"), []
    for _ in range(COUNT):
        number, place = divmod(number, WORDS)
        found.append(word_list()[place])
    return " ".join(found)


def normal_code(text: str) -> str:
    """A code as ``new_code`` made it, whatever a person typed between its words; empty when it can be
    none."""
    places = places_in(text)
    if places is None or len(places) != COUNT:
        return ""
    return " ".join(word_list()[place] for place in places)


def code_mark(code: str, key: bytes) -> bytes:
    """What is stored instead of a code: a keyed hash of 32 bytes."""
    return hmac.digest(key, code.encode(), sha256)


def row_ids(code: str, period_key: bytes) -> list[bytes]:
    """Under which ids what is done with a code waits: first the question, then further acts, in the end
    one that is kept for taking the question back."""
    key = hmac.digest(period_key, b"row", sha256)
    return [
        hmac.digest(key, code.encode() + bytes([slot]), sha256) for slot in range(MOST_ACTS + 2)
    ]
