"""Legal holds: while one stands nothing of a member is erased, and they read why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from forum.accounts.closing_actions import close_account, erase_member
from forum.accounts.hold_actions import lift_hold, place_hold
from forum.accounts.hold_queries import standing_hold
from forum.accounts.models import LegalHold, Member, MemberSession
from forum.cli import main
from forum.clock import utcnow
from forum.community.models import Change, ChangeValue
from forum.db import db, rows, transaction
from forum.discussion.curating_actions import empty_version
from forum.discussion.models import Revision
from forum.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.files.models import Picture, Upload
from forum.jobs.models import Job
from forum.jobs.worker import tidy
from forum.permissions import OPERATOR
from forum.testing.application import work
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from tests.accounts.test_closing import leave, picture_by
from tests.evidence import everything

REASON = "Court of pots, file 17"
LIMITS = ("attempts",)


@pytest.fixture
def olga(factories: Factories) -> Person:
    """The administrator."""
    return factories.community()


@pytest.fixture
def ada(factories: Factories, olga: Person) -> Person:
    """A member on whom a hold stands."""
    ada = factories.member("Ada")
    with factories.app.test_request_context(), transaction():
        place_hold(OPERATOR, ada.id, reason=REASON)
    return ada


def test_member_reads_the_reason_and_cannot_close_the_account(
    app: Flask, factories: Factories, ada: Person
) -> None:
    browser = factories.signed_in(ada)
    assert REASON in browser.get("/me").text
    page = browser.get("/account/close")
    assert REASON in page.text
    assert "Close my account" not in page.text
    before = everything(app, less=LIMITS)
    with app.test_request_context(), pytest.raises(Conflict, match=REASON):
        close_account(factories.actor(ada), password=ada.password, empty_posts=True)
    assert everything(app, less=LIMITS) == before
    with app.test_request_context(), transaction():
        lift_hold(OPERATOR, ada.id)
    assert REASON not in browser.get("/me").text
    assert leave(browser, ada) == 303


def test_administrator_places_and_lifts_a_hold_on_its_pages(
    app: Flask, factories: Factories, olga: Person
) -> None:
    ada, browser = factories.member("Ada"), factories.signed_in(olga)
    address = f"/admin/members/{ada.id}/hold"
    assert submit(browser, address, button="Place the hold", reason=REASON).status_code == 303
    assert REASON in browser.get(address).text
    [listed] = browser.get("/admin/holds?as=jsonl").text.splitlines()
    assert (REASON in listed, '"standing"' in listed) == (True, True)
    assert browser.get("/admin/holds/1").location == address
    assert submit(browser, f"/admin/members/{ada.id}/release").status_code == 303
    assert '"lifted"' in browser.get("/admin/holds?as=jsonl").text
    with app.app_context():
        noted = rows(select(Change.kind, Change.actor_id, Change.subject_id).order_by(Change.id))
        assert [tuple(row) for row in noted if row.kind.startswith("member.")] == [
            ("member.hold", olga.id, ada.id),
            ("member.release", olga.id, ada.id),
        ]
        values = rows(select(ChangeValue.before, ChangeValue.after, ChangeValue.member_id))
        assert [tuple(row) for row in values if row.member_id] == [
            ("", REASON, ada.id),
            (REASON, "", ada.id),
        ]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_administrator_does_not_lift_a_hold_on_themselves(
    app: Flask, factories: Factories, olga: Person
) -> None:
    with app.test_request_context(), transaction():
        place_hold(OPERATOR, olga.id, reason=REASON)
    answer = submit(factories.signed_in(olga), f"/admin/members/{olga.id}/release")
    assert (answer.status_code, "by another administrator" in answer.text) == (409, True)
    bo = factories.actor(factories.member("Bo", role="admin"))
    with app.test_request_context(), transaction():
        assert standing_hold(olga.id) is not None
        lift_hold(bo, olga.id)
        assert standing_hold(olga.id) is None


@pytest.mark.parametrize(
    ("reason", "said"), [("  ", "Say why."), ("x" * 1001, "Shorten this to 1000 characters.")]
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_hold_needs_a_reason_that_can_be_read(
    app: Flask, factories: Factories, olga: Person, reason: str, said: str
) -> None:
    ada, browser = factories.member("Ada"), factories.signed_in(olga)
    answer = submit(browser, f"/admin/members/{ada.id}/hold", reason=reason)
    assert (answer.status_code, said in answer.text) == (422, True)
    with app.test_request_context(), transaction(), pytest.raises(Invalid, match=said):
        place_hold(OPERATOR, ada.id, reason=reason)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_hold_that_stands_is_not_placed_again_and_none_is_not_lifted(
    app: Flask, olga: Person, ada: Person
) -> None:
    with app.test_request_context(), transaction():
        with pytest.raises(Conflict, match="already"):
            place_hold(OPERATOR, ada.id, reason="Another")
        with pytest.raises(Conflict, match="No legal hold"):
            lift_hold(OPERATOR, olga.id)
        for action in (
            lambda n: place_hold(OPERATOR, n, reason="x"),
            lambda n: lift_hold(OPERATOR, n),
        ):
            with pytest.raises(NotFound):
                action(999)
        assert db.session.scalars(select(LegalHold.reason)).all() == [REASON]


def test_only_administrators_place_and_lift_holds_and_erase(
    app: Flask, factories: Factories, ada: Person
) -> None:
    mo = factories.member("Mo", role="moderator")
    actor, browser = factories.actor(mo), factories.signed_in(mo)
    with app.test_request_context(), transaction():
        for action in (
            lambda: place_hold(actor, ada.id, reason="x"),
            lambda: lift_hold(actor, ada.id),
            lambda: erase_member(actor, ada.id, empty_posts=True),
        ):
            with pytest.raises(NotAllowed):
                action()
    pages = ["/admin/holds", "/admin/holds/1"]
    pages += [f"/admin/members/{ada.id}/{what}" for what in ("hold", "release", "erase")]
    assert [browser.get(page).status_code for page in pages] == [403] * 5


def test_nothing_of_a_held_member_is_erased_by_anybody(
    app: Flask, factories: Factories, ada: Person, olga: Person
) -> None:
    thread = factories.thread(ada, source="Held words.")
    admin, client = factories.actor(olga), factories.signed_in(olga)
    page = client.get(f"/admin/members/{ada.id}/erase")
    assert (REASON in page.text, "Erase" in page.text) == (True, False)
    refused = submit(client, f"/t/{thread.thread_id}/1/history/1/empty", button="Empty it for good")
    assert refused.status_code == 409
    assert "A legal hold stands on whoever wrote this" in refused.text
    with app.test_request_context(), transaction():
        with pytest.raises(Conflict, match=REASON):
            erase_member(admin, ada.id, empty_posts=True)
        with pytest.raises(Conflict, match="legal hold"):
            empty_version(admin, thread.thread_id, 1, 1)
        assert db.session.scalars(select(Revision.source)).all() == ["Held words."]


def test_what_is_deleted_after_a_time_is_kept_meanwhile(
    app: Flask, factories: Factories, ada: Person
) -> None:
    bo = factories.member("Bo")
    for person, colour in ((ada, "teal"), (bo, "red")):
        picture_by(app, factories, person, colour)
        factories.signed_in(person)
    with app.test_request_context(), transaction():
        long_ago = utcnow() - timedelta(days=400)
        db.session.execute(update(MemberSession).values(expires_at=long_ago))
        db.session.execute(update(Picture).values(created_at=long_ago))
        db.session.execute(update(Upload).values(created_at=long_ago))
    tidy(app)
    with app.app_context():
        assert set(db.session.scalars(select(MemberSession.member_id))) == {ada.id}
        assert len(db.session.scalars(select(Picture.hash)).all()) == 1


def test_text_of_a_held_member_names_who_has_left_until_the_hold_is_lifted(
    app: Flask, factories: Factories, ada: Person
) -> None:
    gone = factories.member("Cy Zanzibar")
    first = factories.thread(gone)
    factories.reply(first, ada, source="Ask @cy-zanzibar.")
    with app.test_request_context(), transaction():
        erase_member(OPERATOR, gone.id, empty_posts=True)
    promised_now(app)
    assert "Ask @cy-zanzibar." in sources(app)
    with app.test_request_context(), transaction():
        lift_hold(OPERATOR, ada.id)
    promised_now(app)
    assert "Ask Former member." in sources(app)


def promised_now(app: Flask) -> None:
    """Do what was promised for later, as far as it has been promised by now."""
    with app.test_request_context(), transaction():
        db.session.execute(update(Job).values(run_at=Job.created_at))
    work(app)


def sources(app: Flask) -> list[str]:
    """The sources of all versions."""
    with app.app_context():
        return list(db.session.scalars(select(Revision.source)))


def test_hold_on_a_closed_account_keeps_what_is_still_there(
    app: Flask, client: FlaskClient, factories: Factories, olga: Person
) -> None:
    ada, browser = factories.member("Ada"), factories.signed_in(olga)
    factories.thread(ada, source="Words that stay.")
    with app.test_request_context(), transaction():
        erase_member(OPERATOR, ada.id, empty_posts=False)
    address = f"/admin/members/{ada.id}/hold"
    assert "only what is still there can be kept" in browser.get(address).text
    assert submit(browser, address, reason=REASON).status_code == 303
    promised_now(app)
    with app.test_request_context(), transaction(), pytest.raises(Conflict, match=REASON):
        erase_member(OPERATOR, ada.id, empty_posts=True)
    assert sources(app) == ["Words that stay."]


def test_erasing_twice_and_the_last_administrator_are_refused(
    app: Flask, factories: Factories, olga: Person
) -> None:
    ada, browser = factories.member("Ada"), factories.signed_in(olga)
    factories.thread(ada, source="Zanzibar.")
    address = f"/admin/members/{ada.id}/erase"
    unchosen = submit(browser, address)
    assert (unchosen.status_code, "Choose what becomes" in unchosen.text) == (422, True)
    assert submit(browser, address, posts="keep").status_code == 303
    again = submit(browser, address, posts="keep")
    assert (again.status_code, "closed already" in again.text) == (409, True)
    assert submit(browser, address, posts="empty").status_code == 303
    assert sources(app) == [""]
    last = submit(browser, f"/admin/members/{olga.id}/erase", posts="keep")
    assert (last.status_code, "Nobody else administers" in last.text) == (409, True)
    assert browser.get("/admin/members/999/erase").status_code == 404


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_holds_and_erasure_from_the_command_line(
    app: Flask, instance: Path, database: str, factories: Factories, olga: Person
) -> None:
    ada = factories.member("Ada")
    forum = commands(instance, database)
    assert "The hold stands." in forum("members", "hold", ada.email, REASON)
    assert REASON in forum("members", "holds", "--state", "standing")
    assert REASON in forum("members", "erase", ada.email, "--yes")
    assert "The hold is lifted." in forum("members", "release", str(ada.id))
    assert "Erased." in forum("members", "erase", ada.email, "--yes")
    assert "no member with the address" in forum("members", "erase", ada.email, "--yes")
    assert "no member with the number" in forum("members", "hold", "999", "x")
    with app.app_context():
        assert db.session.get_one(Member, ada.id).name == "Former member"


def commands(instance: Path, database: str) -> Callable[..., str]:
    """Call it with the words of a ``forum`` command: what that prints."""
    runner = CliRunner(env={"FORUM_DATABASE": database})
    return lambda *words: runner.invoke(main, ["--instance", str(instance), *words]).output
