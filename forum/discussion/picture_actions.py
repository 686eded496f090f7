"""Verbs on the pictures that posts show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask_babel import gettext
from sqlalchemy import Row, delete, exists, func, insert, select

from forum.accounts.hold_queries import held_members
from forum.clock import utcnow
from forum.db import db
from forum.discussion.models import Draft, Post, PostPicture, Revision
from forum.discussion.picture_queries import pictures_open_to
from forum.errors import Invalid
from forum.files.models import Picture, Upload
from forum.jobs.queue import enqueue
from forum.permissions import Actor, require
from forum.text.pictures import ADDRESS, hashes_in, picture_address, pictures_shown

UNUSED_DAYS = 7
REMOVE_FILES = "pictures.remove"
_MOST_AT_ONCE = 500


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


def forget_unused_pictures(actor: Actor) -> int:
    """Forget pictures that no post, draft or earlier version names and that nobody uploaded within
    a week: how many. Their files are removed by a job, after the commit.

    A post that was removed, or waits for a moderator, keeps its own; a version that a moderator
    emptied does not.

    Raises:
        NotAllowed: the actor does not manage the community.
    """
    require(actor, "community.manage")
    candidates = _unused_since(utcnow() - timedelta(days=UNUSED_DAYS))
    # Nobody can begin to show them now; whoever was about to has committed it by this second look.
    unused = {row.hash: row.format for row in candidates} if candidates else {}
    for hash_ in _shown(set(unused)) | _in_versions(set(unused)):
        unused.pop(hash_, None)
    if unused:
        db.session.execute(delete(Picture).where(Picture.hash.in_(unused)))
        enqueue(REMOVE_FILES, files=sorted(unused.items()))
    return len(unused)


def forget_uploads(member_id: int) -> None:
    """Forget that a member uploaded pictures, and those that no post shows and nobody else uploaded.
    For the transaction that closes the account; the files are removed by a job."""
    theirs = exists().where(Upload.picture == Picture.hash, Upload.member_id == member_id)
    others = exists().where(Upload.picture == Picture.hash, Upload.member_id != member_id)
    shown = exists().where(PostPicture.picture == Picture.hash)
    candidates = db.session.execute(
        select(Picture.hash, Picture.format)
        .where(theirs, ~others, ~shown)
        .order_by(Picture.hash)
        .with_for_update(of=Picture)
    ).all()
    db.session.execute(delete(Upload).where(Upload.member_id == member_id))
    # As above: whoever was about to show one has committed it by this second look.
    unused = {row.hash: row.format for row in candidates}
    for hash_ in _shown(set(unused)):
        unused.pop(hash_)
    if unused:
        db.session.execute(delete(Picture).where(Picture.hash.in_(unused)))
        enqueue(REMOVE_FILES, files=sorted(unused.items()))


def _unused_since(moment: datetime) -> Sequence[Row[str, str]]:
    shown = exists().where(PostPicture.picture == Picture.hash)
    fresh = exists().where(Upload.picture == Picture.hash, Upload.created_at >= moment)
    held = exists().where(Upload.picture == Picture.hash, Upload.member_id.in_(held_members()))
    statement = (
        select(Picture.hash, Picture.format)
        .where(
            Picture.created_at < moment, ~shown, ~fresh, ~held, Picture.hash.not_in(_in_drafts())
        )
        # Those that stay for an earlier version's sake must not be all that is ever looked at.
        .order_by(func.random())
        .limit(_MOST_AT_ONCE)
        .with_for_update(of=Picture, skip_locked=True)
    )
    return db.session.execute(statement).all()


def _shown(hashes: set[str]) -> set[str]:
    statement = select(PostPicture.picture).where(PostPicture.picture.in_(hashes)).distinct()
    return set(db.session.scalars(statement))


def _in_versions(hashes: set[str]) -> set[str]:
    """Pictures that some version names which one of their uploaders wrote."""
    uploaders = select(Upload.member_id).where(Upload.picture.in_(hashes))
    written = select(Revision.source).where(
        Revision.editor_id.in_(uploaders), Revision.source.contains("/files/")
    )
    return {hash_ for source in db.session.scalars(written) for hash_ in hashes_in(source)}


def _in_drafts() -> set[str]:
    with_pictures = select(Draft.source).where(Draft.source.contains("/files/"))
    return {hash_ for source in db.session.scalars(with_pictures) for hash_ in hashes_in(source)}
