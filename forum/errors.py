"""The forum's words for what can go wrong.

Code below the web raises these; ``forum/web/errors.py`` alone knows which HTTP status each becomes.
Every message is shown to a person: it says what happened and what to do next.
"""

from __future__ import annotations


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


class NotFound(ForumError):
    """There is no such thing, or the actor may not know of it (HTTP 404)."""


class Conflict(ForumError):
    """The thing changed meanwhile, so doing this now would undo somebody's work (HTTP 409)."""


class TooMany(ForumError):
    """A limit on how often this may be done is reached (HTTP 429).

    Args:
        retry_after: seconds until it makes sense to try again.
    """

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
