"""Cases: what waits for a person to look at it; what members flagged, and what moderators note."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import utcnow
from forum.db import Base, Key, UtcDateTime

CASE_KIND_LENGTH = 40
DECISIONS = (
    *("published", "labelled", "changes", "removed", "moved", "nothing"),
    *("done", "withdrawn", "upheld", "overturned", "unreviewed", "reviewed"),
)
NEEDS_PERSON = ("harm", "links")
_KNOWN_DECISIONS = ", ".join(f"'{decision}'" for decision in DECISIONS)


class Case(Base):
    """One post that waits for a person. At most one case of a kind is open for a post.

    ``kind``: ``hold`` until a moderator decides, ``help`` for accessibility help, ``flag`` when
    members said that something is wrong with it, ``appeal`` when its author asked another moderator
    to look at what was decided; that is entry ``appeal_of`` of the moderators' record. ``first`` is
    a newcomer's first post that waits, ``welcome`` one that was published at once. When nobody
    decided in time, the clock has published what waited: ``unreviewed``, by nobody; then a case of
    kind ``unreviewed`` is open for it. ``needs_person`` is why the clock does not: it may do
    ``harm``, or is a newcomer's with ``links``. Plugins add kinds. Who claimed it last has it until
    ``claimed_until``; the clock ends a claim. The author reads ``decision_reason``. A case is
    ``withdrawn`` by whoever asked for it.
    """

    __tablename__ = "cases"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(CASE_KIND_LENGTH))
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
    appeal_of: Mapped[int | None] = mapped_column(Key, unique=True)
    needs_person: Mapped[str | None] = mapped_column(String(10))

    __table_args__ = (
        CheckConstraint(f"decision IN ({_KNOWN_DECISIONS})", name="known_decision"),
        CheckConstraint(f"needs_person IN {NEEDS_PERSON}", name="known_need"),
        Index("ix_cases_open", "closed_at", "id"),
        Index("ix_cases_post", "post_id", "kind"),
        Index(
            "uq_cases_open_of_post",
            "post_id",
            "kind",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )


class Flag(Base):
    """A member said that something is wrong with a post, and what. Moderators alone learn who."""

    __tablename__ = "flags"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    words: Mapped[str] = mapped_column(Text)
    flagged_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("case_id", "member_id"),
        Index("ix_flags_of_member", "member_id", "id"),
    )


class CaseNote(Base):
    """What moderators say to each other about a case: neither its author nor who flagged reads it."""

    __tablename__ = "case_notes"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    member_id: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="SET NULL"), index=True
    )
    written_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    words: Mapped[str] = mapped_column(Text)
