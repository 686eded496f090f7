"""Tries are counted in memory, by one and by all, and forgotten after a while."""

from __future__ import annotations

import pytest
from flask import Flask

from forum.plugin_api import TooMany
from forum_anonymous_questions.limits import Limit, neighbourhood

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_limit_holds_for_one_and_for_all_and_ends(app: Flask) -> None:
    now = [1_000.0]
    limit = Limit(2, 5, 60, clock=lambda: now[0])

    def is_open(who: bytes) -> bool:
        try:
            limit.require_room(who)
        except TooMany as error:
            return not 0 < error.retry_after <= 60
        return True

    with app.test_request_context():
        for _ in range(2):
            assert is_open(b"a")
            limit.note(b"a")
        assert (is_open(b"a"), is_open(b"b")) == (False, True)
        for who in (b"b", b"c", b"d"):
            limit.note(who)
        assert not is_open(b"e")
        now[0] += 60
        assert is_open(b"a")
        # Nothing of before is kept, nor whom it was about.
        assert sum(limit._counts.values()) == 0
        limit.note(b"a")
        assert b"a" not in limit._counts


def test_households_are_counted_by_their_network(app: Flask) -> None:
    assert neighbourhood("2001:db8:1:2::1") == neighbourhood("2001:db8:1:2:ffff::9")
    assert neighbourhood("2001:db8:1:3::1") != neighbourhood("2001:db8:1:2::1")
    assert neighbourhood("192.0.2.1") != neighbourhood("192.0.2.2")
    assert neighbourhood("") == neighbourhood("unix:") == b"?"
