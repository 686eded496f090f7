"""Who loses the right to decide a case has it no more, so that others can decide at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from forum.accounts.group_actions import delete_group, let_help, remove_member
from forum.accounts.models import Group
from forum.accounts.role_actions import give_role_to, take_role_from
from forum.categories.actions import change_category
from forum.categories.queries import Audiences
from forum.db import db, rows, transaction
from forum.discussion.models import Thread
from forum.hookspecs import CaseNeeded
from forum.moderation.actions import claim_case, open_case
from forum.moderation.decision_actions import find_nothing_wrong
from forum.moderation.flag_actions import flag_post
from forum.moderation.models import Case
from forum.testing.factories import Factories
from tests.moderation.judging import Town


class Helpers(Town):
    """Mo has taken case 1, a flag; Hal, of a group that helps, case 2; Max case 3, a flag."""

    def __init__(self, app: Flask, factories: Factories) -> None:
        super().__init__(app, factories)
        bo = factories.member("Bo")
        posts = [factories.reply(self.first, self.ada).id for _n in range(2)]
        self.by(bo, flag_post, 1, 1, words="Odd.")
        with app.test_request_context(), transaction():
            open_case(CaseNeeded(post_id=posts[0], kind="help", reason="A table."))
        self.by(bo, flag_post, 1, 3, words="Odd.")
        self.hal = factories.member("Hal", group="Helpers")
        with app.app_context():
            self.group = db.session.scalars(select(Group.id)).one()
            self.category = db.session.get_one(Thread, 1).category_id
        self.by(self.olga, let_help, self.group, helps=True)
        for person, case in ((self.mo, 1), (self.hal, 2), (self.max, 3)):
            self.by(person, claim_case, case)

    def claims(self) -> list[str | None]:
        """Who has each case."""
        names = {self.mo.id: "Mo", self.hal.id: "Hal", self.max.id: "Max"}
        with self.app.app_context():
            found = rows(select(Case.claimed_by, Case.claimed_until).order_by(Case.id))
        assert all((row.claimed_by is None) == (row.claimed_until is None) for row in found)
        return [names.get(row.claimed_by) for row in found]

    def change(self, see: str) -> None:
        """Another audience of the category."""
        words = {"title": "General", "description": "", "position": 1}
        audiences = Audiences(see=see, start="moderators", reply="moderators")
        self.by(self.olga, change_category, self.category, audiences=audiences, **words)


@pytest.fixture
def helpers(app: Flask, factories: Factories) -> Helpers:
    """Three cases that somebody has."""
    return Helpers(app, factories)


TAKEN: dict[str, tuple[Callable[[Helpers], object], list[str | None]]] = {
    "role": (
        lambda h: h.by(h.olga, take_role_from, h.mo.id, "moderator"),
        [None, "Hal", "Max"],
    ),
    "place in a group": (
        lambda h: h.by(h.olga, remove_member, h.group, h.hal.id),
        ["Mo", None, "Max"],
    ),
    "group": (lambda h: h.by(h.olga, delete_group, h.group), ["Mo", None, "Max"]),
    "right of a group": (
        lambda h: h.by(h.olga, let_help, h.group, helps=False),
        ["Mo", None, "Max"],
    ),
    "sight": (lambda h: h.change("moderators"), ["Mo", None, "Max"]),
    "nothing": (lambda h: h.change("everyone"), ["Mo", "Hal", "Max"]),
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("what", TAKEN)
def test_case_of_who_may_not_decide_it_any_more_is_free(helpers: Helpers, what: str) -> None:
    take, claims = TAKEN[what]
    assert helpers.claims() == ["Mo", "Hal", "Max"]
    take(helpers)
    assert helpers.claims() == claims


def test_others_decide_at_once_what_somebody_had_who_moderates_no_more(helpers: Helpers) -> None:
    helpers.by(helpers.olga, give_role_to, helpers.mo.id, "admin")
    helpers.by(helpers.olga, take_role_from, helpers.mo.id, "moderator")
    assert helpers.claims() == ["Mo", "Hal", "Max"], "as an administrator, Mo decides still"
    olga = helpers.make.signed_in(helpers.olga)
    for role in ("admin",):
        page = f"/admin/members/{helpers.mo.id}"
        assert olga.get(page).status_code == 200, role
    helpers.by(helpers.olga, take_role_from, helpers.mo.id, "admin")
    assert helpers.claims() == [None, "Hal", "Max"]
    helpers.by(helpers.max, find_nothing_wrong, 1, words="Fine.")
