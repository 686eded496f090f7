"""The tables, as the migrations make them. None says when anybody asked, and none but ``REVEALED`` who.

On SQLite those that an asker writes into have no row numbers: these would tell the order of arrival.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    false,
)

from forum.db import UtcDateTime

METADATA = MetaData()
PREFIX = "anonymous_questions__"
ASKED, PUBLISHED, REFUSED, LAPSED, WITHDRAWN = STATES = (
    *("asked", "published", "refused", "lapsed"),
    "withdrawn",
)
MOST_BROWSERS = 2

# So that the forum's own tables can be pointed to.
for _name in ("members", "posts"):
    Table(_name, METADATA, Column("id", BigInteger, primary_key=True))


def _to(column: str, ondelete: str) -> ForeignKey:
    return ForeignKey(column, ondelete=ondelete)


GIVEN = Table(
    f"{PREFIX}given",
    METADATA,
    Column("member_id", BigInteger, _to("members.id", "CASCADE"), primary_key=True),
    Column("quarter", String(6), primary_key=True),
    Column("browsers", Integer, nullable=False),
    CheckConstraint("browsers IN (1, 2)", name="two_at_most"),
    sqlite_with_rowid=False,
)
"""In how many browsers a member was given tickets in a quarter, such as ``2026-4``: all members alike."""

SPENT = Table(
    f"{PREFIX}spent",
    METADATA,
    Column("mark", LargeBinary(32), primary_key=True),
    sqlite_with_rowid=False,
)
"""A keyed hash of each ticket that was spent before the last fixed time."""

SPENDING = Table(
    f"{PREFIX}spending",
    METADATA,
    Column("mark", LargeBinary(32), primary_key=True),
    sqlite_with_rowid=False,
)
"""The same of each that was spent since: no backup has it, as two with one question between them would tell
when it was asked. At the fixed time it is moved to the others."""

WAITING = Table(
    f"{PREFIX}waiting",
    METADATA,
    Column("id", LargeBinary(32), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""What askers did since the last fixed time, each sealed under this period's key."""

QUESTIONS = Table(
    f"{PREFIX}questions",
    METADATA,
    Column("id", LargeBinary(16), primary_key=True),
    Column("code", LargeBinary(32), nullable=False, unique=True),
    Column("week", String(8), nullable=False),
    Column("state", String(10), nullable=False),
    Column("post_id", BigInteger, _to("posts.id", "SET NULL"), unique=True),
    Column("is_told", Boolean, nullable=False, server_default=false()),
    Column("is_thanked", Boolean, nullable=False, server_default=false()),
    CheckConstraint(f"state IN {STATES}", name="known_state"),
    sqlite_with_rowid=False,
)
"""Every question since the fixed time after it was asked. ``code`` is a keyed hash of its claim code,
``week`` such as ``2026-W48``; ``is_told``: administrators were told that nobody has decided about it;
``is_thanked``: its asker has thanked those who answered."""

FOLLOW_UPS = Table(
    f"{PREFIX}follow_ups",
    METADATA,
    Column("id", LargeBinary(16), primary_key=True),
    Column(
        "question_id",
        LargeBinary(16),
        _to(f"{PREFIX}questions.id", "CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("post_id", BigInteger, _to("posts.id", "CASCADE"), nullable=False, unique=True),
    Column("week", String(8), nullable=False),
    sqlite_with_rowid=False,
)
"""What askers wrote further in the thread of their question."""

REVEALED = Table(
    f"{PREFIX}revealed",
    METADATA,
    Column("post_id", BigInteger, _to("posts.id", "CASCADE"), primary_key=True),
    Column("member_id", BigInteger, _to("members.id", "CASCADE"), nullable=False, index=True),
    sqlite_with_rowid=False,
)
"""Whose question it was, where they have said so themselves: the one way from a question to a member."""

PERIOD = Table(
    f"{PREFIX}period",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("key_id", String(32), nullable=False),
    Column("asker_id", BigInteger, _to("members.id", "SET NULL")),
    Column("begun_at", UtcDateTime),
    CheckConstraint("id = 1", name="one"),
)
"""Under which key what waits is sealed, the member who stands in for all askers, and when the last fixed time
was (``begun_at``), which everybody knows; empty where that was before this column. There is no row before
the first fixed time."""
