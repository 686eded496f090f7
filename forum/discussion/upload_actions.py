"""Putting an uploaded picture into the text it is meant for."""

from __future__ import annotations

from sqlalchemy import select

from forum.clock import utcnow
from forum.db import db
from forum.discussion.draft_actions import DraftText, save_draft
from forum.discussion.models import Draft
from forum.discussion.place_queries import WritingPlace
from forum.permissions import Actor
from forum.text.markdown import normalize


def insert_picture(
    actor: Actor, place: WritingPlace, markdown: str, *, caret: int | None = None
) -> None:
    """Put a picture into the actor's draft for this place, as a paragraph of its own.

    Args:
        caret: after how many characters of the normalised draft; by default at its end.

    Raises:
        NotAllowed: the actor is not signed in.
    """
    present = select(Draft).where(Draft.member_id == actor.id, Draft.place == place.word)
    draft = db.session.scalar(present.with_for_update())
    if draft is None:
        text = with_paragraph(place.source, markdown, caret)
        save_draft(actor, place.word, DraftText(text, based_on=place.version))
    else:
        draft.source = with_paragraph(draft.source, markdown, caret)
        draft.saved_at = utcnow()


def with_paragraph(source: str, paragraph: str, at: int | None) -> str:
    """``source``, normalised, with a paragraph more after ``at`` characters, or at its end."""
    source = normalize(source)
    at = len(source) if at is None else min(at, len(source))
    before, after = source[:at].rstrip(" \n"), source[at:].lstrip("\n")
    return "\n\n".join(part for part in (before, paragraph, after) if part)
