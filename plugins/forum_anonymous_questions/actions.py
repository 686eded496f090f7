"""What askers do: the only place that writes for them, and it writes as little as there can be.

Each act is one row, sealed under this period's key, and takes effect at the next fixed time. Asking writes
a second one, that the ticket is spent. Nobody is signed in here: a ticket or a claim code is what allows.
Each opens its own ``transaction()``, because nothing else may happen in it.
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from hashlib import sha256
from typing import Any

from sqlalchemy import Table, bindparam, delete, select, text
from sqlalchemy.dialects import postgresql, sqlite

from forum.accounts.models import Community
from forum.discussion.languages import chosen_language
from forum.discussion.models import Post
from forum.discussion.tag_actions import checked_title
from forum.plugin_api import (
    Conflict,
    GivenCookie,
    Invalid,
    TooMany,
    db,
    keys_for,
    transaction,
    utcnow,
    value,
)
from forum.spoken import spoken
from forum.text.caps import check
from forum.text.markdown import normalize
from forum_anonymous_questions import sealing
from forum_anonymous_questions.codes import MOST_ACTS, new_code, row_ids
from forum_anonymous_questions.keys import key_of
from forum_anonymous_questions.models import (
    GIVEN,
    MOST_BROWSERS,
    PERIOD,
    QUESTIONS,
    REVEALED,
    SPENDING,
    WAITING,
)
from forum_anonymous_questions.queries import (
    Claimed,
    claim_marks,
    claimed,
    next_time,
    open_categories,
    unspent,
)
from forum_anonymous_questions.sealing import Act, sealed
from forum_anonymous_questions.texts import gettext
from forum_anonymous_questions.tickets import (
    NONCE,
    Ticket,
    gift,
    is_valid,
    mark_of,
    ticket_from,
)

_LOCK = 7_276_114_505
_KNOWN = select(QUESTIONS.c.id).where(QUESTIONS.c.code.in_(bindparam("marks", expanding=True)))
_REPLY = select(Post.id).where(
    Post.thread_id == bindparam("thread"),
    Post.number == bindparam("number"),
    Post.removed_at.is_(None),
)


def ask(
    ticket: Ticket,
    *,
    title: str,
    category_id: int,
    source: str,
    language: str = "",
    code: str = "",
) -> str:
    """Spend a ticket on a question: its claim code, which is kept nowhere.

    Args:
        code: the claim code, where it was made before.

    Raises:
        Conflict: the ticket was spent or is none, or there was no fixed time yet.
        Invalid: a field cannot be as it is.
    """
    _require_holds(ticket)
    act = Act(
        sealing.ASK,
        code or new_code(),
        title=checked_title(title),
        category_id=category_id,
        source=_checked(source),
        language=language,
    )
    with transaction():
        act = _placed(act)
        key = _period_key()
        # Under the period's lock: a fixed time may just have moved its mark.
        if not unspent([ticket]) or not added(SPENDING, {"mark": mark_of(ticket)}):
            raise _spent()
        is_known = value(_KNOWN, {"marks": claim_marks(act.code)}) is not None
        if is_known or not added(WAITING, _row(key, act, 0)):
            raise Conflict(gettext("This question was sent already."))
    return act.code


def clarify(code: str, *, source: str, language: str = "") -> None:
    """Write more on a question, before it is published or in its thread.

    Raises:
        NotFound: no question has this code.
        Conflict: it is too late, or there was no fixed time yet.
        Invalid: the text cannot be taken.
        TooMany: as much was done with this code as can be until the next fixed time.
    """
    source = _checked(source)
    with transaction():
        language = chosen_language(language, _community_language())
        _do(claimed(code).can_clarify, Act(sealing.CLARIFY, code, source=source, language=language))


def thank(code: str) -> None:
    """Thank those who answered.

    Raises:
        As ``clarify``.
    """
    with transaction():
        _do(claimed(code).can_thank, Act(sealing.THANK, code))


def withdraw(code: str) -> None:
    """Take a question back about which nobody has decided. Its ticket comes back.

    Raises:
        As ``clarify``.
    """
    with transaction():
        _do(claimed(code).can_withdraw, Act(sealing.WITHDRAW, code))


def choose_answer(code: str, number: int) -> None:
    """Say which reply answers the question.

    Raises:
        As ``clarify``; Invalid: there is no such reply in the thread.
    """
    with transaction():
        found = claimed(code)
        if found.can_answer and not _is_reply(found, number):
            raise Invalid("number", gettext("There is no such reply. Write its number, such as 3."))
        _do(found.can_answer, Act(sealing.ANSWER, code, number=number))


def ticket_back(code: str) -> Ticket:
    """The ticket that comes back for a question: the same each time, so that it is spent once.

    Nothing is written: it is made of the code. It is signed with the secret by which the code is known,
    and ends with it.

    Raises:
        NotFound: no question has this code.
        Conflict: none comes back for it, or not yet.
    """
    found = claimed(code)
    if not found.has_ticket_back:
        raise Conflict(gettext("No ticket comes back for this question."))
    nonce = hmac.digest(keys_for("back")[found.secret], code.encode(), sha256)[:NONCE]
    return ticket_from(nonce, utcnow(), secret=found.secret)


def give_tickets(member_id: int, quarter: str) -> list[GivenCookie]:
    """Tickets for a browser of a member's: a cookie, or nothing when two have had them this quarter.

    Which tickets they are is kept nowhere.
    """
    insert = _insert(GIVEN).values(member_id=member_id, quarter=quarter, browsers=1)
    counted = insert.on_conflict_do_update(
        index_elements=[GIVEN.c.member_id, GIVEN.c.quarter],
        set_={"browsers": GIVEN.c.browsers + 1},
        where=GIVEN.c.browsers < MOST_BROWSERS,
    ).returning(GIVEN.c.browsers)
    is_counted = db.session.execute(counted).first() is not None
    return [gift(utcnow())] if is_counted else []


def forget_member(member_id: int) -> None:
    """Remove all that is kept of a member who leaves. Doing it twice is doing it once."""
    for table in (GIVEN, REVEALED):
        db.session.execute(delete(table).where(table.c.member_id == member_id))


def hold_period(*, shared: bool = True) -> str:
    """See to it that this period does not end before this transaction does: the name of its key.

    Whoever ends it says ``shared=False``, and is given an empty name where there is none yet.

    Raises:
        Conflict: there was no fixed time yet, so that there is no key.
    """
    if db.session.connection().dialect.name == "postgresql":
        # SQLite has one writer at a time anyway.
        how = "_shared" if shared else ""
        db.session.execute(text(f"SELECT pg_advisory_xact_lock{how}({_LOCK})"))
    key_id = value(select(PERIOD.c.key_id))
    if key_id is None and shared:
        raise _not_begun()
    return key_id or ""


def _period_key() -> bytes:
    key = key_of(hold_period())
    # A forum that came out of a backup has none: no backup has keys.
    if key is None:
        raise _not_begun()
    return key


def _not_begun() -> Conflict:
    return Conflict(
        gettext(
            "Nothing can be sealed just now. Keep your text, and send it again in some minutes."
        )
    )


def _spent() -> Conflict:
    return Conflict(gettext("This ticket was used already. Open the page again and use another."))


def _require_holds(ticket: Ticket) -> None:
    if not is_valid(ticket, utcnow()) or mark_of(ticket) is None:
        raise _spent()


def _placed(act: Act) -> Act:
    """The question, in a category that is open to all and a language that posts may have."""
    if act.category_id not in [number for number, _title in open_categories()]:
        raise Invalid("category", gettext("Choose a category."))
    return replace(act, language=chosen_language(act.language, _community_language()))


def _community_language() -> str:
    return value(select(Community.language)) or "en"


def _checked(source: str) -> str:
    source = normalize(source)
    if not source.strip():
        raise Invalid("source", gettext("Write something first."))
    try:
        check(source)
    except Invalid as error:
        # The rooms of the text know no language.
        raise Invalid(error.field, spoken(error.message)) from error
    return source


def _do(is_possible: bool, act: Act) -> None:
    """Seal an act in the first slot of its code that is free."""
    if not is_possible:
        raise Conflict(gettext("That cannot be done now. Look at your question again."))
    key = _period_key()
    # However much was written, it can be taken back before anybody reads it.
    last = MOST_ACTS + 1 if act.kind == sealing.WITHDRAW else MOST_ACTS
    if not any(added(WAITING, _row(key, act, slot)) for slot in range(1, last + 1)):
        left = (next_time(utcnow()) - utcnow()).total_seconds()
        raise TooMany(
            gettext("No more can be done with this code before the next fixed time."),
            retry_after=max(1, round(left)),
        )


def _row(key: bytes, act: Act, slot: int) -> dict[str, bytes]:
    return {"id": row_ids(act.code, key)[slot], "sealed": sealed(key, act)}


def added(table: Table, row: dict[str, Any]) -> bool:
    """Add a row, unless there is one of this key: whether it was added. For actions."""
    adding = _insert(table).values(row).on_conflict_do_nothing()
    return db.session.execute(adding.returning(*table.primary_key)).first() is not None


def _insert(table: Table) -> postgresql.Insert | sqlite.Insert:
    is_postgresql = db.session.connection().dialect.name == "postgresql"
    return postgresql.insert(table) if is_postgresql else sqlite.insert(table)


def _is_reply(found: Claimed, number: int) -> bool:
    values = {"thread": found.thread_id, "number": number}
    return number != found.number and value(_REPLY, values) is not None
