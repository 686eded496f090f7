"""What the clock decides: what waited too long for a person is published, with a line that says so."""

from __future__ import annotations

from forum.clock import utcnow
from forum.db import db
from forum.discussion.models import NOT_YET_REVIEWED
from forum.errors import Conflict, NotFound
from forum.events import CaseDecided
from forum.jobs.queue import emit
from forum.moderation import deed_actions as deeds
from forum.moderation.deed_actions import noted
from forum.moderation.desk_actions import held_rows, is_for_clock, publish
from forum.moderation.models import Case
from forum.moderation.rules import UNREVIEWED
from forum.permissions import OPERATOR
from forum.phrases import Phrase

NOBODY_DECIDED = str(
    Phrase("Nobody had decided about it in time, so it was published without being read.")
)


def publish_unreviewed(case_id: int) -> bool:
    """Publish what a case held if nobody has decided about it in time: whether that was now.

    It is the clock that decides, so nobody is asked for a permission, and whoever comes first, a job
    or a reader, makes the same change, once. Its author is told; a case for moderators who look at it
    afterwards is open then.
    """
    try:
        found = held_rows(case_id)
    except (NotFound, Conflict):
        # Whoever deletes or moves it at this moment: the next who comes looks again.
        return False
    if not is_for_clock(found):
        return False
    case, post = found.case, found.post
    with noted(OPERATOR, deeds.CLOCK, found, ""):
        case.closed_at, case.closed_by, case.decision = utcnow(), None, "unreviewed"
        case.claimed_by = case.claimed_until = None
        post.label = post.label or NOT_YET_REVIEWED
        publish(found)
    emit(CaseDecided(post.id, case.kind, "unreviewed", words="", case_id=case.id))
    db.session.add(Case(post_id=post.id, kind=UNREVIEWED, reason=NOBODY_DECIDED))
    return True
