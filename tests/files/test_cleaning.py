"""What nothing shows goes, and nothing else, whoever uploads or publishes at the same moment."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import delete, select, update

from forum.cli import main
from forum.clock import utcnow
from forum.db import db, rows, transaction
from forum.discussion.actions import Posting, edit_post, prepare, start_thread
from forum.discussion.draft_actions import DraftText, save_draft
from forum.discussion.models import Revision
from forum.discussion.picture_actions import UNUSED_DAYS, forget_unused_pictures
from forum.errors import Invalid, NotAllowed
from forum.files.actions import add_picture, receive
from forum.files.models import Picture, Upload
from forum.files.storage import path_of, store_bytes, stored_files
from forum.jobs.worker import tidy
from forum.permissions import OPERATOR
from forum.testing.factories import Factories, Person
from tests.files.conftest import Upload as UploadPicture
from tests.files.drawing import drawn

Worker = Callable[[], int]


@pytest.fixture
def ada(factories: Factories) -> Person:
    """Somebody who uploads."""
    factories.community()
    return factories.member("Ada")


def age(app: Flask, days: int = UNUSED_DAYS + 1) -> None:
    """Make all that was uploaded so old."""
    long_ago = utcnow() - timedelta(days=days)
    with app.test_request_context(), transaction():
        db.session.execute(update(Picture).values(created_at=long_ago))
        db.session.execute(update(Upload).values(created_at=long_ago))


def clean(app: Flask) -> int:
    with app.test_request_context(), transaction():
        return forget_unused_pictures(OPERATOR)


def kept(app: Flask) -> tuple[set[str], set[str]]:
    """The hashes of the pictures, and of their files."""
    with app.app_context():
        return {r.hash for r in rows(select(Picture.hash))}, {p.stem for p in stored_files()}


def test_only_what_nothing_shows_is_forgotten(
    app: Flask, factories: Factories, worker: Worker, ada: Person, upload: UploadPicture
) -> None:
    shown, drafted, unused = (upload(ada, width) for width in (40, 50, 60))
    factories.thread(ada, source=f"![A bowl]({shown})")
    with app.test_request_context(), transaction():
        save_draft(factories.actor(ada), "new", DraftText(f"Soon: ![Another]({drafted})"))
    age(app)
    fresh = upload(ada, 70)
    tidy(app)
    worker()
    left = {address[7:71] for address in (shown, drafted, fresh)}
    assert kept(app) == (left, left)
    assert unused[7:71] not in left


def test_picture_of_an_earlier_version_stays_until_that_is_emptied(
    app: Flask, factories: Factories, worker: Worker, ada: Person, upload: UploadPicture
) -> None:
    address = upload(ada)
    post = factories.thread(ada, source=f"![A bowl]({address})")
    with app.test_request_context():
        text = prepare("Without it.")
        with transaction():
            edit_post(factories.actor(ada), post.id, text=text, based_on=1)
    age(app)
    before = clean(app)
    with app.test_request_context(), transaction():
        gone = {"source": "", "emptied_at": utcnow()}
        db.session.execute(update(Revision).where(Revision.version == 1).values(gone))
    after = clean(app)
    worker()
    assert (before, after, kept(app)) == (0, 1, (set(), set()))


def test_picture_uploaded_again_lately_stays(
    app: Flask, worker: Worker, ada: Person, upload: UploadPicture
) -> None:
    upload(ada)
    age(app)
    upload(ada)
    assert (clean(app), worker()) == (0, 0)


def test_members_may_not_clean(app: Flask, factories: Factories, ada: Person) -> None:
    with app.test_request_context(), pytest.raises(NotAllowed), transaction():
        forget_unused_pictures(factories.actor(ada))


def test_picture_uploaded_anew_before_its_file_goes_keeps_it(
    app: Flask, worker: Worker, ada: Person, upload: UploadPicture
) -> None:
    address = upload(ada)
    age(app)
    assert clean(app) == 1
    assert upload(ada) == address
    worker()
    assert kept(app) == ({address[7:71]}, {address[7:71]})


def test_file_taken_away_between_storing_and_naming_it_is_written_again(
    app: Flask, factories: Factories, ada: Person
) -> None:
    actor = factories.actor(ada)
    with app.test_request_context():
        received = receive(actor, drawn("png"))
        path_of(received.hash, "png").unlink()
        with transaction():
            add_picture(actor, received)
    assert kept(app) == ({received.hash}, {received.hash})


def test_publishing_while_somebody_cleans_shows_the_picture_or_says_that_it_is_gone(
    app: Flask, factories: Factories, worker: Worker, ada: Person, upload: UploadPicture
) -> None:
    address, category, actor = upload(ada), factories.category(), factories.actor(ada)
    age(app)
    with app.test_request_context():
        text = prepare(f"![A bowl]({address})")
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def publish() -> None:
        with app.test_request_context():
            together.wait()
            try:
                with transaction():
                    start_thread(actor, category, title="A bowl", text=text, posting=Posting())
                outcomes.append("published")
            except Invalid as error:
                outcomes.append("gone" if "is not there" in error.message else error.message)

    other = threading.Thread(target=publish)
    other.start()
    together.wait()
    forgotten = clean(app)
    other.join()
    worker()
    there = {address[7:71]} if outcomes == ["published"] else set()
    assert (forgotten, outcomes) in [(0, ["published"]), (1, ["gone"])]
    assert kept(app) == (there, there)


def test_post_of_a_picture_that_was_forgotten_is_refused(
    app: Flask, factories: Factories, ada: Person, upload: UploadPicture
) -> None:
    address, category, actor = upload(ada), factories.category(), factories.actor(ada)
    with app.test_request_context():
        text = prepare(f"![A bowl]({address})")
        with transaction():
            db.session.execute(delete(Picture))
        with pytest.raises(Invalid), transaction():
            start_thread(actor, category, title="A bowl", text=text, posting=Posting())


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_command_removes_what_is_unused_and_what_a_crash_left(
    app: Flask, instance: Path, ada: Person, upload: UploadPicture, database: str
) -> None:
    fresh = upload(ada, 50)
    unused = upload(ada, 40)
    with app.test_request_context():
        with transaction():
            old = {"created_at": utcnow() - timedelta(days=UNUSED_DAYS + 1)}
            db.session.execute(update(Picture).where(Picture.hash == unused[7:71]).values(old))
            db.session.execute(update(Upload).where(Upload.picture == unused[7:71]).values(old))
        stray = path_of(store_bytes(b"stray", "png"), "png")
        young = path_of(store_bytes(b"young", "gif"), "gif")
        half = stray.parent / ".unfinished-x"
        half.write_bytes(b"ha")
    long_ago = time.time() - 2 * 24 * 3600
    for path in (stray, half, *(instance / "files").glob(f"*/{unused[7:71]}.png")):
        os.utime(path, (long_ago, long_ago))
    ran = CliRunner(env={"FORUM_DATABASE": database}).invoke(
        main, ["--instance", str(instance), "pictures", "clean"]
    )
    assert (ran.exit_code, ran.output) == (
        0,
        "1 unused pictures were forgotten, 2 files removed.\n",
    )
    assert kept(app) == ({fresh[7:71]}, {fresh[7:71], young.stem})
