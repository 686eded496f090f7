"""Threads, posts, their revisions, and drafts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import utcnow
from forum.db import Base, Key, UtcDateTime
from forum.phrases import Phrase

TITLE_LENGTH = 160
TAG_LENGTH = 40
EXCERPT_LENGTH = 240
SUBMISSION_LENGTH = 43
LABEL_LENGTH = 120
# What stands above a post that the clock published; stored in English, said in the reader's language.
NOT_YET_REVIEWED = str(Phrase("Not yet reviewed by a moderator."))
# The pipeline of a post whose present version was emptied: nothing is derived from it.
EMPTIED = 0
# Taken off the pipeline whenever the HTML of a version that stands is made again, because the version
# named somebody who has left: pages that are kept by what they show must not be found any more.
REMADE = 1_000_000


class Thread(Base):
    """A conversation. ``last_number`` is the number of its newest published post, 0 before the first
    and after the last was moved to another thread.

    Nobody replies to a locked thread; a removed one is seen by moderators alone; a pinned one
    stands first in its category, a featured one on the front page. A lock with ``locked_until`` ends
    then by itself. In slow mode a member may post once in ``slow_minutes``.
    """

    __tablename__ = "threads"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id", ondelete="RESTRICT"))
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    author_id: Mapped[int] = mapped_column(
        ForeignKey("members.id", ondelete="RESTRICT"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    last_number: Mapped[int] = mapped_column(default=0)
    last_posted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_author_id: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="RESTRICT"), index=True
    )
    answer_number: Mapped[int | None]
    pinned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    locked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    locked_by: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="SET NULL"), index=True
    )
    lock_reason: Mapped[str] = mapped_column(Text, default="")
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    slow_minutes: Mapped[int | None]
    featured_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_by: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="SET NULL"), index=True
    )
    removal_reason: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (
        # Of pinned ones only, or SQLite would take it for all that is not pinned, and sort that.
        Index(
            "ix_threads_pinned",
            "category_id",
            "pinned_at",
            sqlite_where=text("pinned_at IS NOT NULL"),
            postgresql_where=text("pinned_at IS NOT NULL"),
        ),
        Index("ix_threads_latest", "last_posted_at", "id"),
        Index("ix_threads_category_latest", "category_id", "last_posted_at", "id"),
        CheckConstraint(
            "(last_number > 0) = (last_posted_at IS NOT NULL)", name="published_or_not"
        ),
        Index(
            "ix_threads_featured",
            "featured_at",
            sqlite_where=text("featured_at IS NOT NULL"),
            postgresql_where=text("featured_at IS NOT NULL"),
        ),
    )


class ThreadTag(Base):
    """A word that a thread is filed under; it has no white space."""

    __tablename__ = "thread_tags"

    thread_id: Mapped[int] = mapped_column(
        ForeignKey("threads.id", ondelete="CASCADE"), primary_key=True
    )
    tag: Mapped[str] = mapped_column(String(TAG_LENGTH), primary_key=True, index=True)


def _only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


STANDING = "number IS NOT NULL AND removed_at IS NULL"
TAKEN = "removal = 'moderator'"
WAITING, WITHDRAWN = "waiting", "withdrawn"
REMOVALS = ("author", "moderator", WAITING, WITHDRAWN)


class Post(Base):
    """One contribution. It has a number once it is published; a held post has none.

    A removed post keeps its number; ``removal`` says whether its author or a moderator removed it. What
    was published, and waits for a moderator again, keeps its number as well: it is ``waiting``, or
    ``withdrawn`` when its author has taken it back then.
    ``in_reply_to`` is a number of its own thread. What was moved away from the post it replies to has
    ``reply_thread`` and ``reply_number`` instead: where that one stood; the address leads on.

    ``html`` is derived from the source of revision ``version`` by pipeline ``pipeline``, which is
    ``EMPTIED`` when that revision was emptied; see ``REMADE``. ``label`` is what a moderator wrote
    above it for its readers.
    """

    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id", ondelete="RESTRICT"))
    number: Mapped[int | None]
    author_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="RESTRICT"))
    in_reply_to: Mapped[int | None]
    reply_thread: Mapped[int | None] = mapped_column(Key)
    reply_number: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(10), default="post")
    submission: Mapped[str | None] = mapped_column(String(SUBMISSION_LENGTH))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    pipeline: Mapped[int]
    html: Mapped[str] = mapped_column(Text)
    excerpt: Mapped[str] = mapped_column(String(EXCERPT_LENGTH))
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_by: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="SET NULL"), index=True
    )
    removal: Mapped[str | None] = mapped_column(String(10))
    removal_reason: Mapped[str] = mapped_column(Text, default="")
    label: Mapped[str | None] = mapped_column(String(LABEL_LENGTH))

    __table_args__ = (
        UniqueConstraint("thread_id", "number"),
        UniqueConstraint("author_id", "submission"),
        Index("ix_posts_latest", "created_at", "id"),
        Index("ix_posts_of_author", "author_id", "created_at", "id"),
        Index("ix_posts_replies", "thread_id", "in_reply_to"),
        # Levels of trust count these of every member, without reading the posts.
        Index("ix_posts_standing", "author_id", **_only(STANDING)),
        Index("ix_posts_taken", "author_id", "removed_at", **_only(TAKEN)),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("kind IN ('post', 'comment')", name="known_kind"),
        CheckConstraint("in_reply_to < number", name="replies_to_earlier"),
        CheckConstraint(f"removal IN {REMOVALS}", name="known_removal"),
        CheckConstraint("(removal IS NULL) = (removed_at IS NULL)", name="removed_or_not"),
    )


class MovedNumber(Base):
    """A number of a thread whose post stands elsewhere now. Its address leads on, and it is never given
    to another post.

    ``is_line``: readers find a line "moved to …" there. Else the post had the number until a move was
    undone.
    """

    __tablename__ = "moved_numbers"

    thread_id: Mapped[int] = mapped_column(
        ForeignKey("threads.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="RESTRICT"), index=True)
    moved_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    is_line: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (CheckConstraint("number >= 1", name="number_from_one"),)


class Revision(Base):
    """The source of one version of a post. Every version is kept, the present one included.

    ``language`` (BCP 47) is what its author said it is in; empty is the community's language. Of an
    emptied version the words are gone; its number, its time and who emptied it stay.
    """

    __tablename__ = "revisions"

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(Text)
    editor_id: Mapped[int] = mapped_column(
        ForeignKey("members.id", ondelete="RESTRICT"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    emptied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    emptied_by: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="SET NULL"), index=True
    )
    language: Mapped[str] = mapped_column(String(35), default="", server_default="")

    __table_args__ = (CheckConstraint("emptied_at IS NULL OR source = ''", name="emptied_or_not"),)


class PostPicture(Base):
    """A post shows this picture in its present version: who may read the post may see it."""

    __tablename__ = "post_pictures"

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    picture: Mapped[str] = mapped_column(
        ForeignKey("pictures.hash", ondelete="RESTRICT"), primary_key=True, index=True
    )


class PostFinding(Base):
    """What a reviewer said of one revision and its author published all the same.

    ``kept_at`` and ``kept_by`` say who decided to keep it as it is, and when; what nobody decided
    about is open.
    """

    __tablename__ = "post_findings"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    post_id: Mapped[int] = mapped_column(Key)
    version: Mapped[int]
    rule: Mapped[str] = mapped_column(String(60))
    severity: Mapped[str] = mapped_column(String(5))
    fingerprint: Mapped[str] = mapped_column(String(16))
    start: Mapped[int | None]
    end: Mapped[int | None]
    kept_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    kept_by: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="SET NULL"), index=True
    )

    __table_args__ = (
        ForeignKeyConstraint(
            ["post_id", "version"],
            ["revisions.post_id", "revisions.version"],
            ondelete="CASCADE",
        ),
        Index("ix_post_findings_revision", "post_id", "version"),
        Index("ix_post_findings_rule_post", "rule", "post_id"),
        Index("ix_post_findings_severity_post", "severity", "post_id"),
    )


class ImportedPost(Base):
    """Where an imported post came from: asked for by its licence, and what makes imports repeatable."""

    __tablename__ = "imported_posts"

    post_id: Mapped[int] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    site: Mapped[str] = mapped_column(String(100))
    external_id: Mapped[str] = mapped_column(String(100))
    url: Mapped[str] = mapped_column(Text, default="")
    licence: Mapped[str] = mapped_column(String(100), default="")

    __table_args__ = (UniqueConstraint("site", "external_id"),)


class Draft(Base):
    """Text that a member has not posted yet. ``place`` says where it would go: ``new``,
    ``reply:<thread id>`` or ``edit:<post id>``; there is one draft for each. Words that two windows
    wrote for one place are kept apart: the others have ``~2`` to ``~9`` after the place.

    ``window`` is the word of the composer that saved it last; ``kept`` the fingerprints of the
    findings that its author keeps, parted by spaces."""

    __tablename__ = "drafts"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    place: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(Text, default="")
    tags: Mapped[str] = mapped_column(Text, default="")
    category_id: Mapped[int | None] = mapped_column(
        ForeignKey("categories.id", ondelete="SET NULL"), index=True
    )
    in_reply_to: Mapped[int | None]
    based_on: Mapped[int | None]
    source: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    window: Mapped[str] = mapped_column(String(SUBMISSION_LENGTH), default="")
    language: Mapped[str] = mapped_column(String(35), default="", server_default="")
    kept: Mapped[str] = mapped_column(Text, default="", server_default="")

    __table_args__ = (UniqueConstraint("member_id", "place"),)

    @property
    def word(self) -> str:
        """Tells this state of the draft from every other, in forms."""
        return self.saved_at.strftime("%Y%m%d%H%M%S%f")
