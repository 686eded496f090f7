"""What a member was told, and what is known of letters to them, as they take it away."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import func, or_, select

from forum import db as database
from forum.accounts.models import Member
from forum.discussion.models import Post
from forum.hookspecs import PersonalData
from forum.notifications.models import Notification, SentMail


def told_data(member_id: int) -> list[PersonalData]:
    """Notifications of a member, and the letters to them."""
    told = (
        select(
            Notification.kind,
            Post.thread_id.label("thread"),
            Post.number,
            Notification.created_at,
            Notification.seen_at,
            Notification.mailed_at,
            Notification.decision,
            Notification.words,
        )
        .join(Post, Post.id == Notification.post_id)
        .where(Notification.member_id == member_id)
        .order_by(Notification.id)
    )
    address = select(func.lower(Member.email)).where(Member.id == member_id).scalar_subquery()
    to_them = or_(SentMail.member_id == member_id, func.lower(SentMail.recipient) == address)
    letters = (
        select(
            SentMail.recipient, SentMail.kind, SentMail.state, SentMail.created_at, SentMail.sent_at
        )
        .where(to_them)
        .order_by(SentMail.id)
    )
    return [
        PersonalData(name, about, tuple(dict(row._mapping) for row in database.rows(statement)))
        for name, about, statement in (
            ("notifications", gettext("What you were told on the site."), told),
            (
                "letters",
                gettext("Letters to you: when and of what kind, not what they say."),
                letters,
            ),
        )
    ]
