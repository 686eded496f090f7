"""What plugins bring at the start: the classes that ``register_*`` hooks give back.

``forum.hookspecs`` has the hooks themselves and takes these in, so that there is one place to look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from forum.setting_kinds import Kind

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CaseKind:
    """A kind of case: something about a post that a person must decide.

    Attributes:
        name: ``<plugin>.<what>``, such as ``talks.room``; 40 characters at most.
        label: one to three words for lists, such as "room needed".
        heading: what the page of such a case is called, such as "Room needed".
        permission: who of those that decide cases finds these: ``case.decide`` is all of them, else
            it is a permission that the plugin brings.
        decisions: what can be decided, the usual one first, of ``done``, ``nothing``, ``label``,
            ``changes``, ``move`` and ``remove``. All but ``done`` do what they do to a flagged post;
            what ``done`` means, the plugin says.
        is_open_to_author: whether a moderator may decide about a post of their own. Where others are
            named who must not be known to its author, or where it is about the author's own
            complaint, the author does not even find the case.
        done: what stands on the button of ``done``, such as "The room is booked".
        of_waiting: whether it is about posts by a stand-in that nobody can read yet, see
            ``start_waiting``. Then ``done`` approves: the plugin publishes it with
            ``publish_waiting``; ``changes`` and ``remove`` keep it from readers, and nothing else can
            be decided.
    """

    name: str
    label: Any
    heading: Any
    permission: str = "case.decide"
    decisions: tuple[str, ...] = ("done", "nothing")
    is_open_to_author: bool = True
    done: Any = ""
    of_waiting: bool = False


@dataclass(frozen=True, slots=True)
class Permission:
    """Something that not everybody may do.

    Attributes:
        name: ``<plugin>.<what>``, such as ``talks.propose``.
        refusal: what is said to those who may not, a sentence.
        roles: who may from the start: ``guest``, ``member``, ``moderator``, ``admin``.
        words: what it lets people do, for the page of roles, such as "Propose talks"; without
            them the refusal stands there.
    """

    name: str
    refusal: Any
    roles: tuple[str, ...] = ("admin",)
    words: Any = ""


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """A link of the main navigation.

    Attributes:
        label: one to three words.
        url: an address of this forum, beginning with ``/``.
        permission: who sees it; empty for everybody.
    """

    label: str
    url: str
    permission: str = ""


# Compared by what it is, not by what stands in it: a default may be a list.
@dataclass(frozen=True, slots=True, eq=False)
class PluginSetting(Generic[T]):
    """Something that administrators decide about a plugin. ``value_of`` says what it is.

    Attributes:
        name: ``<plugin>.<what>``, such as ``talks.minutes``.
        kind: what its value may be, such as ``Number(5, 90)``.
        default: what it is until somebody decides.
        label: what stands beside its field, one to six words.
        help: what it changes and for whom, a sentence.
        is_secret: whether nobody is shown what it is, and no archive has it.
        upgrade: makes the value out of all that is kept of the plugin's settings, by what stands behind
            the dot in their names; called while nothing that fits is kept under this name. What it
            raises, or what does not fit, is the default.
    """

    name: str
    kind: Kind[T]
    default: T
    label: Any
    help: Any = ""
    is_secret: bool = False
    upgrade: Callable[[Mapping[str, Any]], Any] | None = None

    @property
    def kept_as(self) -> str:
        """What its value is kept under: no archive takes along what has a colon in its name."""
        return self.name.replace(".", ":", 1) if self.is_secret else self.name

    @property
    def stays(self) -> bool:
        """Whether it is kept also at its default: what was kept before would come back instead."""
        return self.upgrade is not None


@dataclass(frozen=True, slots=True)
class JobCall:
    """A job under way.

    Attributes:
        arguments: what ``enqueue`` was given.
        attempt: the how manieth try this is, from 1.
        pulse: call it now and then in a job outside of a transaction that may take over 20 seconds;
            otherwise another worker begins it, too.
    """

    arguments: Mapping[str, Any]
    attempt: int
    pulse: Callable[[], None]


@dataclass(frozen=True, slots=True)
class PluginJob:
    """A kind of work that the worker does when it was enqueued.

    Attributes:
        name: ``<plugin>.<what>``, such as ``talks.remind``; 50 characters at most.
        run: does it.
        in_transaction: whether it runs in the transaction that removes the job. What talks to the
            outside world does not, and may then happen twice.
    """

    name: str
    run: Callable[[JobCall], None]
    in_transaction: bool = True


@dataclass(frozen=True, slots=True)
class PeriodicWork:
    """Work that comes again, by minutes or by the community's clock.

    Attributes:
        name: ``<plugin>.<what>``, as of a job; it stands among the jobs.
        run: does it.
        minutes: so long after the last time has ended; 0 where ``times`` say when.
        times: times of the community's own clock, such as ``("07:00", "15:00")``, or a setting of the
            kind ``TimesOfDay``.
        in_transaction: as of a job.
    """

    name: str
    run: Callable[[JobCall], None]
    minutes: int = 0
    times: tuple[str, ...] | PluginSetting[list[str]] = ()
    in_transaction: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Door:
    """Pages beside the forum's application, for which nothing may know who asks.

    Attributes:
        path: one part, such as ``/ask``, as the manifest names it; all below it is theirs.
        application: a WSGI application. It finds ``path`` in ``SCRIPT_NAME``.
        cookies: how the names of its cookies begin. It is given no others, and can set no others.
        leaving: what the page says that asks before signing out: words and an address.
    """

    path: str
    application: Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
    cookies: tuple[str, ...] = ()
    leaving: tuple[Any, str] | None = None


@dataclass(frozen=True, slots=True)
class GivenCookie:
    """A cookie for a browser, which sends it to the plugin's door and to nothing else.

    Attributes:
        name: letters, digits, ``-``, ``_`` and ``.``, beginning as the door says.
        value: the same signs and ``~``; 2,000 at most.
        days: how long the browser keeps it, 400 at most.
    """

    name: str
    value: str
    days: int


@dataclass(frozen=True, slots=True, eq=False)
class CookieOffer:
    """Cookies that each browser of a member is given once in a while.

    Attributes:
        name: ``<plugin>.<what>``, such as ``talks.ticket``; 50 characters at most.
        every: ``week``, ``month`` or ``quarter``, in UTC.
        give: makes them for a member, in a transaction of its own; takes the member's id and which week,
            month or quarter it is, such as ``2026-4``.
    """

    name: str
    every: str
    give: Callable[[int, str], list[GivenCookie]]


@dataclass(frozen=True, slots=True)
class ArchivedTable:
    """A table of a plugin's own that archives of the forum have.

    Attributes:
        name: its name in the database, such as ``talks__proposals``.
    """

    name: str
