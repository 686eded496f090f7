"""What can be asked about anonymous questions. Each names what it returns, and writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, exists, func, select, union, union_all
from sqlalchemy.orm import aliased

from forum.accounts.models import Community, Grant, Member, MemberSession
from forum.admin.plugin_work import next_moment
from forum.categories.models import Category
from forum.discussion.models import Draft, Post, Revision, Thread
from forum.discussion.queries import PRESENT
from forum.moderation.models import Case
from forum.plugin_api import NotFound, keys_for, row, rows, utcnow, value, value_of
from forum_anonymous_questions import models, sealing
from forum_anonymous_questions.codes import code_mark, row_ids
from forum_anonymous_questions.keys import key_of
from forum_anonymous_questions.models import (
    FOLLOW_UPS,
    GIVEN,
    PERIOD,
    QUESTIONS,
    REVEALED,
    SPENDING,
    SPENT,
    WAITING,
)
from forum_anonymous_questions.sealing import Act, unsealed
from forum_anonymous_questions.settings import TIMES
from forum_anonymous_questions.texts import gettext
from forum_anonymous_questions.tickets import Ticket, mark_of

CASE_KIND = "anonymous-questions.question"
SEALED = "waiting"
"""The state of a question that nobody can have read yet."""
WEEK = timedelta(days=7)
SHORTEST = timedelta(hours=2)
"""So long a period lasts at least: one that somebody could cut short would hide nobody."""
_SPENT = union_all(
    *(
        select(table.c.mark).where(table.c.mark.in_(bindparam("marks", expanding=True)))
        for table in (SPENT, SPENDING)
    )
)
_PERIOD = select(PERIOD.c.key_id)
_BEGUN = select(PERIOD.c.begun_at)
_WAITING = select(WAITING.c.id, WAITING.c.sealed).where(
    WAITING.c.id.in_(bindparam("ids", expanding=True))
)
_reply = aliased(Post)
_IS_ANSWERED = (
    exists()
    .where(
        _reply.thread_id == Post.thread_id,
        _reply.number > Post.number,
        _reply.removed_at.is_(None),
        _reply.id.not_in(
            select(FOLLOW_UPS.c.post_id).where(FOLLOW_UPS.c.question_id == QUESTIONS.c.id)
        ),
    )
    .correlate(Post, QUESTIONS)
)
IS_THANKABLE = (~QUESTIONS.c.is_thanked & _IS_ANSWERED).label("is_thankable")
"""Whether there is anybody to thank, and the asker has not done so. Asked with ``QUESTIONS`` and ``Post``."""
_QUESTION = (
    select(
        QUESTIONS.c.id,
        QUESTIONS.c.code,
        QUESTIONS.c.week,
        QUESTIONS.c.state,
        QUESTIONS.c.post_id,
        Post.thread_id,
        Post.number,
        Thread.title,
        Thread.answer_number,
        Post.removed_at.is_not(None).label("is_removed"),
        REVEALED.c.member_id.is_not(None).label("is_revealed"),
        Revision.source,
        Revision.language,
        IS_THANKABLE,
    )
    .select_from(QUESTIONS)
    .outerjoin(Post, Post.id == QUESTIONS.c.post_id)
    .outerjoin(Thread, Thread.id == Post.thread_id)
    .outerjoin(REVEALED, REVEALED.c.post_id == QUESTIONS.c.post_id)
    .outerjoin(Revision, PRESENT)
    .where(QUESTIONS.c.code.in_(bindparam("marks", expanding=True)))
)
_WORDS = (
    select(Case.decision, Case.decision_reason)
    .where(
        Case.kind == CASE_KIND,
        Case.closed_at.is_not(None),
        Case.decision.in_(("changes", "done", "removed")),
        (Case.post_id == bindparam("post"))
        | Case.post_id.in_(
            select(FOLLOW_UPS.c.post_id).where(FOLLOW_UPS.c.question_id == bindparam("question"))
        ),
    )
    .order_by(Case.id)
)
# What members did that says they were here; who only reads leaves no such trace.
_HERE = union(
    select(Post.author_id.label("member_id")).where(
        Post.created_at > bindparam("since"), Post.number.is_not(None)
    ),
    select(MemberSession.member_id).where(MemberSession.created_at > bindparam("since")),
    select(Draft.member_id).where(Draft.saved_at > bindparam("since")),
).subquery()
# Who has no address has no account: whoever left, imported authors, and the one who stands in for askers.
_ACTIVE = select(func.count()).where(
    Member.id.in_(select(_HERE.c.member_id)), Member.closed_at.is_(None), Member.email.is_not(None)
)
_CATEGORIES = select(Category.id, Category.title).order_by(
    Category.position, Category.title, Category.id
)
_GRANTS = select(Grant.permission, Grant.effect, Grant.role, Grant.category_id).where(
    Grant.permission.in_(("thread.see", "thread.start"))
)
_GIVEN = (
    select(GIVEN.c.quarter, GIVEN.c.browsers)
    .where(GIVEN.c.member_id == bindparam("member"))
    .order_by(GIVEN.c.quarter)
)
_REVEALED = (
    select(Post.thread_id, Post.number)
    .join(REVEALED, REVEALED.c.post_id == Post.id)
    .where(REVEALED.c.member_id == bindparam("member"))
    .order_by(Post.id)
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A question as whoever has its claim code finds it.

    Attributes:
        state: ``SEALED``, or one of ``models.STATES``.
        title: empty once the thread is gone.
        week: in which the fixed time after it was; empty while it is sealed.
        thread_id, number: where it is, ``None`` while nobody but moderators can read it.
        words: what moderators decided about it, ``done``, ``changes`` or ``remove``, and said.
        is_removed: moderators removed it.
        is_thankable: somebody else has replied, and was not thanked.
        waiting_acts: the kinds of what was done with the code since the last fixed time.
        secret: which of ``keys_for`` its code is known by.
        source, language: the words of it that a clarification would replace, those sent last also while they
            are sealed; empty where it would be added.
    """

    state: str
    title: str = ""
    week: str = ""
    thread_id: int | None = None
    number: int | None = None
    words: tuple[tuple[str, str], ...] = ()
    waiting_acts: tuple[str, ...] = ()
    is_revealed: bool = False
    is_removed: bool = False
    is_thankable: bool = False
    post_id: int | None = None
    secret: int = 0
    source: str = ""
    language: str = ""

    @property
    def can_clarify(self) -> bool:
        """Whether its asker can write more."""
        return self._is_open and self.state in (SEALED, models.ASKED, models.PUBLISHED)

    @property
    def can_withdraw(self) -> bool:
        """Whether its asker can take it back: nobody has decided to publish it."""
        return self._is_open and self.state in (SEALED, models.ASKED)

    @property
    def can_thank(self) -> bool:
        """Whether its asker can thank those who answered: once, and somebody has to."""
        return (
            self.state == models.PUBLISHED
            and self.is_thankable
            and sealing.THANK not in self.waiting_acts
        )

    @property
    def can_answer(self) -> bool:
        """Whether its asker can say which reply answers it."""
        return self.state == models.PUBLISHED and sealing.ANSWER not in self.waiting_acts

    @property
    def has_ticket_back(self) -> bool:
        """Whether a ticket comes back for it; not for what was struck, be it after readers saw it."""
        is_struck = self.state == models.PUBLISHED and self.is_removed
        return not is_struck and self.state in (models.PUBLISHED, models.LAPSED, models.WITHDRAWN)

    @property
    def _is_open(self) -> bool:
        return sealing.WITHDRAW not in self.waiting_acts


def unspent(tickets: Sequence[Ticket]) -> list[Ticket]:
    """Those of the tickets with which somebody can still ask, in their order."""
    marks = {mark: ticket for ticket in tickets if (mark := mark_of(ticket)) is not None}
    spent = {found.mark for found in rows(_SPENT, {"marks": list(marks)})} if marks else set()
    return [ticket for mark, ticket in marks.items() if mark not in spent]


def key_in_force() -> bytes | None:
    """The key under which this period's acts are sealed, ``None`` before the first fixed time."""
    key_id = value(_PERIOD)
    return None if key_id is None else key_of(key_id)


def claimed(code: str) -> Claimed:
    """The question of this claim code, as ``normal_code`` gives it.

    One that is wrong, or was of a question that is gone, takes the same statements and gets the same words.

    Raises:
        NotFound: there is none.
    """
    acts = list(waiting_acts(code))
    marks = claim_marks(code)
    found = row(_QUESTION, {"marks": marks})
    if found is not None:
        return _claimed(found, acts, marks.index(found.code))
    if acts and acts[0].kind == sealing.ASK:
        source, language = _words_sent_last(acts)
        kinds = tuple(act.kind for act in acts)
        return Claimed(SEALED, acts[0].title, waiting_acts=kinds, source=source, language=language)
    raise NotFound(gettext("No question has this claim code. Compare it with what you wrote down."))


def claim_marks(code: str) -> list[bytes]:
    """What a code may be stored as, under the present secret first."""
    return [code_mark(code, key) for key in keys_for("claim")]


def waiting_acts(code: str) -> Iterator[Act]:
    """What was done with this code since the last fixed time, the question first."""
    # Without a key it looks all the same, so that it takes as long.
    key = key_in_force() or bytes(32)
    ids = row_ids(code, key)
    found = {each.id: each.sealed for each in rows(_WAITING, {"ids": ids})}
    acts = (unsealed(key, found[row_id]) for row_id in ids if row_id in found)
    return (act for act in acts if act is not None)


def _words_sent_last(acts: Sequence[Act]) -> tuple[str, str]:
    """What the acts of this period make of a question that is not published: its text, and the language."""
    sent = [act for act in acts if act.kind in (sealing.ASK, sealing.CLARIFY)]
    return (sent[-1].source, sent[-1].language) if sent else ("", "")


def _claimed(found: Any, acts: Sequence[Act], secret: int) -> Claimed:
    is_readable = found.state == models.PUBLISHED and found.number is not None
    source, language = "", ""
    if found.state == models.ASKED:
        source, language = _words_sent_last(acts)
        if not source:
            source, language = found.source or "", found.language or ""
    return Claimed(
        state=found.state,
        title=found.title or "",
        week=found.week,
        thread_id=found.thread_id if is_readable else None,
        number=found.number if is_readable else None,
        words=_words(found),
        waiting_acts=tuple(act.kind for act in acts),
        is_revealed=found.is_revealed,
        is_removed=found.is_removed,
        is_thankable=found.is_thankable,
        post_id=found.post_id,
        secret=secret,
        source=source,
        language=language,
    )


def _words(found: Any) -> tuple[tuple[str, str], ...]:
    decided = rows(_WORDS, {"post": found.post_id, "question": found.id})
    return tuple(
        ("remove" if each.decision == "removed" else each.decision, each.decision_reason)
        for each in decided
    )


def crowd() -> int:
    """How many members were here in the last seven days, rounded down to tens where there are ten.

    Counted is who signed in, posted or saved a draft. Who only read does not show, so there may be more.
    """
    here = int(value(_ACTIVE, {"since": utcnow() - WEEK}))
    return here if here < 10 else here // 10 * 10


def next_time(now: datetime) -> datetime:
    """The next fixed time. One that would end a period too soon is none."""
    begun_at = value(_BEGUN)
    is_earlier = begun_at is not None and begun_at <= now
    return _next_moment(max(now, begun_at + SHORTEST) if is_earlier else now)


def is_due(now: datetime) -> bool:
    """Whether this period can end: a fixed time has come since it began, and it lasted long enough."""
    begun_at = value(_BEGUN)
    # Nobody knows when it began, or the clock was ahead then.
    if begun_at is None or begun_at > now + SHORTEST:
        return True
    return begun_at + SHORTEST <= now and _next_moment(begun_at) <= now


def _next_moment(after: datetime) -> datetime:
    zone = value(select(Community.zone)) or "UTC"
    return next_moment(after, value_of(TIMES), zone)


def open_categories() -> list[tuple[int, str]]:
    """The categories in which every member may see and start threads: who asks tells nothing of which."""
    grants = [tuple(each) for each in rows(_GRANTS)]
    return [(c.id, c.title) for c in rows(_CATEGORIES) if _is_open_to_all(c.id, grants)]


def _is_open_to_all(category: int, grants: Sequence[tuple[Any, ...]]) -> bool:
    here = [one for one in grants if one[3] in (None, category)]
    everybody = ("guest", "member")
    allowed = {name for name, effect, role, _ in here if effect == "allow" and role in everybody}
    # What is denied to some group is not open to everybody.
    denied = any(e == "deny" and role in (None, *everybody) for _, e, role, _ in here)
    return allowed == {"thread.see", "thread.start"} and not denied


def given_to(member_id: int) -> list[Any]:
    """In how many browsers a member was given tickets, by ``quarter``."""
    return list(rows(_GIVEN, {"member": member_id}))


def revealed_by(member_id: int) -> list[Any]:
    """The questions of which a member has said that they are theirs: ``thread_id`` and ``number``."""
    return list(rows(_REVEALED, {"member": member_id}))
