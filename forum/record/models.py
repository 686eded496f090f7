"""The record of what moderators did. The database refuses to change the log; what it says of people
stands in rows beside it, which erasure empties or deletes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import utcnow
from forum.db import Base, Key, UtcDateTime

KIND_LENGTH = 60
RELATION_LENGTH = 40
ROW_LENGTH = 120


class LogEntry(Base):
    """One thing that a moderator did: who, when, of what kind, to what. No words, and for good: the
    database refuses to change or delete a row.

    ``actor_id`` is null for whoever has a shell on the machine. ``member_id`` is whose thread or post
    it was. What the numbers count may be gone. ``steps`` is how many rows of ``LogStep`` belong to
    it; when fewer are there, some were erased, and it cannot be undone. ``undo_of`` is the entry that
    this one undid; both have the same kind.
    """

    __tablename__ = "moderation_log"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, index=True)
    actor_id: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="RESTRICT"), index=True
    )
    kind: Mapped[str] = mapped_column(String(KIND_LENGTH), index=True)
    thread_id: Mapped[int | None] = mapped_column(Key, index=True)
    post_id: Mapped[int | None] = mapped_column(Key)
    member_id: Mapped[int | None] = mapped_column(Key, index=True)
    case_id: Mapped[int | None] = mapped_column(Key, index=True)
    steps: Mapped[int] = mapped_column(default=0)
    undo_of: Mapped[int | None] = mapped_column(
        ForeignKey("moderation_log.id", ondelete="RESTRICT"), unique=True
    )


class LogReason(Base):
    """Why it was done, in words. ``member_id`` is whom they are about: their erasure empties them."""

    __tablename__ = "moderation_log_reasons"

    entry_id: Mapped[int] = mapped_column(
        ForeignKey("moderation_log.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    words: Mapped[str] = mapped_column(Text)
    member_id: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="SET NULL"), index=True
    )


class LogStep(Base):
    """What changed in one row: the fields that are not the same, before and after, as JSON objects.
    With both, the entry can be undone. Erasing ``member_id``, whose row it is, deletes the step."""

    __tablename__ = "moderation_log_steps"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("moderation_log.id", ondelete="RESTRICT"))
    relation: Mapped[str] = mapped_column(String(RELATION_LENGTH))
    row: Mapped[str] = mapped_column(String(ROW_LENGTH))
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    member_id: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="SET NULL"), index=True
    )

    __table_args__ = (
        Index("ix_moderation_log_steps_entry", "entry_id"),
        Index("ix_moderation_log_steps_row", "relation", "row"),
    )
