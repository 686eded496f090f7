"""What a plugin keeps out of backups is in none, whether the plugin runs or not."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import text

from forum.app import create_app
from forum.backups.making import make_backup
from forum.config import current_settings
from forum.db import db, transaction
from forum.permissions import OPERATOR
from forum.plugin_host.manifest import BrokenManifest, read_manifest
from forum.testing.application import close
from forum.testing.factories import Factories
from tests.plugin_host.conftest import write_plugin

OUT = 'not_in_backups = ["kiln__waiting"]\n'
TABLES = ("kiln__waiting", "kiln__fired")


@pytest.mark.parametrize("is_there", [True, False], ids=["kept out", "in it"])
def test_rows_that_a_plugin_keeps_out_are_in_no_backup(
    instance: Path, database: str, tmp_path: Path, is_there: bool
) -> None:
    folder = tmp_path / "plugins"
    folder.mkdir()
    write_plugin(folder, "kiln", "", OUT if is_there else "")
    app = create_app(instance, database=database, plugin_folders=[str(folder)])
    Factories(app).community()
    with app.app_context():
        with transaction():
            for name in TABLES:
                db.session.execute(
                    text(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, words TEXT)")
                )
                db.session.execute(text(f"INSERT INTO {name} VALUES (1, 'a shy question')"))
        made = make_backup(OPERATOR, current_settings(), tmp_path / "all.backup")
    close(app)
    with ZipFile(made.path) as backup:
        kept = b"".join(backup.read(name) for name in backup.namelist())
    found = kept.count(b"a shy question")
    assert found == (1 if is_there else 2)
    assert ("kiln__waiting" in made.manifest.left_out) == is_there


@pytest.mark.parametrize("tables", ['["members"]', '["kiln__"]', '"kiln__a"', "[7]"])
def test_plugin_keeps_out_nothing_but_its_own(tmp_path: Path, tables: str) -> None:
    write_plugin(tmp_path, "kiln", "", f"not_in_backups = {tables}\n")
    with pytest.raises(BrokenManifest, match="not_in_backups must be a list of its tables"):
        read_manifest(tmp_path / "forum_kiln")
