"""Of mutes and of suspensions one stands at a time, also when the lifting of another one is undone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from forum.accounts.models import Measure
from forum.clock import utcnow
from forum.db import rows
from forum.errors import Conflict
from forum.moderation.measure_actions import lift_measure, mute_member
from forum.record.actions import undo
from forum.testing.factories import Factories
from tests.evidence import words_of
from tests.moderation.judging import Town


@pytest.fixture
def town(app: Flask, factories: Factories) -> Town:
    """A community."""
    return Town(app, factories)


def _mute(town: Town, reason: str) -> int:
    until = utcnow() + timedelta(days=1)
    town.by(town.mo, mute_member, town.ada.id, reason=reason, until=until)
    return town.newest()


@pytest.mark.parametrize("place", [_mute, lambda town, reason: town.suspend()])
def test_lift_is_not_undone_while_another_stands(
    town: Town, place: Callable[[Town, str], int]
) -> None:
    lifted = town.by(town.mo, lift_measure, town.ada.id, place(town, "Loud."))
    newest = place(town, "Loud again.")
    max_, address = town.make.signed_in(town.max), f"/moderation/log/{lifted}"
    page = max_.get(address)
    assert "decided about them anew" in page.text
    assert words_of(page, "main button") == []
    with pytest.raises(Conflict, match="decided about them anew"):
        town.by(town.max, undo, lifted)
    town.by(town.mo, lift_measure, town.ada.id, newest)
    assert town.make.actor(town.ada).bar is None
    # Now the first can.
    assert words_of(max_.get(address), "main button") == ["Undo"]
    town.by(town.max, undo, lifted)
    assert town.make.actor(town.ada).bar is not None


def test_of_one_who_suspends_and_one_who_undoes_a_lift_at_once_one_does(town: Town) -> None:
    lifted = town.by(town.mo, lift_measure, town.ada.id, town.suspend())

    def outcome(deed: Callable[[], object]) -> str:
        try:
            deed()
        except Conflict as error:
            return error.message
        return "done"

    deeds = (lambda: town.by(town.max, undo, lifted), lambda: town.suspend())
    with ThreadPoolExecutor(2) as both:
        found = list(both.map(outcome, deeds))
    assert found.count("done") == 1, found
    with town.app.app_context():
        standing = [r.id for r in rows(select(Measure.id).where(Measure.lifted_at.is_(None)))]
    assert len(standing) == 1
