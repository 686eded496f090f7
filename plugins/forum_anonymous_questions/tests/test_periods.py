"""The end of a period: all of it is read once, in random order, and then by nobody again."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from sqlalchemy import func, insert, select, text

from forum.db import StillRead, db, transaction, wipe_deleted
from forum.errors import Conflict
from forum.migrate_plugins import plugin_config
from forum.plugin_api import utcnow
from forum.testing.plugin_forum import PluginForum
from forum_anonymous_questions import actions, period_actions, sealing
from forum_anonymous_questions.keys import folder, key_of
from forum_anonymous_questions.models import GIVEN, PERIOD, SPENDING, SPENT, WAITING, WITHDRAWN
from forum_anonymous_questions.period_actions import (
    begin_period,
    forget_former_periods,
    new_id,
    rewrite_spent,
    shuffled,
    week_of,
)
from forum_anonymous_questions.queries import SEALED, claimed, unspent
from forum_anonymous_questions.sealing import Act, unsealed
from forum_anonymous_questions.tests.test_asking import a_ticket, ask, settle_question
from forum_anonymous_questions.tickets import Ticket, mark_of, quarter_name

ASKED = ("first", "second", "third", "fourth", "fifth")


def pass_over() -> list[Act]:
    """What a fixed time does to periods."""
    with transaction():
        acts = begin_period(utcnow())
    forget_former_periods(pause=0)
    return acts


def count(table: object) -> int:
    with db.engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def key_files() -> list[str]:
    return sorted(path.stem for path in folder().glob("*.key"))


def present_key() -> str:
    with db.engine.connect() as connection:
        return str(connection.execute(select(PERIOD.c.key_id)).scalar_one())


def test_all_that_waited_is_read_once_and_its_key_is_gone(begun: PluginForum) -> None:
    codes = [ask(begun, title=f"The {word} question") for word in ASKED]
    actions.clarify(codes[0], source="With a damp sponge.")
    with db.engine.connect() as connection:
        kept = list(connection.execute(select(WAITING.c.sealed)).scalars())
    former = present_key()
    key = key_of(former)
    assert key is not None
    assert all(unsealed(key, one) for one in kept)

    acts = pass_over()

    assert sorted(act.kind for act in acts) == [*[sealing.ASK] * 5, sealing.CLARIFY]
    assert {act.code for act in acts} == set(codes)
    assert count(WAITING) == 0
    assert key_of(former) is None
    assert key_files() == [present_key()]
    new = key_of(present_key())
    assert new is not None
    assert not any(unsealed(new, one) for one in kept)
    assert pass_over() == []


def test_a_crash_before_the_commit_changes_nothing(begun: PluginForum) -> None:
    code, former = ask(begun), present_key()
    with suppress(Conflict), transaction():
        assert len(begin_period(utcnow())) == 1
        raise Conflict("")
    assert present_key() == former
    assert claimed(code).state == SEALED
    # The key that was made for nothing goes with the next.
    assert len(key_files()) == 2
    assert [act.code for act in pass_over()] == [code]
    assert key_files() == [present_key()]


def test_a_crash_after_the_commit_leaves_only_a_file_that_goes(begun: PluginForum) -> None:
    ask(begun)
    with transaction():
        begin_period(utcnow())
    assert len(key_files()) == 2
    code = ask(begun, title="Asked in between")
    forget_former_periods(pause=0)
    assert key_files() == [present_key()]
    assert claimed(code).state == SEALED


def test_the_first_period_begins_by_itself(forum: PluginForum) -> None:
    with forum.app.test_request_context():
        with pytest.raises(Conflict):
            ask(forum)
        forget_former_periods(pause=0)
        assert pass_over() == []
        assert claimed(ask(forum)).state == SEALED


def test_what_a_lost_key_sealed_is_left_out(begun: PluginForum) -> None:
    ask(begun)
    (folder() / f"{present_key()}.key").unlink()
    assert pass_over() == []
    assert count(WAITING) == 0


def test_nothing_is_lost_while_the_key_changes(begun: PluginForum) -> None:
    """Askers and two workers at once: each question comes out of exactly one period."""
    stop, sent, read = threading.Event(), list[str](), list[str]()
    errors = list[BaseException]()

    def run(step: Callable[[], None]) -> None:
        with begun.app.test_request_context():
            while not stop.is_set():
                try:
                    step()
                except BaseException as error:
                    errors.append(error)
                    stop.set()

    def asking() -> None:
        sent.append(ask(begun))

    def passing() -> None:
        with transaction():
            acts = begin_period(utcnow())
        read.extend(act.code for act in acts)
        with suppress(StillRead), transaction():
            period_actions.delete_other_keys(actions.hold_period(shared=False))

    steps = [asking] * 3 + [passing] * 2
    threads = [threading.Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    stop.wait(1.5)
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
    read += [act.code for act in pass_over()]
    assert len(sent) > 5
    assert sorted(read) == sorted(sent)


def read_while_somebody_asks(forum: PluginForum) -> list[str]:
    """Somebody has read the key and not sent yet when the period ends: what that period's end reads."""
    holds, read = threading.Event(), list[str]()

    def ending() -> None:
        holds.wait()
        with forum.app.test_request_context(), transaction():
            read.extend(act.code for act in begin_period(utcnow()))

    worker = threading.Thread(target=ending)
    worker.start()
    with forum.app.test_request_context(), transaction():
        key = key_of(actions.hold_period())
        assert key is not None
        holds.set()
        worker.join(0.3)
        act = Act(sealing.ASK, "late", title="Late")
        row = {"id": secrets.token_bytes(32), "sealed": sealing.sealed(key, act)}
        db.session.execute(insert(WAITING).values(row))
    worker.join()
    return read


def test_a_period_waits_for_who_is_asking(begun: PluginForum) -> None:
    assert read_while_somebody_asks(begun) == ["late"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_without_the_lock_a_question_would_be_lost(
    begun: PluginForum, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On SQLite there is one writer at a time anyway.
    monkeypatch.setattr(actions, "text", lambda _lock: select(1))
    assert read_while_somebody_asks(begun) == []


def test_a_wipe_that_fails_is_tried_again(
    begun: PluginForum, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = list[int]()

    def busy(*_emptied: object) -> None:
        tries.append(1)
        if len(tries) < 4:
            raise StillRead

    monkeypatch.setattr(period_actions, "wipe_deleted", busy)
    forget_former_periods(pause=0)
    assert len(tries) == 4


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_wipe_waits_for_no_reader(begun: PluginForum) -> None:
    with db.engine.connect() as reader:
        reader.execute(select(SPENDING))
        with pytest.raises(StillRead):
            wipe_deleted(SPENDING)
    wipe_deleted(SPENDING)


def test_a_wipe_that_never_succeeds_is_told(
    begun: PluginForum, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_emptied: object) -> None:
        raise StillRead

    monkeypatch.setattr(period_actions, "wipe_deleted", busy)
    with pytest.raises(StillRead):
        forget_former_periods(pause=0)


def marks_as_they_lie() -> list[bytes]:
    with db.engine.connect() as connection:
        where = "ctid" if connection.dialect.name == "postgresql" else "mark"
        asked = f"SELECT mark FROM {SPENT.name} ORDER BY {where}"  # noqa: S608
        return [bytes(mark) for mark in connection.execute(text(asked)).scalars()]


def test_spent_marks_lie_in_another_order_afterwards(begun: PluginForum) -> None:
    marks = [secrets.token_bytes(32) for _ in range(40)]
    for mark in marks:
        with transaction():
            db.session.execute(insert(SPENT).values(mark=mark))
    with transaction():
        rewrite_spent()
    now = marks_as_they_lie()
    assert sorted(now) == sorted(marks)
    assert now != marks
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect() as connection:
            asked = text(f"SELECT count(DISTINCT xmin::text) FROM {SPENT.name}")  # noqa: S608
            assert connection.execute(asked).scalar_one() == 1


def marks_in(table: object) -> list[bytes]:
    with db.engine.connect() as connection:
        return [bytes(mark) for (mark,) in connection.execute(select(table))]  # type: ignore[call-overload]


def test_marks_of_a_period_are_with_the_others_after_it(begun: PluginForum) -> None:
    tickets = [a_ticket() for _ in range(5)]
    for spent in (tickets[:2], tickets[2:]):
        for ticket in spent:
            ask(begun, ticket)
        assert sorted(marks_in(SPENDING)) == sorted(filter(None, map(mark_of, spent)))
        assert unspent(tickets) == [ticket for ticket in tickets[2:] if ticket not in spent]
        pass_over()
    assert marks_in(SPENDING) == []
    assert sorted(marks_in(SPENT)) == sorted(filter(None, map(mark_of, tickets)))


def test_spent_ticket_stays_spent_when_its_period_is_over(
    begun: PluginForum, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = a_ticket()
    ask(begun, ticket)
    for _ in range(2):
        with pytest.raises(Conflict):
            ask(begun, ticket)
        pass_over()
    monkeypatch.setattr(actions, "unspent", list)
    assert ask(begun, ticket), "who looks at this period alone would not notice"


def test_ticket_whose_mark_is_being_moved_is_spent(begun: PluginForum) -> None:
    """Somebody spends it again while the fixed time is under way: they wait for it, then look."""
    ticket, refused = a_ticket(), list[str]()
    ask(begun, ticket)

    def again() -> None:
        with begun.app.test_request_context(), suppress(Conflict):
            ask(begun, ticket)
            return
        refused.append("refused")

    other = threading.Thread(target=again)
    with transaction():
        begin_period(utcnow())
        other.start()
        other.join(0.3)
        assert other.is_alive()
    other.join()
    assert refused == ["refused"]
    assert marks_in(SPENT) == [mark_of(ticket)]


def given_back(forum: PluginForum) -> Ticket:
    """A ticket that came back for a question that was taken back."""
    code = ask(forum)
    settle_question(code, WITHDRAWN)
    return actions.ticket_back(code)


@pytest.mark.parametrize("came_back", [False, True])
def test_ticket_spent_by_fifty_while_periods_end_is_spent_once(
    begun: PluginForum, came_back: bool
) -> None:
    ticket = given_back(begun) if came_back else a_ticket()
    start, sent, read = threading.Barrier(51), list[str](), list[str]()

    def spend() -> None:
        with begun.app.test_request_context():
            start.wait()
            with suppress(Conflict):
                sent.append(ask(begun, ticket))

    def end() -> None:
        with begun.app.test_request_context():
            start.wait()
            for _ in range(3):
                with transaction():
                    acts = begin_period(utcnow())
                read.extend(act.code for act in acts)

    threads = [threading.Thread(target=step) for step in [spend] * 50 + [end]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    read += [act.code for act in pass_over()]
    assert len(sent) == 1
    assert read == sent
    assert marks_in(SPENT).count(mark_of(ticket) or b"") == 1
    assert unspent([ticket]) == []


def test_past_quarters_are_forgotten(begun: PluginForum) -> None:
    present = quarter_name(utcnow())
    with transaction():
        for quarter in ("2000-1", present):
            row = {"member_id": begun.people["member"].id, "quarter": quarter, "browsers": 1}
            db.session.execute(insert(GIVEN).values(row))
    pass_over()
    with db.engine.connect() as connection:
        assert list(connection.execute(select(GIVEN.c.quarter)).scalars()) == [present]


def agreement(shuffle: Callable[[list[int]], list[int]], rounds: int = 1_000) -> float:
    """How often the first of ten comes before the last: half of the time where nothing is known."""
    came = sum(
        order.index(0) < order.index(9)
        for order in (shuffle(list(range(10))) for _ in range(rounds))
    )
    return came / rounds


def test_the_order_says_nothing_of_arrival_and_a_plant_is_found() -> None:
    # Five standard deviations: less than one in a million runs fails by chance.
    assert abs(agreement(shuffled) - 0.5) < 0.08
    assert abs(agreement(list) - 0.5) > 0.08, "what is not shuffled would not be noticed"


@pytest.mark.parametrize(
    ("day", "week"),
    [("2026-11-28", "2026-W48"), ("2027-01-01", "2026-W53"), ("2024-12-30", "2025-W01")],
)
def test_weeks_are_those_of_the_calendar(day: str, week: str) -> None:
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
    assert week_of(moment) == week
    assert re.fullmatch(r"\d{4}-W\d\d", week_of(moment + timedelta(days=7)))


def test_ids_are_random() -> None:
    assert len({new_id() for _ in range(100)}) == 100
    assert {len(new_id()) for _ in range(10)} == {16}


def test_what_is_spent_stays_spent_in_the_version_before_this_table(begun: PluginForum) -> None:
    ticket = a_ticket()
    ask(begun, ticket)
    writing = {"forum_writes": True}
    with db.engine.connect().execution_options(**writing) as connection, connection.begin():
        command.downgrade(plugin_config(begun.found, connection), "0001")
    assert marks_in(SPENT) == [mark_of(ticket)]
    with db.engine.connect().execution_options(**writing) as connection, connection.begin():
        command.upgrade(plugin_config(begun.found, connection), "head")
    assert unspent([ticket]) == []
    assert present_key()
