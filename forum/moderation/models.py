"""Cases: what waits for a person to look at it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import utcnow
from forum.db import Base, Key, UtcDateTime


class Case(Base):
    """One post that waits: ``hold`` until a moderator decides, ``help`` for accessibility help.

    Who claimed it last has it until ``claimed_until``; the clock ends a claim. The author reads
    ``decision_reason``. A case is ``withdrawn`` by the author themselves.
    """

    __tablename__ = "cases"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    reason: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="SET NULL"), index=True
    )
    claimed_by: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="SET NULL"), index=True
    )
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision: Mapped[str | None] = mapped_column(String(10))
    decision_reason: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (
        CheckConstraint("kind IN ('hold', 'help')", name="known_kind"),
        CheckConstraint(
            "decision IN ('published', 'removed', 'done', 'withdrawn')", name="known_decision"
        ),
        UniqueConstraint("post_id", "kind"),
        Index("ix_cases_open", "closed_at", "id"),
    )
