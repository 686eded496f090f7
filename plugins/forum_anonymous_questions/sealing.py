"""What an asker did, sealed so that it can be read with the period's key alone, and all of one size."""

from __future__ import annotations

import hmac
import json
import os
from dataclasses import asdict, dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ASK, CLARIFY, THANK, WITHDRAW, ANSWER = KINDS = ("ask", "clarify", "thank", "withdraw", "answer")
SIZE = 72 * 1024
"""Bytes of every act before it is sealed: a text of 32 KiB may take twice that, and there is more."""
_NONCE = 12  # what NIST SP 800-38D recommends for GCM


@dataclass(frozen=True, slots=True)
class Act:
    """What an asker did.

    Attributes:
        kind: one of ``KINDS``.
        code: the claim code, as ``normal_code`` gives it.
        source: what they wrote; its ``language`` is empty for the community's.
        number: of the reply that answers the question.
    """

    kind: str
    code: str
    title: str = ""
    category_id: int = 0
    source: str = ""
    language: str = ""
    number: int = 0


def sealed(period_key: bytes, act: Act) -> bytes:
    """The act, to be read with this key alone.

    Raises:
        ValueError: it is too large.
    """
    content = json.dumps(asdict(act), ensure_ascii=False).encode()
    if len(content) > SIZE:
        raise ValueError("too large to be sealed")
    nonce = os.urandom(_NONCE)
    # JSON ends in as many spaces as there have to be.
    return nonce + AESGCM(_key(period_key)).encrypt(nonce, content.ljust(SIZE), None)


def unsealed(period_key: bytes, content: bytes) -> Act | None:
    """What was sealed, ``None`` when it was under another key or is not as it was."""
    nonce, rest = content[:_NONCE], content[_NONCE:]
    try:
        found = AESGCM(_key(period_key)).decrypt(nonce, rest, None)
    except (InvalidTag, ValueError):
        return None
    return Act(**json.loads(found))


def _key(period_key: bytes) -> bytes:
    return hmac.digest(period_key, b"seal", sha256)
