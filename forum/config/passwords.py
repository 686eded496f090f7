"""Passwords that stand in a file of their own, as systemd's credentials and containers give them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from forum.config.faults import Fault
from forum.config.rights import open_to_others
from forum.config.settings import Settings

MOST_BYTES = 4096


def with_passwords(settings: Settings, origins: Mapping[str, str]) -> tuple[Settings, list[Fault]]:
    """The settings with the passwords that they say are in files, and what is wrong with those."""
    faults: list[Fault] = []

    def read(name: str) -> str:
        try:
            return _password_in(settings.instance / str(getattr(settings, name)))
        except ValueError as error:
            faults.append(Fault(origins[name], f"{name}: {error}"))
            return ""

    if settings.smtp_password_file:
        if settings.smtp_password:
            message = "smtp_password_file: there is smtp_password, too. Keep one of the two."
            faults.append(Fault(origins["smtp_password_file"], message))
        settings = replace(settings, smtp_password=read("smtp_password_file"))
    if settings.database_password_file and (password := read("database_password_file")):
        try:
            settings = replace(settings, database=_with_password(settings.database, password))
        except ValueError as error:
            message = f"database_password_file: {error}"
            faults.append(Fault(origins["database_password_file"], message))
    return settings, faults


def _password_in(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
        password = raw.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}. Let the forum's user read it.") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8. Write the password alone into it.") from error
    if not password or "\n" in password or len(raw) > MOST_BYTES:
        raise ValueError(f"{path} must hold the password in one line, and nothing else.")
    if open_to_others(path):
        raise ValueError(f"every user of this machine can read {path}. Type: chmod 600 {path}")
    return password


def _with_password(address: str, password: str) -> str:
    try:
        url = make_url(address)
    except ArgumentError:
        url = None
    if url is None or url.get_backend_name() != "postgresql" or not url.username:
        raise ValueError("it is for a database postgresql://user@host/name. Leave it out.")
    if url.password:
        raise ValueError("database has a password, too. Keep one of the two.")
    return url.set(password=password).render_as_string(hide_password=False)
