"""What is told to plugins, and to the core's own parts, after it has happened: the events of ``on_*``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has happened: told to each implementation of its hook after the commit."""

    hook: ClassVar[str]

    def to_json(self) -> dict[str, Any]:
        """Its fields by name, all of them primitives."""
        return asdict(self)

    @classmethod
    def from_json(cls, arguments: Mapping[str, Any]) -> Self:
        """The event that ``to_json`` wrote.

        Raises:
            TypeError: the fields are not those of this event.
        """
        return cls(**arguments)


@dataclass(frozen=True, slots=True)
class PostPublished(Event):
    """A post can be read: it was published at once, or a moderator let it pass.

    Attributes:
        post_id: the post.
        thread_id: its thread.
    """

    hook: ClassVar[str] = "on_post_published"

    post_id: int
    thread_id: int


@dataclass(frozen=True, slots=True)
class PostEdited(Event):
    """A published post has a new version, which everybody reads instead of the earlier one.

    Attributes:
        post_id: the post.
        thread_id: its thread.
    """

    hook: ClassVar[str] = "on_post_edited"

    post_id: int
    thread_id: int


@dataclass(frozen=True, slots=True)
class CaseDecided(Event):
    """A moderator has decided about a post that waited for a person.

    Attributes:
        post_id: the post.
        kind: ``hold`` when it waited for a moderator, ``help`` when its author had asked for help,
            ``flag`` when members had flagged it, ``first`` when it was a first post and waited,
            ``welcome`` when that was published at once, ``unreviewed`` when the clock had
            published it, ``appeal`` when its author had asked another
            moderator to look at a decision; or a plugin's kind.
        decision: ``published``, ``labelled``, ``changes`` when the author is asked for some,
            ``removed``, ``moved`` with its thread, ``nothing`` when nothing is wrong; of appeals
            ``upheld``, ``overturned``, or ``affirmed`` and ``conceded`` when it was decided rightly or
            wrongly and nothing of it was left to undo; ``done`` when help was given, or what a plugin
            asked for; ``unreviewed`` when nobody had decided in time, so that the clock published it;
            ``reviewed`` when what it published, or a first post, is as it should be.
        words: what the moderator says to the author: of a removal the reason, else perhaps empty.
        case_id: the case, as ``open_case`` named it; 0 in what an earlier version has told.
    """

    hook: ClassVar[str] = "on_case_decided"

    post_id: int
    kind: str
    decision: str
    words: str
    case_id: int = 0


WAITED = ("hold", "first")
"""The kinds of cases of posts that wait until somebody decides."""
OF_HELD = {
    "removed": "h_removed",
    "changes": "h_changes",
    "labelled": "p_labelled",
    "moved": "placed",
}
"""What is told of decisions about a post that waited, where other posts are told something else."""
RELOCATED = "relocated"


@dataclass(frozen=True, slots=True)
class PostCurated(Event):
    """A moderator did something to a post where it stands, or took back what was decided about it.

    Attributes:
        post_id: the post; of a whole thread its first.
        deed: ``removed`` or ``restored``; ``t_removed`` or ``t_restored`` with its whole thread;
            ``relocated`` when it was split off, merged or moved into another thread, told once for
            each author; of decisions that were taken back ``waiting`` when it is held again,
            ``reopened`` when an appeal or a request for help is open again, else ``undone``.
        words: what the moderator says to the author: of a removal the reason, else perhaps empty.
    """

    hook: ClassVar[str] = "on_post_curated"

    post_id: int
    deed: str
    words: str


@dataclass(frozen=True, slots=True)
class FlagsAnswered(Event):
    """A moderator has decided about a post that members had flagged.

    Attributes:
        post_id: the post.
        decision: as in ``CaseDecided``.
        words: what the moderator says, which these members read, too.
        members: who flagged it. Nobody else may learn that, its author least of all.
    """

    hook: ClassVar[str] = "on_flags_answered"

    post_id: int
    decision: str
    words: str
    members: list[int]


EVENTS: dict[str, type[Event]] = {
    kind.hook: kind for kind in (PostPublished, PostEdited, CaseDecided, PostCurated, FlagsAnswered)
}
