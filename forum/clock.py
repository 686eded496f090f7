"""The one clock. Every state that depends on time is computed from ``utcnow()``."""

from __future__ import annotations

from datetime import UTC, datetime


def utcnow() -> datetime:
    """The present moment, in UTC, with its zone and whole microseconds."""
    return datetime.now(UTC)
