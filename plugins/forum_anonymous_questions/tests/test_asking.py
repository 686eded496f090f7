"""Asking and what follows: two rows, one row, and nothing else anywhere."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import column, event, insert, inspect, select, text, update

from forum.accounts.models import Grant
from forum.categories.queries import Audiences
from forum.config.secret import rotate_secret
from forum.db import db, transaction, value
from forum.discussion.models import Thread
from forum.errors import Conflict, Invalid, NotFound, TooMany
from forum.moderation.models import Case
from forum.testing.plugin_forum import PluginForum
from forum_anonymous_questions import actions, codes, models, queries, sealing
from forum_anonymous_questions.models import FOLLOW_UPS, GIVEN, PERIOD, QUESTIONS, REVEALED
from forum_anonymous_questions.personal import parts_of
from forum_anonymous_questions.queries import SEALED, claimed, unspent
from forum_anonymous_questions.tickets import Ticket, new_ticket, read_tickets, utcnow

Dump = dict[str, list[tuple[Any, ...]]]


def dump() -> Dump:
    """All rows of all tables, those of plugins and Alembic's among them."""
    with db.engine.connect() as connection:
        names = inspect(connection).get_table_names()
        return {
            name: sorted(map(tuple, connection.execute(text(f"SELECT * FROM {name}"))), key=repr)  # noqa: S608
            for name in names
        }


def files(instance: Path) -> dict[str, tuple[int, int, int]]:
    """The files of an instance less those of its database, with their size and times."""
    paths = [path for path in instance.rglob("*") if ".sqlite3" not in path.name]
    stats = {str(path.relative_to(instance)): path.stat() for path in paths}
    return {name: (one.st_size, one.st_mtime_ns, one.st_atime_ns) for name, one in stats.items()}


def sequences() -> list[Any]:
    """How far the numbering of rows has come: it would count what is asked."""
    if db.engine.dialect.name != "postgresql":
        return []
    with db.engine.connect() as connection:
        asked = "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1"
        return [tuple(row) for row in connection.execute(text(asked))]


def a_ticket() -> Ticket:
    return new_ticket(utcnow())


def ask(forum: PluginForum, ticket: Ticket | None = None, **other: Any) -> str:
    """Ask something in the category of the forum's thread."""
    category = value(select(Thread.category_id).where(Thread.id == forum.thread.thread_id))
    given = {"title": "How do I wedge?", "category_id": category, "source": "Mine is all bubbles."}
    return actions.ask(ticket or a_ticket(), **{**given, **other})


def settle_question(code: str, state: str, post: int | None = None) -> bytes:
    """What a fixed time makes of a question: its row; what waits goes."""
    row_id = codes.code_mark(code, b"row")[:16]
    with transaction():
        db.session.execute(models.WAITING.delete())
        row = {"id": row_id, "code": queries.claim_marks(code)[0], "week": "2026-W48"}
        db.session.execute(insert(QUESTIONS).values(state=state, post_id=post, **row))
    return row_id


def test_asking_writes_two_rows_and_nothing_else(begun: PluginForum, instance: Path) -> None:
    ticket = a_ticket()
    before, files_before, numbers_before = dump(), files(instance), sequences()
    code = ask(begun, ticket)
    after = dump()
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {models.SPENDING.name, models.WAITING.name}
    assert [len(after[name]) - len(before[name]) for name in sorted(changed)] == [1, 1]
    assert (files(instance), sequences()) == (files_before, numbers_before)
    # Neither row holds the ticket, the code, or a word of the question.
    rows = repr([after[name] for name in sorted(changed)])
    assert not any(word in rows for word in ("wedge", "bubbles", *code.split()))
    assert repr(ticket.nonce)[2:-1] not in rows


@pytest.mark.parametrize("kind", [k for k in sealing.KINDS if k != sealing.ASK])
def test_every_other_act_writes_one_row_and_nothing_else(
    begun: PluginForum, instance: Path, kind: str
) -> None:
    code = ask(begun)
    state = models.ASKED if kind == sealing.WITHDRAW else models.PUBLISHED
    settle_question(code, state, begun.thread.id)
    begun.make.reply(begun.thread, begun.people["moderator"])
    before, files_before = dump(), files(instance)
    {
        sealing.CLARIFY: lambda: actions.clarify(code, source="It is porcelain."),
        sealing.THANK: lambda: actions.thank(code),
        sealing.WITHDRAW: lambda: actions.withdraw(code),
        sealing.ANSWER: lambda: actions.choose_answer(code, 2),
    }[kind]()
    after = dump()
    assert {name for name in after if after[name] != before[name]} == {models.WAITING.name}
    assert len(after[models.WAITING.name]) == len(before[models.WAITING.name]) + 1
    assert files(instance) == files_before
    assert claimed(code).waiting_acts == (kind,)


def test_tables_that_askers_write_into_have_no_numbers_of_rows(begun: PluginForum) -> None:
    for table in (models.SPENT, models.SPENDING, models.WAITING, QUESTIONS, FOLLOW_UPS):
        columns = inspect(db.engine).get_columns(table.name)
        assert [one["name"] for one in columns if one.get("autoincrement") is True] == []
        if db.engine.dialect.name == "sqlite":
            with pytest.raises(Exception, match="no such column"):
                value(select(column("rowid")).select_from(table))


def test_ticket_spent_by_fifty_at_once_is_spent_once(begun: PluginForum) -> None:
    ticket, start = a_ticket(), threading.Barrier(50)
    came: list[str] = []

    def spend() -> None:
        with begun.app.test_request_context():
            start.wait()
            try:
                came.append(ask(begun, ticket))
            except Conflict as refused:
                came.append(refused.message)

    threads = [threading.Thread(target=spend) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with begun.app.test_request_context(), pytest.raises(Conflict) as again:
        ask(begun, ticket)
    assert came.count(again.value.message) == 49
    kept = dump()
    assert [len(kept[t.name]) for t in (models.SPENT, models.SPENDING, models.WAITING)] == [0, 1, 1]
    assert unspent([ticket]) == []


def test_spent_strange_and_old_tickets_are_refused_in_the_same_words(begun: PluginForum) -> None:
    spent = a_ticket()
    ask(begun, spent)
    strange = Ticket(spent.quarter, bytes(16), bytes(16))
    old = new_ticket(datetime(2020, 1, 1, tzinfo=UTC))
    said = set()
    for ticket in (spent, strange, old):
        with pytest.raises(Conflict) as refused:
            ask(begun, ticket)
        said.add(refused.value.message)
    assert len(said) == 1
    assert unspent([strange, spent]) == []


def test_ticket_is_not_spent_by_what_is_refused(begun: PluginForum) -> None:
    ticket = a_ticket()
    before = dump()
    for wrong in (
        {"title": " "},
        {"title": "x" * 161},
        {"source": " \n"},
        {"source": "x" * 40_000},
        {"source": "\x07bell"},
        {"category_id": 12_345},
        {"language": "xx-invented"},
    ):
        with pytest.raises(Invalid):
            ask(begun, ticket, **wrong)
    assert dump() == before
    assert unspent([ticket]) == [ticket]


def test_before_the_first_fixed_time_nothing_can_be_asked(forum: PluginForum) -> None:
    with forum.app.test_request_context():
        ticket = a_ticket()
        with pytest.raises(Conflict, match="in some minutes"):
            ask(forum, ticket)
        assert unspent([ticket]) == [ticket]


def test_forum_out_of_a_backup_waits_for_a_new_key(begun: PluginForum) -> None:
    code = ask(begun)
    with transaction():
        db.session.execute(update(PERIOD).values(key_id="0" * 32))
    with pytest.raises(Conflict, match="in some minutes"):
        ask(begun)
    with pytest.raises(NotFound):
        claimed(code)


def test_one_code_is_one_question(begun: PluginForum) -> None:
    code, tickets = ask(begun, code=codes.new_code()), [a_ticket(), a_ticket()]
    with pytest.raises(Conflict, match="already"):
        ask(begun, tickets[0], code=code)
    settle_question(code, models.ASKED)
    with pytest.raises(Conflict, match="already"):
        ask(begun, tickets[1], code=code)
    assert unspent(tickets) == tickets


def test_longest_text_is_sealed_and_comes_back_whole(begun: PluginForum) -> None:
    source = '"\\' * 16_384
    code = ask(begun, source=source, title="ü" * 160)
    (act,) = queries.waiting_acts(code)
    assert (act.kind, act.title, act.source, act.code) == ("ask", "ü" * 160, source, code)


def test_wrong_and_gone_codes_get_the_same_words(begun: PluginForum) -> None:
    gone = ask(begun)
    with transaction():
        db.session.execute(models.WAITING.delete())
    said = set()
    for code in (gone, codes.new_code(), "", "abacus"):
        for deed in (claimed, actions.thank, actions.withdraw, actions.ticket_back):
            with pytest.raises(NotFound) as refused:
                deed(code)
            said.add(refused.value.message)
        with pytest.raises(NotFound) as refused:
            actions.clarify(code, source="More.")
        said.add(refused.value.message)
    assert len(said) == 1


def test_wrong_and_gone_codes_take_the_same_statements(
    begun: PluginForum,
) -> None:
    gone, sent = ask(begun), list[str]()
    with transaction():
        db.session.execute(models.WAITING.delete())
    with pytest.raises(NotFound):
        # The first text of a request asks for the reader's language.
        claimed("")
    event.listen(db.engine, "before_cursor_execute", lambda _c, _k, sql, *_: sent.append(sql))
    taken = []
    for code in (gone, codes.new_code(), ""):
        sent.clear()
        with pytest.raises(NotFound):
            claimed(code)
        taken.append(list(sent))
    assert taken[0] == taken[1] == taken[2]
    assert taken[0]


CAN = {
    SEALED: ("clarify", "withdraw"),
    models.ASKED: ("clarify", "withdraw"),
    models.PUBLISHED: ("clarify", "thank", "answer", "back"),
    models.REFUSED: (),
    models.LAPSED: ("back",),
    models.WITHDRAWN: ("back",),
}


@pytest.mark.parametrize("state", CAN)
def test_what_can_be_done_with_a_code_depends_on_the_state(begun: PluginForum, state: str) -> None:
    code = ask(begun)
    if state != SEALED:
        settle_question(code, state, begun.thread.id)
    begun.make.reply(begun.thread, begun.people["moderator"])
    found = claimed(code)
    assert found.state == state
    flags = {
        "clarify": (found.can_clarify, lambda: actions.clarify(code, source="More.")),
        "withdraw": (found.can_withdraw, lambda: actions.withdraw(code)),
        "thank": (found.can_thank, lambda: actions.thank(code)),
        "answer": (found.can_answer, lambda: actions.choose_answer(code, 2)),
        "back": (found.has_ticket_back, lambda: actions.ticket_back(code)),
    }
    assert tuple(name for name, (can, _deed) in flags.items() if can) == CAN[state]
    for name in ("clarify", "thank", "answer", "back", "withdraw"):
        if name in CAN[state]:
            flags[name][1]()
        else:
            with pytest.raises(Conflict):
                flags[name][1]()


def test_where_a_question_stands_is_told_once_it_is_published(begun: PluginForum) -> None:
    code, post = ask(begun), begun.thread.id
    settle_question(code, models.ASKED, post)
    assert (claimed(code).thread_id, claimed(code).number) == (None, None)
    with transaction():
        db.session.execute(update(QUESTIONS).values(state=models.PUBLISHED))
    found = claimed(code)
    assert (found.thread_id, found.number, found.week) == (begun.thread.thread_id, 1, "2026-W48")
    assert found.is_revealed is False
    with transaction():
        revealed = {"post_id": post, "member_id": begun.people["member"].id}
        db.session.execute(insert(REVEALED).values(revealed))
    assert claimed(code).is_revealed


def test_moderators_words_are_told_to_whoever_has_the_code(begun: PluginForum) -> None:
    code, post = ask(begun), begun.thread.id
    settle_question(code, models.ASKED, post)
    with transaction():
        for kind, decision, words in (
            (queries.CASE_KIND, "changes", "Which clay?"),
            (queries.CASE_KIND, "removed", "No."),
            (queries.CASE_KIND, None, "Not said yet."),
            ("flag", "removed", "Of another case."),
        ):
            closed = None if decision is None else utcnow()
            case = Case(kind=kind, post_id=post, reason="New", closed_at=closed)
            case.decision, case.decision_reason = decision, words
            db.session.add(case)
    assert claimed(code).words == (("changes", "Which clay?"), ("remove", "No."))


def test_only_so_much_is_done_with_a_code_between_two_fixed_times(begun: PluginForum) -> None:
    code = ask(begun)
    for _ in range(codes.MOST_ACTS):
        actions.clarify(code, source="More.")
    with pytest.raises(TooMany) as refused:
        actions.clarify(code, source="Still more.")
    assert 0 < refused.value.retry_after <= 16 * 3600
    assert claimed(code).waiting_acts == ("ask", *["clarify"] * codes.MOST_ACTS)
    # It can be taken back all the same.
    actions.withdraw(code)
    assert not claimed(code).can_withdraw


def test_answer_must_be_a_reply_of_the_thread(begun: PluginForum) -> None:
    code = ask(begun)
    settle_question(code, models.PUBLISHED, begun.thread.id)
    for number in (1, 2):
        with pytest.raises(Invalid):
            actions.choose_answer(code, number)
    assert claimed(code).waiting_acts == ()


def test_ticket_that_comes_back_is_the_same_each_time_and_spent_once(begun: PluginForum) -> None:
    code = ask(begun)
    settle_question(code, models.PUBLISHED, begun.thread.id)
    before = dump()
    first, second = actions.ticket_back(code), actions.ticket_back(code)
    assert first == second
    assert dump() == before
    assert read_tickets([first.text]) == unspent([first]) == [first]
    ask(begun, first)
    with pytest.raises(Conflict):
        ask(begun, actions.ticket_back(code))


def test_ticket_that_comes_back_is_spent_in_a_later_quarter_too(
    begun: PluginForum, clock_at: Callable[[datetime], None]
) -> None:
    code = ask(begun)
    settle_question(code, models.LAPSED)
    ask(begun, actions.ticket_back(code))
    clock_at(datetime(2030, 5, 1, tzinfo=UTC))
    assert unspent([actions.ticket_back(code)]) == []


def test_new_secret_keeps_codes_and_spent_tickets_while_the_one_before_holds(
    begun: PluginForum, instance: Path
) -> None:
    ticket = a_ticket()
    code = ask(begun, ticket)
    settle_question(code, models.PUBLISHED, begun.thread.id)
    ask(begun, back := actions.ticket_back(code))
    rotate_secret(instance, days=30)
    assert claimed(code).state == models.PUBLISHED
    assert unspent([ticket]) == []
    # Of another secret it would be another ticket, and could be spent once more.
    assert actions.ticket_back(code).nonce == back.nonce
    assert unspent([actions.ticket_back(code)]) == []
    for used in (ticket, actions.ticket_back(code)):
        with pytest.raises(Conflict):
            ask(begun, used)
    later = ask(begun)
    rotate_secret(instance, days=0)
    with pytest.raises(NotFound):
        claimed(code)
    assert claimed(later).state == SEALED


def test_questions_are_asked_only_where_every_member_may(begun: PluginForum) -> None:
    some = begun.make.category("Kiln", audiences=Audiences(see="members", start="moderators"))
    hidden = begun.make.category("Board", audiences=Audiences(see="moderators", start="moderators"))
    open_to_all = begun.make.category("Clay", audiences=Audiences(see="members"))
    begun.make.member(group="Guild")
    found = [number for number, _title in queries.open_categories()]
    assert open_to_all.id in found
    assert not {some.id, hidden.id} & set(found)
    guild = value(text("SELECT id FROM groups WHERE name = 'Guild'"))
    with transaction():
        grant = {"permission": "thread.start", "effect": "deny", "group_id": guild}
        db.session.add(Grant(category_id=open_to_all.id, **grant))
    assert open_to_all.id not in [number for number, _title in queries.open_categories()]
    with pytest.raises(Invalid):
        ask(begun, category_id=open_to_all.id)


def test_crowd_is_rounded_down_and_counts_no_one_twice(begun: PluginForum) -> None:
    # Those that came with the forum: whoever set it up is signed in, and a member wrote a thread.
    before = queries.crowd()
    person = begun.make.member()
    begun.make.signed_in(person)
    begun.make.signed_in(person)
    begun.make.thread(person)
    assert queries.crowd() == before + 1
    for _ in range(11):
        begun.make.signed_in(begun.make.member())
    assert queries.crowd() == 10


def test_crowd_forgets_after_a_week(
    begun: PluginForum, clock_at: Callable[[datetime], None]
) -> None:
    assert queries.crowd() > 0
    clock_at(datetime(2100, 1, 1, tzinfo=UTC))
    assert queries.crowd() == 0


def test_next_fixed_time_is_by_the_communitys_clock(begun: PluginForum) -> None:
    with transaction():
        db.session.execute(text("UPDATE community SET zone = 'Europe/Berlin'"))
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert queries.next_time(noon) == datetime(2026, 7, 1, 13, tzinfo=UTC)
    assert queries.next_time(noon.replace(hour=13)) == datetime(2026, 7, 2, 5, tzinfo=UTC)


def test_period_cannot_end_while_somebody_asks(begun: PluginForum) -> None:
    """Else a question could be sealed under a key that is deleted."""
    came: list[str] = []
    with transaction():
        actions.hold_period()

        def end() -> None:
            with begun.app.test_request_context(), transaction():
                actions.hold_period(shared=False)
                came.append("ended")

        thread = threading.Thread(target=end)
        thread.start()
        thread.join(timeout=0.5)
        assert came == []
    thread.join()
    assert came == ["ended"]


def test_what_is_kept_of_a_member_is_given_to_them_and_forgotten_with_them(
    begun: PluginForum,
) -> None:
    member, other = begun.people["member"], begun.people["moderator"]
    for person in (member, other):
        with transaction():
            actions.give_tickets(person.id, "2026-4")
    with transaction():
        db.session.execute(insert(REVEALED).values(post_id=begun.thread.id, member_id=member.id))
    tickets, revealed = parts_of(member.id)
    assert tickets.rows == ({"quarter": "2026-4", "browsers": 1},)
    assert revealed.rows == ({"thread": begun.thread.thread_id, "number": 1},)
    for _ in range(2):
        with transaction():
            actions.forget_member(member.id)
    assert [part.rows for part in parts_of(member.id)] == [(), ()]
    assert value(select(GIVEN.c.member_id)) == other.id
