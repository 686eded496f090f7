"""What plugins can ask about threads that somebody may see."""

from __future__ import annotations

from forum.discussion.queries import thread_facts
from forum.hookspecs import ShownThread
from forum.permissions import Actor


def shown_thread(actor: Actor, thread_id: int) -> ShownThread:
    """The thread, if the actor may see it, as on its own page.

    Raises:
        NotFound: there is none, or the actor may not know of it; the message says if it was removed.
    """
    thread = thread_facts(actor, thread_id)
    return ShownThread(thread.id, thread.category_id, thread.title)
