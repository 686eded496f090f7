"""What moderators note about a case for each other."""

from __future__ import annotations

from flask_babel import gettext

from forum.db import db
from forum.errors import Invalid
from forum.moderation.desk_actions import checked_words, desk
from forum.moderation.former_actions import has_left
from forum.moderation.models import CaseNote
from forum.moderation.rules import require_some_cases
from forum.permissions import Actor


def note_about_case(actor: Actor, case_id: int, *, words: str) -> None:
    """Note something about a case, decided or not, for those who may decide it.

    Raises:
        NotAllowed: no cases are for the actor.
        NotFound: there is no such case, or it is not for them.
        Invalid: there is nothing to note, or it cannot be taken; or it is decided, and its author has
            left.
    """
    require_some_cases(actor)
    found = desk(actor, case_id)
    if found.case.closed_at is not None and has_left(found.post.author_id):
        message = gettext("Its author has left. Nothing is noted about them any more.")
        raise Invalid("note", message)
    try:
        words = checked_words(words)
    except Invalid as error:
        raise Invalid("note", error.message) from error
    if not words:
        raise Invalid("note", gettext("Write what you want to note."))
    db.session.add(CaseNote(case_id=found.case.id, member_id=actor.id, words=words))
