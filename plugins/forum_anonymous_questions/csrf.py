"""Whether a form comes from the door's own page: no session knows it there, so the tickets do.

Pages of the door are sent with ``no-referrer``, so browsers name no origin in ``Origin`` or ``Referer``;
they do in ``Sec-Fetch-Site``, where they know it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any

from forum.plugin_api import keys_for

PURPOSE = "door-csrf"
# What a browser says of a form sent from this forum, or typed into; old ones say nothing.
FROM_HERE = ("", "same-origin", "none")


def token_for(*known: bytes) -> str:
    """The token of a form of whoever knows this: the nonces of their tickets, or a claim code."""
    return _tokens(known)[0]


def is_token(token: str, *known: bytes) -> bool:
    """Whether a form of whoever knows this holds this token."""
    given = token.encode(errors="replace")
    # Each is compared, so that the time does not tell which one it was nearly.
    return sum(hmac.compare_digest(given, own.encode()) for own in _tokens(known)) > 0


def _tokens(known: Iterable[bytes]) -> list[str]:
    words = b"".join(len(one).to_bytes(4, "big") + one for one in sorted(known))
    return [hmac.new(key, words, hashlib.sha256).hexdigest() for key in keys_for(PURPOSE)]


def is_from_here(environ: Mapping[str, Any]) -> bool:
    """Whether no page of elsewhere sent it, as far as the browser says."""
    return environ.get("HTTP_SEC_FETCH_SITE", "") in FROM_HERE
