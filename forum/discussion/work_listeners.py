"""Work on posts and their pictures that nobody waits for."""

from __future__ import annotations

from forum.discussion.former_actions import FORGET_NAME, forget_name
from forum.discussion.picture_actions import REMOVE_FILES, forget_unused_pictures
from forum.discussion.review_actions import REVIEW_ALL, review_some
from forum.files.actions import remove_files
from forum.jobs.worker import Work, handler, tidier
from forum.permissions import OPERATOR


@handler(REMOVE_FILES)
def remove_picture_files(work: Work) -> None:
    """Remove the files of pictures that were forgotten."""
    remove_files((hash_, format_) for hash_, format_ in work.arguments["files"])


@handler(FORGET_NAME)
def forget_name_of_former(work: Work) -> None:
    """Take somebody who has left out of what others wrote, some versions at a time."""
    given = work.arguments
    post_id, version = given["after"]
    waits = bool(given.get("waits"))
    forget_name(int(given["former"]), given["handle"], after=(post_id, version), waits=waits)


@handler(REVIEW_ALL, in_transaction=False)
def review_posts(work: Work) -> None:
    """Review some posts again after a rule has changed; the next job goes on behind them."""
    review_some(OPERATOR, after=int(work.arguments["after"]))


@tidier
def tidy_pictures() -> None:
    """Forget pictures that nothing shows."""
    forget_unused_pictures(OPERATOR)
