"""What a member wrote, as they take it away: posts in every version, drafts, pictures."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from sqlalchemy import or_, select

from forum import db as database
from forum.accounts.queries import actor_by_id
from forum.db import Statement, in_words
from forum.discussion.models import (
    WAITING,
    WITHDRAWN,
    Draft,
    ImportedPost,
    Post,
    PostFinding,
    Revision,
    Thread,
    ThreadTag,
)
from forum.files.models import Picture, Upload
from forum.files.storage import path_of
from forum.hookspecs import PersonalData
from forum.permissions import Actor


def written_data(member_id: int) -> list[PersonalData]:
    """Threads, posts with all versions as Markdown, findings, drafts and pictures of a member."""
    versions = _rows(_versions(member_id))
    drafts = _rows(_drafts(member_id))
    return [
        PersonalData(
            "threads", gettext("The threads that you started."), _rows(_threads(member_id))
        ),
        PersonalData(
            "posts", gettext("Your posts; their words stand beside this file."), _posts(member_id)
        ),
        PersonalData(
            "versions",
            gettext("Every version of your posts, and of posts that you changed."),
            tuple(_without(row, "source", "file", _file_of(row)) for row in versions),
            texts={_file_of(row): row["source"] for row in versions if row["source"]},
        ),
        PersonalData(
            "findings",
            gettext("What you were told about your posts and kept all the same."),
            _rows(_findings(member_id)),
        ),
        PersonalData(
            "drafts",
            gettext("What you have not published; the words stand beside this file."),
            tuple(_without(row, "source", "file", f"draft-{row['number']}.md") for row in drafts),
            texts={f"draft-{row['number']}.md": row["source"] for row in drafts},
        ),
        _pictures(member_id),
    ]


def _rows(statement: Statement) -> tuple[dict[str, Any], ...]:
    return tuple(dict(row._mapping) for row in database.rows(statement))


def _without(row: dict[str, Any], name: str, other: str, value: str) -> dict[str, Any]:
    kept = {key: kept for key, kept in row.items() if key != name}
    return {**kept, other: value if row[name] else None}


def _file_of(row: dict[str, Any]) -> str:
    number = row["number"] or f"unpublished-{row['post']}"
    return f"thread-{row['thread']}/post-{number}-version-{row['version']}.md"


def _threads(member_id: int) -> Statement:
    tags = select(in_words(ThreadTag.tag)).where(ThreadTag.thread_id == Thread.id)
    return (
        select(
            Thread.id.label("thread"),
            Thread.title,
            tags.scalar_subquery().label("tags"),
            Thread.created_at,
            Thread.locked_at,
            Thread.locked_until,
            Thread.lock_reason,
            Thread.removed_at,
            Thread.removal_reason,
        )
        .where(Thread.author_id == member_id)
        .order_by(Thread.id)
    )


def _posts(member_id: int) -> tuple[dict[str, Any], ...]:
    statement = (
        select(
            Post.id.label("post"),
            Post.thread_id.label("thread"),
            Post.number,
            Thread.title.label("in_thread"),
            Thread.category_id.label("category"),
            Post.in_reply_to,
            Post.created_at,
            Post.edited_at,
            Post.version.label("versions"),
            Post.removed_at,
            Post.removal.label("removed_by"),
            Post.removal_reason,
            ImportedPost.url.label("imported_from"),
            ImportedPost.licence,
        )
        .join(Thread, Thread.id == Post.thread_id)
        .outerjoin(ImportedPost, ImportedPost.post_id == Post.id)
        .where(Post.author_id == member_id)
        .order_by(Post.id)
    )
    reader = actor_by_id(member_id)
    return tuple(_as_told(_without_hidden_title(row, reader)) for row in _rows(statement))


def _without_hidden_title(row: dict[str, Any], reader: Actor | None) -> dict[str, Any]:
    """A post that was moved to where its author may not look says nothing of that place."""
    category = row.pop("category")
    is_open = reader is not None and reader.scope("thread.see").holds_in(category)
    return row if is_open else row | {"in_thread": None}


def _as_told(row: dict[str, Any]) -> dict[str, Any]:
    """What waits for a moderator again was removed by nobody."""
    waits = row["removed_by"] == WAITING
    by = "author" if row["removed_by"] == WITHDRAWN else row["removed_by"]
    told = {"removed_at": None, "removed_by": None} if waits else {"removed_by": by}
    return {**row, **told, "waits_again": waits}


def _versions(member_id: int) -> Statement:
    return (
        select(
            Post.id.label("post"),
            Post.thread_id.label("thread"),
            Post.number,
            Revision.version,
            Revision.created_at,
            Revision.emptied_at,
            Revision.language,
            (Post.author_id == member_id).label("of_your_post"),
            (Revision.editor_id == member_id).label("written_by_you"),
            Revision.source,
        )
        .join(Post, Post.id == Revision.post_id)
        .where(or_(Post.author_id == member_id, Revision.editor_id == member_id))
        .order_by(Revision.post_id, Revision.version)
    )


def _findings(member_id: int) -> Statement:
    return (
        select(
            PostFinding.post_id.label("post"),
            PostFinding.version,
            PostFinding.rule,
            PostFinding.severity,
            PostFinding.kept_at,
            (PostFinding.kept_by == member_id).label("kept_by_you"),
        )
        .join(Post, Post.id == PostFinding.post_id)
        .where(or_(Post.author_id == member_id, PostFinding.kept_by == member_id))
        .order_by(PostFinding.id)
    )


def _drafts(member_id: int) -> Statement:
    return (
        select(
            Draft.id.label("number"),
            Draft.place,
            Draft.title,
            Draft.tags,
            Draft.saved_at,
            Draft.language,
            Draft.source,
        )
        .where(Draft.member_id == member_id)
        .order_by(Draft.id)
    )


def _pictures(member_id: int) -> PersonalData:
    statement = (
        select(Picture.hash, Picture.format, Picture.width, Picture.height, Upload.created_at)
        .join(Upload, Upload.picture == Picture.hash)
        .where(Upload.member_id == member_id)
        .order_by(Upload.created_at, Picture.hash)
    )
    rows = _rows(statement)
    paths = {f"{row['hash']}.{row['format']}": path_of(row["hash"], row["format"]) for row in rows}
    about = gettext("The pictures that you uploaded; they stand beside this file.")
    return PersonalData("pictures", about, rows, files=paths)
