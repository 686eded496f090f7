"""Every hook call goes through here: each implementation by itself, in the order of registration.

The application registers the core's implementations first, then plugins by name. What a crash
means depends on the kind of hook: a reviewer's findings are missing, a check that could not run
holds the post, a part of the transaction undoes all of it, an event is tried again by the worker.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any, TypeVar

import pluggy
from flask import current_app
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from forum import hookspecs
from forum.db import db, savepoint, thrown_away
from forum.errors import NotAllowed
from forum.events import EVENTS, Event
from forum.hookspecs import (
    PROJECT,
    AccountClosing,
    CaseNeeded,
    DeedRecorded,
    Hold,
    LetterText,
    NavigationEntry,
    PersonalData,
    PostToCheck,
    PublishedPost,
    Reader,
)
from forum.plugin_host.bringing import Bringing
from forum.plugin_host.discovery import Found
from forum.plugin_host.gifts import gifts_of
from forum.plugin_host.implementation import (
    SLOW_SECONDS,
    Crashed,
    HookFailed,
    Implementation,
    log,
)
from forum.plugin_host.listing import Plugin, State
from forum.plugin_host.registration import PluginRefused, require_name, require_sound
from forum.plugin_host.reports import Reports
from forum.plugin_host.running import Calls
from forum.plugin_host.tallies import Tally
from forum.plugin_host.watch import Limits, Watch
from forum.review import Draft, Finding, Review

# What one reviewer may say of one draft. More helps nobody, and each is a part of the page.
MOST_FINDINGS = 1_000
LONGEST_HOOK = 60  # the width of the column in which it stands when it fails
STANDARD = Limits()
EXTENSION = "forum_plugins"


Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Part:
    """What one plugin puts into a place of a page."""

    plugin: str
    title: str
    html: Markup


class PluginHost(Bringing):
    """The plugins of one application and the one way to call their hooks.

    Register everything at start: afterwards it only reads, from any thread.

    Args:
        slow_seconds: a call over this is logged as slow.
        folder: where the calls under way are noted for other processes; ``None``: nowhere.
        limits: when an implementation is switched off.
        clock: seconds that only grow.

    Attributes:
        calls: the calls under way.
        reports: what went wrong and is not written down yet.
        troubled: how many implementations an administrator should look at, as last learned.
        plugins: what became of each plugin at the start, besides the core's own.
        found: those that were there.
        enabled: those that administrators had enabled.
        renew: has the process start anew, so that others run; does nothing where nobody waits.
    """

    def __init__(
        self,
        *,
        slow_seconds: float = SLOW_SECONDS,
        folder: Path | None = None,
        limits: Limits = STANDARD,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._slow_seconds = slow_seconds
        self._limits, self._clock = limits, clock
        self.calls = Calls(folder)
        self.troubled = 0
        self.reports = Reports(clock)
        self._plugins = pluggy.PluginManager(PROJECT)
        self._plugins.add_hookspecs(hookspecs)
        known = (name for name in vars(self._plugins.hook) if not name.startswith("_"))
        self._implementations: dict[str, list[Implementation]] = {name: [] for name in known}
        self._titles: dict[str, str] = {}
        super().__init__()
        self.plugins: list[Plugin] = []
        self.found: list[Found] = []
        self.enabled: frozenset[str] = frozenset()
        self.renew: Callable[[], None] = lambda: None

    def title_of(self, plugin: str) -> str:
        """What people read instead of its name; the name of one that was not taken."""
        return self._titles.get(plugin, plugin)

    @property
    def hooks(self) -> tuple[str, ...]:
        """The names of all hooks there are."""
        return tuple(sorted(self._implementations))

    def register(
        self,
        plugin: object,
        name: str,
        *,
        title: str = "",
        may_write: bool | Callable[[str], bool] = False,
    ) -> None:
        """Take a module's or an object's functions marked with ``@hookimpl``.

        Args:
            name: what the plugin is called in logs, in jobs and to the author of a draft.
            title: what people read; the name when there is none.
            may_write: whether it may implement ``with_*`` hooks, or which.

        Raises:
            PluginRefused: the name is taken, or something in the plugin cannot be called.
        """
        require_name(name, [taken for taken, _ in self._plugins.list_name_plugin()])
        try:
            self._plugins.register(plugin, name)
        except (ValueError, pluggy.PluginValidationError) as error:
            raise PluginRefused(name, str(error)) from error
        found = self._found_in(plugin)
        try:
            require_sound(name, plugin, found, known=self.hooks, may_write=_those(may_write))
        except PluginRefused:
            self._plugins.unregister(name=name)
            raise
        for hook, how in found:
            implementation = self._implementation(name, hook, how.function, tuple(how.argnames))
            self._implementations[hook].append(implementation)
        self._titles[name] = title or name

    def _implementation(
        self, plugin: str, hook: str, function: Callable[..., Any], options: tuple[str, ...]
    ) -> Implementation:
        watch = Watch(
            plugin, hook, self.calls, self.reports.tell, limits=self._limits, clock=self._clock
        )
        return Implementation(plugin, hook, function, options, watch, self._slow_seconds)

    def watch_page(self, plugin: str, endpoint: str) -> Watch:
        """What is told of each call of a page, so that it shows how that fares."""
        page = self._implementation(plugin, f"page:{endpoint}"[:LONGEST_HOOK], print, ())
        self._pages.append(page)
        return page.watch

    def _found_in(self, plugin: object) -> list[tuple[str, pluggy.HookImpl]]:
        callers = self._plugins.get_hookcallers(plugin) or []
        return [
            (caller.name, how)
            for caller in callers
            for how in caller.get_hookimpls()
            if how.plugin is plugin
        ]

    def collect(
        self,
        name: str,
        *,
        door: str = "",
        permissions: tuple[str, ...] | None = None,
        kept_out: tuple[str, ...] = (),
    ) -> None:
        """Call the ``register_*`` hooks of a plugin that was registered, and keep what they give.

        Args:
            door: the address at which it may have a door; none while empty.
            permissions: the names of those that it says it brings; ``None`` when it says nothing.
            kept_out: its tables of which no backup has the rows, and so no archive either.

        Raises:
            PluginRefused: one failed; the plugin is gone, as a whole.
        """
        hooks = [hook for hook in self._implementations if hook.startswith("register_")]
        own = [i for hook in hooks for i in self._implementations[hook] if i.plugin == name]
        try:
            gifts = gifts_of(name, own, self.calls, door=door)
        except PluginRefused:
            self._forget(name)
            raise
        if secret := sorted({table.name for table in gifts.archived} & set(kept_out)):
            self._forget(name)
            reason = f"register_archived gave {secret[0]}, which its manifest keeps out of backups"
            raise PluginRefused(name, reason)
        brought = tuple(sorted(permission.name for permission in gifts.permissions))
        if permissions is not None and brought != permissions:
            self._forget(name)
            given, said = ", ".join(brought) or "none", ", ".join(permissions) or "none"
            reason = f"register_permissions gave {given}, and its manifest says {said}"
            raise PluginRefused(name, reason)
        self._take(name, gifts, self._implementation)

    def refuse(self, refusal: PluginRefused) -> None:
        """Leave out, as a whole, a plugin that was taken already, and those that need it, and say why
        in ``plugins``."""
        log.error("%s", refusal)
        self._forget(refusal.plugin)
        self.plugins = [
            replace(plugin, state=State.REFUSED, reason=refusal.reason)
            if plugin.name == refusal.plugin
            else plugin
            for plugin in self.plugins
        ]
        for plugin in self.plugins:
            if refusal.plugin in plugin.needs and plugin.state is State.RUNNING:
                words = f"needs {refusal.plugin}, which does not run ({refusal.reason})"
                self.refuse(PluginRefused(plugin.name, words))

    def _forget(self, name: str) -> None:
        self._plugins.unregister(name=name)
        for hook, implementations in self._implementations.items():
            self._implementations[hook] = [i for i in implementations if i.plugin != name]
        self._drop(name)

    def learn(self, noted: Mapping[tuple[str, str], bool]) -> None:
        """Take over what is written down: (plugin, hook), and whether it is switched off."""
        self.troubled = len(noted)
        untold = {(trouble.plugin, trouble.hook) for trouble in self.reports.untold()}
        everyone = [one for known in self._implementations.values() for one in known]
        everyone += self.deeds
        for one in everyone:
            key = (one.plugin, one.hook)
            if key in noted:
                one.watch.is_off = noted[key]
            elif key not in untold:
                one.watch.switch_on()

    @property
    def tallies(self) -> dict[tuple[str, str], Tally]:
        """What this process has counted of plugins, by plugin and hook; of the core's parts nothing."""
        everyone = [one for known in self._implementations.values() for one in known] + self.deeds
        return {(i.plugin, i.hook): i.watch.tally for i in everyone if self.has(i.plugin)}

    def notice(self, enabled: frozenset[str]) -> None:
        """Take note of which plugins are enabled by now; start anew when those are others."""
        if enabled != self.enabled:
            self.renew()

    def has(self, name: str) -> bool:
        """Whether a plugin was taken, and not refused since."""
        return name in self._gifts

    def implementations(self, hook: str) -> list[Implementation]:
        """Who implements a hook, in the order of their calls.

        Raises:
            LookupError: there is no such hook.
        """
        if hook not in self._implementations:
            raise LookupError(f"there is no hook {hook}")
        return list(self._implementations[hook])

    def review(self, draft: Draft) -> Review:
        """What all reviewers say of a draft. One that fails is named, and the others are heard.

        Of a reviewer with more than ``MOST_FINDINGS`` the heaviest are kept, so that nobody slips
        past what blocks by writing a thousand harmless mistakes; it is named as failed, too.
        """
        findings: list[Finding] = []
        failed: list[str] = []
        for implementation in self._implementations["review_draft"]:
            try:
                said: list[Finding] = _apart(thrown_away, implementation, draft=draft)
            except Crashed:
                failed.append(implementation.plugin)
                continue
            if len(said) > MOST_FINDINGS:
                log.error("%s: review_draft returned %d findings", implementation.plugin, len(said))
                failed.append(implementation.plugin)
            findings += sorted(said, key=lambda f: f.severity.weight)[:MOST_FINDINGS]
        return Review.of(findings, failed)

    def check_post(self, post: PostToCheck) -> Hold | None:
        """Whether a post may be published: ``None``, or a hold with the reasons of all who hold it.

        A hold does not end the search for a refusal. A check that fails holds the post.

        Raises:
            NotAllowed: a check refuses.
        """
        holds: list[Hold] = []
        for implementation in self._implementations["check_post"]:
            try:
                hold: Hold | None = _apart(thrown_away, implementation, post=post)
            except Crashed:
                # Nobody knows what it would have said, so no clock may publish it.
                hold = Hold(_could_not_run(implementation.plugin), harm=True)
            holds += [hold] if hold else []
        if not holds:
            return None
        return Hold(" ".join(hold.reason for hold in holds), harm=any(h.harm for h in holds))

    def with_post_published(self, post: PublishedPost) -> None:
        """Let the core and its writing plugins add their part to a publication.

        Raises:
            HookFailed: one of them failed; the transaction must not be committed.
        """
        self._write("with_post_published", post=post)

    def with_case_needed(self, case: CaseNeeded) -> None:
        """Put a post before a person.

        Raises:
            HookFailed: somebody whose part it is failed; the transaction must not be committed.
        """
        self._write("with_case_needed", case=case)

    def with_deed_recorded(self, deed: DeedRecorded) -> None:
        """Let everybody do what follows from something that a moderator did.

        Raises:
            HookFailed: one of them failed; the transaction must not be committed.
        """
        self._write("with_deed_recorded", deed=deed)

    def with_rights_taken(self, member_id: int | None) -> None:
        """Let everybody do what follows when a member, or one of several, may do less than before.

        Raises:
            HookFailed: one of them failed; the transaction must not be committed.
        """
        self._write("with_rights_taken", member_id=member_id)

    def with_account_closed(self, closing: AccountClosing) -> None:
        """Let everybody forget what they keep about a member who leaves.

        Raises:
            HookFailed: one of them failed; the transaction must not be committed.
        """
        self._write("with_account_closed", closing=closing)

    def export_personal_data(
        self, member_id: int
    ) -> tuple[list[tuple[str, PersonalData]], list[str]]:
        """What everybody keeps about a member, with who keeps it, and whose part is missing because
        it failed."""
        found: list[tuple[str, PersonalData]] = []
        failed: list[str] = []
        for implementation in self._implementations["export_personal_data"]:
            try:
                given = _apart(thrown_away, implementation, member_id=member_id)
            except Crashed:
                failed.append(implementation.plugin)
                continue
            found += [(implementation.plugin, data) for data in given]
        return found, failed

    def filter_navigation(
        self, entries: tuple[NavigationEntry, ...], reader: Reader
    ) -> tuple[NavigationEntry, ...]:
        """The entries as plugins change them for this reader."""
        return self._filter("filter_navigation", "entries", entries, reader=reader)

    def filter_letter(self, letter: LetterText) -> LetterText:
        """The letter as plugins change it."""
        return self._filter("filter_letter", "letter", letter)

    def _filter(self, hook: str, option: str, value: Value, **given: Any) -> Value:
        for implementation in self._implementations[hook]:
            try:
                value = _apart(thrown_away, implementation, **{option: value}, **given)
            except Crashed:
                continue
        return value

    def is_heard(self, hook: str) -> bool:
        """Whether anybody implements this hook; where nobody does, pages need not prepare it."""
        return bool(self._implementations[hook])

    def slot(self, hook: str, **given: Any) -> list[Part]:
        """What plugins put into a place of a page, in their order; those that fail put nothing."""
        parts: list[Part] = []
        for implementation in self._implementations[hook]:
            try:
                html: Markup = _apart(thrown_away, implementation, **given)
            except Crashed:
                continue
            if html.strip():
                plugin = implementation.plugin
                parts.append(Part(plugin, self._titles[plugin], html))
        return parts

    def _write(self, hook: str, **given: Any) -> None:
        if _transaction() is None:
            raise RuntimeError(f"{hook} was called outside of a transaction")
        for implementation in self._implementations[hook]:
            try:
                _apart(savepoint, implementation, **given)
            except Crashed:
                raise HookFailed(implementation.plugin, hook) from None


def _those(may_write: bool | Callable[[str], bool]) -> Callable[[str], bool]:
    return may_write if callable(may_write) else lambda _hook: may_write


def _could_not_run(plugin: str) -> str:
    words: str = gettext(
        "A check (%(plugin)s) could not run, so a moderator looks at this post first.",
        plugin=plugin,
    )
    return words


def _apart(
    isolation: Callable[[], AbstractContextManager[None]],
    implementation: Implementation,
    **given: Any,
) -> Any:
    """The answer of one implementation, whose broken SQL stays inside ``isolation``.

    Raises:
        NotAllowed: a check refuses.
        Crashed: it failed, and nothing but its part is missing.
        HookFailed: it failed in a way that isolation cannot mend, such as by ending the
            transaction; continuing would acknowledge what is lost.
    """
    start, around = perf_counter(), _transaction()
    try:
        with isolation():
            return implementation.attempt(**given)
    except (Crashed, NotAllowed):
        raise
    except Exception as error:
        implementation.note_crash(error, start)
        raise HookFailed(implementation.plugin, implementation.hook) from None
    finally:
        if _transaction() is not around:
            log.error("%s: %s ended the transaction", implementation.plugin, implementation.hook)
            implementation.watch.has_failed("ended the transaction")
            raise HookFailed(implementation.plugin, implementation.hook) from None


def _transaction() -> object:
    # The connection's own, which also tells when it was ended behind the session's back.
    session = db.session()
    try:
        return session.connection().get_transaction() if session.in_transaction() else None
    except SQLAlchemyError:
        return None


def current_host() -> PluginHost:
    """The plugins of the application at work."""
    host = current_app.extensions[EXTENSION]
    assert isinstance(host, PluginHost)
    return host


def event_of(hook: str, arguments: Mapping[str, Any]) -> Event:
    """The event that was written as JSON for this ``on_*`` hook.

    Raises:
        LookupError: there is no such event.
        TypeError: the arguments are not those of the event.
    """
    if hook not in EVENTS:
        raise LookupError(f"there is no event for {hook}")
    return EVENTS[hook].from_json(arguments)
