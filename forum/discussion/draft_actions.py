"""Verbs on drafts: what somebody has written and not posted yet."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from forum.categories.models import Category
from forum.clock import utcnow
from forum.db import db, savepoint
from forum.discussion.languages import storable_language
from forum.discussion.models import SUBMISSION_LENGTH, TAG_LENGTH, TITLE_LENGTH, Draft
from forum.discussion.place_rules import spare_places
from forum.discussion.tag_actions import MOST_TAGS
from forum.errors import Conflict
from forum.permissions import Actor, require_member

MOST_DRAFTS = 200
"""Drafts of one member, where nobody presses a button for each."""


@dataclass(frozen=True, slots=True)
class DraftText:
    """What a composer holds.

    Attributes:
        window: the word of the composer it was written in, the same as long as that is open.
        language: BCP 47 tag of the language it is in, as chosen.
        seen: the version (``Draft.word``) of the draft that the composer began with or saved last.
        kept: fingerprints of the findings that the author keeps, parted by spaces.
    """

    source: str
    title: str = ""
    tags: str = ""
    category_id: int | None = None
    in_reply_to: int | None = None
    based_on: int | None = None
    window: str = ""
    seen: str = ""
    language: str = ""
    kept: str = ""


def save_draft(actor: Actor, place: str, text: DraftText) -> Draft | None:
    """Keep what the composer holds for this place, instead of what it kept there before.

    Other words that another window has kept there meanwhile stay: then this text gets a spare
    place, which is the ``place`` of the draft given back. Where nothing was written, nothing is
    kept. What is too long to be posted is kept whole: the request's own limit
    (``MAX_CONTENT_LENGTH``) bounds it.

    Raises:
        NotAllowed: nobody is signed in.
        Conflict: all spare places are taken.
    """
    member_id = require_member(actor)
    if not text.source.strip() and not text.title.strip():
        return None
    draft = _draft_to_fill(member_id, place)
    if _would_lose_words(draft, text):
        draft = _spare_draft(member_id, place, text)
    # PostgreSQL cannot store NUL; the composer refuses both before publication.
    draft.source = _storable(text.source)
    draft.title = text.title.replace("\0", "")[: 4 * TITLE_LENGTH]
    draft.tags = text.tags.replace("\0", "")[: 4 * MOST_TAGS * TAG_LENGTH]
    draft.category_id = db.session.scalar(
        select(Category.id).where(Category.id == text.category_id)
    )
    draft.in_reply_to, draft.based_on = text.in_reply_to, text.based_on
    draft.window = text.window.replace("\0", "")[:SUBMISSION_LENGTH]
    draft.language = storable_language(text.language)
    draft.kept = text.kept
    draft.saved_at = utcnow()
    db.session.flush()
    return draft


def _storable(source: str) -> str:
    return source.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _would_lose_words(draft: Draft, text: DraftText) -> bool:
    if not draft.source.strip() or draft.source == _storable(text.source):
        return False
    # Going back in the browser brings an earlier page of the same window, which may save again.
    is_same_window = bool(text.window) and draft.window == text.window
    return not is_same_window and draft.word != text.seen


def _draft_to_fill(member_id: int, place: str) -> Draft:
    present = select(Draft).where(Draft.member_id == member_id, Draft.place == place)
    draft = db.session.scalar(present.with_for_update())
    if draft is not None:
        return draft
    try:
        with savepoint():
            draft = Draft(member_id=member_id, place=place, source="")
            db.session.add(draft)
        return draft
    except IntegrityError:
        # Another window saved its draft for this place in the same moment.
        return db.session.scalars(present.with_for_update()).one()


def _spare_draft(member_id: int, place: str, text: DraftText) -> Draft:
    for spare in spare_places(place):
        draft = _draft_to_fill(member_id, spare)
        if not _would_lose_words(draft, text):
            return draft
    raise Conflict(
        gettext("There are too many drafts for this place. Discard some under “Your drafts” first.")
    )


def require_few_drafts(actor: Actor, place: str) -> None:
    """Refuse one draft too many.

    Raises:
        Conflict: the actor has as many as there may be, and none for this place.
    """
    places = select(Draft.place).where(Draft.member_id == actor.id)
    count = db.session.scalar(select(func.count()).select_from(places.subquery()))
    if (count or 0) < MOST_DRAFTS or place in db.session.scalars(places):
        return
    raise Conflict(
        gettext("You have %(n)d drafts. Discard some under “Your drafts” first.", n=MOST_DRAFTS)
    )


def discard_draft(actor: Actor, place: str) -> None:
    """Forget the draft for this place."""
    forget_draft(require_member(actor), place)


def forget_draft(member_id: int, place: str) -> None:
    """The draft for this place was posted, or is not wanted any more."""
    db.session.execute(delete(Draft).where(Draft.member_id == member_id, Draft.place == place))
