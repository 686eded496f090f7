"""Passwords are kept as argon2id hashes (RFC 9106), at the cost OWASP's cheat sheet names first."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
LONGEST = 200

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """The hash to keep. Costs about 20 ms and 19 MiB."""
    return _hasher.hash(password)


def is_password(password: str, kept: str | None) -> bool:
    """Whether the password is the one hashed; costs the same when there is no hash at all."""
    try:
        return _hasher.verify(kept or _nobodys(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return hash_password("nobody has this password")
