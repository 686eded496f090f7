"""Predicates about cases. They query nothing; the clock decides, so each is given the time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from forum.discussion.models import EMPTIED
from forum.discussion.rules import Conversation, Written
from forum.discussion.waiting_rules import require_not_waiting
from forum.errors import Conflict, Invalid, NotAllowed
from forum.events import WAITED
from forum.hookspecs import CaseKind
from forum.permissions import HELP, Actor, allowed, require
from forum.phrases import Phrase
from forum.plugin_host import current_host
from forum.record.rules import FieldChange

CASES_A_PAGE = 25
DECIDE = "case.decide"
WORDS_LENGTH = 1_000
# What its author may ask another moderator to look at again.
APPEALABLE = (
    *("case.remove", "case.changes", "case.label", "case.move", "case.place"),
    *("case.publish_labelled", "post.remove", "thread.remove"),
)
# Readers have had the post since: undoing it for an appeal must not have them lose it.
PUBLISHED_SO = ("case.place", "case.publish_labelled")
# What readers notice of each: the field of a row.
_NOTICED = {
    **dict.fromkeys(("case.remove", "case.changes", "post.remove", "thread.remove"), "removed_at"),
    **dict.fromkeys(("case.move", "case.place"), "category_id"),
    **dict.fromkeys(("case.label", "case.publish_labelled"), "label"),
}
# Behind so many, another one changes nothing for whoever decides: a storm of flags must block nobody.
MOST_REASONS = 20
FLAGGED = Phrase("Members say that something is wrong with it.")
# Long enough to read a thread and to ask a colleague, short enough that nobody waits for a lunch.
CLAIM = timedelta(minutes=30)


def is_in_force(kind: str, changes: Collection[FieldChange]) -> bool:
    """Whether what readers notice of a decision still stands as it was decided: nobody has mended it by
    hand since, or decided anew.

    Args:
        changes: all that the decision changed, with what is there now.
    """
    noticed = [change for change in changes if change.field == _NOTICED.get(kind)]
    return all(change.stands for change in noticed or changes)


class Readable(Protocol):
    """What a moderator reads of a case before deciding about it."""

    @property
    def kind(self) -> str:
        """As in the table."""

    @property
    def opened_at(self) -> datetime:
        """Since when it waits."""

    @property
    def closed_at(self) -> datetime | None:
        """When it was decided."""

    @property
    def version(self) -> int:
        """Of the post."""

    @property
    def post_removed_at(self) -> datetime | None:
        """When the post was taken away."""

    @property
    def label(self) -> str | None:
        """What stands above the post."""

    @property
    def thread_id(self) -> int:
        """Where the post stands."""

    @property
    def removed_at(self) -> datetime | None:
        """When its thread was removed."""

    @property
    def category_id(self) -> int:
        """Where the thread stands."""

    @property
    def title(self) -> str:
        """Of the thread."""

    @property
    def pipeline(self) -> int:
        """What the words were rendered by; ``EMPTIED`` when they are gone for good."""

    @property
    def first_is_undone(self) -> bool:
        """Whether what an appeal is against is undone."""

    @property
    def reasons(self) -> int:
        """For how many different reasons the post was flagged."""


def mark_of(case: Readable) -> str:
    """A word that is another one when what a moderator read of the case is not so any more: the post
    was edited, emptied, removed, moved or labelled, its thread moved, removed or called otherwise, the
    case decided, or what it appeals against undone; or the post was flagged for another reason, as long as
    there are few."""
    facts = (
        *(case.kind, case.opened_at, case.closed_at, case.version, case.post_removed_at),
        *(case.label, case.thread_id, case.removed_at, case.category_id, case.title),
        *(case.pipeline == EMPTIED, case.first_is_undone, min(case.reasons, MOST_REASONS)),
    )
    return sha256(repr(facts).encode()).hexdigest()[:16]


class Claimable(Protocol):
    """Anything that knows who took it, and until when."""

    @property
    def claimed_by(self) -> int | None:
        """Who took it last."""

    @property
    def claimed_until(self) -> datetime | None:
        """When that ends."""


def is_claimed(case: Claimable, now: datetime) -> bool:
    """Whether somebody has the case at this moment."""
    return case.claimed_until is not None and now < case.claimed_until


def is_claimed_by(actor: Actor, case: Claimable, now: datetime) -> bool:
    """Whether the actor has the case at this moment."""
    return is_claimed(case, now) and case.claimed_by == actor.id


def why_closed(kind: str, decision: str | None, name: str) -> str:
    """Why a case that is decided cannot be decided: a sentence.

    Args:
        name: of whoever decided it, if it is known.
    """
    if decision == "withdrawn" and kind == FLAG:
        return str(_("Whoever flagged this post has taken that back meanwhile."))
    if decision == "withdrawn":
        return str(_("The author has taken this post back meanwhile."))
    if decision == "unreviewed":
        return by_clock()
    somebody = name or _("Somebody")
    return str(_("%(name)s has decided this case meanwhile.", name=somebody))


def by_clock() -> str:
    """Why nobody decides a case that the clock has decided: a sentence."""
    message = _(
        "Nobody had decided in time, so this post is published now, with a line above it. It stands "
        "on the desk as “not yet reviewed”: decide there."
    )
    return str(message)


def why_taken(name: str) -> str:
    """Why a case that somebody else has cannot be decided: a sentence with their name."""
    message = _(
        "%(name)s has this case at present. Wait until it is given back, or talk to them.",
        name=name or _("Somebody"),
    )
    return str(message)


def why_not_own(kind: str) -> str:
    """Why a case about what somebody wrote or flagged themselves is another's to decide: a sentence."""
    if kind == FLAG:
        return str(_("You flagged this post yourself. Another moderator decides."))
    return str(_("This is about your own words. Another moderator decides."))


def can_decide(actor: Actor, case: Claimable, now: datetime) -> bool:
    """Whether the case is free for the actor: nobody has it, or they do."""
    return not is_claimed(case, now) or case.claimed_by == actor.id


_KINDS: dict[str, CaseKind] = {}


def define_case_kind(kind: CaseKind) -> CaseKind:
    """Make a kind of the forum's own known. Call it when the room is imported."""
    _KINDS[kind.name] = kind
    return kind


HOLD = define_case_kind(
    CaseKind(
        "hold",
        _("held"),
        _("Held post"),
        "case.decide",
        ("publish", "label", "move", "changes", "remove"),
    )
).name
FIRST = define_case_kind(
    CaseKind(
        "first",
        _("first post, waits"),
        _("First post that waits"),
        "case.decide",
        ("publish", "label", "move", "changes", "remove"),
    )
).name
HELD = WAITED
WELCOME = define_case_kind(
    CaseKind(
        "welcome",
        _("first post"),
        _("First post"),
        "case.decide",
        ("reviewed", "label", "changes", "move", "remove"),
    )
).name
UNREVIEWED = define_case_kind(
    CaseKind(
        "unreviewed",
        _("not yet reviewed"),
        _("Post that nobody has reviewed"),
        "case.decide",
        ("reviewed", "label", "changes", "move", "remove"),
    )
).name
HELP_NEEDED = define_case_kind(
    CaseKind("help", _("asks for help"), _("Asked for help"), HELP, ("done",))
).name
FLAG = define_case_kind(
    CaseKind(
        "flag",
        _("flagged"),
        _("Flagged post"),
        "case.decide",
        ("nothing", "label", "changes", "move", "remove"),
        is_open_to_author=False,
    )
).name
STANDING = (FLAG, WELCOME, UNREVIEWED)
"""The kinds of cases of posts that readers find in their thread."""
APPEAL = define_case_kind(
    CaseKind(
        "appeal",
        _("appeal"),
        _("Appeal"),
        "case.decide",
        ("uphold", "overturn"),
        is_open_to_author=False,
    )
).name


MEASURE = define_case_kind(
    CaseKind(
        "measure",
        _("appeal about a measure"),
        _("Appeal about a measure"),
        "member.moderate",
        ("uphold", "overturn"),
        is_open_to_author=False,
    )
).name


def case_kind(name: str) -> CaseKind:
    """The kind of this name. One that nobody brings any more, such as that of a plugin which is
    gone, can be closed and no more."""
    return _all_kinds().get(name) or CaseKind(name, name, name, DECIDE, ("nothing",))


def _all_kinds() -> dict[str, CaseKind]:
    return _KINDS | current_host().case_kinds


def known_case_kinds() -> list[str]:
    """The names of all kinds."""
    return list(_all_kinds())


def kinds_for(actor: Actor) -> list[str]:
    """The kinds of cases that are for the actor."""
    return [kind.name for kind in _all_kinds().values() if _finds(actor, kind)]


def _finds(actor: Actor, kind: CaseKind) -> bool:
    # Whoever decides about posts can also undo it, and reads it in the record.
    is_own = kind.name in _KINDS
    return allowed(actor, kind.permission) and (is_own or allowed(actor, DECIDE))


def is_brought(kind: str) -> bool:
    """Whether a plugin brings cases of this kind, or did before it was gone."""
    return kind not in _KINDS


def is_of_waiting(kind: str) -> bool:
    """Whether a plugin brings cases of this kind about posts by a stand-in that wait."""
    return case_kind(kind).of_waiting


def is_held(kind: str) -> bool:
    """Whether the post of such a case is not published before somebody has decided."""
    return kind in HELD or is_of_waiting(kind)


def kinds_hidden_from_authors() -> list[str]:
    """The kinds of cases that a moderator does not find when the post is their own."""
    return [kind.name for kind in _all_kinds().values() if not kind.is_open_to_author]


def is_for(actor: Actor, kind: str, author_id: int) -> bool:
    """Whether the actor finds cases of this kind about a post of this author."""
    known = case_kind(kind)
    own = author_id == actor.id and not known.is_open_to_author
    return _finds(actor, known) and not own


def require_some_cases(actor: Actor) -> None:
    """Refuse whoever decides no cases at all.

    Raises:
        NotAllowed: they neither decide what is held nor help with accessibility.
    """
    if not kinds_for(actor):
        require(actor, "case.decide")


def require_curating(actor: Actor) -> None:
    """Refuse whoever looks after no category at all.

    Raises:
        NotAllowed: they curate nowhere.
    """
    if not actor.scope("thread.curate").holds_somewhere:
        require(actor, "thread.curate")


def require_flaggable(actor: Actor, post: Written) -> None:
    """Refuse a flag on what is one's own, or what nobody reads.

    Raises:
        Conflict: so it is; the message says what to do instead.
    """
    if post.author_id == actor.id:
        message = gettext("This is your own post. You can change it, or remove it.")
        raise Conflict(message, heading=gettext("You cannot flag your own post"))
    require_not_waiting(post)
    if post.removed_at is not None or post.pipeline == EMPTIED:
        raise Conflict(gettext("This post was removed already, so nobody reads it any more."))


def require_mendable(thread: Conversation, post: Written) -> None:
    """Refuse where nobody reads the post any more that help was asked for.

    Raises:
        Conflict: it or its thread was removed, or its words were taken out.
    """
    require_not_waiting(post)
    if thread.removed_at is not None or post.removed_at is not None or post.pipeline == EMPTIED:
        raise Conflict(gettext("This post was removed, so it cannot be changed."))


@dataclass(frozen=True, slots=True)
class PlaceOfPost:
    """Where a held post would appear. ``author`` is ``None`` when the account was closed."""

    category_id: int
    category: str
    is_started: bool
    is_removed: bool
    is_locked: bool
    author: Actor | None


def writer(author: Actor | None) -> Actor | None:
    """Who wrote a post, as they were before they were muted or suspended: a moderator decides about
    what they had written by then."""
    return None if author is None else replace(author, bar=None)


def is_due(case: Claimable, opened_at: datetime, days: int, now: datetime) -> bool:
    """Whether the time in which somebody could decide is over. Whoever has the case at that moment
    is not overtaken while they read; taking it again and again keeps the clock half an hour.

    Args:
        days: how long posts wait; 0 is without end.
    """
    if not days:
        return False
    deadline = opened_at + timedelta(days=days)
    return now >= deadline and (now >= deadline + CLAIM or not is_claimed(case, now))


def obstacle_to_publishing(place: PlaceOfPost) -> str:
    """Why the thread does not take a held post now, and what to do; empty when it does."""
    if place.is_removed:
        return str(_("The thread was removed. Restore it first, or remove this post, too."))
    if place.is_locked:
        return str(_("The thread was locked. Unlock it first, or remove this post."))
    if place.author is None:
        return str(_("The author has closed the account. Remove this post."))
    needed = "thread.reply" if place.is_started else "thread.start"
    if all(allowed(place.author, name, place) for name in ("thread.see", needed)):
        return ""
    message = _(
        "The author may not write in “%(category)s” any more. Move the thread back, or remove "
        "this post.",
        category=place.category,
    )
    return str(message)


# Whoever is to be kept out for longer is kept out without end.
LONGEST_MEASURE = timedelta(days=5 * 366)


def require_may_judge(actor: Actor, member_id: int, roles: Collection[str]) -> None:
    """Refuse whoever may not decide about this member, nor read what others noted about them.

    Args:
        roles: the member's beyond ``member``.

    Raises:
        NotAllowed: they have no such right, it is themselves, or a moderator or administrator and
            they do not administer the community.
    """
    require(actor, "member.moderate")
    if actor.id == member_id:
        raise NotAllowed(
            gettext("Nobody decides about themselves. Other moderators and administrators do.")
        )
    if roles and not allowed(actor, "community.manage"):
        raise NotAllowed(
            gettext("Only administrators decide about moderators and administrators. Ask one.")
        )


def require_future(until: datetime | None, now: datetime) -> None:
    """Refuse an end that is over or too far away; ``None`` is without end.

    Raises:
        Invalid: ``"until"``.
    """
    if until is None:
        return
    if until <= now:
        raise Invalid("until", gettext("This is over already. Choose a later end."))
    if until > now + LONGEST_MEASURE:
        raise Invalid("until", gettext("Choose an end within the next five years."))
