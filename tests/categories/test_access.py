"""Who may see a category, start threads and reply in it; and the pages where that is decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select

from forum.accounts.models import Grant, Group
from forum.categories.actions import change_category
from forum.categories.models import Category
from forum.categories.queries import EVERYONE, MEMBERS, Audiences
from forum.community.models import Change, ChangeValue
from forum.db import db, transaction
from forum.discussion.models import Post
from forum.permissions import OPERATOR
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from tests.evidence import form_of, links_of, text_given_back, words_of

SECRET = "Celadon needs a reducing flame."
READERS = ("guest", "member", "insider")


class Cast:
    """A guest, a member and a member of the group "Kiln masters", each with a browser."""

    def __init__(self, app: Flask, factories: Factories) -> None:
        self.app, self.factories = app, factories
        self.member = factories.member("Bo")
        self.insider = factories.member("Ada", group="Kiln masters")
        with app.app_context():
            self.group = str(db.session.scalar(select(Group.id)))
        self.browsers: Mapping[str, FlaskClient] = {
            "guest": app.test_client(),
            "member": factories.signed_in(self.member),
            "insider": factories.signed_in(self.insider),
        }

    def statuses(self, address: str) -> dict[str, int]:
        return {name: browser.get(address).status_code for name, browser in self.browsers.items()}


@pytest.fixture
def cast(app: Flask, factories: Factories) -> Cast:
    factories.community()
    return Cast(app, factories)


def decide(app: Flask, category: Category, audiences: Audiences) -> None:
    with app.test_request_context(), transaction():
        change_category(
            OPERATOR,
            category.id,
            title=category.title,
            description="",
            position=0,
            audiences=audiences,
        )


def deny(app: Flask, permission: str, category: Category | None, **holder: object) -> None:
    with app.app_context(), transaction():
        place = None if category is None else category.id
        db.session.add(
            Grant(permission=permission, effect="deny", category_id=place, **holder)  # type: ignore[arg-type]
        )


def test_each_audience_sees_starts_and_replies_as_decided_and_at_once(
    app: Flask, factories: Factories, cast: Cast
) -> None:
    category = factories.category()
    factories.thread(cast.insider, category)
    seen = {}
    for audience in (EVERYONE, MEMBERS, cast.group):
        writers = MEMBERS if audience == EVERYONE else audience
        decide(app, category, Audiences(see=audience, start=writers, reply=writers))
        seen[audience] = [
            tuple(cast.statuses(address).values())
            for address in ("/t/1", "/new?category=glazes", "/t/1/reply")
        ]
    assert seen == {
        EVERYONE: [(200, 200, 200), (403, 200, 200), (403, 200, 200)],
        MEMBERS: [(404, 200, 200), (403, 200, 200), (404, 200, 200)],
        cast.group: [(404, 404, 200), (403, 403, 200), (404, 404, 200)],
    }


def test_category_may_be_read_by_all_and_written_in_by_a_group(
    app: Flask, factories: Factories, cast: Cast
) -> None:
    audiences = Audiences(see=EVERYONE, start=cast.group, reply=cast.group)
    category = factories.category(audiences=audiences)
    factories.thread(cast.insider, category)
    before = words_of(cast.browsers["member"].get("/t/1"), ".actions.end")
    answer = submit_reply(cast.browsers["member"], "/t/1/reply", app)
    assert (before, answer) == ([], (403, "Cool it slowly."))
    assert cast.statuses("/t/1") == dict.fromkeys(READERS, 200)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Post)) == 1


def submit_reply(client: FlaskClient, address: str, app: Flask) -> tuple[int, str | None]:
    """Send a reply with a good token, from a composer that was open before."""
    form = form_of(client.get("/me"))
    token = str(form.select_one("[name=csrf_token]")["value"])  # type: ignore[index]
    fields = {"csrf_token": token, "source": "Cool it slowly.", "action": "publish"}
    answer = client.post(address, data=fields)
    return answer.status_code, text_given_back(answer)


def test_deny_wins_over_allow(app: Flask, factories: Factories, cast: Cast) -> None:
    category = factories.category()
    other = factories.category("Kilns")
    for place in (category, other):
        factories.thread(cast.insider, place)
    deny(app, "thread.reply", category, group_id=int(cast.group))
    replies = [cast.statuses("/t/1/reply"), cast.statuses("/t/2/reply")]
    deny(app, "thread.see", category, role="member")
    hidden = cast.statuses("/t/1")
    deny(app, "thread.see", None, group_id=int(cast.group))
    lists = [links_of(cast.browsers[name].get("/"), "ul.rows h3 a") for name in READERS]
    assert replies == [
        {"guest": 403, "member": 200, "insider": 403},
        {"guest": 403, "member": 200, "insider": 200},
    ]
    assert hidden == {"guest": 200, "member": 404, "insider": 404}
    assert lists == [["/t/2", "/t/1"], ["/t/2"], []]


def test_deny_survives_a_change_of_the_audiences(
    app: Flask, factories: Factories, cast: Cast
) -> None:
    category = factories.category()
    factories.thread(cast.insider, category)
    deny(app, "thread.see", category, role="member")
    decide(app, category, Audiences(see=MEMBERS))
    assert cast.statuses("/t/1") == dict.fromkeys(READERS, 404)


ADDRESSES = ("/t/1", "/t/1?page=1", "/t/1/1", "/t/1/2", "/t/1/1/history")
FORMS = ("/t/1/reply", "/t/1/reply?to=1", "/t/1/1/edit")


def test_hidden_thread_is_not_there_by_any_address(
    app: Flask, factories: Factories, cast: Cast
) -> None:
    hide_what_concerns(app, factories, cast, cast.member)
    browser = cast.browsers["member"]
    got = {address: browser.get(address) for address in (*ADDRESSES, *FORMS, "/c/glazes")}
    assert {address: a.status_code for address, a in got.items()} == dict.fromkeys(got, 404)
    sent = {address: submit_reply(browser, address, app)[0] for address in FORMS}
    assert sent == dict.fromkeys(FORMS, 404)
    missing = browser.get("/t/999").text
    assert {got[address].text for address in ADDRESSES} == {missing}


def hide_what_concerns(app: Flask, factories: Factories, cast: Cast, person: Person) -> None:
    """A thread of this person's with a reply to it, then closed to them."""
    category = factories.category()
    thread = factories.thread(person, category, title="Celadon", source=SECRET)
    factories.reply(thread, cast.insider, source=f"Yes: {SECRET}", in_reply_to=1)
    factories.thread(cast.insider, factories.category("Kilns"), title="Bricks")
    decide(app, category, Audiences(see=cast.group, start=cast.group, reply=cast.group))


def test_hidden_thread_is_absent_from_every_list_and_count(
    app: Flask, factories: Factories, cast: Cast, worker: Callable[[], int]
) -> None:
    lists = ("/", "/latest", "/notifications", "/new")
    category = factories.category()
    thread = factories.thread(cast.member, category, title="Celadon", source=SECRET)
    factories.reply(thread, cast.insider, source=SECRET, in_reply_to=1)
    worker()
    browser = cast.browsers["member"]
    before = [["Celadon" in browser.get(a).text for a in lists], unseen(browser)]
    decide(app, category, Audiences(see=cast.group, start=cast.group, reply=cast.group))
    after = [["Celadon" in browser.get(a).text for a in lists], unseen(browser)]
    words = [word in browser.get(a).text for a in lists for word in ("Glazes", SECRET)]
    assert before == [[True, True, True, False], ["1 new"]]
    assert (after, words) == ([[False] * 4, []], [False] * 8)


def unseen(browser: FlaskClient) -> list[str]:
    """The count beside "Notifications"."""
    return words_of(browser.get("/about"), 'a[href="/notifications"] .count')


def test_letter_about_what_is_hidden_meanwhile_is_not_sent(
    app: Flask, factories: Factories, cast: Cast, worker: Callable[[], int], instance: Path
) -> None:
    hide_what_concerns(app, factories, cast, cast.member)
    worker()
    assert letters(instance) == []
    thread = factories.thread(cast.member, factories.category("Clay"), title="Open")
    factories.reply(thread, cast.insider)
    worker()
    assert len(letters(instance)) == 1


def letters(instance: Path) -> list[str]:
    return [path.name for path in (instance / "mail").glob("*.eml")]


@pytest.fixture
def admin(factories: Factories) -> FlaskClient:
    return factories.signed_in(factories.member("Olga", role="admin"))


def test_categories_are_added_and_shown_in_their_order(
    app: Flask, cast: Cast, admin: FlaskClient
) -> None:
    for title, position in (("Wheels", "2"), ("Clay", "2"), ("Kilns", "-1")):
        answer = submit(admin, "/admin/categories/new", title=title, position=position)
        assert (answer.status_code, answer.location) == (303, "/admin/categories")
    order = words_of(admin.get("/admin/categories"), "ul.rows h2")
    assert (
        order
        == words_of(cast.browsers["guest"].get("/"), "aside li")
        == [
            "Kilns",
            "Clay",
            "Wheels",
        ]
    )


def test_category_is_changed_for_its_new_audience_and_keeps_its_address(
    app: Flask, factories: Factories, cast: Cast, admin: FlaskClient
) -> None:
    category = factories.category()
    path = f"/admin/categories/{category.id}"
    submit(
        admin,
        path,
        title="Glazing",
        description="All that melts.",
        see=cast.group,
        reply=cast.group,
    )
    assert cast.statuses("/c/glazes") == {"guest": 404, "member": 404, "insider": 200}
    form = {field["name"]: field for field in form_of(admin.get(path)).select("[name]")}
    chosen = {
        name: form[name].select_one("[selected]")["value"] for name in ("see", "start", "reply")
    }  # type: ignore[index]
    assert chosen == {"see": cast.group, "start": MEMBERS, "reply": cast.group}
    assert words_of(cast.browsers["insider"].get("/c/glazes"), "h1") == ["Glazing"]


def test_log_of_changes_names_the_groups_that_a_category_is_open_to(
    app: Flask, factories: Factories, cast: Cast
) -> None:
    category = factories.category()
    decide(app, category, Audiences(see=cast.group, curate=cast.group))
    decide(app, category, Audiences())
    with app.app_context():
        noted = db.session.execute(
            select(ChangeValue.field, ChangeValue.before, ChangeValue.after)
            .join(Change, Change.id == ChangeValue.change_id)
            .where(Change.kind == "category.change", ChangeValue.field.in_(("see", "curate")))
            .order_by(ChangeValue.id)
        ).all()
    group = "group: Kiln masters"
    assert [tuple(one) for one in noted] == [
        ("see", "everyone", group),
        ("curate", "moderators", group),
        ("see", group, "everyone"),
        ("curate", group, "moderators"),
    ]


WRONG = {
    "title": "",
    "title of blanks": " \t ",
    "title too long": "a" * 81,
    "title with NUL": "Gla\0zes",
    "title turned around": "Gla\u202ezes",
    "description with NUL": "All a\0bout glazes.",
    "description with a bell": "All about\a glazes.",
    "description too long": "a" * 1001,
    "position": "first",
    "huge position": "10001",
    "nobody": "999999",
}
FIELD_OF = {"huge position": "position", "nobody": "see"}


def test_what_is_wrong_with_a_category_is_said_and_nothing_is_changed(
    app: Flask, factories: Factories, admin: FlaskClient
) -> None:
    category = factories.category()
    answers = {}
    for case, value in WRONG.items():
        field = FIELD_OF.get(case, case.split()[0])
        for path in ("/admin/categories/new", f"/admin/categories/{category.id}"):
            values = {"title": "Glazes", field: value}
            answer = submit(admin, path, **values)
            answers[case, path] = (answer.status_code, len(words_of(answer, ".field .error")))
    assert set(answers.values()) == {(422, 1)}
    with app.app_context():
        assert list(db.session.scalars(select(Category.title))) == ["Glazes"]


def test_administration_is_closed_to_everybody_else(
    app: Flask, factories: Factories, cast: Cast
) -> None:
    category = factories.category()
    addresses = ("", "/new", f"/{category.id}")
    statuses = [cast.statuses(f"/admin/categories{address}") for address in addresses]
    assert statuses == [dict.fromkeys(READERS, 403)] * 3
    moderator = factories.signed_in(factories.member(role="moderator"))
    sent = [submit_reply(moderator, f"/admin/categories{a}", app)[0] for a in addresses[1:]]
    assert sent == [403, 403]
    with app.app_context(), transaction():
        db.session.execute(delete(Grant).where(Grant.category_id == category.id))
    assert cast.statuses("/c/glazes") == dict.fromkeys(READERS, 404)
