"""What members are told, and the mail that told them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import utcnow
from forum.db import Base, Key, UtcDateTime


class Notification(Base):
    """One thing a member is told about one post; never twice. ``flag`` is what became of a post that
    they flagged.

    ``mailed_at`` is when a letter about it was asked for; of several in one thread only the first
    that is not yet seen has one. Of a moderator's ``decision``, which always has a letter, it keeps
    which it was and the moderator's ``words``, and so of a ``flag``, which has no letter.
    """

    __tablename__ = "notifications"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    mailed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision: Mapped[str | None] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (
        CheckConstraint("kind IN ('reply', 'mention', 'decision', 'flag')", name="known_kind"),
        CheckConstraint(
            "(kind IN ('decision', 'flag')) = (decision IS NOT NULL)", name="which_decision"
        ),
        UniqueConstraint("member_id", "post_id", "kind"),
        Index("ix_notifications_of_member", "member_id", "id"),
        Index("ix_notifications_unseen", "member_id", "seen_at"),
    )


class SentMail(Base):
    """One letter: to whom, of what kind, when, and what became of it. Never what it says.

    ``job_id`` is the number of the job that sends it, and stands in its Message-ID; the job is gone
    once it is sent. ``recipient`` is emptied with the member's erasure.
    """

    __tablename__ = "sent_mail"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    job_id: Mapped[int] = mapped_column(Key, unique=True)
    member_id: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="SET NULL"), index=True
    )
    recipient: Mapped[str] = mapped_column(String(254))
    kind: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, index=True)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'sent', 'set aside')", name="known_state"),
    )
