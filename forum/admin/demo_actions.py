"""A small made-up community, for a first tour: people, categories and threads from ``forum/demo/``.

A thread's file has TOML between two lines ``+++``, then its posts. Each begins with a line
``@@ who days time re=number``: who wrote it, how many days before today at what time of the
community's zone, and which post it answers, where it answers one.
"""

from __future__ import annotations

import re
import secrets
import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from sqlalchemy import select, update

from forum.accounts.handle_actions import add_member
from forum.accounts.models import Community, Member, MemberRole
from forum.accounts.passwords import hash_password
from forum.accounts.queries import actor_by_id
from forum.categories.actions import add_category
from forum.categories.models import Category
from forum.clock import utcnow
from forum.db import db
from forum.discussion.actions import Posting, prepare, reply, start_thread
from forum.discussion.curating_actions import lock_thread, mark_answer, pin_thread
from forum.discussion.models import Post, Revision, Thread
from forum.errors import Conflict
from forum.files.actions import Received, add_picture
from forum.files.pictures import encoded
from forum.files.storage import store_bytes
from forum.permissions import Actor, require
from forum.text.pictures import picture_address

FOLDER = Path(__file__).resolve().parents[1] / "demo"
_POST = re.compile(r"^@@ (\w+) (\d+) days (\d\d):(\d\d)(?: re=(\d+))?\n", re.MULTILINE)
_PICTURE = re.compile(r"\]\((\w+\.png)\)")


@dataclass(frozen=True, slots=True)
class SignIn:
    """How somebody of the demo signs in."""

    name: str
    role: str
    email: str
    password: str


@dataclass(frozen=True, slots=True)
class _Post:
    who: str
    at: datetime
    in_reply_to: int | None
    source: str


def is_empty() -> bool:
    """Whether nobody has an account here and nothing was written yet."""
    rows = (select(table.id).limit(1) for table in (Member, Thread, Category, Community))
    return all(db.session.scalar(row) is None for row in rows)


def fill_with_demo(actor: Actor) -> list[SignIn]:
    """Make the demo in an empty forum: how its people sign in, administrators first.

    Raises:
        NotAllowed: the actor is no administrator.
        Conflict: the forum is not empty.
    """
    require(actor, "community.manage")
    if not is_empty():
        raise Conflict(gettext("The demo needs an empty forum; this one has something in it."))
    made_up = tomllib.loads((FOLDER / "community.toml").read_text(encoding="utf-8"))
    words = {key: made_up[key] for key in ("name", "for_whom", "not_for_whom", "zone")}
    db.session.add(Community(id=1, **words))
    password = secrets.token_urlsafe(9)
    people = _people(made_up["people"], made_up["zone"], password)
    made = [
        add_category(actor, position=position, **category)
        for position, category in enumerate(made_up["categories"])
    ]
    categories = {category.slug: category for category in made}
    zone = ZoneInfo(made_up["zone"])
    for path in sorted((FOLDER / "threads").glob("*.md")):
        _add_thread(path.read_text(encoding="utf-8"), people, categories, zone)
    return [_sign_in(made_up["people"][key], people[key], password) for key in made_up["people"]]


def _people(described: dict[str, dict[str, str]], zone: str, password: str) -> dict[str, Member]:
    hashed = hash_password(password)
    people = {}
    for key, person in described.items():
        facts = {name: words for name, words in person.items() if name != "role"}
        member = add_member(
            Member(
                email=f"{key}@demo.example",
                password_hash=hashed,
                zone=zone,
                created_at=utcnow() - timedelta(days=150),
                **facts,
            )
        )
        if "role" in person:
            db.session.add(MemberRole(member_id=member.id, role=person["role"]))
        people[key] = member
    db.session.flush()
    return people


def _sign_in(described: dict[str, str], member: Member, password: str) -> SignIn:
    return SignIn(member.name, described.get("role", "member"), member.email or "", password)


def _add_thread(
    text: str, people: dict[str, Member], categories: dict[str, Category], zone: ZoneInfo
) -> None:
    _, head, body = text.split("+++\n", 2)
    about = tomllib.loads(head)
    first, *replies = _posts(body, zone)
    author = _actor(people[first.who])
    started = start_thread(
        author,
        categories[about["category"]],
        title=about["title"],
        text=prepare(_with_pictures(first.source, author), reader=author),
        posting=Posting(),
        tags=", ".join(about.get("tags", ())),
    )
    _date(started, first.at)
    for written in replies:
        post = reply(
            _actor(people[written.who]),
            started.thread_id,
            text=prepare(written.source),
            posting=Posting(),
            in_reply_to=written.in_reply_to,
        )
        _date(post, written.at)
    _curate(_actor(people["hazel"]), started.thread_id, about)


def _posts(body: str, zone: ZoneInfo) -> list[_Post]:
    _, *parts = _POST.split(body)
    today = utcnow().astimezone(zone)
    posts = []
    for who, days, hour, minute, answered, source in zip(*[iter(parts)] * 6, strict=True):
        at = today.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
        at -= timedelta(days=int(days))
        posts.append(_Post(who, at, int(answered) if answered else None, source.strip()))
    return posts


def _actor(member: Member) -> Actor:
    actor = actor_by_id(member.id)
    assert actor is not None
    return actor


def _with_pictures(source: str, author: Actor) -> str:
    """The text with the addresses of the pictures that it names by their files."""

    def address(match: re.Match[str]) -> str:
        made = encoded((FOLDER / match[1]).read_bytes())
        received = Received(store_bytes(made.data, made.format), made)
        picture = add_picture(author, received)
        return f"]({picture_address(picture.hash, picture.format)})"

    return _PICTURE.sub(address, source)


def _date(post: Post, at: datetime) -> None:
    # Everything was written a moment ago; a tour reads better with some weeks between.
    post.created_at = at
    db.session.execute(update(Revision).where(Revision.post_id == post.id).values(created_at=at))
    dates: dict[str, Any] = {"last_posted_at": at} | (
        {"created_at": at} if post.number == 1 else {}
    )
    db.session.execute(update(Thread).where(Thread.id == post.thread_id).values(**dates))


def _curate(curator: Actor, thread_id: int, about: dict[str, Any]) -> None:
    if "answer" in about:
        mark_answer(curator, thread_id, about["answer"])
    if about.get("pinned"):
        pin_thread(curator, thread_id)
    if "locked" in about:
        lock_thread(curator, thread_id, reason=about["locked"])
