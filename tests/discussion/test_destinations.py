"""Before threads and posts are moved, it is said who can read where they go."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from forum.accounts.models import Grant, Group
from forum.categories.queries import Audiences, who_more_may_see
from forum.db import db, transaction
from forum.moderation.flag_actions import flag_post
from forum.testing.application import count_statements
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from tests.evidence import page_of, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SEEN_BY = ("everyone", "members", "group", "other group", "moderators")


class Places:
    """A category for each audience, by its name, with a thread of somebody who may see it; Mo
    moderates."""

    def __init__(self, app: Flask, factories: Factories) -> None:
        factories.community()
        self.app, self.factories = app, factories
        self.mo = factories.member("Mo", role="moderator")
        self.ada = factories.member("Ada")
        self.gil = factories.member("Gil", group="Kiln masters")
        factories.member("Gus", group="Guild")
        with app.app_context():
            groups = {group.name: str(group.id) for group in db.session.scalars(select(Group))}
        sees = {"group": groups["Kiln masters"], "other group": groups["Guild"]}
        self.categories = {
            name: factories.category(
                name.capitalize(), audiences=Audiences(see=sees.get(name, name))
            )
            for name in SEEN_BY
        }

    def thread(self, where: str, *people: Person) -> int:
        """A new thread of somebody, with replies of the others."""
        starter, *others = people or (self.mo,)
        first = self.factories.thread(starter, self.categories[where], title=f"In {where}")
        for person in others:
            self.factories.reply(first, person)
        thread_id: int = first.thread_id
        return thread_id

    def more(self, here: str) -> dict[str, str]:
        """Who may see more in the other categories, by their names."""
        names = {category.id: name for name, category in self.categories.items()}
        with self.app.test_request_context():
            found = who_more_may_see(self.categories[here].id, names)
        return {names[number]: who for number, who in found.items()}


@pytest.fixture
def places(app: Flask, factories: Factories) -> Places:
    """The categories."""
    return Places(app, factories)


@pytest.fixture
def mo(places: Places) -> FlaskClient:
    """Mo's browser."""
    return places.factories.signed_in(places.mo)


def test_who_may_see_more_elsewhere(places: Places) -> None:
    assert {name: places.more(name) for name in SEEN_BY} == {
        "everyone": {},
        "members": {"everyone": "everyone"},
        "group": {"everyone": "everyone", "members": "members", "other group": "some"},
        "other group": {"everyone": "everyone", "members": "members", "group": "some"},
        "moderators": {
            "everyone": "everyone", "members": "members", "group": "some", "other group": "some"
        },
    }  # fmt: skip


@ONE_DATABASE
def test_what_is_denied_by_hand_counts(places: Places) -> None:
    with places.app.app_context(), transaction():
        group = db.session.scalars(select(Group.id).where(Group.name == "Guild")).one()
        place = {"group_id": group, "category_id": places.categories["everyone"].id}
        db.session.add(Grant(permission="thread.see", effect="deny", **place))
    assert places.more("everyone") == {
        "members": "some", "group": "some", "other group": "some", "moderators": "some"
    }  # fmt: skip


def consequences(browser: FlaskClient, url: str, **values: str) -> str:
    """What the question after a form says will happen."""
    answer = submit(browser, url, **values)
    assert answer.status_code == 200, answer.text
    return " ".join(words_of(answer, ".consequences p"))


@ONE_DATABASE
def test_the_question_says_that_more_people_can_read_there(places: Places, mo: FlaskClient) -> None:
    hidden = places.thread("moderators", places.mo, places.mo)
    for where, said in (
        ("everyone", "More people can read there: everybody, also without an account."),
        ("members", "More people can read there: all members."),
        ("group", "Others can read there: some who cannot read here."),
    ):
        into = str(places.thread(where))
        assert said in consequences(mo, f"/t/{hidden}/merge", thread=into)
        assert said in consequences(mo, f"/t/{hidden}/split", more="2", thread=into)
        new = {"title": "New", "category": str(places.categories[where].id)}
        assert said in consequences(mo, f"/t/{hidden}/split", more="2", **new)


@ONE_DATABASE
def test_the_question_says_who_cannot_read_there_any_more(places: Places, mo: FlaskClient) -> None:
    seen = places.thread("everyone", places.ada, places.gil, places.ada, places.mo)
    into = str(places.thread("group", places.gil))
    said = consequences(mo, f"/t/{seen}/merge", thread=into)
    assert "Some who can read here cannot read there." in said
    assert "1 of the authors cannot read there" in said
    assert "More people" not in said
    # Gil may, so what Gil wrote can go.
    assert "of the authors" not in consequences(mo, f"/t/{seen}/split", more="2", thread=into)
    assert "1 of the authors" in consequences(mo, f"/t/{seen}/split", more="2-3", thread=into)
    other = str(places.thread("everyone"))
    assert "read there" not in consequences(mo, f"/t/{seen}/merge", thread=other)


@ONE_DATABASE
def test_choices_of_a_category_say_who_can_read_there(places: Places, mo: FlaskClient) -> None:
    gwen = places.factories.member("Gwen", group="Kiln masters")
    hidden = places.thread("group", places.gil, gwen)
    with places.app.test_request_context(), transaction():
        flag_post(places.factories.actor(places.gil), hidden, 2, words="Elsewhere.")
    for page in (f"/t/{hidden}/move", f"/t/{hidden}/split", "/moderation/1"):
        choices = words_of(mo.get(page), "select[name=category] option")
        assert "Everyone (everybody can read there, also without an account)" in choices
        assert "Members (all members can read there)" in choices
        assert "Other group (some can read there who cannot read here)" in choices
        assert "Moderators" in choices


def asked(places: Places, browser: FlaskClient, cases: range, where: str) -> tuple[list[str], int]:
    """What the question about moving several says of readers, and its statements."""
    category = str(places.categories[where].id)
    chosen = [("cases", f"{case}.") for case in cases]
    sent = [("decision", "move"), ("category", category), ("words", "It fits there."), *chosen]
    token = page_of(browser.get("/moderation/several?cases=1")).select("input[name=csrf_token]")
    with count_statements(places.app) as statements:
        data = MultiDict([*sent, ("csrf_token", str(token[0]["value"]))])
        answer = browser.post("/moderation/several", data=data)
    assert answer.status_code == 200, answer.text
    return words_of(answer, ".consequences p"), len(statements)


@ONE_DATABASE
def test_the_question_about_several_says_of_how_many_more_people_can_read(
    places: Places, mo: FlaskClient
) -> None:
    gwen = places.factories.member("Gwen", group="Kiln masters")
    for where in ("group", "group", "members", "everyone"):
        thread, gil = places.thread(where, gwen), places.factories.actor(places.gil)
        with places.app.test_request_context(), transaction():
            flag_post(gil, thread, 1, words="Elsewhere.")
    said = {
        "everyone": "More people could then read 3 of these threads: everybody, also without an account.",
        "members": "More people could then read 2 of these threads: all members.",
        "other group": "Others could then read 2 of these threads: some who cannot read them where they "
        "stand.",
    }
    for where, sentence in said.items():
        assert asked(places, mo, range(1, 5), where)[0] == [sentence]
    assert asked(places, mo, range(3, 5), "moderators")[0] == []
    few, many = (asked(places, mo, range(1, n), "everyone")[1] for n in (2, 5))
    assert few == many


@ONE_DATABASE
def test_the_question_costs_the_same_for_few_authors_and_for_many(
    places: Places, mo: FlaskClient
) -> None:
    people = [places.factories.member(f"Person {number}") for number in range(6)]
    seen = places.thread("everyone", places.ada, *people)
    into = str(places.thread("moderators"))
    counts = []
    for numbers in ("2", "2-7"):
        with count_statements(places.app) as statements:
            consequences(mo, f"/t/{seen}/split", more=numbers, thread=into)
        counts.append(len(statements))
    assert counts[0] == counts[1]
