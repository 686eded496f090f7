"""What waits is in no backup, and neither is what it could be read with."""

from __future__ import annotations

import os
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import Table, insert

from forum.backups.making import make_backup
from forum.config import current_settings
from forum.db import db, transaction
from forum.permissions import OPERATOR
from forum.plugin_api import utcnow
from forum.testing.plugin_forum import PluginForum
from forum_anonymous_questions import actions, keys
from forum_anonymous_questions.models import SPENDING, SPENT, WAITING
from forum_anonymous_questions.period_actions import begin_period
from forum_anonymous_questions.tests.test_asking import a_ticket, ask
from forum_anonymous_questions.tickets import Ticket, mark_of

WAITS, SPENDS = b"what waits in this forum, sealed", b"what was spent, with another key"
NOW_SPENT = b"what was spent in this period..."


def backed_up(made: Path) -> bytes:
    """All that a backup made at this moment has."""
    make_backup(OPERATOR, current_settings(), made)
    with ZipFile(made) as backup:
        return b"".join(backup.read(name) for name in backup.namelist())


def has(content: bytes, secret: bytes) -> bool:
    """Whether it stands there, as it is or written in letters."""
    forms = secret, b64encode(secret), secret.hex().encode()
    return any(form in content for form in forms)


def tells_of(content: bytes, ticket: Ticket) -> bool:
    """Whether it has a ticket, its mark, or a hash of either."""
    mark = mark_of(ticket)
    assert mark is not None
    parts = ticket.nonce, ticket.content, mark
    hashes = [sha256(part).digest() for part in parts]
    return any(has(content, part) for part in (*parts, *hashes))


def test_backup_has_neither_what_waits_nor_the_key(begun: PluginForum, tmp_path: Path) -> None:
    (key,) = keys.folder().glob("*.key")
    with transaction():
        db.session.execute(insert(WAITING).values(id=WAITS, sealed=WAITS))
        db.session.execute(insert(SPENT).values(mark=SPENDS))
        db.session.execute(insert(SPENDING).values(mark=NOW_SPENT))
    made = tmp_path / "kept.zip"
    content = backed_up(made)
    with ZipFile(made) as backup:
        names = backup.namelist()
    assert not any("plugin-files" in name or key.stem in name for name in names)
    # What is in it stands there like this.
    assert b64encode(SPENDS) in content
    for secret in (WAITS, NOW_SPENT, key.read_bytes()):
        assert not has(content, secret)


@pytest.mark.parametrize("table", [SPENDING, SPENT], ids=["as it is", "planted"])
def test_backup_between_two_fixed_times_does_not_tell_that_a_ticket_was_spent(
    begun: PluginForum, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: Table
) -> None:
    monkeypatch.setattr(actions, "SPENDING", table)
    before, now = a_ticket(), a_ticket()
    ask(begun, before)
    with transaction():
        begin_period(utcnow())
    ask(begun, now)
    content = backed_up(tmp_path / "kept.zip")
    # What was spent earlier stands there.
    assert tells_of(content, before)
    assert tells_of(content, now) is (table is SPENT)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_reading_a_key_would_be_noted_without_care(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "_UNNOTICED", 0)
    with app.app_context():
        key_id = keys.make_key()
        path = keys.folder() / f"{key_id}.key"
        os.utime(path, ns=(1, 1))
        path.read_bytes()
        if path.stat().st_atime_ns == 1:
            pytest.skip("this file system notes no reading")
        os.utime(path, ns=(1, 1))
        assert keys.key_of(key_id) is not None
        assert path.stat().st_atime_ns != 1
