"""Work on pictures that nobody waits for."""

from __future__ import annotations

from forum.discussion.picture_actions import REMOVE_FILES, forget_unused_pictures
from forum.files.actions import remove_files
from forum.jobs.worker import Work, handler, tidier
from forum.permissions import OPERATOR


@handler(REMOVE_FILES)
def remove_picture_files(work: Work) -> None:
    """Remove the files of pictures that were forgotten."""
    remove_files((hash_, format_) for hash_, format_ in work.arguments["files"])


@tidier
def tidy_pictures() -> None:
    """Forget pictures that nothing shows."""
    forget_unused_pictures(OPERATOR)
