"""The administrators' pages of members: their accounts, roles, groups and sessions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template
from flask import Response as Streamed
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from forum.accounts.group_actions import add_member
from forum.accounts.member_queries import ACTIVE, IMPORTED, STAND_IN, Account, account_of
from forum.accounts.queries import groups
from forum.accounts.role_actions import (
    GIVEN_ROLES,
    end_sessions_of,
    give_role_to,
    have_password_reset,
    take_role_from,
)
from forum.accounts.trust_queries import trust_levels
from forum.admin.forms import GroupChoiceForm
from forum.admin.list_page import answer_list
from forum.admin.people_queries import ROLES, STATES, members_of
from forum.db import transaction
from forum.errors import Conflict, Invalid, NotFound
from forum.permissions import require
from forum.web.forms import Answer, ConfirmationPage, FormPage, answer_confirmation, answer_form
from forum.web.visit import current_actor, current_visit

pages = Blueprint("admin_members", __name__, url_prefix="/admin/members")

# Further pages about a member: (label, address); ``{}`` is the number.
MORE: tuple[tuple[Any, str], ...] = ((_("Legal hold"), "/admin/members/{}/hold"),)
# Whoever stands in for others has none, and cannot be erased.
PAGE: tuple[tuple[Any, str], ...] = ((_("What others see of this member"), "/members/{}"),)
# Only while the account is not closed.
WHILE_OPEN: tuple[tuple[Any, str], ...] = (
    (_("Close the account and erase the person"), "/admin/members/{}/erase"),
)


@pages.get("")
def listed() -> Answer | Streamed:
    """All accounts."""
    require(current_actor(), "community.manage")
    return answer_list(members_of(groups()))


@pages.get("/<number:member_id>")
def account(member_id: int) -> Answer:
    """The facts about an account, and what can be done with it."""
    require(current_actor(), "community.manage")
    found = account_of(member_id)
    levels = {level.id for level in trust_levels()}
    more = [*MORE, *(WHILE_OPEN if found.state in (ACTIVE, IMPORTED) else ())]
    if found.state != STAND_IN:
        more = [*PAGE, *more]
    return render_template(
        "admin/member.html",
        account=found,
        states=STATES,
        roles=ROLES,
        is_active=found.state == ACTIVE,
        levels=levels,
        can_join=bool(
            {key for key, _name in groups()} - levels - {key for key, _name in found.groups}
        ),
        more=[(label, address.format(member_id)) for label, address in more],
    )


@pages.route("/<number:member_id>/give/<role>", methods=["GET", "POST"])
def give(member_id: int, role: str) -> Answer:
    """Make a member moderator or administrator."""
    found = _account(member_id, role)

    def act() -> None:
        give_role_to(current_actor(), member_id, role, keep=current_visit().session_id)

    said = gettext("They have the role now, and sign in anew.")
    page = ConfirmationPage(
        title=gettext("Make %(name)s %(role)s?", name=found.name, role=ROLES[role]),
        consequences=[_POWERS[role], _SESSIONS_END],
        submit=gettext("Give the role"),
        back=_back(found),
    )
    return answer_confirmation(page, lambda: _done(member_id, act, said))


@pages.route("/<number:member_id>/take/<role>", methods=["GET", "POST"])
def take(member_id: int, role: str) -> Answer:
    """Take a role from a member."""
    found = _account(member_id, role)

    def act() -> None:
        take_role_from(current_actor(), member_id, role, keep=current_visit().session_id)

    said = gettext("They do not have the role any more.")
    page = ConfirmationPage(
        title=gettext("Take from %(name)s the role %(role)s?", name=found.name, role=ROLES[role]),
        consequences=[gettext("What they did stays as it is."), _SESSIONS_END],
        submit=gettext("Take the role"),
        back=_back(found),
    )
    # Whoever takes the role from themselves may not read the member's page any more.
    own = role == "admin" and member_id == current_actor().id
    return answer_confirmation(page, lambda: _done(member_id, act, said, to="/" if own else ""))


@pages.route("/<number:member_id>/sessions", methods=["GET", "POST"])
def sessions(member_id: int) -> Answer:
    """Sign a member out everywhere."""
    found = _account(member_id)

    def act() -> None:
        end_sessions_of(current_actor(), member_id, keep=current_visit().session_id)

    page = ConfirmationPage(
        title=gettext("Sign %(name)s out everywhere?", name=found.name),
        consequences=[gettext("They sign in anew with their password. Drafts are kept.")],
        submit=gettext("Sign them out"),
        back=_back(found),
    )
    said = gettext("Their sessions have ended.")
    return answer_confirmation(page, lambda: _done(member_id, act, said))


@pages.route("/<number:member_id>/reset", methods=["GET", "POST"])
def reset(member_id: int) -> Answer:
    """Have a letter take a link for a new password to the member."""
    found = _account(member_id)

    def act() -> None:
        have_password_reset(current_actor(), member_id)

    page = ConfirmationPage(
        title=gettext("Send %(name)s a link for a new password?", name=found.name),
        consequences=[
            gettext("The letter goes to their own address; its link works once, for two hours."),
            gettext("Until they use it, their password and sessions stay."),
        ],
        submit=gettext("Send the letter"),
        back=_back(found),
    )
    said = gettext("A letter is on its way.")
    return answer_confirmation(page, lambda: _done(member_id, act, said))


@pages.route("/<number:member_id>/join", methods=["GET", "POST"])
def join(member_id: int) -> Answer:
    """Put a member into a group."""
    found, form = _account(member_id), GroupChoiceForm()
    # Levels of trust are not given by hand.
    inside = {key for key, _name in found.groups} | {level.id for level in trust_levels()}
    form.group.choices = [(str(key), name) for key, name in groups() if key not in inside]

    def act() -> Response:
        said = gettext("They are in the group.")
        group_id = int(form.group.data)
        return _done(member_id, lambda: add_member(current_actor(), group_id, member_id), said)

    title = gettext("Put %(name)s into a group", name=found.name)
    page = FormPage(title, gettext("Put in"), links=[_back(found)])
    return answer_form(form, page, act)


_SESSIONS_END = _("Their sessions end at once; they sign in anew.")
_POWERS = {
    "moderator": _("Moderators see all threads, decide what waits, and may change every post."),
    "admin": _(
        "Administrators may do everything on these pages: also read addresses, and make or unmake "
        "other administrators, you among them."
    ),
}


def _account(member_id: int, role: str = GIVEN_ROLES[0]) -> Account:
    require(current_actor(), "community.manage")
    if role not in GIVEN_ROLES:
        raise NotFound("")
    return account_of(member_id)


def _done(member_id: int, act: Callable[[], object], said: str, *, to: str = "") -> Response:
    try:
        with transaction():
            act()
    except Conflict as error:
        # Shown above the question, with the way back below it.
        raise Invalid("", error.message) from error
    flash(said)
    return redirect(to or f"/admin/members/{member_id}", 303)


def _back(account: Account) -> tuple[str, str]:
    return gettext("Back to the account"), f"/admin/members/{account.id}"
