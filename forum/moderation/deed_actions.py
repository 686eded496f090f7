"""What of deciding cases stands in the moderators' record, and how it is undone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from forum.discussion.deed_actions import IN_HISTORY, POST_ROWS
from forum.discussion.models import Post
from forum.moderation.desk_actions import Desk, desk
from forum.moderation.models import Case
from forum.permissions import HELP, Actor, require
from forum.record.actions import Recording, recorded
from forum.record.relation_actions import TableRelation
from forum.record.rules import DeedKind, Entry, Labels, define_kind, define_relation

DECIDE = "case.decide"
CASE_ROWS = define_relation(
    TableRelation(
        Case,
        (
            *("closed_at", "closed_by", "decision", "decision_reason"),
            *("claimed_by", "claimed_until"),
        ),
        labels=Labels(
            _("Case"),
            {
                "closed_at": _("Decided"),
                "closed_by": _("Decided by"),
                "decision": _("Decision"),
                "decision_reason": _("Words to the author"),
                "claimed_by": _("Taken by"),
                "claimed_until": _("Taken until"),
            },
            {"removed": _("not published"), "published": _("published"), "done": _("helped")},
            people=frozenset({"closed_by", "claimed_by"}),
        ),
        owner=lambda case_id: (
            select(Post.author_id).join(Case, Case.post_id == Post.id).where(Case.id == case_id)
        ),
    )
)


def _require_case(permission: str, actor: Actor, entry: Entry) -> None:
    require(actor, permission)
    assert entry.case_id is not None
    desk(actor, entry.case_id)


PUBLISH = define_kind(
    DeedKind(
        "case.publish",
        _("held post published"),
        DECIDE,
        lambda actor, entry: _require_case(DECIDE, actor, entry),
        final=_(
            "A published post has its number and others were told of it, so this cannot be undone. "
            "Remove the post instead; that can be undone."
        ),
    )
).name
REMOVE = define_kind(
    DeedKind(
        "case.remove",
        _("held post not published"),
        DECIDE,
        lambda actor, entry: _require_case(DECIDE, actor, entry),
    )
).name
FINISH = define_kind(
    DeedKind(
        "case.done",
        _("help with accessibility ended"),
        HELP,
        lambda actor, entry: _require_case(HELP, actor, entry),
    )
).name
MEND = define_kind(
    DeedKind(
        "post.mend",
        _("post made accessible"),
        HELP,
        lambda actor, entry: require(actor, HELP),
        final=IN_HISTORY,
    )
).name


@contextmanager
def noted(actor: Actor, kind: str, at: Desk, words: str) -> Iterator[Recording]:
    """Decide a case, and note it in the moderators' record."""
    with recorded(
        actor,
        kind,
        thread=at.thread.id,
        post=at.post.id,
        member=at.post.author_id,
        case=at.case.id,
        reason=words,
    ) as recording:
        recording.watch(CASE_ROWS.name, at.case.id)
        recording.watch(POST_ROWS.name, at.post.id)
        yield recording
