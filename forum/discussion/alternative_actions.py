"""Verbs on what pictures say to those who do not see them."""

from __future__ import annotations

import re

from flask_babel import gettext

from forum.accessibility.describing import described, own_pictures
from forum.accessibility.document import Document
from forum.db import db
from forum.discussion.actions import Prepared, locked_post, revise_post
from forum.discussion.models import Post, Revision
from forum.discussion.rules import require_describe
from forum.errors import Invalid
from forum.permissions import Actor

LONGEST_ALTERNATIVE = 500
"""Characters. Longer ones are read out in one breath, without a way to pause or go back."""

_FILE_NAME = re.compile(r"\S+\.(?:png|jpe?g|webp|gif|heic)", re.IGNORECASE)


def change_alternatives(actor: Actor, post_id: int, *, text: Prepared, based_on: int) -> Post:
    """Give a post a new version in which its pictures say something else, and nothing else is changed.
    The time in which authors may change their posts does not end this.

    Args:
        based_on: the version the actor saw.

    Raises:
        NotFound: there is no such post, or the actor may not see it.
        NotAllowed: it is not theirs, the thread is locked, or a check refuses.
        Invalid: something else is different, too.
        Conflict: somebody changed or removed the post meanwhile.
    """
    post, thread = locked_post(post_id)
    require_describe(actor, thread, post)
    present = db.session.get_one(Revision, (post.id, post.version))
    if post.version == based_on and _around(present.source) != _around(text.source):
        raise Invalid("source", gettext("Only what pictures show can be changed here."))
    revise_post(actor, thread, post, text=text, based_on=based_on)
    return post


def _around(source: str) -> str:
    """The source without what its pictures say."""
    document = Document.parse(source)
    return described(document, {picture.span: "" for picture in own_pictures(document)})


def checked_alternative(words: str) -> str:
    """What a picture shows, with its white space folded; empty where nothing was written.

    Raises:
        Invalid: ``"alternative"``; it is too long, a file's name, or has characters that cannot be
            shown.
    """
    folded = " ".join(words.split())
    if len(folded) > LONGEST_ALTERNATIVE:
        message = gettext(
            "Shorten this to %(most)d characters; it has %(n)d. The rest can stand in the text.",
            most=LONGEST_ALTERNATIVE,
            n=len(folded),
        )
        raise Invalid("alternative", message)
    if _FILE_NAME.fullmatch(folded):
        message = gettext("This is a file's name. Write what the picture shows.")
        raise Invalid("alternative", message)
    if not folded.isprintable():
        raise Invalid("alternative", gettext("Leave invisible characters out."))
    return folded
