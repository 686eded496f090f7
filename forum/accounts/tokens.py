"""Random tokens for links and cookies. The browser has the token, the database only its hash."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from flask import current_app


def new_token() -> str:
    """256 random bits, safe in an address."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What the database keeps: enough to find the row, useless to whoever reads a backup."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_from(seed: str) -> str:
    """The token that this instance, and nobody without its secret, makes of ``seed``.

    The seed can wait in the jobs table for its letter, which a backup may show to others.
    """
    return base64.urlsafe_b64encode(_keyed(f"token {seed}")).decode().rstrip("=")


def keyed_hash(text: str) -> str:
    """A name for ``text`` that only somebody with the instance's secret can work out."""
    return _keyed(text).hex()[:40]


def _keyed(text: str) -> bytes:
    key = current_app.secret_key
    assert isinstance(key, str)
    return hmac.digest(key.encode(), text.encode(), hashlib.sha256)
