"""Keys for purposes of their own, made of the instance's secret, which itself nobody is given."""

from __future__ import annotations

import hmac
from hashlib import sha256

from flask import current_app

from forum.config.secret import Secrets


def keys_for(purpose: str) -> list[bytes]:
    """Keys of 32 bytes for one purpose: that of the present secret first, then, while it holds, that of
    the secret before. New things are signed with the first; what any of them signed is believed.

    A purpose has the same keys in every process, and tells nothing of those of another.

    Args:
        purpose: what they are for, such as ``ask.ticket``.
    """
    secrets: Secrets = current_app.extensions["forum_secrets"]
    words = f"key for {purpose}".encode()
    return [
        hmac.digest(secret.encode(), words, sha256)
        for secret in (secrets.current(), *secrets.before())
    ]
