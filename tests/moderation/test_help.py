"""Authors who ask for help with accessibility, and those who help: moderators, and groups that may."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from forum.accounts.group_actions import let_help
from forum.accounts.queries import groups
from forum.app import create_app
from forum.db import rows, transaction
from forum.discussion.models import Post, PostFinding, Revision
from forum.errors import NotAllowed
from forum.moderation.actions import mend_post
from forum.moderation.models import Case
from forum.permissions import OPERATOR
from forum.plugin_api import CaseNeeded, Hold, PostToCheck, hookimpl
from forum.plugin_host import current_host
from forum.testing.application import close
from forum.testing.factories import Factories, Person
from forum.testing.forms import fields_of, send, submit
from tests.accounts.test_holds import commands
from tests.evidence import everything, form_of, links_of, text_given_back, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
BLOCKED = "See [](https://example.org/guide)."
MENDED = "See [the guide](https://example.org/guide)."
REPLY, MEND = "/t/1/reply", "/moderation/1/mend"


class HoldsPitches:
    """Has a moderator read whatever mentions a discount."""

    @hookimpl
    def check_post(self, post: PostToCheck) -> Hold | None:
        return Hold("It mentions a discount.") if "discount" in post.source else None


@pytest.fixture
def app(instance: Path, database: str) -> Iterator[Flask]:
    app = create_app(instance, database=database, plugins=[("pitches", HoldsPitches())])
    yield app
    close(app)


@pytest.fixture
def author(factories: Factories) -> Person:
    """Who has started thread 1."""
    factories.community()
    author = factories.member("Ada")
    factories.thread(author)
    return author


@pytest.fixture
def ada(factories: Factories, author: Person) -> FlaskClient:
    """The author's browser."""
    return factories.signed_in(author)


@pytest.fixture
def helper(app: Flask, factories: Factories, author: Person) -> Person:
    """Somebody in a group that may help, and who is no moderator."""
    helper = factories.member("Hela", group="Helpers")
    with app.test_request_context(), transaction():
        assert let_help(OPERATOR, groups()[0][0], helps=True)
    return helper


def ask(ada: FlaskClient, source: str = BLOCKED) -> None:
    """Post a reply in spite of what blocks."""
    refused = submit(ada, REPLY, button="Publish", source=source)
    answer = send(ada, REPLY, form_of(refused), button="Publish and ask for help")
    assert answer.status_code == 303


def cases(app: Flask) -> list[tuple[int, str, str | None]]:
    """All cases: (post, kind, decision)."""
    with app.app_context():
        found = rows(select(Case.post_id, Case.kind, Case.decision).order_by(Case.id))
        return [tuple(row) for row in found]


def sources(app: Flask, post: int = 2) -> list[str]:
    """Every version of a post."""
    with app.app_context():
        statement = select(Revision.source).where(Revision.post_id == post)
        return [row.source for row in rows(statement.order_by(Revision.version))]


def test_helper_mends_the_post_and_tells_its_author(
    app: Flask, factories: Factories, ada: FlaskClient, helper: Person, worker: Callable[[], int]
) -> None:
    ask(ada)
    browser = factories.signed_in(helper)
    assert "/moderation" in links_of(browser.get("/"), ".bar nav a")
    assert links_of(browser.get("/moderation"), ".case h2 a") == ["/moderation/1"]
    assert MEND in links_of(browser.get("/moderation/1"), "form.decide a")
    mended = submit(browser, MEND, button="Publish", source=MENDED)
    assert (mended.status_code, mended.location) == (303, "/moderation/1")
    assert (sources(app), cases(app)) == ([BLOCKED, MENDED], [(2, "help", None)])
    done = submit(browser, "/moderation/1", form="form.decide", words="I named the link.")
    assert (done.status_code, cases(app)) == (303, [(2, "help", "done")])
    worker()
    told = ada.get("/notifications")
    assert words_of(told, "ul.rows .about, ul.rows blockquote")[:2] == [
        "Your post, for which you asked for help, was looked at.",
        "I named the link.",
    ]
    assert "Hela" in ada.get("/t/1/2/history").text


@ONE_DATABASE
def test_helper_finds_nothing_that_is_held(
    app: Flask, factories: Factories, ada: FlaskClient, helper: Person
) -> None:
    submit(ada, REPLY, button="Publish", source="A discount!")
    ask(ada)
    browser = factories.signed_in(helper)
    assert cases(app) == [(2, "hold", None), (3, "help", None)]
    assert links_of(browser.get("/moderation"), ".case h2 a") == ["/moderation/2"]
    token = fields_of(form_of(browser.get("/moderation/2"), "form.decide"))
    before = everything(app)
    for verb in ("", "/claim", "/release", "/mend"):
        sent = token | {"decision": "publish", "words": "", "action": "publish", "source": "x"}
        assert browser.get(f"/moderation/1{verb}").status_code in (404, 405)
        assert browser.post(f"/moderation/1{verb}", data=sent).status_code in (403, 404)
    assert everything(app) == before


@ONE_DATABASE
def test_who_does_not_help_changes_nothing(
    app: Flask, factories: Factories, ada: FlaskClient, author: Person, helper: Person
) -> None:
    ask(ada)
    bo = factories.signed_in(factories.member("Bo"))
    token = {"csrf_token": fields_of(form_of(bo.get(REPLY)))["csrf_token"]}
    before = everything(app)
    for browser in (bo, ada):
        assert [browser.get(path).status_code for path in ("/moderation", MEND)] == [403, 403]
    sent = token | {"source": MENDED, "action": "publish"}
    assert bo.post(MEND, data=sent).status_code == 403
    assert everything(app) == before
    with app.test_request_context(), pytest.raises(NotAllowed, match="who help"):
        mend_post(factories.actor(author), 1, text=None, based_on=1)  # type: ignore[arg-type]
    with app.test_request_context(), transaction():
        assert let_help(OPERATOR, groups()[0][0], helps=False)
    browser = factories.signed_in(helper)
    assert [browser.get(path).status_code for path in ("/moderation", MEND)] == [403, 403]
    assert "/moderation" not in links_of(browser.get("/"), ".bar nav a")


@ONE_DATABASE
def test_helper_may_leave_something_open_and_loses_no_words(
    app: Flask, factories: Factories, ada: FlaskClient, helper: Person
) -> None:
    ask(ada)
    mo = factories.signed_in(factories.member("Mo", role="moderator"))
    browser = factories.signed_in(helper)
    better = f"{BLOCKED} It is the guide."
    stopped = submit(browser, MEND, button="Publish", source=better)
    left = send(browser, MEND, form_of(stopped), button="Publish, and leave the rest open")
    assert (left.status_code, sources(app)) == (303, [BLOCKED, better])
    assert cases(app) == [(2, "help", None)]
    composer = form_of(browser.get(MEND))
    submit(mo, "/moderation/1", form=".claim form")
    taken = send(browser, MEND, composer, button="Publish", source=MENDED)
    assert (taken.status_code, text_given_back(taken)) == (409, MENDED)
    assert words_of(taken, "#error-summary li") == ["Somebody else has this case at present."]
    submit(mo, "/moderation/1", form="form.decide", button="Done")
    late = send(browser, MEND, form_of(taken), button="Publish", source=MENDED)
    assert (late.status_code, text_given_back(late)) == (409, MENDED)
    assert sources(app) == [BLOCKED, better]


@ONE_DATABASE
def test_help_asked_for_again_opens_the_case_again(
    app: Flask, factories: Factories, ada: FlaskClient
) -> None:
    mo = factories.signed_in(factories.member("Mo", role="moderator"))
    ask(ada)
    submit(mo, "/moderation/1", form="form.decide", button="Done", words="Done.")
    refused = submit(
        ada, "/t/1/2/edit", button="Publish", source=f"{BLOCKED} [](https://a.example)"
    )
    send(ada, "/t/1/2/edit", form_of(refused), button="Publish and ask for help")
    assert cases(app) == [(2, "help", None)]
    assert words_of(mo.get("/moderation"), ".case .label") == ["asks for help"]


@ONE_DATABASE
def test_held_post_that_asks_for_help_has_one_case_at_a_time(
    app: Flask, factories: Factories, ada: FlaskClient
) -> None:
    mo = factories.signed_in(factories.member("Mo", role="moderator"))
    ask(ada, f"{BLOCKED} At a discount!")
    assert cases(app) == [(2, "hold", None)]
    submit(mo, "/moderation/1", form="form.decide", button="Publish")
    assert cases(app) == [(2, "hold", "published"), (2, "help", None)]
    submit(ada, REPLY, button="Publish", source="A discount only!")
    submit(mo, "/moderation/3", form="form.decide", button="Publish")
    assert cases(app)[2:] == [(3, "hold", "published")]


class Crashes:
    """Writes with every case, and cannot."""

    @hookimpl
    def with_case_needed(self, case: CaseNeeded) -> None:
        raise RuntimeError("no room for cases")


@ONE_DATABASE
def test_without_its_case_nothing_is_posted(app: Flask, ada: FlaskClient) -> None:
    refused = submit(ada, REPLY, button="Publish", source=BLOCKED)
    with app.app_context():
        current_host().register(Crashes(), "crashes", may_write=True)
    answer = send(ada, REPLY, form_of(refused), button="Publish and ask for help")
    assert answer.status_code >= 400
    with app.app_context():
        counts = [len(rows(select(of))) for of in (Post.id, Case.id, PostFinding.id)]
    assert counts == [1, 0, 0]
    assert BLOCKED in answer.text


@ONE_DATABASE
@pytest.mark.full
def test_group_is_let_help_on_a_page_and_by_command(
    factories: Factories, instance: Path, database: str
) -> None:
    forum = commands(instance, database)
    olga = factories.community()
    factories.member(group="Helpers")
    admin = factories.signed_in(olga)
    assert submit(admin, "/admin/groups/1/help").status_code == 303
    assert words_of(admin.get("/admin/groups/1"), ".plain-list a")[2].startswith("It helps")
    told = [forum("groups", "help", "Helpers", *no) for no in ((), ("--no",), ("--no",))]
    assert told == [
        "That was so already.\n",
        "It does not help any more.\n",
        "That was so already.\n",
    ]
