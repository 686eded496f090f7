"""The moderators' record as a list and one by one: what of it somebody may see, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    bindparam,
    case,
    cast,
    exists,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from forum import db as database
from forum.accounts.models import Member, MemberRole
from forum.admin.listing import Column, Filter, Listing
from forum.categories.models import Category
from forum.clock import utcnow
from forum.discussion.models import Post, Thread
from forum.errors import NotFound
from forum.events import RELOCATED
from forum.jobs.models import Job
from forum.notifications.models import Notification
from forum.permissions import Actor, Scope, allowed
from forum.record.models import LogEntry, LogReason
from forum.record.queries import EntryFacts, Step, changes_in, entry_facts, steps_of
from forum.record.rules import (
    ADDED,
    FieldChange,
    Labels,
    known_kinds,
    relation_named,
    why_nothing_is_left,
)
from forum.record.sentences import SENTENCES

MOST_PEOPLE = 200
_ADDED = _("Added to it since")
_undoing = aliased(LogEntry)
_undoing_table = _undoing.__table__
_subject = Member.__table__.alias("subject")
_SPANS = {
    "day": (_("the last 24 hours"), 1),
    "week": (_("the last 7 days"), 7),
    "month": (_("the last 30 days"), 30),
    "year": (_("the last 365 days"), 365),
}
_STATES = {"stands": _("stands"), "undone": _("undone"), "undoing": _("undoes another")}
_state = case(
    (LogEntry.undo_of.is_not(None), "undoing"),
    (select(_undoing.id).where(_undoing.undo_of == LogEntry.id).exists(), "undone"),
    else_="stands",
)
_where = Thread.__table__.c
_LOG = Listing(
    name="moderation-log",
    title=_("Record of moderation"),
    empty=_("No moderator has done anything yet."),
    source=LogEntry.__table__.outerjoin(Thread.__table__, _where.id == LogEntry.thread_id)
    .outerjoin(Post.__table__, Post.id == LogEntry.post_id)
    .outerjoin(Member.__table__, Member.id == LogEntry.actor_id)
    .outerjoin(_subject, (_subject.c.id == LogEntry.member_id) & LogEntry.thread_id.is_(None))
    .outerjoin(LogReason.__table__, LogReason.entry_id == LogEntry.id),
    key=LogEntry.id.expression,
    address="/moderation/log/{}",
    columns=(
        Column("number", _("Number"), LogEntry.id.expression),
        Column("at", _("When"), LogEntry.at.expression),
        Column("actor_id", _("Member"), LogEntry.actor_id.expression, on_page=False),
        Column("actor", _("Who"), Member.name.expression, searched=True),
        Column("kind", _("What"), LogEntry.kind.expression),
        Column(
            "thread_id", _("Number of the thread"), LogEntry.thread_id.expression, on_page=False
        ),
        Column("thread", _("Thread"), Thread.title.expression, searched=True),
        # Of one that was moved, the number is that of another thread.
        Column("post", _("Post"), case((Post.thread_id == LogEntry.thread_id, Post.number))),
        Column("about", _("Whom it is about"), _subject.c.name, searched=True),
        Column("reason", _("Why"), LogReason.words.expression, searched=True, words=SENTENCES),
        Column("state", _("State"), _state, words=_STATES),
        Column("undo_of", _("Undoes number"), LogEntry.undo_of.expression),
    ),
)


def may_see_some(actor: Actor) -> bool:
    """Whether anything that moderators do could be for the actor to see."""
    return any(actor.scope(kind.permission).holds_somewhere for kind in known_kinds().values())


def log_open_to(actor: Actor, thread_id: int | None = None) -> Listing:
    """The record, as far as the actor may do such things themselves where the thread stands now.

    Args:
        thread_id: only what was done in this thread.

    Raises:
        NotFound: there is no such thread, or it is not open to the actor.
    """
    seen = _seen_by(actor)
    filters = (
        Filter("kind", _("What"), LogEntry.kind.expression, _kinds_open_to(actor)),
        Filter("who", _("Who"), _is_by, _people(seen)),
        Filter("when", _("When"), _is_since, {name: words for name, (words, _d) in _SPANS.items()}),
        Filter("state", _("State"), _state, _STATES),
        *(() if thread_id is None else (_in_thread(actor, thread_id),)),
    )
    columns = tuple(
        replace(column, words=_kinds_open_to(actor)) if column.name == "kind" else column
        for column in _LOG.columns
    )
    return replace(_LOG, filters=filters, columns=columns, condition=seen)


def _seen_by(actor: Actor) -> ColumnElement[bool]:
    by_permission: dict[str, list[str]] = defaultdict(list)
    for kind in known_kinds().values():
        by_permission[kind.permission].append(kind.name)
    some = (
        and_(LogEntry.kind.in_(names), _holds(actor.scope(permission)))
        for permission, names in sorted(by_permission.items())
    )
    return and_(_holds(actor.scope("thread.see")), or_(false(), *some), ~_is_kept_from(actor))


def _is_kept_from(actor: Actor) -> ColumnElement[bool]:
    """What was decided about whom the actor may not judge, as on the pages about members; see
    ``require_may_judge``. Nobody finds what is noted about themselves."""
    about_them = LogEntry.member_id.is_not_distinct_from(actor.id)
    private = [kind.name for kind in known_kinds().values() if kind.is_private]
    if allowed(actor, "community.manage"):
        return LogEntry.kind.in_(private) & about_them
    moderates = exists().where(MemberRole.member_id == LogEntry.member_id)
    return LogEntry.kind.in_(_kinds_about_members()) & or_(about_them, moderates)


def _kinds_about_members() -> list[str]:
    return [kind.name for kind in known_kinds().values() if kind.permission == "member.moderate"]


def _holds(scope: Scope) -> ColumnElement[bool]:
    if scope.denied_everywhere:
        return false()
    if scope.everywhere:
        # Of a thread that is gone nobody knows whether it stood where the actor may not look.
        elsewhere = or_(LogEntry.thread_id.is_(None), _where.category_id.not_in(scope.denied))
        return elsewhere if scope.denied else true()
    return _where.category_id.in_(scope.categories - scope.denied)


def _kinds_open_to(actor: Actor) -> Mapping[str, Any]:
    return {
        kind.name: kind.words
        for kind in known_kinds().values()
        if actor.scope(kind.permission).holds_somewhere
    }


def _people(seen: ColumnElement[bool]) -> Mapping[str, Any]:
    """Those of whom there is something to see; "shell" is whoever has one."""
    who = (
        select(LogEntry.actor_id)
        .outerjoin(Thread, _where.id == LogEntry.thread_id)
        .where(seen)
        .distinct()
    )
    statement = (
        select(Member.id, Member.name)
        .where(Member.id.in_(who))
        .order_by(func.lower(Member.name), Member.id)
        .limit(MOST_PEOPLE)
    )
    return {str(row.id): row.name for row in database.rows(statement)}


def _is_by(member_id: str) -> ColumnElement[bool]:
    return LogEntry.actor_id == int(member_id)


def _is_since(span: str) -> ColumnElement[bool]:
    return LogEntry.at >= utcnow() - timedelta(days=_SPANS[span][1])


def _in_thread(actor: Actor, thread_id: int) -> Filter:
    thread = database.row(
        select(Thread.id, Thread.title, Thread.category_id).where(Thread.id == thread_id)
    )
    if thread is None or not allowed(actor, "thread.see", thread):
        raise NotFound(gettext("There is no such page, or it is not open to you."))
    is_there: Callable[[str], ColumnElement[bool]] = lambda word: LogEntry.thread_id == int(word)  # noqa: E731
    return Filter("thread", _("Thread"), is_there, {str(thread.id): thread.title})


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One field of a row in words: before, after, and now, where it was changed since; ``is_back`` says
    that it is again as it was before."""

    row: Any
    field: Any
    before: Any
    after: Any
    now: Any
    stands: bool
    is_back: bool


@dataclass(frozen=True, slots=True)
class Deed:
    """An entry with what its page says.

    ``title`` and ``number`` are of its thread and its post, which stands in ``thread_now``, ``about`` is
    whom it is about that is about no thread, ``None`` where there is none any more;
    ``letters`` counts the letters about it that left since then, less those that still wait to be
    sent: undoing keeps what they would tell from being so; ``is_told`` is whether whom
    it is about reads that it was undone, and why; ``obstacle`` says that the reader may do no such things
    where its post stands now, if so; ``also`` says what else undoing would do.
    """

    entry: EntryFacts
    words: Any
    title: str | None
    number: int | None
    thread_now: int | None
    about: str | None
    changes: tuple[ShownChange, ...]
    letters: int
    is_told: bool
    obstacle: str
    also: tuple[str, ...]

    @property
    def stands(self) -> bool:
        """Whether nobody has changed anything of it since."""
        return all(change.stands for change in self.changes)

    @property
    def is_back(self) -> bool:
        """Whether all of it is again as it was before."""
        return all(change.is_back for change in self.changes)

    @property
    def why_not(self) -> str:
        """Why nothing of it is undone where it does not stand, in words for its page."""
        if self.is_back:
            return why_nothing_is_left()
        words: str = gettext(
            "Something of this was changed since, see “Now” above. It is not undone, so that nobody's work "
            "is lost. Change by hand what should be otherwise."
        )
        return words


def deed_open_to(actor: Actor, entry_id: int) -> Deed:
    """One entry of the record.

    Raises:
        NotFound: there is none of this number, or the actor may not do such things there.
    """
    entry = entry_facts(entry_id)
    place = database.row(_PLACE, {"thread": entry.thread_id, "post": entry.post_id})
    kind = known_kinds().get(entry.kind)
    kept = select(LogEntry.id).where(LogEntry.id == entry_id, _is_kept_from(actor))
    is_hidden = database.value(kept) is not None
    if kind is None or is_hidden or not _may_see(actor, kind.permission, entry, place):
        raise NotFound(gettext("There is no such entry, or it is not open to you."))
    is_out_of_reach, steps = not _reaches(actor, kind.permission, place), steps_of(entry.id)
    shown = () if is_out_of_reach else _shown(actor, changes_in(steps))
    about = None if entry.thread_id else _named(Member.id, Member.name, {entry.member_id})
    return Deed(
        entry,
        kind.words,
        None if place is None else place.title,
        None if place is None or is_out_of_reach else place.number,
        None if place is None or is_out_of_reach else place.thread_now,
        (about or {}).get(entry.member_id),
        shown,
        _letter_of(steps) if kind.has_letter else _letters_since(entry),
        kind.tell_undone is not None,
        _out_of_reach() if is_out_of_reach else "",
        () if kind.also is None else tuple(kind.also(entry)),
    )


_now = aliased(Thread)
_PLACE = (
    select(
        *(Thread.title, Thread.category_id, Post.number),
        *(_now.id.label("thread_now"), _now.category_id.label("category_now")),
    )
    .select_from(Thread)
    .outerjoin(Post, Post.id == bindparam("post"))
    .outerjoin(_now, _now.id == Post.thread_id)
    .where(Thread.id == bindparam("thread"))
)


def _reaches(actor: Actor, permission: str, place: Any) -> bool:
    """Whether the actor may do such things where the post stands now, if it is about one."""
    if place is None or place.category_now is None:
        return True
    scopes = actor.scope("thread.see"), actor.scope(permission)
    return all(scope.holds_in(place.category_now) for scope in scopes)


def _out_of_reach() -> str:
    return str(
        gettext(
            "The post was moved meanwhile to where you may not do this. Whoever looks after that category "
            "can undo it."
        )
    )


def _may_see(actor: Actor, permission: str, entry: EntryFacts, place: Any) -> bool:
    scopes = actor.scope("thread.see"), actor.scope(permission)
    if place is None:
        is_known = entry.thread_id is None
        return all(scope.holds_in(None) and (is_known or not scope.denied) for scope in scopes)
    return allowed(actor, "thread.see", place) and scopes[1].holds_in(place.category_id)


def _shown(actor: Actor, changes: Collection[FieldChange]) -> tuple[ShownChange, ...]:
    people, places = _names_in(actor, changes)

    def said(labels: Labels, name: str, value: Any) -> Any:
        if value is None or value in ("", []):
            return gettext("nothing")
        if name in labels.people:
            return people.get(value, value)
        if name in labels.categories:
            return places.get(value, gettext("a category that is gone, or not open to you"))
        return ", ".join(value) if isinstance(value, list) else _moment_in(labels, value)

    found = (
        ShownChange(
            labels.row,
            _ADDED if change.field == ADDED else labels.fields.get(change.field, change.field),
            before=said(labels, change.field, change.before),
            after=said(labels, change.field, change.after),
            now=said(labels, change.field, change.now),
            stands=change.stands,
            is_back=change.is_back,
        )
        for change in changes
        if (labels := _labels(change)) is not None
    )
    # Of a row that was made or deleted, the fields in which nothing is are not told.
    return tuple(shown for shown in found if shown.before != shown.after or not shown.stands)


def _labels(change: FieldChange) -> Labels | None:
    relation = relation_named(change.relation)
    return None if relation is None else relation.labels


def _moment_in(labels: Labels, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return labels.values.get(value, value)
    return value if moment.tzinfo is None else moment


def _names_in(
    actor: Actor, changes: Collection[FieldChange]
) -> tuple[dict[Any, str], dict[Any, str]]:
    people: set[Any] = set()
    places: set[Any] = set()
    for change in changes:
        labels, values = _labels(change), (change.before, change.after, change.now)
        if labels is not None and change.field in labels.people:
            people.update(values)
        elif labels is not None and change.field in labels.categories:
            places.update(value for value in values if actor.scope("thread.see").holds_in(value))
    return _named(Member.id, Member.name, people), _named(Category.id, Category.title, places)


def _named(key: Any, name: Any, wanted: set[Any]) -> dict[Any, str]:
    wanted -= {None}
    if not wanted:
        return {}
    return {row[0]: row[1] for row in database.rows(select(key, name).where(key.in_(wanted)))}


def _letters_since(entry: EntryFacts) -> int:
    posts = (
        Notification.post_id == entry.post_id
        if entry.post_id is not None
        else Notification.post_id.in_(select(Post.id).where(Post.thread_id == entry.thread_id))
    )
    # A decision always has a letter, unless it says no more than where a post stands now.
    has_letter = (Notification.kind == "decision") & (Notification.decision != RELOCATED)
    asked = func.coalesce(Notification.mailed_at, case((has_letter, Notification.created_at)))
    left = ~_waits("notification", cast(Notification.id, String))
    count = select(func.count()).select_from(Notification).where(posts, asked >= entry.at, left)
    return int(database.value(count))


def _letter_of(steps: Collection[Step]) -> int:
    """Of a deed that always has a letter, which is about the one row that it changed: whether it left."""
    measures = [step.row for step in steps]
    return int(database.value(select(~_waits("measure", *measures))))


def _waits(about: str, *numbers: Any) -> ColumnElement[bool]:
    """Whether a letter with such a number under ``about`` is still to be sent."""
    number = cast(Job.arguments[about].as_string(), String)
    return exists().where(Job.name == "mail", number.in_(numbers))
