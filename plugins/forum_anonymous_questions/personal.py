"""What is kept of a member, for the file that they take away."""

from __future__ import annotations

from forum.plugin_api import PersonalData
from forum_anonymous_questions.queries import given_to, revealed_by
from forum_anonymous_questions.texts import gettext


def parts_of(member_id: int) -> list[PersonalData]:
    """All of it; what they asked and did not reveal is theirs alone, and nobody can find it."""
    given = tuple({"quarter": one.quarter, "browsers": one.browsers} for one in given_to(member_id))
    revealed = tuple(
        {"thread": one.thread_id, "number": one.number} for one in revealed_by(member_id)
    )
    return [
        PersonalData(
            "tickets",
            gettext("In how many of your browsers tickets for anonymous questions were put."),
            given,
        ),
        PersonalData(
            "revealed", gettext("The anonymous questions that you said are yours."), revealed
        ),
    ]
