"""Settings: where they come from, and what is said when one cannot be used."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from forum.config import ConfigError, Settings, instance_secret, load_settings

NONE = {"PATH": "/usr/bin"}


def written(folder: Path, text: str) -> Path:
    """The folder as an instance with this ``forum.toml``."""
    (folder / "forum.toml").write_text(text, encoding="utf-8")
    return folder


def refusal(folder: Path, environ: dict[str, str] | None = None, **options: object) -> str:
    """Why settings are refused."""
    with pytest.raises(ConfigError) as error:
        load_settings(folder, environ=environ or NONE, **options)
    return str(error.value)


def test_empty_folder_has_the_defaults(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, environ=NONE)
    assert settings == Settings(instance=tmp_path.resolve())
    assert settings.database_url == f"sqlite:///{tmp_path.resolve()}/forum.sqlite3"
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.mail_folder == tmp_path.resolve() / "mail"


def test_empty_environment_is_not_that_of_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORUM_BIND", "127.0.0.1:9")
    assert load_settings(tmp_path, environ={}).bind == "127.0.0.1:8000"
    assert load_settings(tmp_path).bind == "127.0.0.1:9"


def test_options_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    instance = written(
        tmp_path,
        'theme = "file"\nmail_from = "file@example.org"\nbind = "127.0.0.1:1"\nthreads = 1\n',
    )
    environ = {"FORUM_MAIL_FROM": "environment@example.org", "FORUM_BIND": "127.0.0.1:2"}
    settings = load_settings(instance, environ=environ, bind="127.0.0.1:3", threads=None)
    assert settings == Settings(
        instance=tmp_path.resolve(),
        theme="file",
        mail_from="environment@example.org",
        bind="127.0.0.1:3",
        threads=1,
    )


def test_environment_is_read_as_the_kind_of_the_setting(tmp_path: Path) -> None:
    environ = {"FORUM_WORKERS": "7", "FORUM_SECURE_COOKIES": "Yes", "FORUM_SMTP_HOST": ""}
    settings = load_settings(tmp_path, environ=environ)
    assert (settings.workers, settings.secure_cookies, settings.smtp_host) == (7, True, "")
    off = load_settings(tmp_path, environ={"FORUM_SECURE_COOKIES": "off"})
    assert off.secure_cookies is False


def test_setting_that_cannot_be_used_is_named_with_place_line_and_mend(tmp_path: Path) -> None:
    said = refusal(written(tmp_path, "# ours\n\nworkers = 0\n"), {"FORUM_THREADS": "-1"}, colour=1)
    assert said.split("\n") == [
        f"{tmp_path}/forum.toml, line 3: workers must be a whole number, 1 to 64, but is 0.",
        'FORUM_THREADS: threads must be a whole number, 1 to 256, but is "-1".',
        "the options: Folkmoot has no setting colour. Remove it. `forum config show` lists all.",
    ]


def test_links_in_mail_begin_with_the_public_address(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, environ=NONE, public_url="https://forum.example.org/")
    assert settings.base_url == "https://forum.example.org"


def test_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    first = instance_secret(tmp_path)
    assert instance_secret(tmp_path) == first
    assert len(first) == 64
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    other = tmp_path / "other"
    other.mkdir()
    assert instance_secret(other) != first


def test_secret_that_is_too_short_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x" * 31)
    with pytest.raises(
        ConfigError, match=r"is too short to be a secret\. Remove it; a new one is made at start\."
    ):
        instance_secret(tmp_path)
