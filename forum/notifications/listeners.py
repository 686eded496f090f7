"""What notifications do when something happens elsewhere."""

from __future__ import annotations

from forum.hookspecs import PostPublished
from forum.notifications.actions import tell_of_reply
from forum.plugin_host import hookimpl


@hookimpl
def on_post_published(event: PostPublished) -> None:
    """Tell whoever the post replies to. The worker runs this in a transaction of its own."""
    tell_of_reply(event.post_id)
