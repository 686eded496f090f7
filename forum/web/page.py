"""What the layout of every page needs, given to each template as ``page``."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from babel import Locale
from flask import Flask, current_app, flash, g, get_flashed_messages, request, session
from flask_babel import force_locale, get_locale, gettext
from markupsafe import Markup

from forum.accounts.queries import CommunityFacts, Visit
from forum.config import current_settings
from forum.hookspecs import NavigationEntry, Reader
from forum.permissions import Actor, allowed, words_of_bar
from forum.plugin_host import current_host
from forum.web.cookies import read_cookie
from forum.web.reading import unseen_notices
from forum.web.themes import stylesheet
from forum.web.visit import current_visit, in_chosen_language

MODE_COOKIE = "mode"
MODES = ("light", "dark", "contrast")
ADMINISTRATION = "/admin"
SCRIPT = "/static/forum.js"
# Each has about a kilobyte.
MOST_BARS = 4_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A link of the main navigation."""

    label: str
    url: str
    current: bool = False
    count: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that is said once; ``undo`` is the address of the page that takes it back."""

    kind: str
    text: str
    undo: str = ""


def say_undoable(text: str, address: str) -> None:
    """Say on the next page that something was done, with a link to where it can be undone."""
    flash(text, f"undo {address}")


def _notice(kind: str, text: str) -> Notice:
    if kind.startswith("undo "):
        return Notice("", text, kind.removeprefix("undo "))
    return Notice(kind, text)


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """What the layout says about who is signed in."""

    id: int
    name: str
    unread: int


@dataclass(frozen=True, slots=True)
class Bar:
    """Everything that the top of a page shows, and the language it is in."""

    language: str
    community: str
    knows_visitor: bool
    member: MemberFacts | None
    navigation: tuple[Entry, ...]


class Page:
    """The layout's facts, worked out when the template asks."""

    script = SCRIPT

    def __init__(self, visit: Visit) -> None:
        self.visit = visit

    @property
    def community(self) -> str:
        """The community's name; the program's before it has one."""
        return self.visit.community.name or "Folkmoot"

    @cached_property
    def language(self) -> str:
        """BCP 47 tag of the page's language."""
        return str(get_locale()).replace("_", "-")

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return direction_of(self.language)

    @cached_property
    def mode(self) -> str:
        """The colours somebody chose, or nothing: then the browser's wish decides."""
        chosen = read_cookie(MODE_COOKIE)
        return chosen if chosen in MODES else ""

    @cached_property
    def stylesheet(self) -> str:
        """Address of the theme's style sheet; it changes with its content."""
        theme = current_settings().theme
        return f"/themes/{theme}-{stylesheet(theme).version}.css"

    @cached_property
    def member(self) -> MemberFacts | None:
        """Who is signed in."""
        actor = self.visit.actor
        if actor.id is None:
            return None
        return MemberFacts(
            actor.id, actor.name, 0 if g.get("without_database") else unseen_notices(actor)
        )

    @property
    def knows_visitor(self) -> bool:
        """Whether it could be found out who asks; not when the database failed before."""
        return not g.get("visitor_unknown")

    @property
    def bar(self) -> Markup:
        """The top of the page, above its notices."""
        return _kept()("bar.html", self._bar)

    @cached_property
    def _bar(self) -> Bar:
        return Bar(self.language, self.community, self.knows_visitor, self.member, self.navigation)

    @property
    def shown(self) -> Hashable:
        """All that the layout shows: where it is equal, so is what stands around equal pages."""
        facts = (self._bar, self.mode, self.stylesheet, self.script, self.is_administration)
        return *facts, tuple(self.notices)

    @property
    def foot(self) -> Markup:
        """The end of the page."""
        return _kept()("foot.html", self.language)

    @property
    def notices(self) -> list[Notice]:
        """What is said once at the top, after something was done; and to administrators that no
        plugin runs."""
        standing = (
            [Notice("", gettext("Safe mode: no plugin runs."))] if self._tells_safe_mode else []
        )
        reader = self.visit.actor
        if reader.bar is not None:
            standing.append(Notice("", words_of_bar(reader.bar, reader.zone, reader.language)))
        if not request.cookies or "_flashes" not in session:
            return standing
        said: list[tuple[str, str]] = get_flashed_messages(with_categories=True)  # type: ignore[assignment]
        return standing + [_notice(kind, text) for kind, text in said]

    @property
    def _tells_safe_mode(self) -> bool:
        return current_settings().safe_mode and allowed(self.visit.actor, "community.manage")

    @property
    def is_administration(self) -> bool:
        """Whether this is a page below the one that leads to all administration, which is open to
        whoever reads it."""
        within = request.path.startswith(f"{ADMINISTRATION}/")
        return within and allowed(self.visit.actor, "community.manage")

    @property
    def navigation(self) -> tuple[Entry, ...]:
        """The main navigation, less what the reader may not use."""
        actor, host = self.visit.actor, current_host()
        # A plugin's label may wait for the reader's language.
        brought = (replace(entry, label=str(entry.label)) for entry in host.navigation)
        offered = (*_own_entries(self.language), *brought)
        open_to = tuple(e for e in offered if not e.permission or allowed(actor, e.permission))
        open_to = _once_each(open_to)
        if not g.get("without_database"):
            open_to = host.filter_navigation(open_to, reader_of(actor))
        return tuple(_entry(entry) for entry in open_to)


@lru_cache(maxsize=256)
def direction_of(language: str) -> str:
    """``ltr`` or ``rtl``."""
    return str(Locale.parse(language, sep="-").text_direction)


def _once_each(entries: tuple[NavigationEntry, ...]) -> tuple[NavigationEntry, ...]:
    first: dict[str, NavigationEntry] = {}
    for entry in entries:
        first.setdefault(entry.url, entry)
    return tuple(first.values())


def _own_entries(language: str) -> tuple[NavigationEntry, ...]:
    entries: Callable[[str], tuple[NavigationEntry, ...]] = current_app.extensions["forum_entries"]
    return entries(language)


def _entries_in(language: str) -> tuple[NavigationEntry, ...]:
    # It is kept, so it must be in that language also when somebody asks who reads another one.
    with force_locale(language.replace("-", "_")):
        return _say_entries()


def _say_entries() -> tuple[NavigationEntry, ...]:
    return (
        NavigationEntry(gettext("Threads"), "/"),
        NavigationEntry(gettext("Latest posts"), "/latest"),
        NavigationEntry(gettext("Moderation"), "/moderation", "case.decide"),
        # The same page for those who only help.
        NavigationEntry(gettext("Asked for help"), "/moderation", "accessibility.help"),
        NavigationEntry(gettext("Administration"), ADMINISTRATION, "community.manage"),
    )


def entries_for_all(language: str) -> tuple[Entry, ...]:
    """What of the main navigation everybody may use, for pages that do not know who asks."""
    entries = (*_own_entries(language), *current_host().navigation)
    return tuple(Entry(str(e.label), e.url) for e in entries if not e.permission)


def _entry(entry: NavigationEntry) -> Entry:
    url, path = entry.url, request.path
    current = path == url or (url != "/" and path.startswith(url + "/"))
    # How many of the plugins' hooks wait for an administrator to look.
    count = current_host().troubled if url == ADMINISTRATION else 0
    return Entry(entry.label, url, current=current, count=count)


def reader_of(actor: Actor) -> Reader:
    """Who looks at this page, as plugins are told."""
    return Reader(actor.id, str(get_locale()).replace("_", "-"), actor.zone)


def written_in(language: str) -> Markup:
    """The attribute that names the language of what somebody wrote; empty is the community's."""
    return Markup(' lang="{}"').format(language or current_visit().community.language)


def _kept() -> Callable[[str, Hashable], Markup]:
    kept: Callable[[str, Hashable], Markup] = current_app.extensions["forum_bars"]
    return kept


def _render_bar(template: str, facts: Hashable) -> Markup:
    html = current_app.jinja_env.get_template(template).render(bar=facts)
    return Markup(html)  # noqa: S704 - a template of ours, escaped there


def init_pages(app: Flask) -> None:
    """Give ``page`` and ``written_in`` to every template."""
    # Most pages have the bar of the one before: a member's, or that of all guests.
    app.extensions["forum_entries"] = lru_cache(maxsize=32)(_entries_in)
    app.extensions["forum_bars"] = lru_cache(maxsize=MOST_BARS)(_render_bar)
    app.jinja_env.globals["written_in"] = written_in

    @app.context_processor
    def page() -> dict[str, Page]:
        return {"page": Page(current_visit())}


def without_database() -> None:
    """Have the rest of this request ask the database nothing: it is what failed."""
    g.without_database = True
    if "visit" not in g:
        g.visitor_unknown = True
        g.visit = in_chosen_language(Visit(actor=Actor(), community=CommunityFacts()))
