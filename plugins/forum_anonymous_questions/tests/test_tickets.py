"""Tickets: given to all alike, good for two quarters, and nobody knows whose they are."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from forum.config.secret import rotate_secret
from forum.db import rows, transaction
from forum.testing.plugin_forum import PluginForum
from forum_anonymous_questions import tickets
from forum_anonymous_questions.actions import give_tickets
from forum_anonymous_questions.models import GIVEN
from forum_anonymous_questions.queries import unspent

WINTER = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)


def given_rows() -> list[tuple[object, ...]]:
    return sorted(tuple(row) for row in rows(select(GIVEN)))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_ticket_survives_its_cookie_and_its_words(app: Flask) -> None:
    with app.app_context():
        ticket = tickets.new_ticket(tickets.utcnow())
        assert len(ticket.text) == 46
        assert tickets.read_tickets([ticket.text]) == [ticket]
        said = tickets.in_words(ticket)
        assert len(said.split()) == 22
        assert tickets.ticket_from_words(f"1) {said.upper()}") == ticket


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nobody_can_make_or_change_a_ticket(app: Flask) -> None:
    with app.app_context():
        ticket = tickets.new_ticket(tickets.utcnow())
        content = ticket.content
        for place in range(len(content)):
            changed = bytearray(content)
            changed[place] ^= 1
            text = base64.urlsafe_b64encode(changed).decode().rstrip("=")
            assert tickets.read_tickets([text]) == [], place
            assert tickets.ticket_from_words(tickets.words.in_words(bytes(changed))) is None, place
        assert tickets.read_tickets(["", "~~", "ä", "a" * 45, "a" * 46, "a" * 9_000]) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_tickets_of_several_cookies_add_up_each_once(app: Flask) -> None:
    with app.app_context():
        first, second = (tickets.gift(tickets.utcnow()) for _ in range(2))
        found = tickets.read_tickets([first.value, second.value, first.value])
    assert len(found) == 6
    assert len({ticket.nonce for ticket in found}) == 6


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_only_so_many_are_looked_at_in_one_request(app: Flask) -> None:
    with app.app_context():
        many = [tickets.new_ticket(tickets.utcnow()).text for _ in range(tickets.MOST_READ + 5)]
        assert len(tickets.read_tickets(["~".join(many)])) == tickets.MOST_READ


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_gift_is_one_cookie_of_a_name_that_tells_the_quarter_alone(app: Flask) -> None:
    with app.app_context():
        cookie = tickets.gift(WINTER)
    assert re.fullmatch(r"ask-2026-4-[0-9a-f]{8}", cookie.name)
    assert cookie.value.count("~") == 2
    # Until the first quarter of the next year ends.
    assert cookie.days == (date(2027, 4, 2) - WINTER.date()).days


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_ticket_holds_until_the_next_quarter_ends(
    app: Flask, clock_at: Callable[[datetime], None]
) -> None:
    with app.app_context():
        ticket = tickets.new_ticket(WINTER)
        for moment, holds in (
            (WINTER, True),
            (datetime(2027, 1, 1, tzinfo=UTC), True),
            (datetime(2027, 3, 31, 23, 59, 59, tzinfo=UTC), True),
            (datetime(2027, 4, 1, tzinfo=UTC), False),
            (datetime(2026, 9, 30, 23, 59, tzinfo=UTC), False),
        ):
            clock_at(moment)
            assert tickets.read_tickets([ticket.text]) == [ticket] * holds, moment
            assert (tickets.ticket_from_words(tickets.in_words(ticket)) is not None) == holds


def test_quarters_are_those_of_utc() -> None:
    here = datetime(2027, 1, 1, 0, 30, tzinfo=UTC) - timedelta(hours=1)
    assert tickets.quarter_name(here) == "2026-4"
    assert tickets.next_quarter(here) == date(2027, 1, 1)
    assert tickets.quarter_name(datetime(2027, 1, 1, tzinfo=UTC)) == "2027-1"


def test_two_browsers_a_quarter_are_given_tickets_and_a_third_is_not(forum: PluginForum) -> None:
    member, other = forum.people["member"], forum.people["moderator"]
    with forum.app.test_request_context():
        counts = []
        for person in (member, member, member, other):
            with transaction():
                counts.append(len(give_tickets(person.id, "2026-4")))
        with transaction():
            counts.append(len(give_tickets(member.id, "2027-1")))
        assert counts == [1, 1, 0, 1, 1]
        expected = [(member.id, "2026-4", 2), (member.id, "2027-1", 1), (other.id, "2026-4", 1)]
        assert given_rows() == sorted(expected)


def test_signed_in_browsers_are_given_their_tickets_with_the_first_page(forum: PluginForum) -> None:
    given = []
    for _ in range(3):
        browser = forum.make.signed_in(forum.people["member"])
        lines = [*browser.get("/").headers.getlist("Set-Cookie")]
        lines += browser.get("/").headers.getlist("Set-Cookie")
        given.append([line for line in lines if line.startswith(tickets.COOKIE)])
    assert [len(lines) for lines in given] == [1, 1, 0]
    assert "Path=/ask" in given[0][0]
    assert "HttpOnly" in given[0][0]
    assert forum.browser("guest").get("/").headers.getlist("Set-Cookie") == []
    values = [lines[0].partition("=")[2].partition(";")[0] for lines in given[:2]]
    with forum.app.test_request_context():
        found = tickets.read_tickets(values)
        assert len(unspent(found)) == 6
        assert [row[2] for row in given_rows()] == [2]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_new_secret_keeps_tickets_while_the_one_before_holds(app: Flask) -> None:
    instance = app.extensions["forum_settings"].instance
    with app.app_context():
        ticket = tickets.new_ticket(tickets.utcnow())
        mark = tickets.mark_of(ticket)
        rotate_secret(instance, days=30)
        assert tickets.read_tickets([ticket.text]) == [ticket]
        # Else it could be spent again.
        assert tickets.mark_of(ticket) == mark
        assert tickets.new_ticket(tickets.utcnow()).signature != ticket.signature
        rotate_secret(instance, days=0)
        assert tickets.read_tickets([ticket.text]) == []
        assert tickets.mark_of(ticket) is None
