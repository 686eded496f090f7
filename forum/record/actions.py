"""Recording what moderators do, and undoing it.

Every moderating action does its work inside ``recorded``::

    with recorded(actor, "thread.lock", thread=thread.id, member=thread.author_id) as recording:
        recording.watch("threads", thread.id)
        thread.locked_at = utcnow()
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from forum.accounts.models import Member
from forum.clock import utcnow
from forum.db import db, savepoint, thrown_away
from forum.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.hookspecs import DeedRecorded
from forum.permissions import Actor
from forum.plugin_host import current_host
from forum.record.models import LogEntry, LogReason, LogStep
from forum.record.queries import Step, changes_in, obstacle_to_undoing, steps_of
from forum.record.rules import (
    DeedKind,
    Entry,
    Relation,
    Values,
    differing,
    kind_named,
    known_kinds,
    relation_named,
    why_another_decides,
    why_nothing_is_left,
)
from forum.text.lines import is_readable_line

REASON_LENGTH = 500


@dataclass
class Recording:
    """What a deed changes, row by row. ``entry_id`` is there once the deed is done."""

    entry_id: int | None = None
    _before: dict[tuple[str, str], Values] = field(default_factory=dict)
    _owners: dict[tuple[str, str], int | None] = field(default_factory=dict)

    def watch(self, relation: str, key: int | str) -> None:
        """Remember a row as it is now, before the deed changes or deletes it."""
        known, row = _known(relation), str(key)
        self._before[relation, row] = known.read(row, held=True)
        # A deleted row does not tell any more whose it was.
        self._owners[relation, row] = known.owner(row)

    def made(self, relation: str, key: int | str) -> None:
        """Remember that the deed made this row; undoing deletes it, after all that was remembered after it
        is put back."""
        self._before[relation, str(key)] = {}

    def steps(self) -> list[LogStep]:
        """What changed, in the order in which it was watched."""
        return [
            LogStep(
                relation=name,
                row=row,
                before=_text(before, changed),
                after=_text(after, changed),
                member_id=self._owner(name, row),
            )
            for (name, row), before in self._before.items()
            if (changed := differing(before, after := _known(name).read(row)))
        ]

    def _owner(self, relation: str, row: str) -> int | None:
        if (relation, row) in self._owners:
            return self._owners[relation, row]
        return _known(relation).owner(row)


def _known(relation: str) -> Relation:
    found = relation_named(relation)
    assert found is not None, f"no room has defined {relation}"
    return found


def _text(values: Values, fields: list[str]) -> str:
    kept = {name: values.get(name) for name in fields} if values else {}
    return json.dumps(kept, ensure_ascii=False)


@contextmanager
def recorded(
    actor: Actor,
    kind: str,
    *,
    thread: int | None = None,
    post: int | None = None,
    member: int | None = None,
    case: int | None = None,
    reason: str = "",
) -> Iterator[Recording]:
    """Do something that moderators may and note it in the log, in the same transaction.

    Args:
        kind: one that was made known by ``define_kind``.
        thread, post, case: the numbers of what it is about, as far as it is about any.
        member: whose it is; their erasure empties the reason.
        reason: the actor's words; not kept when the member has left.
    """
    known = kind_named(kind)
    assert known is not None, f"no room has defined {kind}"
    recording = Recording()
    yield recording
    steps = recording.steps()
    if not steps and not known.final:
        # Saving what stands there already is no deed.
        return
    lost = {step.relation for step in steps if step.after == "{}"} if not known.final else ()
    assert all(_known(name).is_whole for name in lost), f"{lost} could not come back"
    entry = LogEntry(
        actor_id=actor.id,
        kind=kind,
        thread_id=thread,
        post_id=post,
        member_id=member,
        case_id=case,
    )
    recording.entry_id = _note(entry, steps, reason)


def note(actor: Actor, kind: str, *, thread: int, post: int, member: int) -> None:
    """Note what a moderator did to somebody's post and what has a record of its own, as versions have;
    nothing is kept of it here. Arguments as in ``recorded``."""
    with recorded(actor, kind, thread=thread, post=post, member=member):
        pass


_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)


@contextmanager
def at_one_moment() -> Iterator[None]:
    """Have all that is noted inside the same time to the microsecond, in however many transactions. By
    that and by who did it, entries are known to belong together; see ``entries_together``."""
    token = _moment.set(utcnow())
    try:
        yield
    finally:
        _moment.reset(token)


def _note(entry: LogEntry, steps: list[LogStep], reason: str) -> int:
    entry.steps, entry.at = len(steps), _moment.get() or utcnow()
    db.session.add(entry)
    db.session.flush()
    for step in steps:
        step.entry_id = entry.id
        db.session.add(step)
        # One by one, so that their numbers have the order of the steps.
        db.session.flush()
    if reason and not _has_left(entry.member_id):
        db.session.add(LogReason(entry_id=entry.id, words=reason, member_id=entry.member_id))
    current_host().with_deed_recorded(
        DeedRecorded(entry.id, entry.kind, entry.member_id, entry.undo_of is not None)
    )
    return entry.id


def _has_left(member_id: int | None) -> bool:
    """Whether this account is closed: nothing is written about them any more."""
    closed = select(Member.id).where(Member.id == member_id, Member.closed_at.is_not(None))
    return member_id is not None and db.session.scalar(closed) is not None


def undo(
    actor: Actor, entry_id: int, *, reason: str = "", is_told: bool = True, is_redone: bool = False
) -> LogEntry:
    """Put back everything that a deed changed, exactly, in one step; the log has both.

    Args:
        is_told: whether whom it is about is told; not when something else tells them.
        is_redone: whether the caller does anew, in the same transaction, what readers would lose by it. What
            else would speak against undoing a deed of this kind is not asked then, and what else follows
            from it does not come to pass.

    Raises:
        NotFound: there is no such deed, or it is not open to the actor.
        NotAllowed: they may not undo it, or it was decided by somebody else about what they wrote.
        Invalid: the reason cannot be taken.
        Conflict: it was undone already, is an undoing itself, cannot be undone any more because what
            was there before was erased, or something of it was changed since; nothing is overwritten.
    """
    entry = db.session.get(LogEntry, entry_id)
    kind = None if entry is None else kind_named(entry.kind)
    if entry is None or kind is None:
        raise NotFound(gettext("There is no such entry, or it is not open to you."))
    _require_undo(actor, kind, entry)
    reason = checked_words(reason)
    steps = steps_of(entry.id)
    # The rows are held first: of two who undo at once, the second then finds that it is done.
    changes = changes_in(steps, held=True)
    if obstacle := obstacle_to_undoing(entry, is_redone=is_redone):
        raise Conflict(obstacle)
    if not all(change.stands for change in changes):
        is_back = all(change.is_back for change in changes)
        raise Conflict(why_nothing_is_left()) if is_back else _changed_since()
    undoing = LogEntry(
        actor_id=actor.id,
        kind=entry.kind,
        thread_id=entry.thread_id,
        post_id=entry.post_id,
        member_id=entry.member_id,
        case_id=entry.case_id,
        undo_of=entry.id,
    )
    recording = Recording()
    try:
        with savepoint():
            _put_back(recording, steps)
    except IntegrityError as error:
        # What came in between, or took a place that a row had.
        raise _changed_since() from error
    if kind.after_undo is not None and not is_redone:
        kind.after_undo(entry)
    _note(undoing, recording.steps(), reason)
    if kind.tell_undone is not None and is_told:
        kind.tell_undone(actor, entry, reason)
    return undoing


def why_not_to_undo(actor: Actor, entry: Entry) -> str:
    """Why the actor could not undo an entry at this moment, asked as undoing asks it, what was changed
    since apart: for pages, which offer no button then. Empty when nothing speaks against it."""
    if obstacle := obstacle_to_undoing(entry):
        return obstacle
    kind = kind_named(entry.kind)
    if kind is None:
        return ""
    try:
        # Rows that it holds are free again at once.
        with thrown_away():
            _require_undo(actor, kind, entry)
    except (Conflict, NotAllowed, NotFound) as error:
        return error.message
    return ""


def _require_undo(actor: Actor, kind: DeedKind, entry: Entry) -> None:
    if why := why_another_decides(actor, entry):
        raise NotAllowed(why)
    kind.require_undo(actor, entry)


def _changed_since() -> Conflict:
    message = gettext(
        "Something of this was changed since. Nothing was undone, so that nobody's work is lost."
    )
    return Conflict(message)


def _put_back(recording: Recording, steps: list[Step]) -> None:
    for step in steps:
        recording.watch(step.relation, step.row)
    for step in reversed(steps):
        _known(step.relation).write(step.row, step.before)


def checked_words(reason: str) -> str:
    """The reason with its white space folded; it may be empty.

    Raises:
        Invalid: it is too long, or has characters that cannot be shown.
    """
    folded = " ".join(reason.split())
    if len(folded) > REASON_LENGTH:
        message = gettext(
            "Shorten the reason to %(most)d characters; it has %(n)d.",
            most=REASON_LENGTH,
            n=len(folded),
        )
        raise Invalid("reason", message)
    if not is_readable_line(folded) and folded:
        raise Invalid("reason", gettext("Leave invisible characters out of the reason."))
    return folded


def forget_in_record(member_id: int) -> None:
    """Erase what the record says of a member in words; that something was done stays. What was said
    about several people at once may name each of them."""
    db.session.execute(
        update(LogReason).where(LogReason.member_id == member_id).values(words="", member_id=None)
    )
    for of_several in {kind.of_several for kind in known_kinds().values()} - {None}:
        assert of_several is not None
        db.session.execute(
            update(LogReason)
            .where(LogReason.entry_id.in_(of_several(member_id)))
            .values(words="")
            .execution_options(synchronize_session=False)
        )
    db.session.execute(delete(LogStep).where(LogStep.member_id == member_id))
