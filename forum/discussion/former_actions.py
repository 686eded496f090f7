"""Taking somebody who has left out of what others wrote, in every version: who was quoted, who was
mentioned. The worker does it in parts, because the posts of a forum are many."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from flask_babel import force_locale, gettext
from sqlalchemy import ColumnElement, delete, or_, select, tuple_, update

from forum.accounts.hold_queries import held_members
from forum.accounts.models import Member
from forum.accounts.queries import guest_visit
from forum.clock import utcnow
from forum.db import db
from forum.discussion.languages import labels_in
from forum.discussion.models import (
    EXCERPT_LENGTH,
    REMADE,
    Draft,
    MovedNumber,
    Post,
    PostFinding,
    Revision,
)
from forum.discussion.picture_queries import picture_sizes
from forum.errors import Invalid
from forum.jobs.queue import enqueue
from forum.permissions import OPERATOR
from forum.text.former import quoted_posts, without_member
from forum.text.from_html import escape
from forum.text.pipeline import excerpt_of, html_of, plain_html_of

FORGET_NAME = "discussion.forget_name"
BATCH = 200
_WHILE_HELD = timedelta(days=1)
_MENTIONED = re.compile(r'<a [^>]*href="/members/(\d+)"[^>]*>@([^<]+)</a>')


def forget_name(
    member_id: int, handle: str, *, after: tuple[int, int], waits: bool = False
) -> None:
    """Take the former member out of the next versions after this one (post, version), and promise
    the rest. What was written by somebody on whom a legal hold stands waits until it is lifted.

    Args:
        waits: whether something before them had to wait.
    """
    found = _versions(handle, after)
    held = set[int](db.session.scalars(held_members()))
    free = [row for row in found if row.author_id not in held and row.editor_id not in held]
    renaming = _Renaming(member_id, handle, [row.source for row in free])
    for row in free:
        _rename(renaming, row)
    waits = waits or len(free) < len(found)
    if len(found) == BATCH:
        last = [found[-1].post_id, found[-1].version]
        enqueue(FORGET_NAME, former=member_id, handle=handle, after=last, waits=waits)
        return
    waits = _rename_in_drafts(renaming, held) or waits
    if waits:
        later = utcnow() + _WHILE_HELD
        enqueue(FORGET_NAME, run_at=later, former=member_id, handle=handle, after=[0, 0])


class _Renaming:
    """Who is called what, in the words of the community's language."""

    def __init__(self, member_id: int, handle: str, sources: Iterable[str]) -> None:
        self.member_id, self.handle = member_id, handle
        member = db.session.get_one(Member, member_id)
        self._name, self.language = member.name, guest_visit().community.language
        self._theirs = set[tuple[int, int]]()
        self.learn(sources)

    def learn(self, sources: Iterable[str]) -> None:
        """Find out which of the posts that these texts quote are theirs."""
        quoted = sorted({post for source in sources for post in quoted_posts(source)})
        key = tuple_(Post.thread_id, Post.number)
        for batch in (quoted[at : at + 200] for at in range(0, len(quoted), 200)):
            theirs = select(Post.thread_id, Post.number).where(
                key.in_(batch), Post.author_id == self.member_id
            )
            # What was quoted before it was moved has the address that it had then.
            moved = (
                select(MovedNumber.thread_id, MovedNumber.number)
                .join(Post, Post.id == MovedNumber.post_id)
                .where(
                    tuple_(MovedNumber.thread_id, MovedNumber.number).in_(batch),
                    Post.author_id == self.member_id,
                )
            )
            for found in (theirs, moved):
                self._theirs |= {(row[0], row[1] or 0) for row in db.session.execute(found)}

    def of(self, source: str, *, short: bool = False) -> str:
        """The text without them; ``short`` is never longer than what it was."""
        name = "?" if short else self._name
        # Where their page was named by its handle, a number that is nobody's takes less room.
        number = 0 if short else self.member_id
        return without_member(
            source,
            handle=self.handle,
            member_id=number,
            name=escape(name),
            words_for=lambda thread, number: self._words(name, thread, number),
        )

    def _words(self, name: str, thread: int, number: int) -> str:
        if (thread, number) not in self._theirs:
            return ""
        if name == "?":
            return name
        with force_locale(self.language.replace("-", "_")):
            return escape(gettext("%(author)s wrote in #%(number)s", author=name, number=number))


def _names(column: Any, handle: str) -> ColumnElement[bool]:
    mentioned = column.icontains(f"@{handle}", autoescape=True) if handle else None
    quoted = column.contains("](") & column.contains("/t/")
    return quoted if mentioned is None else or_(quoted, mentioned)


def _versions(handle: str, after: tuple[int, int]) -> list[Any]:
    statement = (
        select(
            Revision.post_id,
            Revision.version,
            Revision.source,
            Revision.editor_id,
            Revision.language,
            Post.author_id,
            Post.version.label("present"),
            Post.html,
        )
        .join(Post, Post.id == Revision.post_id)
        .where(tuple_(Revision.post_id, Revision.version) > after, _names(Revision.source, handle))
        .order_by(Revision.post_id, Revision.version)
        .limit(BATCH)
    )
    return list(db.session.execute(statement))


def _rename(renaming: _Renaming, row: Any) -> None:
    source = renaming.of(row.source)
    if source == row.source:
        return
    html = ""
    if row.version == row.present:
        source, html = _rendered(renaming, row)
        _put_html(row.post_id, row.version, html)
    this = (Revision.post_id == row.post_id) & (Revision.version == row.version)
    db.session.execute(
        update(Revision)
        .where(this)
        .values(source=source)
        .execution_options(synchronize_session=False)
    )
    _forget_findings(row, source)


def _rendered(renaming: _Renaming, row: Any) -> tuple[str, str]:
    """Source and HTML anew. Whom else the text mentions stays who it was when it was written."""
    others = {handle.lower(): int(id_) for id_, handle in _MENTIONED.findall(row.html)}
    others.pop(renaming.handle, None)
    sizes, number = picture_sizes(OPERATOR, row.source), secrets.randbelow(2**40)
    labels = labels_in(row.language or renaming.language, renaming.language)
    for short in (False, True):
        changed = renaming.of(row.source, short=short)
        try:
            html = html_of(changed, post_id=number, mentions=others, pictures=sizes, labels=labels)
        except Invalid:
            # The words are longer than the name, and the text was as long as it may be.
            continue
        return changed, html
    # It was written under other limits: one text must not keep the name in all others.
    return changed, plain_html_of(changed)


def _put_html(post_id: int, version: int, html: str) -> None:
    db.session.execute(
        update(Post)
        .where(Post.id == post_id, Post.version == version)
        .values(
            html=html, excerpt=excerpt_of(html, EXCERPT_LENGTH), pipeline=Post.pipeline - REMADE
        )
        .execution_options(synchronize_session=False)
    )


def _forget_findings(row: Any, source: str) -> None:
    # A finding's fingerprint is a hash of the words it was about; those that are gone go with it.
    noted = PostFinding.post_id == row.post_id, PostFinding.version == row.version
    spans = select(PostFinding.id, PostFinding.start, PostFinding.end).where(*noted)
    gone = [
        finding.id
        for finding in db.session.execute(spans)
        if finding.start is not None and row.source[finding.start : finding.end] not in source
    ]
    db.session.execute(delete(PostFinding).where(PostFinding.id.in_(gone)))
    db.session.execute(
        update(PostFinding)
        .where(*noted)
        .values(start=None, end=None)
        .execution_options(synchronize_session=False)
    )


def _rename_in_drafts(renaming: _Renaming, held: set[int]) -> bool:
    """Whether a draft has to wait."""
    statement = select(Draft.id, Draft.member_id, Draft.source).where(
        _names(Draft.source, renaming.handle)
    )
    drafts = db.session.execute(statement).all()
    renaming.learn(draft.source for draft in drafts)
    waits = False
    for draft in drafts:
        source = renaming.of(draft.source)
        if source != draft.source and draft.member_id in held:
            waits = True
        elif source != draft.source:
            db.session.execute(update(Draft).where(Draft.id == draft.id).values(source=source))
    return waits
