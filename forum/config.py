"""Settings of one installation: ``forum.toml`` in the instance folder, then ``FORUM_*``, then options.

What the members decide about their community (its name, who it is for) is data and stands in the
database; here is only what the administrator of the machine decides.
"""

from __future__ import annotations

import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

# The rest of the environment that begins like our settings.
NOT_SETTINGS = {"FORUM_INSTANCE", "FORUM_TEST_REQUIRE", "FORUM_CHROMIUM", "FORUM_PYTHON"}


class ConfigError(Exception):
    """A setting that cannot be used; the message names the place and the mend."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation's settings. Every field may stand in ``forum.toml`` or as ``FORUM_<NAME>``.

    Attributes:
        instance: the folder that holds everything this installation keeps.
        database: SQLAlchemy address; empty means ``forum.sqlite3`` in the instance folder.
        bind: address and port the web server listens on.
        public_url: how people reach the forum; links in mail begin with it. Empty: ``http://<bind>``.
        workers: web processes.
        threads: requests that one web process answers at a time.
        mail_from: the sender of mail.
        smtp_host: mail server; empty means mail becomes readable files in ``<instance>/mail/``.
        smtp_port: its port.
        smtp_user: its user, empty for none.
        smtp_password: the user's password.
        smtp_tls: ``starttls``, ``tls`` or ``none``.
        theme: name of a folder in ``themes/``.
        secure_cookies: cookies only over HTTPS; set it as soon as ``public_url`` is https.
        plugins: names of the plugins to run; no other is ever imported.
        plugin_folders: folders that hold further plugins, each in a folder of its own; a path that
            is not absolute begins in the instance folder.
        safe_mode: run without any plugin, whatever ``plugins`` says.
        posts_per_hour: posts and changes that one member may publish in an hour.
        backup_hours: hours of the day, by the community's clock, at which the worker makes a backup:
            ``3``, or ``3, 15``, or ``never``.
        log_format: ``text``, lines for people, or ``json``, one object a line for programs.
        log_requests: write a line for each request: route, method, status and time, nobody's name.
        backups_kept: so many of the newest backups stay in ``<instance>/backups/``; of those made
            before a migration, as many again.
    """

    instance: Path
    database: str = ""
    bind: str = "127.0.0.1:8000"
    public_url: str = ""
    workers: int = 2
    threads: int = 4
    mail_from: str = "forum@localhost"
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_tls: str = "starttls"
    theme: str = "default"
    secure_cookies: bool = False
    plugins: tuple[str, ...] = ()
    plugin_folders: tuple[str, ...] = ()
    safe_mode: bool = False
    posts_per_hour: int = 60
    log_format: str = "text"
    log_requests: bool = True
    backup_hours: str = "3"
    backups_kept: int = 7

    @property
    def database_url(self) -> str:
        """The address that SQLAlchemy connects to."""
        return self.database or f"sqlite:///{self.instance / 'forum.sqlite3'}"

    @property
    def base_url(self) -> str:
        """What every link in mail begins with, without a slash at the end."""
        return (self.public_url or f"http://{self.bind}").rstrip("/")

    @property
    def mail_folder(self) -> Path:
        """Where mail is written when there is no mail server."""
        return self.instance / "mail"

    @property
    def running_folder(self) -> Path:
        """Where each process notes which calls of plugins are under way."""
        return self.instance / "running"

    @property
    def backup_hours_of_day(self) -> tuple[int, ...]:
        """The hours at which the worker makes a backup, 0 to 23; none when it never does."""
        words = self.backup_hours.replace(",", " ").split()
        return () if words == ["never"] else tuple(int(word) for word in words)

    @property
    def plugin_paths(self) -> tuple[Path, ...]:
        """The folders in which plugins are looked for, besides those that ship with the forum."""
        return tuple(self.instance / folder for folder in self.plugin_folders)


def load_settings(
    instance: Path, *, environ: Mapping[str, str] | None = None, **options: Any
) -> Settings:
    """The settings of ``instance``: its ``forum.toml``, overridden by ``FORUM_*``, then by options.

    Raises:
        ConfigError: for a file that is not TOML, an unknown name or a value of the wrong kind.
    """
    settings = Settings(instance=instance.resolve())
    settings = _with(settings, _from_file(instance / "forum.toml"), place="forum.toml")
    given = _from_environment(os.environ if environ is None else environ)
    settings = _with(settings, given, place="the environment")
    chosen = {name: value for name, value in options.items() if value is not None}
    return _checked(_with(settings, chosen, place="the options"))


def _from_file(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path} cannot be read: {error}. Mend that line and start again."
        ) from error


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    names = {field.name for field in fields(Settings)} - {"instance"}
    known = {f"FORUM_{name.upper()}" for name in names} | NOT_SETTINGS
    unknown = sorted(n for n in environ if n.startswith("FORUM_") and n not in known)
    if unknown:
        raise ConfigError(
            f"The environment sets {', '.join(unknown)}, which Folkmoot does not know."
        )
    found = {name: environ.get(f"FORUM_{name.upper()}") for name in names}
    return {name: value for name, value in found.items() if value}


def _with(settings: Settings, values: Mapping[str, Any], *, place: str) -> Settings:
    kinds = {field.name: type(getattr(settings, field.name)) for field in fields(Settings)}
    unknown = sorted(set(values) - set(kinds) | ({"instance"} & set(values)))
    if unknown:
        raise ConfigError(
            f"{place} sets {', '.join(unknown)}, which Folkmoot does not know. "
            f"It knows: {', '.join(sorted(set(kinds) - {'instance'}))}."
        )
    made = {name: _as_kind(value, kinds[name], name, place) for name, value in values.items()}
    return replace(settings, **made)


def _as_kind(value: Any, kind: type, name: str, place: str) -> Any:
    if kind is bool and isinstance(value, str) and value.lower() in {"1", "true", "yes", "on"}:
        return True
    if kind is bool and isinstance(value, str) and value.lower() in {"0", "false", "no", "off"}:
        return False
    if kind is int and isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    if kind is tuple:
        return _as_names(value, name, place)
    if type(value) is kind:
        return value
    raise ConfigError(f"{place}: {name} must be {kind.__name__}, but is {value!r}.")


def _as_names(value: Any, name: str, place: str) -> tuple[str, ...]:
    words = value.split(",") if isinstance(value, str) else value
    if not isinstance(words, list | tuple) or not all(isinstance(word, str) for word in words):
        raise ConfigError(f'{place}: {name} must be names, such as ["one", "two"], not {value!r}.')
    return tuple(dict.fromkeys(word.strip() for word in words if word.strip()))


def _checked(settings: Settings) -> Settings:
    host, _, port = settings.bind.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or not 0 <= int(port) <= 65535:
        raise ConfigError(
            f"bind must be address:port, such as 127.0.0.1:8000, not {settings.bind!r}."
        )
    if settings.smtp_tls not in {"starttls", "tls", "none"}:
        raise ConfigError(f"smtp_tls must be starttls, tls or none, not {settings.smtp_tls!r}.")
    if settings.log_format not in {"text", "json"}:
        raise ConfigError(f"log_format must be text or json, not {settings.log_format!r}.")
    if settings.public_url and not settings.public_url.startswith(("http://", "https://")):
        raise ConfigError("public_url must begin with http:// or https://.")
    if settings.database and not _is_ours(settings.database):
        # It is not quoted, because it may hold a password.
        raise ConfigError(
            "database must be an address such as postgresql://user@host/name, or sqlite:///file."
        )
    if not re.fullmatch(r"never|(?:1?\d|2[0-3])(?:[, ]+(?:1?\d|2[0-3]))*", settings.backup_hours):
        raise ConfigError(
            'backup_hours must be hours from 0 to 23, such as "3" or "3, 15", or "never", not '
            f"{settings.backup_hours!r}."
        )
    if min(settings.workers, settings.threads, settings.posts_per_hour, settings.backups_kept) < 1:
        raise ConfigError("workers, threads, posts_per_hour and backups_kept must be 1 or more.")
    return settings


def _is_ours(address: str) -> bool:
    try:
        name = make_url(address).get_dialect().name
    except (ArgumentError, ImportError):
        return False
    return name in ("sqlite", "postgresql")


def instance_secret(instance: Path) -> str:
    """The secret that signs cookies and tokens of this installation; made at the first call.

    It lies in ``<instance>/secret`` with file mode 600, so no configuration file needs to be secret.
    """
    path = instance / "secret"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _existing_secret(path)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    return path.read_text(encoding="ascii")


def _existing_secret(path: Path) -> str:
    secret = path.read_text(encoding="ascii").strip()
    if len(secret) < 32:
        raise ConfigError(
            f"{path} is too short to be a secret. Remove it; a new one is made at start."
        )
    return secret


def current_settings() -> Settings:
    """The settings of the application at work."""
    settings = current_app.extensions["forum_settings"]
    assert isinstance(settings, Settings)
    return settings
