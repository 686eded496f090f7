"""Which plugins administrators have enabled.

That is kept among the settings, so every visit brings it along in the statement that it needs
anyway, and each process sees at once when others are to run than those that it has loaded.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from forum import db as database
from forum.community import models

# What has a colon in its name is this installation's own: no archive takes it along, or brings it.
OWN_MARK = ":"
ENABLED = f"plugins{OWN_MARK}enabled"
_ASKED = select(models.Setting.value).where(models.Setting.name == ENABLED)


def enabled_plugins() -> frozenset[str]:
    """The names of those that are enabled at this moment, asked anew."""
    return _names(database.value(_ASKED))


@lru_cache(maxsize=64)
def enabled_in(changed: str) -> frozenset[str]:
    """The same, out of what a visit has brought along (``setting_queries.CHANGED``)."""
    return _names(json.loads(changed or "{}").get(ENABLED))


def _names(kept: Any) -> frozenset[str]:
    names = kept if isinstance(kept, list) else []
    return frozenset(name for name in names if isinstance(name, str))
