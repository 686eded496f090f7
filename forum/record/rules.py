"""What can be recorded: kinds of deeds, and relations whose rows can be put back. Each room says its
own. Nothing is queried here; a relation is handed what reads and writes its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from flask_babel import gettext

from forum.permissions import Actor

Values = dict[str, Any]
"""The fields of a row as JSON can say them."""


class Entry(Protocol):
    """An entry of the log, or facts about one."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def kind(self) -> str:
        """What was done."""

    @property
    def actor_id(self) -> int | None:
        """Who did it."""

    @property
    def steps(self) -> int:
        """How many rows it changed."""

    @property
    def undo_of(self) -> int | None:
        """Which entry it undid."""

    @property
    def thread_id(self) -> int | None:
        """To which thread it was done."""

    @property
    def member_id(self) -> int | None:
        """Whose it was, or whom it is about."""

    @property
    def post_id(self) -> int | None:
        """To which post."""

    @property
    def case_id(self) -> int | None:
        """For which case."""


@dataclass(frozen=True, slots=True)
class DeedKind:
    """A kind of deed.

    Attributes:
        name: as in the log, such as ``thread.lock``.
        words: what a reader of the log finds, such as "thread locked".
        permission: who has it where the thread stands may see entries of this kind; who has it
            everywhere may when they are about no thread, or about one that is gone.
        require_undo: refuses whoever may not undo an entry, and holds what it is about; a deed of a
            later day is judged as it would be done today.
        after_undo: what else follows from putting the rows back, in the same transaction; refuses
            what may not be.
        tell_undone: tells whom it is about that it was undone, and by whom; with it, they read the
            reason for undoing, too.
        obstacle: why an entry cannot be undone as things are now; empty when nothing speaks against it.
            Asked before undoing is offered, and again when it is done.
        final: why entries of this kind cannot be undone, and what to do instead; else empty.
        has_letter: whether every deed of this kind asks for a letter to whom it is about.
        of_several: for deeds about what several people wrote: given one of them, makes the read of the
            entries about them. The reason, which may name each, goes with the first who leaves.
        also: what else undoing an entry would do now, in sentences for who looks at it before.
        is_private: whether whom it is about does not see it, although they may do such things.
        is_verdict: whether it is a decision about what somebody wrote, against which they can appeal.
            They do not undo it themselves, whatever else they may, unless they decided it.
    """

    name: str
    words: Any
    permission: str
    require_undo: Callable[[Actor, Entry], None]
    after_undo: Callable[[Entry], None] | None = None
    tell_undone: Callable[[Actor, Entry, str], None] | None = None
    obstacle: Callable[[Entry], str] | None = None
    final: Any = ""
    has_letter: bool = False
    of_several: Callable[[int], Any] | None = None
    also: Callable[[Entry], list[str]] | None = None
    is_private: bool = False
    is_verdict: bool = False


@dataclass(frozen=True, slots=True)
class Labels:
    """What a reader calls the rows of a relation, their fields, and values that are words of ours.

    A field in ``people`` has a member's number, one in ``categories`` a category's.
    """

    row: Any
    fields: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    people: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Dependents:
    """How many rows of a table refer to a row, by which of their fields."""

    table: str
    field: str
    count: int


class Relation(Protocol):
    """Rows that can be read, compared and put back, by key."""

    @property
    def name(self) -> str:
        """As in the log."""

    @property
    def labels(self) -> Labels:
        """What a reader calls all this."""

    @property
    def is_whole(self) -> bool:
        """Whether its fields are all there is of a row, so that one that was deleted can come back."""

    def read(self, key: str, *, held: bool = False) -> Values:
        """The row's fields at this moment, ``held`` for the rest of the transaction; none when there
        is no such row."""

    def read_all(self, keys: Collection[str], *, held: bool = False) -> dict[str, Values]:
        """The same of many rows, by key; without those that are not there."""

    def write(self, key: str, values: Values) -> None:
        """Make the row have these fields; the others stay. A row that is gone is made again, one that
        is to have none is deleted."""

    def dependents(self, key: str) -> list[Dependents]:
        """What would lose its row if this one were deleted."""

    def owner(self, key: str) -> int | None:
        """Whose row it is: their erasure erases what the log keeps of it."""


Known = TypeVar("Known", bound=Relation)
_KINDS: dict[str, DeedKind] = {}
_RESERVATIONS: dict[str, Callable[[Actor, Entry], str]] = {}
_RELATIONS: dict[str, Relation] = {}


def define_kind(kind: DeedKind) -> DeedKind:
    """Make a kind known. Call it when the room is imported."""
    _KINDS[kind.name] = kind
    return kind


def define_reservation(kind: str, why: Callable[[Actor, Entry], str]) -> None:
    """Make known who leaves it to others to undo entries of a kind. Call it when the room is imported.

    Args:
        why: says it in a sentence; empty when nothing speaks against it.
    """
    _RESERVATIONS[kind] = why


def define_relation(relation: Known) -> Known:
    """Make a relation known. Call it when the room is imported."""
    _RELATIONS[relation.name] = relation
    return relation


def known_kinds() -> Mapping[str, DeedKind]:
    """All kinds by name."""
    return _KINDS


def kind_named(name: str) -> DeedKind | None:
    """The kind of this name; ``None`` when it came from another version."""
    return _KINDS.get(name)


def why_another_decides(actor: Actor, entry: Entry) -> str:
    """Why the actor may not undo what others may undo: it was decided by somebody else about what they
    wrote, or a room says so. A sentence; empty when nothing speaks against it."""
    if (reserved := _RESERVATIONS.get(entry.kind)) and (why := reserved(actor, entry)):
        return why
    kind = kind_named(entry.kind)
    is_about_them = entry.member_id is not None and entry.member_id == actor.id
    if kind is None or not kind.is_verdict or not is_about_them or entry.actor_id == actor.id:
        return ""
    return str(
        gettext(
            "This was decided about your own words, so another moderator decides whether it stays. Ask for "
            "that under “What you can do”."
        )
    )


def relation_named(name: str) -> Relation | None:
    """The relation of this name; ``None`` when it came from another version."""
    return _RELATIONS.get(name)


ADDED = "added"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a row before and after a deed, and now. ``is_touched`` says that a later deed that
    stands changed it, too, even if it is again what this one made of it, or that the row is gone.

    ``field`` is ``ADDED`` for the count of what others added since to a row that the deed made."""

    relation: str
    row: str
    field: str
    before: Any
    after: Any
    now: Any
    is_touched: bool

    @property
    def stands(self) -> bool:
        """Whether nobody has changed it since."""
        return not self.is_touched and bool(self.now == self.after)

    @property
    def is_back(self) -> bool:
        """Whether it is again what it was before the deed."""
        return bool(self.now == self.before)


def why_nothing_is_left() -> str:
    """Why nothing is undone of which every field ``is_back``."""
    words: str = gettext("All of it is as it was before already, so nothing is left to undo here.")
    return words


def differing(before: Values, after: Values) -> list[str]:
    """The fields whose values are not the same, in their order; all of them when the row was made or
    deleted."""
    if not before or not after:
        return [*before, *after]
    return [name for name in before if before[name] != after.get(name)]
