"""What the doctor looks at on this machine: settings, files, room, clock and theme."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from forum.config import Reading, Settings
from forum.config.rights import is_only_its_owners, open_to_others
from forum.doctor.result import Result, look, ok, wrong
from forum.errors import ForumError
from forum.web.theme_check import require_fit

# Room for the letters, the log of SQLite and pictures of a busy day.
LEAST_BYTES = 200 * 2**20
MOST_SKEW_SECONDS = 2.0
PRIVATE = ("secret", "forum.sqlite3", "mail", "backups", "exports", "files", "plugin-files")


def configuration(reading: Reading) -> Iterator[Result]:
    """What ``forum config check`` says; the theme has a line of its own."""
    for fault in reading.faults:
        found = look if fault.is_warning else wrong
        yield found("configuration", str(fault), "`forum config check` lists all of it.")
    if not reading.faults:
        yield ok("configuration", "Nothing is wrong with the settings.")


def theme(settings: Settings) -> Iterator[Result]:
    """Whether its colours can be told apart."""
    try:
        require_fit(settings.theme)
    except ForumError as error:
        yield wrong("theme", str(error.message), f"`forum themes check {settings.theme}`")
    else:
        yield ok("theme", f"All pairs of colours of {settings.theme} can be told apart.")


def files(settings: Settings) -> Iterator[Result]:
    """Whether the forum can use its files, and others cannot."""
    found = [*_folder(settings.instance), *_secret(settings.instance), *_own(settings.instance)]
    yield from found or [ok("files", "What the instance holds is the forum's alone.")]


def _folder(instance: Path) -> Iterator[Result]:
    status = instance.stat()
    if os.geteuid() != status.st_uid:
        yield look(
            "files",
            "This command runs as another user than the forum: what it says of files may differ.",
            f"Run it as the user that owns {instance}.",
        )
    if status.st_mode & stat.S_IRWXO:
        yield look("files", f"Others can enter {instance}.", f"chmod 700 {instance}")


def _secret(instance: Path) -> Iterator[Result]:
    secret = instance / "secret"
    if secret.exists() and not is_only_its_owners(secret):
        yield wrong(
            "files",
            f"Others than the forum's user can read {secret}, with which cookies are signed.",
            f"chmod 600 {secret}",
        )


def _own(instance: Path) -> Iterator[Result]:
    owner = instance.stat().st_uid
    for path in (instance / name for name in PRIVATE if (instance / name).exists()):
        if path.stat().st_uid != owner:
            yield wrong(
                "files",
                f"{path} belongs to another user than {instance}; a command ran as another user.",
                f"chown -R --reference={instance} {path}",
            )
        elif not os.access(path, os.R_OK | os.W_OK):
            yield wrong("files", f"{path} cannot be written.", f"chmod u+rwX {path}")
        elif path.name != "secret" and open_to_others(path):
            yield look("files", f"Others can read {path}.", f"chmod -R go-rwx {path}")


def room(settings: Settings) -> Iterator[Result]:
    """Whether the disk has room for what comes, and for a backup."""
    free = shutil.disk_usage(settings.instance).free
    needed = _bytes_in(settings.instance)
    says = f"{free >> 20:,} MiB are free where the instance is."
    mend = "Remove what is not needed there, or move the instance to a larger disk."
    if free < LEAST_BYTES:
        yield wrong("disk", says, mend)
    elif free < needed:
        yield look("disk", f"{says} A backup may take {needed >> 20:,} MiB.", mend)
    else:
        yield ok("disk", says)


def _bytes_in(instance: Path) -> int:
    paths = [instance / "forum.sqlite3", *(instance / "files").rglob("*")]
    return sum(path.stat().st_size for path in paths if path.is_file())


def file_clock(settings: Settings) -> Iterator[Result]:
    """Whether the clock of the machine is that of the files; another machine may keep them."""
    try:
        with tempfile.NamedTemporaryFile(dir=settings.instance) as trial:
            skew = os.fstat(trial.fileno()).st_mtime - time.time()
    except OSError as error:
        yield wrong("clock", f"No file can be made: {error.strerror}.", "See to its rights.")
        return
    yield skewed("files", skew)


def skewed(whose: str, seconds: float) -> Result:
    """What to say of a clock that differs from this machine's by so many seconds."""
    if abs(seconds) > MOST_SKEW_SECONDS:
        return wrong(
            "clock",
            f"The clock of the {whose} differs by {seconds:.0f} s from this machine's.",
            "Have both set by NTP (`timedatectl set-ntp true`): jobs and links go by it.",
        )
    return ok("clock", f"The clock of the {whose} is this machine's.")
