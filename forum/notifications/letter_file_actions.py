"""The letters that lie in the instance folder, where there is no mail server."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from email.utils import getaddresses
from pathlib import Path

from sqlalchemy import select, tuple_

from forum import db as database
from forum.config import current_settings
from forum.discussion.models import MovedNumber, Post

FAREWELL = "closed"
_NAME = re.compile(r"\.?\d{8}-\d{6}-(?P<kind>[a-z_]+)-(?P<job>\d{1,18})\.eml(?:\.part)?")
_POST = re.compile(r"/t/(\d{1,18})/(\d{1,18})(?![/\d])")


@dataclass(frozen=True, slots=True)
class LetterFile:
    """A letter as it lies there: its kind, the number of the job that wrote it, to whom, and the
    posts that it leads to."""

    path: Path
    kind: str
    job: int
    to: frozenset[str]
    posts: frozenset[tuple[int, int]]


def remove_letters(
    member_id: int,
    addresses: Collection[str],
    letters: Collection[int],
    *,
    asked: Collection[str] = (),
) -> int:
    """Remove the letters to a former member, and those to others that carry a post of theirs: how
    many. The last letter that they get stays for a day.

    Args:
        addresses: what was theirs, in small letters.
        letters: numbers of jobs that are known to have written to them.
        asked: addresses that were to become theirs; only the letter that asks for that goes.
    """
    gone = []
    others: list[LetterFile] = []
    for letter in _letter_files():
        is_asking = letter.kind == "address" and letter.to & set(asked)
        if letter.job in letters or letter.to & set(addresses) or is_asking:
            gone.append(letter)
        elif letter.posts:
            others.append(letter)
    theirs = _posts_by(member_id, {post for letter in others for post in letter.posts})
    gone += [letter for letter in others if letter.posts & theirs]
    for letter in gone:
        letter.path.unlink(missing_ok=True)
    return len(gone)


def remove_letter(kind: str, job: int) -> None:
    """Remove one letter, if it is there."""
    for path in _folder().glob(f"*-{kind}-{job}.eml"):
        path.unlink(missing_ok=True)


def _letter_files() -> Iterator[LetterFile]:
    folder = _folder()
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        named = _NAME.fullmatch(path.name)
        if named is None or named["kind"] == FAREWELL:
            continue
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            # Half a letter that was whole a moment later.
            continue
        to = getaddresses([str(message_from_bytes(raw, policy=default).get("To", ""))])
        words = raw.decode("utf-8", errors="replace")
        yield LetterFile(
            path,
            named["kind"],
            int(named["job"]),
            frozenset(address.lower() for _, address in to),
            frozenset((int(thread), int(number)) for thread, number in _POST.findall(words)),
        )


def _posts_by(member_id: int, posts: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    wanted, found = sorted(posts), set[tuple[int, int]]()
    for batch in (wanted[at : at + 200] for at in range(0, len(wanted), 200)):
        statement = select(Post.thread_id, Post.number).where(
            tuple_(Post.thread_id, Post.number).in_(batch), Post.author_id == member_id
        )
        # A letter that left before the post was moved has the address it had then.
        former = (
            select(MovedNumber.thread_id, MovedNumber.number)
            .join(Post, Post.id == MovedNumber.post_id)
            .where(
                tuple_(MovedNumber.thread_id, MovedNumber.number).in_(batch),
                Post.author_id == member_id,
            )
        )
        found |= {(row[0], row[1]) for one in (statement, former) for row in database.rows(one)}
    return found


def _folder() -> Path:
    return current_settings().mail_folder
