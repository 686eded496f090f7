"""What the forum asks of this plugin."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from markupsafe import Markup

from forum.plugin_api import (
    AccountClosing,
    CaseKind,
    CookieOffer,
    Door,
    NavigationEntry,
    PeriodicWork,
    PersonalData,
    PluginJob,
    PluginSetting,
    ShownThread,
    hookimpl,
)
from forum_anonymous_questions.actions import forget_member, give_tickets
from forum_anonymous_questions.door import door
from forum_anonymous_questions.pages.asking import PATH
from forum_anonymous_questions.personal import parts_of
from forum_anonymous_questions.queries import CASE_KIND
from forum_anonymous_questions.routes import pages, revealed_beside
from forum_anonymous_questions.settings import LEAST, TIMES
from forum_anonymous_questions.texts import lazy_gettext as _
from forum_anonymous_questions.tickets import COOKIE
from forum_anonymous_questions.time_actions import (
    FORGETTING,
    begin_if_none,
    run_fixed_time,
    run_forgetting,
)


@hookimpl
def register_blueprints() -> list[Blueprint]:
    """The page at which askers reveal themselves; also the templates of the pages behind the door."""
    return [pages]


@hookimpl
def register_settings() -> list[PluginSetting[Any]]:
    """What administrators decide."""
    return [TIMES, LEAST]


@hookimpl
def register_navigation() -> list[NavigationEntry]:
    """The way there. It is on every page, so that following it from one tells nothing."""
    return [NavigationEntry(_("Ask anonymously"), PATH)]


@hookimpl
def register_case_kinds() -> list[CaseKind]:
    """Questions about which moderators decide before anybody else reads them."""
    return [
        CaseKind(
            CASE_KIND,
            _("anonymous question"),
            _("Anonymous question"),
            decisions=("done", "changes", "remove"),
            done=_("Approve for the next batch"),
            of_waiting=True,
        )
    ]


@hookimpl
def register_periodic() -> list[PeriodicWork]:
    """The fixed times; and a look whether there is a period at all, so that people can ask at once."""
    return [
        PeriodicWork(
            "anonymous-questions.times", run_fixed_time, times=TIMES, in_transaction=False
        ),
        PeriodicWork("anonymous-questions.begin", begin_if_none, minutes=5),
    ]


@hookimpl
def register_jobs() -> list[PluginJob]:
    """Forgetting what the last fixed time has read."""
    return [PluginJob(FORGETTING, run_forgetting, in_transaction=False)]


@hookimpl
def register_doors() -> list[Door]:
    """The pages at which nobody is known."""
    leaving = (_("Look at your tickets to ask anonymously, or remove them"), f"{PATH}/tickets")
    return [Door(PATH, door, cookies=(COOKIE,), leaving=leaving)]


@hookimpl
def register_cookies() -> list[CookieOffer]:
    """Tickets for each browser of each member, once a quarter, in two of them."""
    return [CookieOffer("anonymous-questions.tickets", "quarter", give_tickets)]


@hookimpl
def export_personal_data(member_id: int) -> list[PersonalData]:
    """What a member takes along."""
    return parts_of(member_id)


@hookimpl
def with_account_closed(closing: AccountClosing) -> None:
    """What is forgotten with an account."""
    forget_member(closing.member_id)


@hookimpl
def slot_thread_aside(thread: ShownThread) -> Markup:
    """Whose question it was, where they have revealed themselves."""
    return revealed_beside(thread.thread_id)
