"""Who may do what: named permissions, granted to roles and groups, everywhere or in one category.

The grants come with the actor, so asking never queries. Deny wins over allow.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from flask_babel import lazy_gettext as _

from forum.errors import Barred, NotAllowed, NotFound
from forum.moments import in_words

# Permissions that a category may narrow; the others hold for the whole forum.
IN_CATEGORY = (
    "thread.see",
    "thread.start",
    "thread.reply",
    "post.edit_own",
    "post.edit_any",
    "thread.curate",
    "post.flag",
)
# Whoever has it sees what authors ask help for, and changes those posts.
HELP = "accessibility.help"
EVERYWHERE = ("case.decide", "member.moderate", HELP, "community.manage")
PERMISSIONS = IN_CATEGORY + EVERYWHERE

# What somebody who is muted does not have.
SILENCED = frozenset({"thread.start", "thread.reply", "post.edit_own", "post.edit_any"})

REFUSALS = {
    "thread.start": _("You may not start threads in this category."),
    "thread.reply": _("You may not reply in this category."),
    "post.edit_own": _("You may not change your posts in this category."),
    "post.edit_any": _("You may change only your own posts."),
    "thread.curate": _("Only moderators of this category may do this."),
    "post.flag": _("You may not flag posts in this category."),
    "case.decide": _("Only moderators may do this."),
    "member.moderate": _("Only moderators may do this."),
    HELP: _("Only those who help with accessibility may do this."),
    "community.manage": _("Only administrators may do this."),
}


class InCategory(Protocol):
    """Anything that stands in a category: a thread, or facts about one."""

    @property
    def category_id(self) -> int:
        """The category's id."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where one permission holds: everywhere or in some categories, less those where it is denied."""

    everywhere: bool = False
    categories: frozenset[int] = frozenset()
    denied: frozenset[int] = frozenset()
    denied_everywhere: bool = False

    def holds_in(self, category: int | None) -> bool:
        """Whether it holds in this category; ``None`` asks for the whole forum."""
        if self.denied_everywhere or category in self.denied:
            return False
        return self.everywhere or category in self.categories

    @property
    def holds_somewhere(self) -> bool:
        """Whether there may be a category in which it holds."""
        return not self.denied_everywhere and (
            self.everywhere or bool(self.categories - self.denied)
        )

    def __and__(self, other: Scope) -> Scope:
        """Where both hold."""
        if self.everywhere or other.everywhere:
            categories = other.categories if self.everywhere else self.categories
        else:
            categories = self.categories & other.categories
        return Scope(
            self.everywhere and other.everywhere,
            categories,
            self.denied | other.denied,
            self.denied_everywhere or other.denied_everywhere,
        )


NOWHERE = Scope()
MUTE, SUSPENSION = "mute", "suspension"


@dataclass(frozen=True, slots=True)
class Bar:
    """What moderators decided that keeps a member from writing, a ``mute``, or from coming in at all,
    a ``suspension``; without end where ``until`` is ``None``.
    """

    kind: str
    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever asks for something, with all that decides what they may do. ``id`` is None for guests.

    ``edit_minutes`` is how long the community lets authors change a post; ``None`` is without end.
    ``bar`` is what keeps them from writing or coming in at this moment, if something does.
    """

    id: int | None = None
    name: str = ""
    roles: frozenset[str] = frozenset({"guest"})
    scopes: dict[str, Scope] = field(default_factory=dict)
    zone: str = "UTC"
    language: str = "en"
    edit_minutes: int | None = None
    bar: Bar | None = None

    @property
    def is_member(self) -> bool:
        """Whether this is somebody who signed in."""
        return self.id is not None

    def scope(self, permission: str) -> Scope:
        """Where the actor has this permission."""
        if self.bar is not None and permission in SILENCED:
            return NOWHERE
        return self.scopes.get(permission, NOWHERE)


@lru_cache(maxsize=1024)
def scopes_from(grants: str) -> dict[str, Scope]:
    """Scopes from words ``permission:effect:category`` parted by spaces, as the database gives them.

    The category is empty for a grant that holds everywhere.
    """
    found: dict[str, dict[str, set[int | None]]] = {}
    for word in grants.split():
        permission, effect, category = word.split(":")
        effects = found.setdefault(permission, {"allow": set(), "deny": set()})
        effects[effect].add(int(category) if category else None)
    return {name: _scope(effects["allow"], effects["deny"]) for name, effects in found.items()}


def _scope(allowed: set[int | None], denied: set[int | None]) -> Scope:
    return Scope(
        everywhere=None in allowed,
        categories=frozenset(c for c in allowed if c is not None),
        denied=frozenset(c for c in denied if c is not None),
        denied_everywhere=None in denied,
    )


def allowed(actor: Actor, permission: str, thing: InCategory | None = None) -> bool:
    """Whether the actor may; ``thing`` is what it is about, ``None`` the whole forum."""
    return actor.scope(permission).holds_in(None if thing is None else thing.category_id)


def require(actor: Actor, permission: str, thing: InCategory | None = None) -> None:
    """Refuse unless the actor may. What they may not even see does not exist for them.

    Raises:
        NotFound: the thing stands in a category whose threads the actor may not see.
        NotAllowed: they may see it, but not do this; the message says which, or why they are muted.
    """
    if thing is not None and not allowed(actor, "thread.see", thing):
        raise NotFound(str(_("There is no such page, or it is not open to you.")))
    if allowed(actor, permission, thing):
        return
    require_member(actor)
    if actor.bar is not None and permission in SILENCED:
        raise Barred(words_of_bar(actor.bar, actor.zone, actor.language))
    raise NotAllowed(_refusal(permission))


def words_of_bar(bar: Bar, zone: str, language: str) -> str:
    """What keeps somebody out, until when in their time, why, and whom to ask, in whole sentences."""
    until = None if bar.until is None else in_words(bar.until, zone, language)
    if bar.kind == MUTE:
        # A mute has an end.
        what = _("Until %(until)s you can read here, but not write.", until=until)
    elif until is None:
        what = _("You are suspended: you cannot sign in any more.")
    else:
        what = _("You are suspended: until %(until)s you cannot sign in.", until=until)
    reason = _("The reason, in a moderator's words: “%(reason)s”", reason=bar.reason)
    return f"{what} {reason} {_whom_to_ask(bar)}"


def _whom_to_ask(bar: Bar) -> str:
    if bar.kind == MUTE:
        return str(
            _(
                "If you think that this is wrong, “What you can do” among your notifications leads to "
                "another moderator."
            )
        )
    return str(
        _(
            "If you think that this is wrong, the letter about it has a link that leads to another "
            "moderator. Who runs this community stands under “About”, at the foot of every page."
        )
    )


def require_member(actor: Actor) -> int:
    """The id of the actor, for what every member may do with what is their own.

    Raises:
        NotAllowed: nobody is signed in.
    """
    if actor.id is None:
        raise NotAllowed(str(_("Sign in to do this.")))
    return actor.id


def _refusal(permission: str) -> str:
    from forum.plugin_host import current_host

    own = REFUSALS.get(permission) or current_host().refusal_of(permission)
    return str(own or _("You may not do this."))


class _Everywhere(dict[str, Scope]):
    """Every permission there is, those of plugins too."""

    def get(self, _name: str, _default: object = None) -> Scope:
        """Everywhere."""
        return Scope(everywhere=True)


# Whoever has a shell on the machine is trusted with everything; used by the `forum` command.
OPERATOR = Actor(name="operator", scopes=_Everywhere())
