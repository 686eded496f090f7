"""What a member takes away: everything stored about them, nothing about anybody else."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import JSON, String, select

from forum.accounts.closing_actions import close_account
from forum.accounts.data_actions import export_member, take_data
from forum.accounts.models import MemberSession
from forum.community.models import Change
from forum.db import Base, db
from forum.errors import Invalid, NotAllowed, NotFound
from forum.permissions import OPERATOR
from forum.plugin_api import PersonalData, hookimpl
from forum.plugin_host import current_host
from forum.testing.application import count_statements
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from tests.accounts.test_holds import commands
from tests.full_member import ADDRESS, MARK, FullMember
from tests.stored_data import columns_of_members

# What would open an account, or is the hash of something; work that waits, which the letters tell; and
# what moderators say to each other, which could name whoever flagged a post.
LEFT_OUT = {
    "attempts.key",
    "case_notes.words",
    "drafts.kept",
    "jobs.arguments",
    "members.password_hash",
    "post_findings.fingerprint",
    "posts.excerpt",
    "posts.html",
    "registrations.password_hash",
}


def download(client: FlaskClient, person: Person) -> zipfile.ZipFile:
    """The file that the page gives."""
    answer = submit(client, "/account/data", button="Download my data", password=person.password)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert answer.headers["Cache-Control"] == "no-store"
    with answer:
        return zipfile.ZipFile(io.BytesIO(answer.data))


def words_in(archive: zipfile.ZipFile) -> str:
    """All that its files say, and what they are called."""
    parts = [archive.read(name) for name in archive.namelist() if not name.endswith(".png")]
    return "\n".join([*archive.namelist(), *(part.decode() for part in parts)])


def test_everything_that_is_stored_about_a_member_is_in_their_file(
    app: Flask, factories: Factories
) -> None:
    full = FullMember(app, factories)
    client = factories.signed_in(full.ada)
    taken = download(client, full.ada)
    assert missing_from(full, words_in(taken)) == []
    words = words_in(taken)
    assert f"discussion/versions/thread-{full.thread}/post-2-version-1.md" in taken.namelist()
    assert f"discussion/pictures/{full.picture.rpartition('/')[2]}" in taken.namelist()
    [account] = json.loads(taken.read("accounts/account.json"))
    assert (account["email"], account["unit"]) == (ADDRESS, f"{MARK} unit")
    with app.app_context():
        secrets = set(db.session.scalars(select(MemberSession.token_hash)))
    others = {full.bo.email, full.mo.name + '"', "Nothing of hers", *secrets}
    assert [other for other in others if other in words] == []
    for name in taken.namelist():
        if name.endswith(".json"):
            assert f"{name}\n" in taken.read("README.txt").decode()


def missing_from(full: FullMember, words: str) -> list[str]:
    """The columns of which a value of hers is not in the file."""
    found = []
    with full.app.app_context():
        for name in columns_of_members():
            table, column = name.split(".")
            of = Base.metadata.tables[table].c[column]
            if name in LEFT_OUT or not isinstance(of.type, String | JSON):
                continue
            stored = [str(value) for value in db.session.scalars(select(of)) if value]
            values = {part for value in stored for part in _parts_of(table, value)}
            hers = {value for value in values if MARK in value.lower() and "@zanz" not in value}
            folded = json.dumps(sorted(hers), ensure_ascii=False)
            found += [name for v in json.loads(folded) if not _is_in(v, words)]
    return sorted(set(found))


def _parts_of(table: str, value: str) -> list[str]:
    if table != "moderation_log_steps":
        return [value]
    # Fields of a row as JSON; who of the others did something is left out of the file.
    parts = [p for v in json.loads(value).values() for p in (v if isinstance(v, list) else [v])]
    return [str(part) for part in parts]


def _is_in(value: str, words: str) -> bool:
    return value in words or json.dumps(value, ensure_ascii=False)[1:-1] in words


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("room", "column"),
    [
        ("accounts", "members.unit"),
        ("community", "change_values.after"),
        ("discussion", "drafts.source"),
        ("moderation", "cases.reason"),
        ("notifications", "sent_mail.recipient"),
    ],
)
@pytest.mark.full
def test_room_that_gives_nothing_is_found_out(
    app: Flask, factories: Factories, room: str, column: str
) -> None:
    full = FullMember(app, factories)
    with app.app_context():
        heard = current_host()._implementations["export_personal_data"]
        heard[:] = [one for one in heard if one.plugin != room]
    taken = download(factories.signed_in(full.ada), full.ada)
    assert column in missing_from(full, words_in(taken))


class Shelf:
    """A plugin's part."""

    @hookimpl
    def export_personal_data(self, member_id: int) -> list[PersonalData]:
        rows = ({"book": "Glazes", "member": member_id},)
        return [PersonalData("books", "Books that you lent.", rows, texts={"note.md": "Mine."})]


class Broken:
    """A part that cannot give what it has."""

    @hookimpl
    def export_personal_data(self, member_id: int) -> list[PersonalData]:
        return [PersonalData("../books", "x", ())]


def test_plugin_gives_its_part_and_one_that_fails_is_named(
    app: Flask, factories: Factories
) -> None:
    factories.community()
    ada = factories.member("Ada")
    with app.app_context():
        current_host().register(Shelf(), "shelf")
        current_host().register(Broken(), "broken")
    taken = download(factories.signed_in(ada), ada)
    assert json.loads(taken.read("shelf/books.json")) == [{"book": "Glazes", "member": ada.id}]
    assert taken.read("shelf/books/note.md") == b"Mine."
    readme = taken.read("README.txt").decode()
    assert "NOT COMPLETE" in readme
    assert "broken" in readme
    assert [name for name in taken.namelist() if ".." in name] == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_wrong_password_and_too_many_downloads_are_refused(
    app: Flask, client: FlaskClient, factories: Factories
) -> None:
    factories.community()
    browser = factories.signed_in(ada := factories.member("Ada"))
    assert client.get("/account/data").location == "/sign-in?next=/account/data"
    wrong = submit(browser, "/account/data", password="somebody else's")
    assert (wrong.status_code, "This is not your password." in wrong.text) == (422, True)
    missing = submit(browser, "/account/data", password="")
    assert (missing.status_code, "Enter your password." in missing.text) == (422, True)
    statuses = []
    for _ in range(4):
        with submit(browser, "/account/data", password=ada.password) as given:
            statuses.append((given.status_code, int(given.headers.get("Retry-After", 0)) > 0))
    assert statuses == [(200, False), (200, False), (200, False), (429, True)]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nobody_takes_the_data_of_somebody_else_or_of_a_closed_account(
    app: Flask, factories: Factories
) -> None:
    factories.community()
    ada, bo = factories.member("Ada"), factories.member("Bo", role="moderator")
    actor, other = factories.actor(ada), factories.actor(bo)
    with app.test_request_context():
        with pytest.raises(NotAllowed):
            export_member(other, ada.id, io.BytesIO())
        with pytest.raises(NotFound):
            export_member(OPERATOR, 999, io.BytesIO())
        close_account(actor, password=ada.password, empty_posts=False)
        # Another window had the page open.
        with pytest.raises(Invalid, match="not your password"):
            take_data(actor, password=ada.password, target=io.BytesIO())


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_file_costs_the_same_statements_however_much_there_is(
    app: Flask, factories: Factories
) -> None:
    factories.community()
    counts = []
    for posts in (1, 7):
        ada = factories.member()
        thread = factories.thread(ada, factories.category(f"For {posts}"))
        for _ in range(posts):
            factories.reply(thread, ada)
        with app.test_request_context(), count_statements(app) as statements:
            export_member(OPERATOR, ada.id, io.BytesIO())
        counts.append(len(statements))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_administrator_answers_a_request_from_the_command_line(
    app: Flask, instance: Path, database: str, factories: Factories, tmp_path: Path
) -> None:
    factories.community()
    ada, target = factories.member("Ada"), tmp_path / "ada.zip"
    forum = commands(instance, database)
    assert "files. It is nobody else's" in forum("members", "export", ada.email, str(target))
    with zipfile.ZipFile(target) as taken:
        assert json.loads(taken.read("accounts/account.json"))[0]["email"] == ada.email
    assert "is there already" in forum("members", "export", ada.email, str(target))
    assert "no member with the address" in forum("members", "export", "x@example.org", "y.zip")
    with app.app_context():
        noted = db.session.scalars(select(Change.kind).where(Change.subject_id == ada.id)).all()
        assert noted == ["member.export"]
