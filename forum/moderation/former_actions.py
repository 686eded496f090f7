"""Words of others about somebody who has left: none are kept."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, select, update

from forum.accounts.models import Member
from forum.db import db
from forum.discussion.models import Post
from forum.moderation.models import Case, CaseNote, Flag
from forum.moderation.rules import STANDING


def has_left(member_id: int) -> bool:
    """Whether this account is closed."""
    closed = select(Member.id).where(Member.id == member_id, Member.closed_at.is_not(None))
    return db.session.scalar(closed) is not None


def forget_words_about(author_id: int) -> None:
    """Empty what members and moderators wrote about somebody's posts, for good: what was flagged, what
    was decided and noted, and why a case was opened that is decided."""
    theirs = Case.post_id.in_(select(Post.id).where(Post.author_id == author_id))
    _empty_cases(theirs & Case.closed_at.is_not(None))
    _empty_flags_and_notes(theirs)


def forget_words_of(case: Case) -> None:
    """Empty the same of one case, which is decided now. Why it was opened stays where the forum itself
    says so, for it can be undone."""
    _empty_cases((Case.id == case.id) & Case.kind.not_in(STANDING))
    _empty_flags_and_notes(Case.id == case.id)


def _empty_cases(which: ColumnElement[bool]) -> None:
    emptied = update(Case).where(which).values(reason="", decision_reason="")
    db.session.execute(emptied.execution_options(synchronize_session=False))


def _empty_flags_and_notes(which: ColumnElement[bool]) -> None:
    cases = select(Case.id).where(which)
    for statement in (
        update(Flag).where(Flag.case_id.in_(cases)).values(words=""),
        delete(CaseNote).where(CaseNote.case_id.in_(cases)),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))
