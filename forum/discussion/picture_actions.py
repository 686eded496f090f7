"""Verbs on the pictures that posts show."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import delete, insert, select

from forum.db import db
from forum.discussion.models import Post, PostPicture
from forum.discussion.picture_queries import pictures_open_to
from forum.errors import Invalid
from forum.files.models import Picture
from forum.permissions import Actor
from forum.text.pictures import ADDRESS, picture_address, pictures_shown


def keep_pictures(actor: Actor, post: Post) -> None:
    """Note which pictures a post shows in its present version; whoever may read it sees them.

    Raises:
        Invalid: ``"source"``; it shows one that the actor may not see, or that is not there.
    """
    shown = pictures_shown(post.html)
    hashes = [found["hash"] for address in shown if (found := ADDRESS.fullmatch(address))]
    if hashes:
        _hold_still(hashes)
        known = pictures_open_to(actor, hashes).values()
        shown -= {picture_address(picture.hash, picture.format) for picture in known}
    if shown:
        message = gettext(
            "The picture %(address)s is not there, or is not open to you. Add it with the button "
            "“Add a picture”, or take it out.",
            address=min(shown),
        )
        raise Invalid("source", message)
    _replace(post.id, set(hashes), is_new=post.version == 1)


def _hold_still(hashes: list[str]) -> None:
    # Whoever cleans up waits until the post shows them; what is gone by now is not found below.
    db.session.execute(
        select(Picture.hash)
        .where(Picture.hash.in_(hashes))
        .order_by(Picture.hash)
        .with_for_update(read=True, key_share=True)
    )


def _replace(post_id: int, hashes: set[str], *, is_new: bool) -> None:
    if not is_new:
        db.session.execute(delete(PostPicture).where(PostPicture.post_id == post_id))
    if hashes:
        rows = [{"post_id": post_id, "picture": hash_} for hash_ in sorted(hashes)]
        db.session.execute(insert(PostPicture), rows)
