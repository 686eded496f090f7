"""The forum's words for what can go wrong.

Code below the web raises these; ``forum/web/errors.py`` alone knows which HTTP status each becomes.
Every message is shown to a person: it says what happened and what to do next.
"""

from __future__ import annotations

from collections.abc import Mapping

from forum.phrases import Phrase


class ForumError(Exception):
    """Something the person asking can understand.

    Args:
        message: a sentence in plain language, already translated where a request is under way.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Invalid(ForumError):
    """What was sent cannot be taken; ``field`` names the form field it stands in (HTTP 422)."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class NotAllowed(ForumError):
    """The actor may see the thing, but may not do this to it (HTTP 403)."""


class Barred(NotAllowed):
    """Moderators have muted or suspended whoever asks; the message says why and until when (HTTP 403)."""


class NotFound(ForumError):
    """There is no such thing, or the actor may not know of it (HTTP 404)."""


class Moved(NotFound):
    """The thing stands elsewhere now (HTTP 303 for who may read it there, else 404).

    Args:
        category_id: where ``thread_id`` stands; permissions are asked for it.
        removed: whether that thread was removed.
    """

    def __init__(
        self, message: str, *, thread_id: int, number: int, category_id: int, removed: bool
    ) -> None:
        super().__init__(message)
        self.thread_id, self.number = thread_id, number
        self.category_id, self.removed = category_id, removed


class Removed(NotFound):
    """A moderator removed it; whoever wrote it can ask another to look at that (HTTP 404).

    Args:
        post_id: their post that it is about.
    """

    def __init__(self, message: str, *, post_id: int) -> None:
        super().__init__(message)
        self.post_id = post_id


class Conflict(ForumError):
    """The thing changed meanwhile, so doing this now would undo somebody's work (HTTP 409).

    Args:
        heading: what happened, in a few words, where nobody else was faster.
    """

    def __init__(self, message: str, *, heading: str = "") -> None:
        super().__init__(message)
        self.heading = heading


class Overtaken(Conflict):
    """Somebody else changed the thing since it was looked at (HTTP 409).

    A form says it at its fields, and gives back what was typed.

    Args:
        changed: the fields that are no longer as they were seen, as they are now.
        seen: marks of all fields as they are now; see ``forum/seen.py``.
    """

    def __init__(self, changed: Mapping[str, object], seen: str) -> None:
        super().__init__(
            Phrase("Somebody else changed this meanwhile. Nothing was changed; look again.")
        )
        self.changed = changed
        self.seen = seen


class TooMany(ForumError):
    """A limit on how often this may be done is reached (HTTP 429).

    Args:
        retry_after: seconds until it makes sense to try again.
    """

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
