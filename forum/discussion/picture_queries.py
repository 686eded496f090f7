"""Who may see which uploaded picture: its uploader, and whoever may see a post that shows it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, exists, select

from forum import db as database
from forum.db import Statement
from forum.discussion.models import Post, PostPicture, Thread
from forum.files.models import Picture, Upload
from forum.permissions import Actor, allowed
from forum.text.pictures import hashes_in, picture_address


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """A picture as it is served and laid out."""

    hash: str
    format: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Place:
    """Where posts show a picture, as far as that decides who may see it."""

    picture: str
    category_id: int
    held: bool
    removed: bool
    own: bool


_HASHES: Any = bindparam("hashes", expanding=True)
_MEMBER: Any = bindparam("member")
_PICTURES: Statement = select(
    Picture.hash,
    Picture.format,
    Picture.width,
    Picture.height,
    exists().where(Upload.picture == Picture.hash, Upload.member_id == _MEMBER),
).where(Picture.hash.in_(_HASHES))
# However many posts show a picture, these are few rows.
_PLACES: Statement = (
    select(
        PostPicture.picture,
        Thread.category_id,
        Post.number.is_(None),
        Post.removed_at.is_not(None) | Thread.removed_at.is_not(None),
        Post.author_id == _MEMBER,
    )
    .join(Post, Post.id == PostPicture.post_id)
    .join(Thread, Thread.id == Post.thread_id)
    .where(PostPicture.picture.in_(_HASHES))
    .distinct()
)


def pictures_open_to(actor: Actor, hashes: Collection[str]) -> dict[str, PictureFacts]:
    """Those of the pictures that the actor may see at this moment, by their hashes.

    Always two statements, so that the answer takes as long for what is hidden as for what is not
    there.
    """
    values = {"hashes": sorted(hashes), "member": actor.id or 0}
    found = database.rows(_PICTURES, values)
    places = [_Place(*row) for row in database.rows(_PLACES, values)]
    seen = {place.picture for place in places if _is_open(actor, place)}
    return {
        row.hash: PictureFacts(row.hash, row.format, row.width, row.height)
        for row in found
        if row[4] or row.hash in seen
    }


def picture_sizes(actor: Actor | None, source: str) -> dict[str, tuple[int, int]]:
    """Width and height, by address, of the pictures in a text that the actor may see.

    Nobody learns from a preview that a picture exists which they may not see.
    """
    hashes = hashes_in(source)
    if actor is None or not hashes:
        return {}
    return {
        picture_address(found.hash, found.format): (found.width, found.height)
        for found in pictures_open_to(actor, hashes).values()
    }


def _is_open(actor: Actor, place: _Place) -> bool:
    if not allowed(actor, "thread.see", place):
        return False
    if place.removed:
        return place.own or allowed(actor, "thread.curate", place)
    if place.held:
        return place.own or allowed(actor, "case.decide")
    return True
