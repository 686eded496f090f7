"""Named reads about uploaded pictures."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from forum import db as database
from forum.files.models import Picture


def known_pictures(hashes: Collection[str]) -> frozenset[str]:
    """Those of the hashes that belong to a picture of this forum."""
    statement = select(Picture.hash).where(Picture.hash.in_(hashes))
    return frozenset(row.hash for row in database.rows(statement)) if hashes else frozenset()
