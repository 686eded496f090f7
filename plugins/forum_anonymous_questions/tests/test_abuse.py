"""Whoever abuses anonymity runs dry: no way of asking, taking back and being refused makes a ticket."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from random import Random

import pytest

from forum.plugin_api import Conflict, ForumError, utcnow
from forum.testing.plugin_forum import PluginForum
from forum_anonymous_questions import actions, models
from forum_anonymous_questions.queries import SEALED, Claimed, claimed, open_categories, unspent
from forum_anonymous_questions.tests.at_fixed_times import (
    approve,
    cases,
    fixed_time,
    published,
    refuse,
    undo_last,
)
from forum_anonymous_questions.tickets import Ticket, new_ticket

GIVEN, STEPS = 4, 100
BETWEEN = timedelta(hours=8)


class Abuser:
    """Somebody with a few tickets, and moderators who decide about what they ask, at random."""

    def __init__(self, forum: PluginForum, random: Random) -> None:
        self._forum, self._random = forum, random
        self._given = [new_ticket(utcnow()) for _ in range(GIVEN)]
        self.codes: list[str] = []
        self.done: Counter[str] = Counter()
        self._can_be_undone = False
        self._passed = 0

    def step(self) -> None:
        """Anything that anybody can do; what cannot be done is refused."""
        deeds: tuple[tuple[Callable[[], None], int], ...] = (
            (self._ask, 6),
            (self._pass_time, 4),
            (self._decide, 5),
            (self._undo, 2),
            (self._withdraw, 3),
            (self._clarify, 2),
        )
        deed = self._random.choices([d for d, _ in deeds], [weight for _, weight in deeds])[0]
        with suppress(ForumError):
            deed()
            self.done[deed.__name__] += 1

    def tickets(self) -> list[Ticket]:
        """All with which they can ask now: those of theirs, and those that come back."""
        found = list(self._given)
        for code in self.codes:
            try:
                found.append(actions.ticket_back(code))
            except Conflict:
                continue
        return unspent(found)

    def questions(self, *states: str) -> list[Claimed]:
        """What they asked that is in one of these states."""
        return [found for code in self.codes if (found := claimed(code)).state in states]

    def _ask(self) -> None:
        have = self.tickets()
        if not have:
            raise Conflict("No ticket is left.")
        title, where = f"Question {len(self.codes)}", open_categories()[0][0]
        ticket = self._random.choice(have)
        self.codes.append(
            actions.ask(ticket, title=title, category_id=where, source="Buy from us.")
        )

    def _pass_time(self) -> None:
        self._passed += 1
        fixed_time(BETWEEN * self._passed)

    def _decide(self) -> None:
        waiting = [title for _id, title, decision in cases() if decision is None]
        if not waiting:
            raise Conflict("Nothing to decide.")
        title = self._random.choice(waiting)
        how = self._random.choice(["approve", "refuse", "refuse", "ask for changes"])
        if how == "approve":
            approve(self._forum, title)
        else:
            refuse(self._forum, title, asks_for_changes=how == "ask for changes")
        self._can_be_undone = True

    def _undo(self) -> None:
        if not self._can_be_undone:
            raise Conflict("Nothing to undo.")
        self._can_be_undone = False
        undo_last(self._forum)

    def _withdraw(self) -> None:
        actions.withdraw(self._a_code())

    def _clarify(self) -> None:
        actions.clarify(self._a_code(), source="Buy from us, really.")

    def _a_code(self) -> str:
        if not self.codes:
            raise Conflict("Nothing was asked.")
        return self._random.choice(self.codes)


def kept(abuser: Abuser) -> int:
    """With how many tickets they can ask, are asking, or were refused for good: as many as they were
    given, or they would have made or lost one."""
    struck = abuser.questions(models.REFUSED)
    under_way = abuser.questions(SEALED, models.ASKED)
    return len(abuser.tickets()) + len(under_way) + len(struck)


@pytest.mark.parametrize(
    "seed", [0, 1, 2, *(pytest.param(seed, marks=pytest.mark.full) for seed in range(3, 12))]
)
def test_of_n_tickets_n_are_struck_at_most_and_none_is_made(begun: PluginForum, seed: int) -> None:
    abuser = Abuser(begun, Random(seed))  # noqa: S311
    for _ in range(STEPS):
        abuser.step()
        assert kept(abuser) == GIVEN
    assert min(abuser.done[deed] for deed in ("_ask", "_pass_time", "_decide", "_withdraw")) > 0
    accepted = abuser.questions(models.PUBLISHED)
    # No more than were given and came back was ever asked.
    came_back = abuser.questions(models.PUBLISHED, models.LAPSED, models.WITHDRAWN)
    assert len(abuser.questions(models.REFUSED)) <= GIVEN
    assert len(abuser.codes) <= GIVEN + len(came_back)
    assert {found.title for found in accepted} <= published()


def test_whoever_is_always_refused_runs_dry(begun: PluginForum) -> None:
    abuser = Abuser(begun, Random(1))  # noqa: S311
    for _ in range(3):
        while abuser.tickets():
            abuser._ask()
        abuser._pass_time()
        for _id, title, decision in cases():
            if decision is None:
                refuse(begun, title)
    assert (len(abuser.codes), published()) == (GIVEN, set())
    assert len(abuser.questions(models.REFUSED, models.ASKED)) == GIVEN


def test_a_ticket_that_came_back_for_a_refusal_would_be_found(
    begun: PluginForum, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Claimed, "has_ticket_back", property(lambda found: found.state != SEALED))
    abuser = Abuser(begun, Random(0))  # noqa: S311
    found = []
    for _ in range(STEPS):
        abuser.step()
        found.append(kept(abuser))
    assert max(found) > GIVEN
