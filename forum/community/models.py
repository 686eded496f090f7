"""What administrators decided: settings, and the log of what they changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import utcnow
from forum.db import Base, Key, UtcDateTime

KIND_LENGTH = 60
SUBJECT_LENGTH = 20
FIELD_LENGTH = 80


class Setting(Base):
    """A setting of the community that is not at its default. What it may be stands in the code."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(String(FIELD_LENGTH), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class Change(Base):
    """One thing that an administrator did: who, when, of what kind, to what. No words.

    ``actor_id`` is null for whoever has a shell on the machine. ``subject`` is the kind of thing
    that ``subject_id`` counts: ``category``, ``member``, ``group``.
    """

    __tablename__ = "changes"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, index=True)
    actor_id: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="SET NULL"), index=True
    )
    kind: Mapped[str] = mapped_column(String(KIND_LENGTH), index=True)
    subject: Mapped[str] = mapped_column(String(SUBJECT_LENGTH), default="")
    subject_id: Mapped[int | None] = mapped_column(Key)

    __table_args__ = (Index("ix_changes_subject", "subject", "subject_id"),)


class ChangeValue(Base):
    """What one field was before a change, and after it. ``member_id`` is whose data that is: with
    their erasure both become empty."""

    __tablename__ = "change_values"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("changes.id", ondelete="CASCADE"), index=True)
    field: Mapped[str] = mapped_column(String(FIELD_LENGTH))
    before: Mapped[str] = mapped_column(Text, default="")
    after: Mapped[str] = mapped_column(Text, default="")
    member_id: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="SET NULL"), index=True
    )
