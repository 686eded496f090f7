"""What somebody saw before they changed it: so that nobody overwrites what they have not seen.

A form carries a mark of each field as it was shown; the action compares it with the fields as they
are, on rows it has locked.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode

from forum.errors import Overtaken

# Enough to tell two values of one field apart; nothing is kept secret by it.
_LETTERS = 16


def marks_of(values: Mapping[str, object]) -> str:
    """A text that stands for these fields as they are."""
    return urlencode({name: _mark(value) for name, value in values.items()})


def _mark(value: object) -> str:
    text = "" if value is None else str(value)
    # Forms send other ends of lines than those that were given to them.
    return sha256("\n".join(text.splitlines()).encode()).hexdigest()[:_LETTERS]


def require_as_seen(seen: str | None, present: Mapping[str, object]) -> None:
    """Refuse when a field is no longer as it was seen. ``None``: nothing was looked at before.

    Raises:
        Overtaken: with the fields that changed, as they are now, and marks of all of them.
    """
    if seen is None:
        return
    marks = dict(parse_qsl(seen))
    changed = {name: now for name, now in present.items() if marks.get(name) != _mark(now)}
    if changed:
        raise Overtaken(changed, marks_of(present))
