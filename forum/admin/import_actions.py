"""Bringing in threads from elsewhere: JSON Lines, one thread a line, each line taken whole or not at all.

A line has ``site, id, title, tags, author, author_name, created, edited, body_html, url, licence,
accepted_answer, comments, replies``; a reply has the same without title and tags, a comment
``author, author_name, created, text``.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import IO, Any
from urllib.parse import urlsplit

from sqlalchemy import insert, select

from forum.accounts.models import NAME_LENGTH, ImportedAuthor, Member
from forum.categories.actions import add_category
from forum.categories.models import Category
from forum.categories.queries import Audiences
from forum.clock import utcnow
from forum.community.change_actions import note_change
from forum.db import db, transaction
from forum.discussion.actions import Prepared, prepare
from forum.discussion.finding_actions import keep_findings
from forum.discussion.languages import storable_language
from forum.discussion.models import (
    ImportedPost,
    Post,
    Revision,
    Thread,
    ThreadTag,
)
from forum.discussion.tag_actions import checked_title, tag_from
from forum.errors import ForumError, Invalid
from forum.permissions import OPERATOR, Actor, require
from forum.review import Finding, Review, Severity
from forum.text.from_html import Converted, Picture, markdown_from_comment, markdown_from_html
from forum.text.lines import is_readable_line
from forum.text.pipeline import PIPELINE_VERSION

LONGEST_LINE = 16 * 1024 * 1024
MOST_POSTS = 5_000
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
# The category of a site has its name as title; a comment's id is that of its post and a number.
LONGEST_NAME = 80
PICTURE_RULE = "picture-elsewhere"
# The number at the end of an id such as ``user-SITE-17``, unless it is 0 or negative.
_POSITIVE = re.compile(r"(?:^|[^-0-9]-?)([1-9][0-9]*)$")


@dataclass
class Report:
    """What an import did. ``refused`` has the number of each line it could not take, and why."""

    threads: int = 0
    posts: int = 0
    comments: int = 0
    already_here: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[int, str]] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """The report for people."""
        yield (
            f"{self.threads} threads came in, with {self.posts} posts and {self.comments} comments; "
            f"{self.already_here} were here already."
        )
        for rule, count in self.findings.most_common():
            yield f"  {count} findings of {rule}"
        for number, reason in self.refused:
            yield f"Line {number} was not taken: {reason}"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One post of a thread, ready to be written. ``answers`` is the external id of what it comments on."""

    external_id: str
    author_key: str
    author_name: str
    at: datetime
    edited_at: datetime | None
    text: Prepared
    url: str
    licence: str
    answers: str | None = None


@dataclass(frozen=True, slots=True)
class IncomingThread:
    """One line, understood."""

    site: str
    title: str
    tags: tuple[str, ...]
    accepted: str | None
    posts: tuple[Incoming, ...]


def import_threads(
    actor: Actor, file: IO[bytes], *, progress: Callable[[int], None] = lambda _: None
) -> Report:
    """Import every line that can be taken; what is here already stays as it is.

    Each thread is a transaction of its own, so an import can be stopped at any moment and run again.

    Args:
        file: JSON Lines in UTF-8, gzip-compressed or not.
        progress: called after each line with its number.
    """
    require(actor, "community.manage")
    report, number = Report(), 0
    try:
        for number, line in enumerate(_lines(file), start=1):
            _take(line, number, report)
            progress(number)
    except Invalid as error:
        report.refused.append((number + 1, error.message))
    if report.threads:
        with transaction():
            note_change(actor, "threads.import", after={"threads": report.threads})
    return report


def _take(line: bytes, number: int, report: Report) -> None:
    try:
        if line.strip():
            _import_line(line, report)
    except ForumError as error:
        report.refused.append((number, error.message))


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    buffered = io.BufferedReader(file) if not hasattr(file, "peek") else file  # type: ignore[type-var]
    is_gzip = buffered.peek(2)[:2] == b"\x1f\x8b"
    plain: IO[bytes] = gzip.GzipFile(fileobj=buffered) if is_gzip else buffered  # type: ignore[assignment]
    try:
        while line := plain.readline(LONGEST_LINE + 1):
            yield line
            while len(line) > LONGEST_LINE and not line.endswith(b"\n"):
                line = plain.readline(LONGEST_LINE + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Invalid(
            "file", f"the file ends or breaks here ({error}); what came before is in"
        ) from error


def _import_line(line: bytes, report: Report) -> None:
    row = _parsed(line)
    site, external_id = _site(row), _name(row, "id")
    # Before anything is made of it: an import that goes on must not do all its work again.
    if _here_already(site, [external_id]):
        report.already_here += 1
        return
    thread = _understood(row, site)
    if here := _here_already(site, [post.external_id for post in thread.posts]):
        raise Invalid("id", f"post {min(here)} came in already with another thread")
    with transaction():
        _write(thread)
    report.threads += 1
    report.comments += sum(post.answers is not None for post in thread.posts)
    report.posts += sum(post.answers is None for post in thread.posts)
    report.findings.update(f.rule for post in thread.posts for f in post.text.review.findings)


def _parsed(line: bytes) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise Invalid("line", f"it is longer than {LONGEST_LINE} bytes")
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Invalid("line", f"it is not JSON: {type(error).__name__}") from error
    if not isinstance(row, dict):
        raise Invalid("line", "it is not a JSON object")
    return row


def _site(row: dict[str, Any]) -> str:
    return " ".join(_name(row, "site").split())


def _understood(row: dict[str, Any], site: str) -> IncomingThread:
    return IncomingThread(
        site=site,
        title=checked_title(_text(row, "title")),
        tags=tuple(_tags(row)),
        accepted=_optional(row, "accepted_answer"),
        posts=_in_order(list(_posts(row, site))),
    )


def _posts(row: dict[str, Any], site: str) -> Iterator[Incoming]:
    licence = _optional_name(row, "licence")
    replies = _list(row, "replies")
    for post in (row, *replies):
        external_id = _name(post, "id")
        yield _post(post, site, licence, external_id)
        for number, comment in enumerate(_list(post, "comments"), start=1):
            yield _comment(comment, site, licence, external_id, number)


def _post(row: dict[str, Any], site: str, licence: str, external_id: str) -> Incoming:
    url = _url(row)
    converted = markdown_from_html(_text(row, "body_html"), base=url)
    edited = _optional(row, "edited")
    return Incoming(
        external_id=external_id,
        author_key=_optional_name(row, "author"),
        author_name=_author(row, site),
        at=_moment(_text(row, "created")),
        edited_at=_moment(edited) if edited else None,
        text=_prepared(converted, external_id, _language(row)),
        url=url,
        licence=licence,
    )


def _comment(row: dict[str, Any], site: str, licence: str, parent: str, number: int) -> Incoming:
    external_id = f"{parent}/comment-{number}"
    converted = Converted(markdown_from_comment(_text(row, "text")))
    return Incoming(
        external_id=external_id,
        author_key=_optional_name(row, "author"),
        author_name=_author(row, site),
        at=_moment(_text(row, "created")),
        edited_at=None,
        text=_prepared(converted, external_id, _language(row)),
        url=_url(row),
        licence=licence,
        answers=parent,
    )


def _language(row: dict[str, Any]) -> str:
    return storable_language(_optional(row, "language") or "")


def _prepared(converted: Converted, external_id: str, language: str) -> Prepared:
    try:
        # A name after an @ means somebody of the other site.
        text = prepare(converted.source, language=language, with_mentions=False)
    except Invalid as error:
        raise Invalid("body", f"post {external_id}: {error.message}") from error
    found = [*text.review.findings, *(_about(picture) for picture in converted.pictures)]
    return replace(text, review=Review.of(found, list(text.review.failed)))


def _about(picture: Picture) -> Finding:
    return Finding(
        rule=PICTURE_RULE,
        severity=Severity.WARN,
        span=None,
        text=picture.alternative or picture.address,
        message="A picture of another site became a link.",
        help="Pictures are shown only when they are uploaded here, with a description.",
        wcag="1.1.1",
    )


def _in_order(posts: list[Incoming]) -> tuple[Incoming, ...]:
    # The first post stays first; the others by time, a comment never before what it comments on.
    dates = {post.external_id: post.at for post in posts}
    first, *rest = posts

    def place(post: Incoming) -> tuple[datetime, int]:
        if post.answers is None:
            return post.at, 0
        return max(post.at, dates[post.answers]), 1

    if len(posts) > MOST_POSTS:
        raise Invalid("replies", f"the thread has more than {MOST_POSTS} posts")
    if len(dates) != len(posts):
        raise Invalid("id", "two of its posts have the same id")
    return first, *sorted(rest, key=place)


def _here_already(site: str, external_ids: list[str]) -> set[str]:
    known = select(ImportedPost.external_id).where(
        ImportedPost.site == site, ImportedPost.external_id.in_(external_ids)
    )
    return set(db.session.scalars(known))


def _write(incoming: IncomingThread) -> None:
    members = _members(incoming)
    numbers = {post.external_id: n for n, post in enumerate(incoming.posts, start=1)}
    first, last = incoming.posts[0], incoming.posts[-1]
    thread = Thread(
        category_id=_category(incoming.site).id,
        title=incoming.title,
        author_id=members[_author_of(first)],
        created_at=first.at,
        last_number=len(incoming.posts),
        last_posted_at=max(post.at for post in incoming.posts),
        last_author_id=members[_author_of(last)],
        answer_number=_answer(incoming, numbers),
    )
    db.session.add(thread)
    db.session.flush()
    db.session.add_all(ThreadTag(thread_id=thread.id, tag=tag) for tag in incoming.tags)
    posts = [_row(thread, post, numbers, members[_author_of(post)]) for post in incoming.posts]
    db.session.add_all(posts)
    db.session.flush()
    _write_beside(posts, incoming)


def _answer(incoming: IncomingThread, numbers: dict[str, int]) -> int | None:
    number = numbers.get(incoming.accepted or "")
    # What asks is no answer, here as elsewhere.
    return None if number == 1 else number


def _row(thread: Thread, post: Incoming, numbers: dict[str, int], author_id: int) -> Post:
    return Post(
        thread_id=thread.id,
        number=numbers[post.external_id],
        author_id=author_id,
        in_reply_to=None if post.answers is None else numbers[post.answers],
        kind="post" if post.answers is None else "comment",
        created_at=post.at,
        edited_at=post.edited_at,
        pipeline=PIPELINE_VERSION,
        html=post.text.html,
        excerpt=post.text.excerpt,
    )


def _write_beside(posts: list[Post], incoming: IncomingThread) -> None:
    pairs = list(zip(posts, incoming.posts, strict=True))
    db.session.execute(
        insert(Revision),
        [
            {
                "post_id": row.id,
                "version": 1,
                "source": post.text.source,
                "editor_id": row.author_id,
                "created_at": post.at,
                "language": post.text.language,
            }
            for row, post in pairs
        ],
    )
    db.session.execute(
        insert(ImportedPost),
        [
            {
                "post_id": row.id,
                "site": incoming.site,
                "external_id": post.external_id,
                "url": post.url,
                "licence": post.licence,
            }
            for row, post in pairs
        ],
    )
    for row, post in pairs:
        keep_findings(row.id, 1, post.text.review)


Author = tuple[str, str]


def _author_of(post: Incoming) -> Author:
    # Without an id, the name is all there is to tell people apart.
    return (post.author_key or post.author_name, post.author_name)


def _members(incoming: IncomingThread) -> dict[Author, int]:
    found: dict[Author, int] = {}
    for author in dict.fromkeys(_author_of(post) for post in incoming.posts):
        found[author] = _member(incoming.site, *author)
    return found


def _member(site: str, external_id: str, name: str) -> int:
    known = db.session.get(ImportedAuthor, (site, external_id))
    if known is None:
        member = Member(name=name)
        db.session.add(member)
        db.session.flush()
        known = ImportedAuthor(site=site, external_id=external_id, member_id=member.id)
        db.session.add(known)
    return known.member_id


def _category(site: str) -> Category:
    category = db.session.scalar(select(Category).where(Category.title == site))
    description = f"Threads from {site}."
    return category or add_category(
        OPERATOR, title=site, description=description, audiences=Audiences()
    )


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Invalid(name, f"{name} is missing or not a text")
    return value


def _name(row: dict[str, Any], name: str) -> str:
    """A text by which something is found again."""
    value = _text(row, name)
    if len(value) > LONGEST_NAME or not value.isprintable():
        raise Invalid(
            name, f"{name} has more than {LONGEST_NAME} characters, or some that cannot be seen"
        )
    return value


def _optional_name(row: dict[str, Any], name: str) -> str:
    return _name(row, name) if _optional(row, name) else ""


def _optional(row: dict[str, Any], name: str) -> str | None:
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise Invalid(name, f"{name} is not a text")
    return value or None


def _list(row: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = row.get(name) or []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Invalid(name, f"{name} is not a list of objects")
    return value


def _tags(row: dict[str, Any]) -> list[str]:
    value = row.get("tags") or []
    if not isinstance(value, list) or not all(_is_words(tag) for tag in value):
        raise Invalid("tags", "tags is not a list of words")
    return sorted({tag for word in value if (tag := tag_from(word))})


def _is_words(tag: object) -> bool:
    return isinstance(tag, str) and " ".join(tag.split()).isprintable()


def _moment(word: str) -> datetime:
    try:
        at = datetime.fromisoformat(word)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid("created", f"{word[:40]!r} is not a date of ISO 8601") from error
    # A post of tomorrow would stand on top of every list; addresses of lists count from 1970.
    if not EARLIEST <= at <= utcnow():
        raise Invalid("created", f"{word[:40]!r} is before 1970 or has not come yet")
    return at


def _url(row: dict[str, Any]) -> str:
    url = _optional(row, "url") or ""
    try:
        is_web = urlsplit(url).scheme in ("http", "https")
    except ValueError:
        return ""
    return url if is_web and url.isprintable() else ""


def _author(row: dict[str, Any], site: str) -> str:
    name = " ".join((_optional(row, "author_name") or "").split())
    if name and is_readable_line(name):
        return name[:NAME_LENGTH]
    # An id of 0 or below stands for no one person: a deleted account, or the site itself.
    number = _POSITIVE.search(_optional(row, "author") or "")
    unnamed = f"member {number[1]} of {site}" if number else f"somebody of {site}"
    return unnamed[:NAME_LENGTH]
