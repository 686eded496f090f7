"""Erasing a member leaves no trace of them: in no column, no file, no letter."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from forum.accounts.closing_actions import close_account, erase_member
from forum.db import db, rows, transaction, wipe_deleted
from forum.discussion.models import Draft, Post, Revision, Thread
from forum.jobs.models import Job
from forum.notifications.models import SentMail
from forum.plugin_host import current_host
from forum.testing.application import work
from forum.testing.factories import Factories
from tests.full_member import ADDRESS, HANDLE, MARK, FullMember, traces
from tests.stored_data import columns_of_members


@pytest.fixture
def full(app: Flask, factories: Factories) -> FullMember:
    """A forum in which something of a member stands wherever it can."""
    return FullMember(app, factories)


def erase(full: FullMember, *, empty_posts: bool = True) -> None:
    """Erase her as an administrator does, and let the worker do all that was promised."""
    actor = full.make.actor(full.olga)
    with full.app.test_request_context(), transaction():
        erase_member(actor, full.ada.id, empty_posts=empty_posts)
    do_all(full.app)


def do_all(app: Flask) -> None:
    """Do now what was promised for later, until nothing is left; what was set aside rests."""
    while True:
        with app.test_request_context(), transaction():
            waiting = Job.state == "waiting"
            db.session.execute(update(Job).where(waiting).values(run_at=Job.created_at))
        if not work(app):
            return


def test_member_of_these_tests_has_something_everywhere(full: FullMember) -> None:
    assert full.columns_without() == []
    found = set(traces(full.app, [MARK, *full.unmarked()]))
    # No value of her own tells these from anybody's.
    plain = {
        f"{table}.{name}" for table in ("members", "registrations") for name in ("zone", "language")
    }
    assert set(columns_of_members()) - found - plain == set()


def test_nothing_of_an_erased_member_is_found_and_others_keep_what_is_theirs(
    full: FullMember,
) -> None:
    work(full.app)
    marks, letters = [MARK, *full.unmarked()], letters_of(full)
    picture = full.picture.rpartition("/")[2].partition(".")[0]
    assert any(picture in place for place in traces(full.app, [picture]))
    assert any(".eml" in place for place in traces(full.app, marks))

    erase(full)

    assert traces(full.app, [*marks, picture]) == []
    with full.app.app_context():
        require_what_others_wrote(full)
    kept = letters_of(full)
    # Of the letters to others those that carry her words are gone, no others.
    assert [name for name, text in letters.items() if MARK not in text.lower()] == list(kept)
    assert any("stays@example.org" in text for text in kept.values())


def require_what_others_wrote(full: FullMember) -> None:
    """See to it that what others wrote stands as it was, but for whom it names."""
    versions = select(Revision.source).where(Revision.post_id == full.quote.id)
    quotes = rows(versions.order_by(Revision.version))
    quote = f"> [Former member wrote in #2](/t/{full.thread}/2):\n>\n> Quoted words.\n\n"
    words = "Thank you, Former member and @bo! `Former member`"
    assert [row.source for row in quotes] == [quote + words, f"{quote}{words} Really."]
    html = db.session.get_one(Post, full.quote.id).html
    assert f'<a href="/members/{full.bo.id}"' in html
    assert "Former member wrote in #2" in html
    assert db.session.get_one(Revision, (full.other.id, 1)).source == "Nothing of hers."
    assert db.session.scalars(select(Draft.source)).all() == ["And Former member?"]
    titles = db.session.scalars(select(Thread.title).order_by(Thread.id)).all()
    gone = "A thread whose words are gone"
    assert titles == ["Crackle on stoneware", gone, gone]
    assert db.session.scalars(select(Job.name)).all() == ["of_others"]
    recipients = set(db.session.scalars(select(SentMail.recipient)))
    assert full.bo.email in recipients
    assert ADDRESS not in recipients


def letters_of(full: FullMember) -> dict[str, str]:
    """The letters in the instance folder, by their names."""
    folder = full.app.extensions["forum_settings"].mail_folder
    return {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.eml"))}


def test_posts_that_stay_say_nothing_of_who_wrote_them(full: FullMember) -> None:
    erase(full, empty_posts=False)
    places = traces(full.app, [ADDRESS, HANDLE, f"{MARK} unit", "Zanzibar Ada", "Browser of"])
    assert places == []
    with full.app.app_context():
        assert db.session.get_one(Post, full.answer.id).excerpt.startswith(f"{MARK} again")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "room",
    [
        "notifications",
        *(pytest.param(name, marks=pytest.mark.full) for name in ("community", "moderation")),
        pytest.param("discussion", marks=pytest.mark.full),
    ],
)
def test_part_that_forgets_nothing_is_found_out(full: FullMember, room: str) -> None:
    with full.app.app_context():
        host = current_host()
        heard = host._implementations["with_account_closed"]
        heard[:] = [one for one in heard if one.plugin != room]
    marks = [MARK, *full.unmarked()]
    erase(full)
    assert traces(full.app, marks) != []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_deleted_words_stay_in_the_file_unless_they_are_overwritten(app: Flask) -> None:
    with app.app_context():
        path = db.engine.url.database
        # The last connection that closes writes into the file itself; the forum has one of its own.
        db.engine.dispose()
    assert path is not None
    # As SQLite works where nobody asks for more.
    plain = sqlite3.connect(path, isolation_level=None)
    plain.execute("PRAGMA secure_delete=OFF")
    write_and_delete(plain.execute, f"{MARK} plainly")
    plain.close()
    assert traces(app, [f"{MARK} plainly"]) == ["forum.sqlite3 of " + size_of(path)]

    with app.app_context():
        with db.engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            write_and_delete(raw.execute, f"{MARK} with care")
        wipe_deleted()
    assert traces(app, [f"{MARK} with care"]) == []


def write_and_delete(execute: Callable[..., object], words: str) -> None:
    """Put words into many rows and take them out again."""
    execute("BEGIN IMMEDIATE")
    for number in range(300):
        values = (f"setting {words[:12]} {number}", f'"{words} {number}"')
        execute("INSERT INTO settings (name, value) VALUES (?, ?)", values)
    execute("COMMIT")
    execute("BEGIN IMMEDIATE")
    execute("DELETE FROM settings")
    execute("COMMIT")


def size_of(path: str) -> str:
    """What a file of this length is called in traces."""
    return f"{Path(path).stat().st_size} bytes"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_member_who_closes_the_account_leaves_as_little(full: FullMember) -> None:
    marks = [MARK, *full.unmarked()]
    actor = full.make.actor(full.ada)
    with full.app.test_request_context():
        close_account(actor, password=full.ada.password, empty_posts=True)
    work(full.app)
    # The last letter is kept for a day.
    assert [name for name in letters_of(full) if "-closed-" in name] != []
    do_all(full.app)
    assert traces(full.app, marks) == []
