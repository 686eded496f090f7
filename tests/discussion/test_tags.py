"""Tags and titles: what can be one, where they are given, the pages of tags."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from forum.accounts.models import Community, Group
from forum.categories.queries import Audiences
from forum.clock import utcnow
from forum.db import db, rows, transaction
from forum.discussion.curating_actions import file_thread
from forum.discussion.models import Draft, Thread
from forum.discussion.queries import ROWS_A_PAGE
from forum.discussion.tag_actions import checked_tags
from forum.errors import NotAllowed
from forum.testing.application import count_statements
from forum.testing.factories import Factories, Person
from forum.testing.forms import fields_of, submit
from tests.evidence import everything, form_of, links_of, text_given_back, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

TAGS = {
    "": [],
    " , ,": [],
    "glaze": ["glaze"],
    "Glaze, CONE 6,glaze": ["cone-6", "glaze"],
    "raku \t\n firing": ["raku-firing"],
    "c#, c++, .net": [".net", "c#", "c++"],
    "Émail, e\u0301mail": ["émail"],
    "gla\xadze, glaze": ["glaze"],
    "می\u200cخواهم": ["می\u200cخواهم"],
    "a" * 40: ["a" * 40],
}


@pytest.mark.parametrize("typed", TAGS)
def test_tags_are_read_as_people_mean_them(typed: str) -> None:
    assert checked_tags(typed) == TAGS[typed]


REFUSED = {
    "a" * 200: "it has 200",
    "a" * 41: "it has 41",
    "a,b,c,d,e,f": "there are 6",
    "dark\u202eglaze": "invisible",
    "glaze\x07": "invisible",
    "kiln/electric": "slashes",
    "..": "no letter or number",
    "---": "no letter or number",
}


@pytest.fixture
def ada(factories: Factories) -> Person:
    """Who has started thread 1 in Glazes."""
    factories.community()
    ada = factories.member("Ada")
    factories.thread(ada, factories.category("Glazes"), title="Crackle")
    return ada


@ONE_DATABASE
@pytest.mark.parametrize("typed", REFUSED)
def test_tag_that_cannot_be_one_is_said_and_nothing_is_lost(
    app: Flask, factories: Factories, ada: Person, typed: str
) -> None:
    browser = factories.signed_in(ada)
    form = {"title": "Slip", "category": "1", "source": "How thick?", "tags": typed}
    answer = submit(browser, "/new", button="Publish", **form)
    fields = fields_of(form_of(answer))
    assert (answer.status_code, text_given_back(answer)) == (422, "How thick?")
    assert REFUSED[typed] in words_of(answer, "#tags-error")[0]
    assert (fields["title"], fields["tags"].strip()) == ("Slip", typed)
    with app.app_context():
        assert rows(select(Draft.title, Draft.source)) == [("Slip", "How thick?")]


def test_tag_and_finding_are_said_together(factories: Factories, ada: Person) -> None:
    form = {"title": "Slip", "category": "1", "source": "![](/files/x.png)", "tags": "a" * 200}
    answer = submit(factories.signed_in(ada), "/new", button="Publish", **form)
    assert answer.status_code == 422
    assert "it has 200" in words_of(answer, "#tags-error")[0]
    assert len(words_of(answer, "#findings .must")) == 1


def test_new_thread_is_filed(app: Flask, factories: Factories, ada: Person) -> None:
    browser = factories.signed_in(ada)
    form = {"title": "Slip", "category": "1", "source": "How thick?", "tags": "Slip, Cone 6"}
    submit(browser, "/new", button="Preview", **form)
    kept = fields_of(form_of(browser.get("/new")))["tags"]
    submit(browser, "/new", button="Publish")
    page = browser.get("/t/2")
    assert kept == "Slip, Cone 6"
    assert words_of(page, ".meta .tag") == ["cone-6", "slip"]
    assert links_of(page, ".meta .tag") == ["/tags/cone-6", "/tags/slip"]


@ONE_DATABASE
def test_tags_come_through_a_session_that_ended(factories: Factories, ada: Person) -> None:
    browser = factories.signed_in(ada)
    form = fields_of(form_of(browser.get("/new"))) | {"source": "How thick?", "tags": "slip"}
    browser.delete_cookie("forum")
    answer = browser.post("/new", data=form | {"action": "publish"})
    assert fields_of(form_of(answer))["tags"] == "slip"


def test_author_and_moderator_file_a_thread_anew(
    factories: Factories, ada: Person, client: FlaskClient
) -> None:
    author = factories.signed_in(ada)
    moderator = factories.signed_in(factories.member(role="moderator"))
    submit(author, "/t/1/title", title="Fine crackle", tags="glaze, crackle")
    seen = [words_of(client.get("/t/1"), selector) for selector in ("h1", ".meta .tag")]
    assert "reason" not in fields_of(form_of(author.get("/t/1/title")))
    answer = submit(moderator, "/t/1/title", tags="", reason="They say nothing.")
    assert "They say nothing." in moderator.get("/moderation/log/1").text
    seen += [words_of(client.get("/t/1"), selector) for selector in ("h1", ".meta .tag")]
    assert (answer.status_code, answer.location) == (303, "/t/1")
    assert seen == [["Fine crackle"], ["crackle", "glaze"], ["Fine crackle"], []]


@ONE_DATABASE
@pytest.mark.parametrize(
    ("values", "field"), [({"title": " "}, "title"), ({"tags": "a" * 200}, "tags")]
)
def test_title_and_tags_that_cannot_be_taken_are_given_back(
    app: Flask, factories: Factories, ada: Person, values: dict[str, str], field: str
) -> None:
    before = everything(app, less=("sessions", "member_sessions", "attempts"))
    answer = submit(factories.signed_in(ada), "/t/1/title", **values)
    assert (answer.status_code, len(words_of(answer, f"#{field}-error"))) == (422, 1)
    assert fields_of(form_of(answer))[field].strip() == values[field].strip()
    assert everything(app, less=("sessions", "member_sessions", "attempts")) == before


def test_author_keeps_the_tags_when_the_time_for_the_title_is_over(
    app: Flask, factories: Factories, ada: Person
) -> None:
    with app.app_context(), transaction():
        db.session.execute(update(Community).values(edit_minutes=30))
        db.session.execute(update(Thread).values(created_at=utcnow() - timedelta(minutes=30)))
    browser = factories.signed_in(ada)
    fields = fields_of(form_of(browser.get("/t/1/title")))
    submit(browser, "/t/1/title", tags="late")
    assert sorted(set(fields) - {"csrf_token"}) == ["tags"]
    assert words_of(browser.get("/t/1"), ".meta .tag") == ["late"]
    with (
        app.test_request_context(),
        pytest.raises(NotAllowed, match="is over"),
        transaction(),
    ):
        file_thread(factories.actor(ada), 1, title="Another", tags="")


@ONE_DATABASE
def test_others_do_not_file_it(factories: Factories, ada: Person, client: FlaskClient) -> None:
    bo = factories.signed_in(factories.member("Bo"))
    assert [who.get("/t/1/title").status_code for who in (bo, client)] == [403, 403]
    assert links_of(bo.get("/t/1"), "a[href$=title]") == []


def file(factories: Factories, thread_id: int, tags: str) -> None:
    """File a thread as a moderator would."""
    with factories.app.test_request_context():
        actor = factories.actor(factories.member(role="moderator"))
        with transaction():
            file_thread(actor, thread_id, title=None, tags=tags)


def test_pages_of_tags_show_what_the_reader_may_see(
    app: Flask, factories: Factories, ada: Person, client: FlaskClient
) -> None:
    kim = factories.member("Kim", group="Board")
    with app.app_context():
        group = str(rows(select(Group.id))[0][0])
    board = factories.category("Board room", audiences=Audiences(see=group, start=group))
    factories.thread(kim, board, title="Secret glaze")
    file(factories, 1, "glaze, crackle")
    file(factories, 2, "glaze, secret")
    readers = (client, factories.signed_in(kim))
    assert [words_of(reader.get("/tags"), ".tags li") for reader in readers] == [
        ["crackle 1 thread", "glaze 1 thread"],
        ["glaze 2 threads", "crackle 1 thread", "secret 1 thread"],
    ]
    assert [words_of(reader.get("/tags/glaze"), ".rows h3") for reader in readers] == [
        ["Crackle"],
        ["Secret glaze", "Crackle"],
    ]
    assert [reader.get("/tags/secret").status_code for reader in readers] == [404, 200]


@pytest.mark.parametrize("tag", ["c#", "c++", "émail", "100%", "a&b=c?", "می\u200cخواهم"])
def test_every_tag_has_an_address(
    factories: Factories, ada: Person, client: FlaskClient, tag: str
) -> None:
    file(factories, 1, tag)
    link = links_of(client.get("/t/1"), ".meta .tag")[0]
    page = client.get(link)
    assert (page.status_code, words_of(page, "h1")) == (200, [f"Tag: {tag}"])
    assert links_of(client.get("/tags"), ".tags a") == [link]


@ONE_DATABASE
@pytest.mark.parametrize("tag", ["nothing", "%00", "a" * 500, "glaze?after=x", "%ff"])
def test_tag_that_nobody_uses_is_not_found(client: FlaskClient, ada: Person, tag: str) -> None:
    assert client.get(f"/tags/{tag}").status_code == 404


def test_pages_of_many_take_as_many_statements_as_pages_of_one(
    app: Flask, factories: Factories, ada: Person, client: FlaskClient
) -> None:
    def statements(path: str) -> int:
        with count_statements(app) as found:
            assert client.get(path).status_code == 200
        return len(found)

    file(factories, 1, "glaze")
    paths = ("/tags", "/tags/glaze")
    with_one = [statements(path) for path in paths]
    category = factories.category("Kilns")
    for number in range(2, ROWS_A_PAGE + 2):
        factories.thread(ada, category, title=f"Number {number}")
        file(factories, number, f"glaze, tag {number}")
    assert [statements(path) for path in paths] == with_one
    first = client.get("/tags/glaze")
    second = client.get(links_of(first, ".pages a[rel=next]")[0])
    shown = [*words_of(first, ".rows h3"), *words_of(second, ".rows h3")]
    assert shown == [*(f"Number {n}" for n in range(ROWS_A_PAGE + 1, 1, -1)), "Crackle"]
    assert links_of(second, ".pages a") == ["/tags/glaze"]
