"""How often something may be tried, counted in the memory of this process and nowhere else.

What stands in the database has a time, and whoever reads it would learn that somebody was at the door.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from forum.plugin_api import TooMany
from forum_anonymous_questions.texts import gettext


@dataclass
class Limit:
    """At most ``times`` by one, and ``in_total`` by all, in each window of ``seconds``.

    Args:
        clock: seconds that only grow.
    """

    times: int
    in_total: int
    seconds: int
    clock: Callable[[], float] = monotonic
    # What is counted is known by a hash that nobody can make again once the process has ended.
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _counts: Counter[bytes] = field(default_factory=Counter)
    _began: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def require_room(self, who: bytes) -> None:
        """Refuse whoever has tried too often.

        Raises:
            TooMany: they have, or all together have.
        """
        with self._lock:
            self._forget()
            is_full = self._counts[b""] >= self.in_total
            if is_full or self._counts[self._known(who)] >= self.times:
                left = self._began + self.seconds - self.clock()
                raise TooMany(
                    gettext("That was tried too often. Wait ten minutes, then try again."),
                    retry_after=max(1, round(left)),
                )

    def note(self, who: bytes) -> None:
        """Count a try."""
        with self._lock:
            self._forget()
            self._counts[self._known(who)] += 1
            self._counts[b""] += 1

    def forget(self) -> None:
        """Begin anew."""
        with self._lock:
            self._counts.clear()

    def _known(self, who: bytes) -> bytes:
        return hmac.new(self._key, who, hashlib.sha256).digest()

    def _forget(self) -> None:
        if self.clock() >= self._began + self.seconds:
            self._counts.clear()
            self._began = self.clock()


def neighbourhood(address: str) -> bytes:
    """Whom one count is for: an address, of IPv6 the network of one household."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return b"?"
    return found.packed[:8] if found.version == 6 else found.packed


WRONG_CODES = Limit(times=20, in_total=1_000, seconds=600)
"""Wrong claim codes, by address: after so many, of one more is said that it was tried too often. Right ones
open their questions all the same. A code has 128 bits: this is not what keeps it secret."""

LOOKS = Limit(times=120, in_total=2_000, seconds=600)
"""Texts reviewed and rendered, by ticket or claim code: each may take up to a second."""

REVEALING = Limit(times=20, in_total=1_000, seconds=600)
"""Wrong claim codes of members who reveal themselves, by member."""
