"""What of measures somebody finds in the record is what they may read on the pages about members."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from forum.moderation.measure_actions import note_member, warn_member
from forum.testing.factories import Factories
from tests.moderation.judging import Town

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def town(app: Flask, factories: Factories) -> Town:
    """A community with something to decide about."""
    return Town(app, factories)


@pytest.mark.parametrize("decide", [note_member, warn_member])
def test_what_was_decided_about_a_moderator_is_for_administrators(
    town: Town, decide: Callable[..., int]
) -> None:
    entry = town.by(town.olga, decide, town.mo.id, reason="Keep an eye on Mo.")
    of_ada = town.by(town.olga, decide, town.ada.id, reason="Keep an eye on Ada.")
    another = town.make.member("Otto", role="admin")
    readers = [town.make.signed_in(who) for who in (town.mo, town.max, another)]
    log = "/moderation/log"
    for address in (log, f"{log}?as=csv", f"{log}?search=eye"):
        found = [browser.get(address).text for browser in readers]
        assert ["eye on Mo" in page for page in found] == [False, False, True]
        assert ["eye on Ada" in page for page in found] == [True, True, True]
    got = [[browser.get(f"{log}/{n}").status_code for n in (entry, of_ada)] for browser in readers]
    assert got == [[404, 200], [404, 200], [200, 200]]


@ONE_DATABASE
def test_administrator_does_not_read_what_was_noted_about_them(town: Town) -> None:
    another = town.make.member("Otto", role="admin")
    entry = town.by(another, note_member, town.olga.id, reason="Keep an eye on Olga.")
    readers = [town.make.signed_in(who) for who in (town.olga, another)]
    assert [b.get(f"/moderation/log/{entry}").status_code for b in readers] == [404, 200]
    assert ["an eye" in b.get("/moderation/log").text for b in readers] == [False, True]
