"""What a leak is, and what all of them know: who was given which ticket, and who asked what with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest

from forum.accounts.models import Member
from forum.db import db
from forum.plugin_api import GivenCookie, WaitingPost, utcnow
from forum_anonymous_questions import actions, hooks, opening_actions
from forum_anonymous_questions.sealing import Act
from forum_anonymous_questions.tickets import Ticket, read_tickets

WHO = "test_nothing_tells_which_of_two_members_asked"
WHEN = "test_nothing_tells_when_somebody_asked"
WHETHER_ONE = "test_nothing_tells_whether_one_member_asked_twice"
ORDER = "test_order_of_arrival_is_found_nowhere_after_the_fixed_time"
LINES = "test_asking_at_the_door_logs_nothing"
ROWS = "test_asking_writes_two_rows_and_nothing_else"
DATABASES = ("sqlite", "postgresql")
# What is said or logged is the same whatever keeps it.
ON_ONE = ("sqlite",)


@dataclass
class Memory:
    """What must not be known.

    Attributes:
        given: to which member each ticket was given, by its nonce.
        asked, times: who asked, and when, by claim code; codes in the order of arrival.
        opening: the claim code of the question that becomes a post at this moment.
        posts: who wrote it, by the number of a post of the stand-in's.
    """

    given: dict[bytes, int] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    times: dict[str, datetime] = field(default_factory=dict)
    opening: str = ""
    posts: dict[int, int] = field(default_factory=dict)
    titles: dict[str, int] = field(default_factory=dict)
    spender: int = 0

    def name_of(self, member_id: int | None) -> str:
        """The name of a member, empty of nobody."""
        member = db.session.get(Member, member_id) if member_id else None
        return "" if member is None else member.name

    def asker_of(self, post_id: int | None) -> int | None:
        """Who wrote a post of the stand-in's."""
        return self.posts.get(post_id or 0)


Plant = Callable[[pytest.MonkeyPatch, Memory], None]


@dataclass(frozen=True)
class Leak:
    """A fault.

    Attributes:
        name: of its kind.
        found_by: the name of the test that fails because of it.
        where: the part in which that test finds it, as its message names it.
        plant: puts it into the program.
        on: the databases on which it is planted: on both, where it is stored or read there.
    """

    name: str
    found_by: str
    where: str
    plant: Plant
    on: tuple[str, ...] = DATABASES


def remember(patch: pytest.MonkeyPatch) -> Memory:
    """Have everything noted that must not be. Nothing that the forum keeps or says changes by that."""
    memory = Memory()
    _note_gifts(patch, memory)
    _note_questions(patch, memory)
    _note_posts(patch, memory)
    return memory


def _note_gifts(patch: pytest.MonkeyPatch, memory: Memory) -> None:
    give, give_back = actions.give_tickets, actions.ticket_back

    def given(member_id: int, quarter: str) -> list[GivenCookie]:
        cookies = give(member_id, quarter)
        found = read_tickets(cookie.value for cookie in cookies)
        memory.given |= {ticket.nonce: member_id for ticket in found}
        return cookies

    def given_back(code: str) -> Ticket:
        ticket = give_back(code)
        memory.given[ticket.nonce] = memory.asked[code]
        return ticket

    patch.setattr(hooks, "give_tickets", given)
    patch.setattr(actions, "ticket_back", given_back)


def _note_questions(patch: pytest.MonkeyPatch, memory: Memory) -> None:
    require, place = actions._require_holds, actions._placed

    def required(ticket: Ticket) -> None:
        require(ticket)
        memory.spender = memory.given.get(ticket.nonce, 0)

    def placed(act: Act) -> Act:
        memory.asked[act.code], memory.times[act.code] = memory.spender, utcnow()
        memory.titles[act.title] = memory.spender
        return replace(place(act))

    patch.setattr(actions, "_require_holds", required)
    patch.setattr(actions, "_placed", placed)


def _note_posts(patch: pytest.MonkeyPatch, memory: Memory) -> None:
    open_question, start = opening_actions._open_question, opening_actions.start_waiting

    def opened(act: Act, *rest: Any) -> None:
        memory.opening = act.code
        open_question(act, *rest)
        memory.opening = ""

    def started(asker_id: int, *rest: Any, **words: Any) -> WaitingPost:
        begun = start(asker_id, *rest, **words)
        memory.posts[begun.post_id] = memory.asked[memory.opening]
        return begun

    patch.setattr(opening_actions, "_open_question", opened)
    patch.setattr(opening_actions, "start_waiting", started)
