"""What of deciding cases stands in the moderators' record, and how it is undone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import Select, select

from forum.clock import utcnow
from forum.db import db
from forum.discussion.author_actions import tell_author
from forum.discussion.deed_actions import (
    IN_HISTORY,
    POST_ROWS,
    THREAD_ROWS,
    note_newest,
    pinned_since,
    require_room_again,
    require_way_back,
    settle,
)
from forum.discussion.models import WAITING, Post, Thread
from forum.errors import Conflict
from forum.moderation.desk_actions import Desk, desk, hold_cases
from forum.moderation.former_actions import forget_words_of, has_left
from forum.moderation.models import Case
from forum.moderation.publication_queries import why_published_stays
from forum.moderation.rules import APPEAL, HELD, HELP_NEEDED, UNREVIEWED, is_of_waiting
from forum.permissions import HELP, Actor, require
from forum.record.actions import Recording, recorded
from forum.record.relation_actions import TableRelation
from forum.record.rules import DeedKind, Entry, Labels, define_kind, define_relation
from forum.record.sentences import SENTENCES

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
            {
                "published": _("published"),
                "labelled": _("published with a label"),
                "changes": _("asked for changes"),
                "removed": _("removed"),
                "moved": _("moved"),
                "nothing": _("nothing wrong"),
                "done": _("helped"),
                "withdrawn": _("taken back"),
                "upheld": _("upheld"),
                "overturned": _("overturned"),
                "unreviewed": _("published, not yet reviewed"),
                "reviewed": _("found right"),
            }
            | SENTENCES,
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
    found = desk(actor, entry.case_id)
    another = select(Case.id).where(
        Case.post_id == found.post.id,
        Case.kind == found.case.kind,
        Case.closed_at.is_(None),
        Case.id != found.case.id,
    )
    if db.session.scalar(another) is not None:
        message = gettext("Another case about this post waits meanwhile. Decide that one.")
        raise Conflict(message)


def _require_decider(actor: Actor, entry: Entry) -> None:
    _require_case(DECIDE, actor, entry)


def _require_decider_after_clock(actor: Actor, entry: Entry) -> None:
    require(actor, DECIDE)
    hold_cases(entry.case_id, db.session.scalar(_follow_up(entry).with_only_columns(Case.id)))
    _require_decider(actor, entry)


def _follow_up(entry: Entry) -> Select[Any]:
    return select(Case).where(
        Case.post_id == entry.post_id, Case.kind == UNREVIEWED, Case.closed_at.is_(None)
    )


def _require_mover(actor: Actor, entry: Entry) -> None:
    _require_decider(actor, entry)
    require_way_back(actor, entry)


def _settle_move(entry: Entry) -> None:
    require_room_again(entry)
    settle(entry)


def _take_away(entry: Entry) -> None:
    """What was published waits again. Its number stays: nobody's link may lead to another post. Nothing of
    what was done to it since is overwritten here, for ``why_published_stays`` is asked before."""
    assert entry.post_id is not None
    post = db.session.get_one(Post, entry.post_id, populate_existing=True)
    post.removed_at, post.removed_by = utcnow(), None
    post.removal, post.removal_reason = WAITING, ""
    note_newest(db.session.get_one(Thread, post.thread_id, populate_existing=True))


def _tell_undone(actor: Actor, entry: Entry, words: str) -> None:
    """The author learns that what was decided is taken back, and whether somebody looks at it again."""
    assert entry.case_id is not None
    assert entry.post_id is not None
    kind = db.session.scalar(select(Case.kind).where(Case.id == entry.case_id))
    named = dict.fromkeys(HELD, "waiting") | dict.fromkeys((APPEAL, HELP_NEEDED), "reopened")
    deed = named.get(kind or "", "undone")
    tell_author(actor, db.session.get_one(Post, entry.post_id), deed, words)


def _take_back_from_clock(entry: Entry) -> None:
    _take_away(entry)
    if (case := db.session.scalar(_follow_up(entry).with_for_update())) is not None:
        case.closed_at, case.decision = utcnow(), "withdrawn"
        case.claimed_by = case.claimed_until = None


def _why_place_stays(entry: Entry) -> str:
    return why_published_stays(entry) or pinned_since(entry)


def _kind(name: str, words: Any, **how: Any) -> str:
    options = {
        "require_undo": _require_decider,
        "after_undo": settle,
        "tell_undone": _tell_undone,
        **how,
    }
    return define_kind(DeedKind(name, words, DECIDE, **options)).name


PUBLISH = _kind(
    "case.publish",
    _("held post published"),
    after_undo=_take_away,
    obstacle=why_published_stays,
)
# A kind of its own: against the label its author can appeal.
PUBLISH_LABELLED = _kind(
    "case.publish_labelled",
    _("held post published with a label"),
    after_undo=_take_away,
    obstacle=why_published_stays,
    is_verdict=True,
)
REMOVE = _kind("case.remove", _("post removed by a decision"), is_verdict=True)
ASK = _kind("case.changes", _("author asked for changes"), is_verdict=True)
LABEL = _kind("case.label", _("post labelled"), is_verdict=True)
MOVE = _kind(
    "case.move",
    _("thread of a post moved"),
    require_undo=_require_mover,
    after_undo=_settle_move,
    obstacle=pinned_since,
    is_verdict=True,
)
PLACE = _kind(
    "case.place",
    _("held post published in another category"),
    require_undo=_require_mover,
    after_undo=_take_away,
    obstacle=_why_place_stays,
    is_verdict=True,
)
NOTHING = _kind("case.nothing", _("nothing found wrong with a post"))


def _why_settled_stays(entry: Entry) -> str:
    """What was approved, and is published since, does not wait again."""
    kind = db.session.scalar(select(Case.kind).where(Case.id == entry.case_id))
    post = db.session.get(Post, entry.post_id)
    if post is None or post.number is None or not is_of_waiting(kind or ""):
        return ""
    return str(
        gettext(
            "The post is published meanwhile. Remove it where it stands, if it should not be there."
        )
    )


SETTLE = _kind("case.settle", _("case of a plugin settled"), obstacle=_why_settled_stays)
REVIEW = _kind("case.review", _("post found as it should be"))
CLOCK = _kind(
    "case.clock",
    _("waiting post published, because nobody had decided in time"),
    require_undo=_require_decider_after_clock,
    after_undo=_take_back_from_clock,
    obstacle=why_published_stays,
)
UPHOLD = _kind("case.uphold", _("decision upheld after an appeal"))
OVERTURN = _kind(
    "case.overturn",
    _("decision overturned after an appeal"),
    final=_(
        "This has undone something itself. If need be, do that again where it stands: remove the "
        "post, for example; that can be undone."
    ),
)
FINISH = define_kind(
    DeedKind(
        "case.done",
        _("help with accessibility ended"),
        HELP,
        lambda actor, entry: _require_case(HELP, actor, entry),
        tell_undone=_tell_undone,
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
    """Decide a case, and note it in the moderators' record. Of somebody who has left no words are kept."""
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
        recording.watch(THREAD_ROWS.name, at.thread.id)
        recording.watch(POST_ROWS.name, at.post.id)
        yield recording
        if has_left(at.post.author_id):
            db.session.flush()
            forget_words_of(at.case)
