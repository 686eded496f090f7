"""The worker makes what administrators ordered, and takes it away after a day."""

from __future__ import annotations

from flask_babel import force_locale, gettext

from forum.accounts.queries import actor_by_id
from forum.admin.excerpt_actions import Excerpted, export_excerpt
from forum.admin.excerpt_extent import Wish
from forum.admin.excerpt_pages import export_pages
from forum.admin.export_queries import FORGET, JOB
from forum.admin.export_shelf import (
    Made,
    file_of,
    keep,
    made_exports,
    make_folder,
    take_away,
    take_away_old,
)
from forum.clock import utcnow
from forum.config import current_settings
from forum.errors import ForumError, NotAllowed
from forum.jobs.pulse import Pulse
from forum.jobs.worker import Work, handler, tidier

WAYS = {"pages": export_pages, "excerpt": export_excerpt}


@handler(JOB, in_transaction=False)
def make_export(work: Work) -> None:
    """Make it. What a person can mend is told on the page, and not tried again."""
    order = work.arguments
    make_folder()
    try:
        done, error = _made(work), ""
    except ForumError as refusal:
        done, error = Excerpted(), refusal.message
    path = file_of(order["word"])
    keep(
        Made(
            word=order["word"],
            kind=order["kind"],
            order=dict(order),
            made_at=utcnow().isoformat(),
            size=0 if error else path.stat().st_size,
            seal=done.seal,
            missing=len(done.missing),
            error=error,
        )
    )


def _made(work: Work) -> Excerpted:
    order, settings = work.arguments, current_settings()
    actor = actor_by_id(order["by"])
    if actor is None:
        raise NotAllowed(gettext("Whoever ordered it is not a member any more."))
    with force_locale(actor.language.replace("-", "_")):
        # A worker that died may have left one.
        return WAYS[order["kind"]](
            actor,
            file_of(order["word"]),
            Wish.from_json(order["wish"]),
            force=True,
            progress=Pulse(work, settings),
        )


@handler(FORGET, in_transaction=False)
def forget_all(work: Work) -> None:
    """Take away whatever was made before somebody was erased."""
    for made in made_exports():
        take_away(made.word)


@tidier
def forget_exports() -> None:
    """Take away what is older than a day."""
    take_away_old()
