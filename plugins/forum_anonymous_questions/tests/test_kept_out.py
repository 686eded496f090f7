"""What waits is in no backup, and neither is what it could be read with."""

from __future__ import annotations

import os
from base64 import b64encode
from pathlib import Path
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import insert

from forum.backups.making import make_backup
from forum.config import current_settings
from forum.db import db, transaction
from forum.permissions import OPERATOR
from forum.testing.plugin_forum import PluginForum
from forum_anonymous_questions import keys
from forum_anonymous_questions.models import SPENT, WAITING

WAITS, SPENDS = b"what waits in this forum, sealed", b"what was spent, with another key"


def test_backup_has_neither_what_waits_nor_the_key(begun: PluginForum, tmp_path: Path) -> None:
    (key,) = keys.folder().glob("*.key")
    with transaction():
        db.session.execute(insert(WAITING).values(id=WAITS, sealed=WAITS))
        db.session.execute(insert(SPENT).values(mark=SPENDS))
    made = tmp_path / "kept.zip"
    make_backup(OPERATOR, current_settings(), made)
    with ZipFile(made) as backup:
        names = backup.namelist()
        content = b"".join(backup.read(name) for name in names)
    assert not any("plugin-files" in name or key.stem in name for name in names)
    # What is in it stands there like this.
    assert b64encode(SPENDS) in content
    for secret in (WAITS, key.read_bytes()):
        assert not any(
            form in content for form in (secret, b64encode(secret), secret.hex().encode())
        )


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
