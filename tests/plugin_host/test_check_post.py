"""``check_*``: any refusal wins, and what could not be checked is held."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from forum.db import rows, transaction
from forum.errors import Invalid, NotAllowed
from forum.jobs.queue import enqueue
from forum.moderation.models import Case
from forum.plugin_api import Hold, PostToCheck, hookimpl
from forum.plugin_host import PluginHost, current_host
from forum.testing.factories import Factories

MakeHost = Callable[..., PluginHost]
POST = PostToCheck(
    thread_id=7,
    category_id=2,
    title=None,
    source="Buy my kiln.",
    member_id=5,
    is_edit=False,
    findings=(),
)
FIRST_COULD_NOT_RUN = "A check (first) could not run, so a moderator looks at this post first."
SECOND_COULD_NOT_RUN = FIRST_COULD_NOT_RUN.replace("first)", "second)")


class Answering:
    """A check that answers what it was made with, and notes that it was asked."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[PostToCheck] = []

    @hookimpl
    def check_post(self, post: PostToCheck) -> Any:
        self.asked.append(post)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


class BrokenSql:
    @hookimpl
    def check_post(self) -> None:
        rows(text("SELECT nothing FROM nowhere"))


class Writing:
    @hookimpl
    def check_post(self) -> None:
        enqueue("undone")


@pytest.fixture
def checked(inside: Flask) -> Callable[[PluginHost], Hold | None]:
    """What the host says of ``POST`` inside a transaction, as an action asks it."""

    def ask(host: PluginHost) -> Hold | None:
        with transaction():
            return host.check_post(POST)

    return ask


Checked = Callable[[PluginHost], Hold | None]


def test_checks_that_say_nothing_let_the_post_pass(checked: Checked, host_of: MakeHost) -> None:
    first, second = Answering(None), Answering(None)
    assert checked(host_of(first, second)) is None
    assert (first.asked, second.asked) == ([POST], [POST])


def test_hold_keeps_the_post_with_all_reasons(checked: Checked, host_of: MakeHost) -> None:
    host = host_of(Answering(Hold("It sells.")), Answering(None), Answering(Hold("It shouts.")))
    assert checked(host) == Hold("It sells. It shouts.")
    harmful = host_of(Answering(Hold("It hurts.", harm=True)), Answering(Hold("It shouts.")))
    assert checked(harmful) == Hold("It hurts. It shouts.", harm=True)


def test_refusal_outweighs_earlier_holds_and_failures(checked: Checked, host_of: MakeHost) -> None:
    refusal = NotAllowed("Sales are not for here.")
    crash, last = Answering(KeyError("x")), Answering(NotAllowed("Not on Sundays."))
    with pytest.raises(NotAllowed) as refused:
        checked(host_of(Answering(Hold("It sells.")), Answering(refusal), last))
    assert refused.value is refusal
    with pytest.raises(NotAllowed, match="Sundays"):
        checked(host_of(crash, Answering(Hold("It sells.")), last))


FAILING = {
    "raises": Answering(ValueError("Buy my kiln.")),
    "reaches for what is not there": Answering(AttributeError("nothing")),
    "raises another word of the forum": Answering(Invalid("source", "No.")),
    "leaves the process": Answering(SystemExit(1)),
    "broken SQL": BrokenSql(),
    "says True": Answering(True),
    "says a word": Answering("hold"),
    "says False": Answering(False),
    "empty reason": Answering(Hold(" ")),
    "reason without end": Answering(Hold("a" * 1_001)),
    "reason that cannot be stored": Answering(Hold("a\0b")),
    "reason that is no text": Answering(Hold(None)),  # type: ignore[arg-type]
}


def test_post_that_could_not_be_checked_is_held(checked: Checked, host_of: MakeHost) -> None:
    holds = {kind: checked(host_of(plugin)) for kind, plugin in FAILING.items()}
    assert holds == dict.fromkeys(FAILING, Hold(FIRST_COULD_NOT_RUN, harm=True))


def test_reasons_of_a_hold_and_of_a_failure_stand_together(
    checked: Checked, host_of: MakeHost
) -> None:
    host = host_of(Answering(Hold("It sells.")), BrokenSql(), Answering(None))
    assert checked(host) == Hold(f"It sells. {SECOND_COULD_NOT_RUN}", harm=True)


def test_checks_run_in_the_order_of_their_registration(checked: Checked, host_of: MakeHost) -> None:
    order: list[str] = []

    class Noting:
        def __init__(self, name: str) -> None:
            self.name = name

        @hookimpl
        def check_post(self) -> None:
            order.append(self.name)

    checked(host_of(Noting("core"), Noting("zebra"), Noting("alpha")))
    assert order == ["core", "zebra", "alpha"]


def test_failing_and_writing_checks_leave_the_transaction_whole(
    inside: Flask, host_of: MakeHost, written: Callable[[], list[str]]
) -> None:
    with transaction():
        enqueue("before")
        hold = host_of(BrokenSql(), Writing(), Answering(None)).check_post(POST)
        enqueue("behind")
    assert hold == Hold(FIRST_COULD_NOT_RUN, harm=True)
    assert written() == ["before", "behind"]


def test_reply_that_could_not_be_checked_waits_as_one_case(
    app: Flask, factories: Factories
) -> None:
    thread = factories.thread()
    with app.app_context():
        current_host().register(BrokenSql(), "spam")
    reply = factories.reply(thread)
    with app.app_context():
        cases = [tuple(row) for row in rows(select(Case.post_id, Case.kind, Case.reason))]
    assert reply.number is None
    assert cases == [(reply.id, "hold", FIRST_COULD_NOT_RUN.replace("first)", "spam)"))]


def test_refused_reply_is_not_written(app: Flask, factories: Factories) -> None:
    thread = factories.thread()
    check = Answering(NotAllowed("Sales are not for here."))
    with app.app_context():
        current_host().register(check, "spam")
    author = factories.member()
    with pytest.raises(NotAllowed, match="Sales"):
        factories.reply(thread, author, source="Buy my kiln.")
    with app.app_context():
        posts = rows(text("SELECT id FROM posts"))
    expected = replace(
        POST,
        thread_id=thread.thread_id,
        category_id=check.asked[0].category_id,
        member_id=author.id,
    )
    assert (check.asked, [tuple(row) for row in posts]) == ([expected], [(thread.id,)])
