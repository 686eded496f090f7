"""Exports that administrators order on a page, and the worker makes."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from pathlib import Path
from stat import S_IMODE
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from forum.accounts.closing_actions import close_account
from forum.accounts.models import MemberRole
from forum.admin.export_shelf import take_away_old
from forum.clock import utcnow
from forum.community.models import Change, ChangeValue
from forum.db import db, transaction
from forum.jobs.models import Job
from forum.testing.application import count_statements, work
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from tests.evidence import links_of, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
READY = 'h2 a[href^="/admin/export/"]'


@pytest.fixture
def admin(factories: Factories) -> Person:
    """The administrator of a forum with one thread in each of two categories."""
    person = factories.community()
    for title in ("Glazes", "Kilns"):
        factories.thread(category=factories.category(title), title=f"About {title}")
    return person


def test_administrator_orders_pages_and_gets_them(
    admin: Person, app: Flask, factories: Factories, instance: Path
) -> None:
    browser = factories.signed_in(admin)
    answer = submit(browser, "/admin/export/new", kind="pages", categories=["kilns"])
    assert answer.status_code == 303, answer.text
    assert words_of(browser.get("/admin/export"), ".rows .label") == ["waiting"]
    work(app)
    page = browser.get("/admin/export")
    assert words_of(page, ".rows .label") == ["ready"]
    (address,) = links_of(page, READY)
    file = browser.get(address, buffered=True)
    assert (file.status_code, file.headers["Cache-Control"]) == (200, "private, no-store")
    assert re.search(
        r"filename=forum-pages-\d{4}-\d\d-\d\d\.zip", file.headers["Content-Disposition"]
    )
    with ZipFile(io.BytesIO(file.data)) as opened:
        manifest = json.loads(opened.read("manifest.json"))
        assert "t/2.html" in opened.namelist()
        assert "t/1.html" not in opened.namelist()
    assert (manifest["by"], [one["slug"] for one in manifest["categories"]]) == (
        "administrator",
        ["kilns"],
    )
    paths = [instance / "exports", *(instance / "exports").iterdir()]
    assert [S_IMODE(path.stat().st_mode) for path in paths] == [0o700, 0o600, 0o600]
    assert _noted(app) == [
        (admin.id, {"kind": "pages", "categories": "kilns", "with_removed": "False",
                    "with_addresses": "False"}),
    ]  # fmt: skip


def _noted(app: Flask) -> list[tuple[int | None, dict[str, str]]]:
    with app.app_context():
        changes = db.session.scalars(select(Change).where(Change.kind == "export.order"))
        return [
            (
                change.actor_id,
                dict(
                    db.session.execute(
                        select(ChangeValue.field, ChangeValue.after).where(
                            ChangeValue.change_id == change.id
                        )
                    ).all()  # type: ignore[arg-type]
                ),
            )
            for change in changes
        ]


@ONE_DATABASE
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "excerpt", "since": "2026-02-30"}, "Write the day as 2026-01-31."),
        ({"kind": "excerpt", "since": "2026-02-02", "until": "2026-02-01"}, "Turn the two around."),
        ({"kind": "excerpt", "until": "1999-01-01"}, "No post is of this time"),
        ({"kind": "excerpt", "categories": ["nowhere"]}, "'nowhere' is not"),
        ({"kind": "tape"}, "Not a valid choice"),
        ({"kind": "pages", "with_addresses": "y"}, "Leave the addresses out."),
    ],
)
def test_what_cannot_be_ordered_is_said(
    fields: dict[str, str], words: str, admin: Person, app: Flask, factories: Factories
) -> None:
    browser = factories.signed_in(admin)
    answer = submit(browser, "/admin/export/new", **fields)
    assert answer.status_code == 422
    assert words in " ".join(words_of(answer, ".error"))
    with app.app_context():
        assert db.session.scalar(select(Job).where(Job.name == "export")) is None


@ONE_DATABASE
def test_only_administrators_order_fetch_and_remove(
    admin: Person, app: Flask, factories: Factories, client: FlaskClient
) -> None:
    browser = factories.signed_in(admin)
    submit(browser, "/admin/export/new", kind="excerpt", with_addresses="y")
    work(app)
    (address,) = links_of(browser.get("/admin/export"), READY)
    moderator = factories.signed_in(factories.member(role="moderator"))
    for path in ("/admin/export", "/admin/export/new", address):
        assert moderator.get(path).status_code == 403, path
        assert client.get(path).status_code == 403, path
    token = _token(moderator)
    remove = address.removesuffix(".zip") + "/remove"
    assert moderator.post(remove, data={"csrf_token": token}).status_code == 403
    assert browser.get(address, buffered=True).status_code == 200
    for odd in ("../../secret", "..%2f..%2fsecret", "0" * 16):
        assert browser.get(f"/admin/export/{odd}.zip").status_code == 404


def _token(browser: FlaskClient) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get("/sign-out").text)
    assert found is not None
    return found[1]


@ONE_DATABASE
def test_export_is_gone_after_a_day(
    admin: Person, app: Flask, factories: Factories, instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = factories.signed_in(admin)
    submit(browser, "/admin/export/new", kind="excerpt")
    work(app)
    (address,) = links_of(browser.get("/admin/export"), READY)
    (instance / "exports" / ".unfinished-x").write_bytes(b"")
    with app.app_context():
        take_away_old()
    assert len(list((instance / "exports").iterdir())) == 3, "nothing is a day old"
    later = utcnow() + timedelta(hours=24, minutes=1)
    for module in ("export_shelf", "export_queries"):
        monkeypatch.setattr(f"forum.admin.{module}.utcnow", lambda: later)
    assert browser.get(address).status_code == 404
    assert links_of(browser.get("/admin/export"), READY) == []
    with app.app_context():
        take_away_old()
    assert list((instance / "exports").iterdir()) == []


@ONE_DATABASE
def test_order_of_somebody_who_may_no_more_is_refused(
    admin: Person, app: Flask, factories: Factories, instance: Path
) -> None:
    other = factories.member(role="admin")
    submit(factories.signed_in(other), "/admin/export/new", kind="excerpt")
    with app.app_context(), transaction():
        db.session.execute(delete(MemberRole).where(MemberRole.member_id == other.id))
    work(app)
    page = factories.signed_in(admin).get("/admin/export")
    assert words_of(page, ".rows .label") == ["failed"]
    assert words_of(page, ".rows .notice") == ["Only administrators may do this."]
    assert list((instance / "exports").glob("*.zip")) == []


@ONE_DATABASE
def test_waiting_and_ready_exports_can_be_removed(
    admin: Person, app: Flask, factories: Factories, instance: Path
) -> None:
    browser = factories.signed_in(admin)
    for state in ("waiting", "ready"):
        submit(browser, "/admin/export/new", kind="excerpt")
        if state == "ready":
            work(app)
        page = browser.get("/admin/export")
        assert words_of(page, ".rows .label") == [state]
        action = re.search(r'action="(/admin/export/[0-9a-f]{16}/remove)"', page.text)
        assert action is not None
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        assert token is not None
        assert browser.post(action[1], data={"csrf_token": token[1]}).status_code == 303
        assert words_of(browser.get("/admin/export"), ".empty p") == ["There is no export."]
        assert browser.post(action[1], data={"csrf_token": token[1]}).status_code == 404
    work(app)
    assert list((instance / "exports").iterdir()) == []


@ONE_DATABASE
def test_exports_are_gone_when_somebody_left(
    admin: Person, app: Flask, factories: Factories, instance: Path
) -> None:
    gone = factories.member("Somebody")
    factories.thread(gone)
    submit(factories.signed_in(admin), "/admin/export/new", kind="excerpt")
    work(app)
    assert any(b"Somebody" in path.read_bytes() for path in (instance / "exports").iterdir())
    actor = factories.actor(gone)
    with app.test_request_context():
        close_account(actor, password=gone.password, empty_posts=True)
    work(app)
    assert list((instance / "exports").iterdir()) == []


@ONE_DATABASE
def test_export_under_way_is_not_removed(admin: Person, app: Flask, factories: Factories) -> None:
    browser = factories.signed_in(admin)
    submit(browser, "/admin/export/new", kind="excerpt")
    with app.app_context(), transaction():
        db.session.execute(update(Job).values(lease_until=utcnow() + timedelta(minutes=1)))
        word = db.session.scalars(select(Job).where(Job.name == "export")).one().arguments["word"]
    assert words_of(browser.get("/admin/export"), ".rows .label") == ["being made"]
    token = _token(browser)
    answer = browser.post(f"/admin/export/{word}/remove", data={"csrf_token": token})
    assert answer.status_code == 409


@ONE_DATABASE
def test_orders_end_where_there_are_many_and_the_list_costs_the_same(
    admin: Person, app: Flask, factories: Factories
) -> None:
    browser = factories.signed_in(admin)
    submit(browser, "/admin/export/new", kind="excerpt")
    with count_statements(app) as one:
        browser.get("/admin/export")
    for _ in range(19):
        assert submit(browser, "/admin/export/new", kind="excerpt").status_code == 303
    with count_statements(app) as many:
        browser.get("/admin/export")
    assert len(many) == len(one)
    answer = submit(browser, "/admin/export/new", kind="excerpt")
    assert answer.status_code == 422
    assert "There are 20 exports already. Remove some." in answer.text
