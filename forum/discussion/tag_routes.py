"""Pages of tags: all of them, and the threads filed under one."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import gettext

from forum.discussion.curating_queries import tags_in_use, threads_filed_under
from forum.discussion.lists import list_of_threads
from forum.discussion.queries import ROWS_A_PAGE
from forum.discussion.routes import older_threads
from forum.errors import NotFound
from forum.web.addresses import place_from, tag_url
from forum.web.forms import Answer
from forum.web.visit import current_actor

pages = Blueprint("tags", __name__)


@pages.get("/tags")
def tags() -> Answer:
    """The tags of the threads that are talked about, the most used first."""
    return render_template("discussion/tags.html", tags=tags_in_use(current_actor()))


@pages.get("/tags/<tag>")
def tag(tag: str) -> Answer:
    """The threads filed under a tag, last active first."""
    after = place_from(request.args.get("after"))
    found = threads_filed_under(current_actor(), tag, after)
    if not found and after is None:
        raise NotFound(gettext("No thread that you may see is filed under this tag."))
    return render_template(
        "discussion/tag.html",
        tag=tag,
        feed_url=f"{tag_url(tag)}/feed.atom",
        rows=list_of_threads(found[:ROWS_A_PAGE]),
        older=older_threads(tag_url(tag), found),
        newer=None if after is None else tag_url(tag),
    )
