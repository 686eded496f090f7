"""What keeps the forum from starting is said at the start, with the mend."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from forum.app import create_app
from forum.config import ConfigError, load_settings
from forum.serving import serve


def test_theme_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^--theme: theme: .*nope"):
        create_app(tmp_path, theme="nope")


def test_misspelt_setting_in_the_environment_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"no setting FORUM_WROKERS\. Did you mean FORUM_WORKERS\?"
    ):
        load_settings(tmp_path, environ={"FORUM_WROKERS": "3", "FORUM_INSTANCE": "x"})


def test_taken_port_is_named_before_anything_is_announced(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        bind = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(ConfigError, match=f"{bind} cannot be used.*--bind"):
            serve(tmp_path / "instance", bind=bind)
    assert "Folkmoot is at" not in capfd.readouterr().out
