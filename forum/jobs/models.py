"""The jobs table: work that was promised in the same transaction as what caused it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import utcnow
from forum.db import Base, Key, UtcDateTime


class Job(Base):
    """One piece of work. It is deleted in the transaction that does it.

    A worker holds it until ``lease_until``; if the worker dies, another takes it after that.
    """

    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    run_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    last_error: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'set aside')", name="known_state"),
        Index("ix_jobs_due", "state", "run_at", "id"),
        # SQLite would give a done job's number to the next one: letters are known by it, and a
        # worker that was too slow would end another's job.
        {"sqlite_autoincrement": True},
    )
