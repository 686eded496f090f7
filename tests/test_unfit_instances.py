"""What keeps the forum from starting is said in a sentence that an administrator can act on."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from forum.cli import main
from forum.config import ConfigError, load_settings

Said = tuple[int, str]


@pytest.fixture
def migrate(instance: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Said]:
    """Migrates the instance, as every start does: the status and what was said."""
    # The command closes new files to others; the tests after this one need not.
    monkeypatch.setattr(os, "umask", lambda mask: mask)

    def run() -> Said:
        result = CliRunner().invoke(main, ["--instance", str(instance), "migrate"])
        assert isinstance(result.exception, SystemExit | None), result.exception
        return result.exit_code, result.output

    return run


def test_database_of_a_newer_version_is_left_alone(
    instance: Path, migrate: Callable[[], Said]
) -> None:
    assert migrate() == (0, "Migrated.\n")
    with closing(sqlite3.connect(instance / "forum.sqlite3")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    assert migrate() == (
        1,
        "Error: The database was made by a newer version of Folkmoot. Start that version.\n",
    )


def test_file_that_is_no_database_is_named_so(instance: Path, migrate: Callable[[], Said]) -> None:
    (instance / "forum.sqlite3").write_bytes(b"no database at all, but long enough " * 100)
    assert migrate() == (1, "Error: The database does not answer: file is not a database\n")


def test_file_that_cannot_be_read_is_named(instance: Path, migrate: Callable[[], Said]) -> None:
    # Root may read every file, but nobody reads a folder.
    (instance / "secret").mkdir()
    assert migrate() == (
        1,
        f"Error: {instance}/secret: Is a directory. Let the forum's user read it.\n",
    )


@pytest.mark.parametrize("address", ["garbage", "mysql://ada:secret@host/name", "oracle+no://x"])
def test_address_of_no_database_of_ours_is_refused_without_quoting_it(
    tmp_path: Path, address: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        load_settings(tmp_path, database=address)
    assert str(refused.value) == (
        "--database: database must be an address such as postgresql://user@host/name, or "
        "sqlite:///file. Leave it out for a file in the instance."
    )
