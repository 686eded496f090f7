"""Members' pages: who they are, and what they have written."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request

from forum.accounts.profile_queries import (
    Profile,
    profile,
    profile_by_handle,
    require_sight_of_members,
)
from forum.discussion.latest_queries import LatestPost, posts_of_member
from forum.discussion.queries import ROWS_A_PAGE, Place
from forum.errors import NotFound
from forum.permissions import Actor, allowed
from forum.web.addresses import member_url, place_from, place_word
from forum.web.forms import Answer
from forum.web.visit import current_actor

pages = Blueprint("members", __name__)


@pages.get("/members/<number:member_id>")
def member(member_id: int) -> Answer:
    """A member, with those of their posts that the reader may see, newest first. Whoever stands in for others
    has no page: under one another, their posts would look like one person's."""
    actor = current_actor()
    require_sight_of_members(actor)
    shown = profile(member_id)
    after = place_from(request.args.get("after"))
    found = _posts_if_known(actor, shown, after)
    posts, url = found[:ROWS_A_PAGE], member_url(member_id)
    goes_on = len(found) > ROWS_A_PAGE
    return render_template(
        "discussion/member.html",
        member=shown,
        posts=posts,
        older=f"{url}?after={place_word(posts[-1].created_at, posts[-1].id)}" if goes_on else None,
        newer=None if after is None else url,
        may_judge=allowed(actor, "member.moderate") and actor.id != member_id,
    )


@pages.get("/members/@<handle>")
def member_by_handle(handle: str) -> Answer:
    """The member with this handle: leads to their page, whose address stays when the handle changes."""
    actor = current_actor()
    require_sight_of_members(actor)
    shown = profile_by_handle(handle)
    _posts_if_known(actor, shown, None)
    return redirect(member_url(shown.id), 303)


def _posts_if_known(actor: Actor, shown: Profile, after: Place | None) -> list[LatestPost]:
    posts = posts_of_member(actor, shown.id, after)
    # Guests know the members whose posts they can read, and nobody else.
    if not posts and not actor.is_member:
        raise NotFound("")
    return posts
