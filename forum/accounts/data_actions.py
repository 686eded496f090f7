"""Everything that is stored about a member, as a file that any program opens."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from flask_babel import gettext

from forum.accounts import limits
from forum.accounts.hold_queries import hold_subject
from forum.accounts.password_actions import require_password
from forum.accounts.queries import guest_visit
from forum.clock import utcnow
from forum.community.change_actions import note_change
from forum.config import current_settings
from forum.db import transaction
from forum.hookspecs import PersonalData
from forum.permissions import Actor, require, require_member
from forum.plugin_host import current_host

README = "README.txt"


@dataclass(frozen=True, slots=True)
class Taken:
    """What was written: how many files, and which parts of the forum could not give theirs."""

    files: int
    missing: tuple[str, ...]


def take_data(actor: Actor, *, password: str, target: IO[bytes]) -> Taken:
    """Write everything that is stored about the actor into a ZIP file. Call it outside of a
    transaction: a try counts, and it takes a while.

    Raises:
        NotAllowed: nobody is signed in.
        Invalid: it is not their password.
        TooMany: too many tries, or three within the hour.
    """
    member_id = require_member(actor)
    require_password(actor, password)
    with transaction():
        limits.count_attempt(limits.DOWNLOADS_BY_MEMBER, str(member_id))
    return _write(member_id, target)


def export_member(actor: Actor, member_id: int, target: IO[bytes]) -> Taken:
    """The same file of any member, for whoever answers their request; noted in the log of changes.
    Call it outside of a transaction.

    Raises:
        NotAllowed: the actor does not manage the community.
        NotFound: there is no such member.
    """
    require(actor, "community.manage")
    hold_subject(member_id)
    with transaction():
        note_change(actor, "member.export", subject="member", subject_id=member_id)
    return _write(member_id, target)


def _write(member_id: int, target: IO[bytes]) -> Taken:
    parts, missing = current_host().export_personal_data(member_id)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(README, _readme(parts, missing))
        for owner, data in parts:
            _write_part(archive, owner, data)
        return Taken(len(archive.namelist()), tuple(missing))


def _write_part(archive: zipfile.ZipFile, owner: str, data: PersonalData) -> None:
    rows = [_plain(row) for row in data.rows]
    archive.writestr(
        f"{owner}/{data.name}.json", json.dumps(rows, ensure_ascii=False, indent=2) + "\n"
    )
    for path, words in data.texts.items():
        archive.writestr(f"{owner}/{data.name}/{path}", words)
    for path, file in data.files.items():
        _write_file(archive, file, f"{owner}/{data.name}/{path}")


def _write_file(archive: zipfile.ZipFile, file: Path, name: str) -> None:
    try:
        # Pictures are packed already.
        archive.write(file, name, compress_type=zipfile.ZIP_STORED)
    except FileNotFoundError:
        archive.writestr(f"{name}.missing.txt", gettext("This file was deleted a moment ago."))


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _moment(value) for name, value in row.items()}


def _moment(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value


def _readme(parts: list[tuple[str, PersonalData]], missing: list[str]) -> str:
    listed = "\n".join(f"{owner}/{data.name}.json\n    {data.about}" for owner, data in parts)
    lines = [
        gettext("Everything that %(community)s stores about you", community=_community()),
        gettext(
            "Written on %(day)s by the forum at %(address)s. Times are in UTC. Files ending in "
            ".json open in any editor; those ending in .md are your texts, as you typed them "
            "(Markdown).",
            day=f"{utcnow():%Y-%m-%d}",
            address=current_settings().base_url,
        ),
        listed,
        gettext(
            "Left out are what would open your account (the hash of your password, links, the "
            "cookies of sessions), counts of tries that are forgotten within the hour, and who of "
            "the others did something: they are “a moderator” or “an administrator” here. Backups "
            "hold the same as this file, as it was on their day."
        ),
    ]
    if missing:
        words = gettext(
            "NOT COMPLETE: these parts of the forum could not give theirs: %(parts)s. Try again "
            "later, or ask an administrator.",
            parts=", ".join(missing),
        )
        lines.insert(1, words)
    return "\n\n".join(str(line) for line in lines) + "\n"


def _community() -> str:
    return guest_visit().community.name
