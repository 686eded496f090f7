"""Planted leaks: what a careless programmer might have written, and which test finds it.

The forum cannot tell who asks. So each leak begins as such a thing would begin: somebody has the tickets
that a member is given noted, and from then on more is known than there should be.
"""

from __future__ import annotations

from tests.anonymity.leaks import sent, shown, stored
from tests.anonymity.leaks.kinds import Leak

LEAKS: tuple[Leak, ...] = (*stored.LEAKS, *sent.LEAKS, *shown.LEAKS)
"""All, each of another kind."""
