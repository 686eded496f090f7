"""The secret that signs cookies and tokens of one installation, and the one before it.

It lies in ``<instance>/secret`` with file mode 600, so no configuration file needs to be secret. The
first line signs; a second one, after ``forum secret rotate``, still verifies until the time beside it.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from forum.clock import utcnow
from forum.config.faults import ConfigError, Fault
from forum.config.rights import close_to_others, is_only_its_owners

# What 256 bits have as hexadecimal digits is 64; less than half of it can be guessed one day.
SHORTEST = 32
MOST_DAYS = 60
"""A session lives for so long, so nothing that an older secret signed is of use any more."""

_NEVER = datetime.min.replace(tzinfo=UTC)

log = logging.getLogger("forum.config")


@dataclass(frozen=True, slots=True)
class Kept:
    """What the file holds: the secret that signs, and the one before, until when it verifies."""

    current: str
    before: str = ""
    until: datetime = _NEVER


class Secrets:
    """The secrets as they are in the file at this moment.

    Raises:
        ConfigError: the file holds no secret, or others can read it and that cannot be changed.
    """

    def __init__(self, instance: Path) -> None:
        self._path = _path(instance)
        _make(instance)
        _close(self._path)
        self._seen = _state(self._path)
        self._kept = _read(self._path)

    def current(self) -> str:
        """What signs now."""
        return self._fresh().current

    def before(self) -> list[str]:
        """What still verifies besides."""
        kept, holds = self.present()
        return [kept.before] if holds else []

    def present(self) -> tuple[Kept, bool]:
        """What the file holds, and whether the older secret still verifies."""
        kept = self._fresh()
        return kept, bool(kept.before) and utcnow() < kept.until

    def _fresh(self) -> Kept:
        # One look at the file's state a request is what it costs that no process needs a new start.
        with contextlib.suppress(OSError, ConfigError):
            if (state := _state(self._path)) != self._seen:
                self._kept, self._seen = _read(self._path), state
        return self._kept


def instance_secret(instance: Path) -> str:
    """The secret that signs cookies and tokens of this installation; made at the first call.

    Raises:
        ConfigError: the file cannot be used; it names the mend.
    """
    return Secrets(instance).current()


def rotate_secret(instance: Path, *, days: int = MOST_DAYS) -> datetime | None:
    """Have a new secret sign; until when the present one still verifies, ``None`` if it ends now.

    What was before the present one ends. Running processes notice by themselves.

    Raises:
        ConfigError: there is no secret yet, or the file cannot be used.
    """
    path = _path(instance)
    with _alone(instance):
        present = _read(path).current
        until = utcnow().replace(microsecond=0) + timedelta(days=days) if days else None
        lines = [secrets.token_hex(32)]
        if until:
            lines.append(f"{present} until {until.isoformat()}")
        _write(path, "\n".join(lines) + "\n")
    return until


def secret_faults(instance: Path) -> list[Fault]:
    """What is wrong with the file of the secret; nothing where there is none yet."""
    path = _path(instance)
    try:
        if path.exists():
            _read(path)
            if not is_only_its_owners(path):
                message = (
                    "other users of this machine can read it. The start closes it; if they may "
                    "have read it, type: forum secret rotate --days 0"
                )
                return [Fault(str(path), message, is_warning=True)]
    except ConfigError as error:
        return [Fault("", str(error))]
    except OSError as error:
        return [Fault(str(path), f"{error.strerror}. Let the forum's user read it.")]
    return []


def _path(instance: Path) -> Path:
    return instance / "secret"


def _make(instance: Path) -> None:
    path = _path(instance)
    if path.exists():
        return
    with _alone(instance):
        if not path.exists():
            _write(path, secrets.token_hex(32))


@contextlib.contextmanager
def _alone(instance: Path) -> Iterator[None]:
    # Of two starts, or two rotations, one waits. The folder is there before any file in it.
    handle = os.open(instance, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(path: Path, text: str) -> None:
    # Whole or not at all, so that no process reads half a secret.
    partial = path.with_name(".secret.part")
    partial.unlink(missing_ok=True)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)


def _close(path: Path) -> None:
    if is_only_its_owners(path):
        return
    try:
        close_to_others(path)
    except OSError as error:
        raise ConfigError(
            f"{path}: other users of this machine can read it. Type: chmod 600 {path}"
        ) from error
    log.warning("other users of this machine could read %s; it is closed to them now", path)


def _state(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_ino, found.st_size


def _read(path: Path) -> Kept:
    try:
        lines = path.read_text(encoding="ascii").split("\n")
    except FileNotFoundError as error:
        raise ConfigError(f"There is no {path} yet. Start the forum once.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(_unfit(path)) from error
    current = lines[0].strip()
    if len(current) < SHORTEST:
        raise ConfigError(
            f"{path} is too short to be a secret. Remove it; a new one is made at start."
        )
    if not (rest := [line for line in lines[1:] if line.strip()]):
        return Kept(current)
    before, _, until = rest[0].partition(" until ")
    try:
        return Kept(current, before, datetime.fromisoformat(until.strip()).astimezone(UTC))
    except ValueError as error:
        raise ConfigError(_unfit(path)) from error


def _unfit(path: Path) -> str:
    return (
        f"{path} is not as Folkmoot writes it. Keep its first line alone, or remove it: a new one is "
        "made at start, and everybody signs in again."
    )
