"""Links that work once: made, looked at, used up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, and_, delete, select

from forum.accounts.models import OneTimeToken
from forum.accounts.tokens import token_hash
from forum.clock import utcnow
from forum.db import db
from forum.errors import NotFound


def add_token(
    token: str, purpose: str, *, hours: int, member_id: int | None, email: str | None = None
) -> None:
    """Let this link work once, for so many hours; one for an ``address`` names the new one."""
    expires = utcnow() + timedelta(hours=hours)
    db.session.add(
        OneTimeToken(
            token_hash=token_hash(token),
            purpose=purpose,
            member_id=member_id,
            expires_at=expires,
            email=email,
        )
    )


def require_token(token: str, purpose: str) -> OneTimeToken:
    """The row of a link that still works.

    Raises:
        NotFound: it was used, replaced, is too old, or never was.
    """
    found = db.session.scalar(select(OneTimeToken).where(_works(token, purpose)))
    if found is None:
        raise NotFound(_no_longer())
    return found


def use_up(token: str, purpose: str) -> Any:
    """The id of the member whose link this was, None for a link that belongs to nobody.

    Raises:
        NotFound: it was used, replaced, is too old, or never was.
    """
    # One statement, so that of two who follow the link at once only one finds it.
    used = db.session.execute(
        delete(OneTimeToken).where(_works(token, purpose)).returning(OneTimeToken.member_id)
    ).first()
    if used is None:
        raise NotFound(_no_longer())
    return used.member_id


def _works(token: str, purpose: str) -> ColumnElement[bool]:
    return and_(
        OneTimeToken.token_hash == token_hash(token),
        OneTimeToken.purpose == purpose,
        OneTimeToken.expires_at > utcnow(),
    )


def _no_longer() -> str:
    return str(gettext("This link was used already, or is too old. Ask for a new one."))
