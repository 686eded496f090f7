"""Random tokens for links and cookies. The browser has the token, the database only its hash."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from flask import current_app

from forum.config.secret import Secrets


def new_token() -> str:
    """256 random bits, safe in an address."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What the database keeps: enough to find the row, useless to whoever reads a backup."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_seed() -> str:
    """What a token is made from. It says which secret to make it with, should that change meanwhile."""
    return f"{new_token()}.{_name_of(_secrets().current())}"


def token_from(seed: str) -> str:
    """The token that this instance, and nobody without its secret, makes of ``seed``.

    The seed can wait in the jobs table for its letter, which a backup may show to others.
    """
    kept = _secrets()
    name = seed.rpartition(".")[2]
    known = [secret for secret in kept.before() if _name_of(secret) == name]
    key = known[0] if known else kept.current()
    return base64.urlsafe_b64encode(_keyed(f"token {seed}", key)).decode().rstrip("=")


def keyed_hash(text: str) -> str:
    """A name for ``text`` that only somebody with the instance's secret can work out.

    It is another one after a change of the secret: for what may be forgotten then, as counts of tries.
    """
    return _keyed(text, _secrets().current()).hex()[:40]


def _keyed(text: str, key: str) -> bytes:
    return hmac.digest(key.encode(), text.encode(), hashlib.sha256)


def _name_of(secret: str) -> str:
    return hashlib.sha256(f"name {secret}".encode()).hexdigest()[:12]


def _secrets() -> Secrets:
    found: Secrets = current_app.extensions["forum_secrets"]
    return found
