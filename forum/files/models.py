"""Pictures that members uploaded. Their bytes lie in the instance folder, by the hash of their content."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import utcnow
from forum.db import Base, UtcDateTime

HASH_LENGTH = 64


class Picture(Base):
    """A picture as it is stored and served: re-encoded, upright, without metadata.

    ``hash`` is the SHA-256 of its bytes in hexadecimal; ``size`` is in bytes, ``width`` and
    ``height`` are in pixels.
    """

    __tablename__ = "pictures"

    hash: Mapped[str] = mapped_column(String(HASH_LENGTH), primary_key=True)
    format: Mapped[str] = mapped_column(String(4))
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)

    __table_args__ = (
        CheckConstraint("format IN ('png', 'jpeg', 'webp', 'gif')", name="known_format"),
    )


class Upload(Base):
    """Who uploaded a picture: they see it in their drafts before any post shows it."""

    __tablename__ = "uploads"

    picture: Mapped[str] = mapped_column(
        ForeignKey("pictures.hash", ondelete="CASCADE"), primary_key=True
    )
    member_id: Mapped[int] = mapped_column(
        ForeignKey("members.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
