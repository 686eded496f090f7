"""The administrators' pages of groups."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template
from flask import Response as Streamed
from flask_babel import gettext
from werkzeug.wrappers import Response

from forum.accounts.group_actions import (
    add_group,
    add_pasted,
    delete_group,
    let_help,
    remove_member,
    rename_group,
)
from forum.accounts.member_queries import account_of
from forum.admin.forms import GroupForm, PastedForm, RenameForm
from forum.admin.list_page import answer_list
from forum.admin.people_queries import GROUPS, GroupFacts, group_facts, members_in
from forum.admin.role_queries import WORDS
from forum.db import transaction
from forum.permissions import require
from forum.seen import marks_of
from forum.web.forms import Answer, ConfirmationPage, FormPage, answer_confirmation, answer_form
from forum.web.visit import current_actor

pages = Blueprint("admin_groups", __name__, url_prefix="/admin/groups")


@pages.get("")
def listed() -> Answer | Streamed:
    """All groups."""
    require(current_actor(), "community.manage")
    return answer_list(GROUPS, [(gettext("Make a group"), "/admin/groups/new")])


@pages.route("/new", methods=["GET", "POST"])
def new() -> Answer:
    """Make a group."""
    actor, form = current_actor(), GroupForm()
    require(actor, "community.manage")

    def act() -> Response:
        with transaction():
            group = add_group(actor, form.name.data)
        flash(gettext("The group is there. Put members into it, then let categories name it."))
        return redirect(f"/admin/groups/{group.id}", 303)

    page = FormPage(gettext("Make a group"), gettext("Make it"), links=[_all()])
    return answer_form(form, page, act)


@pages.get("/<number:group_id>")
def group(group_id: int) -> Answer:
    """A group: how many are in it, which categories name it, what can be done with it."""
    require(current_actor(), "community.manage")
    facts = group_facts(group_id)
    return render_template("admin/group.html", group=facts, words=WORDS)


@pages.route("/<number:group_id>/rename", methods=["GET", "POST"])
def rename(group_id: int) -> Answer:
    """Give a group another name."""
    actor = current_actor()
    require(actor, "community.manage")
    facts = group_facts(group_id)
    seen = marks_of({"name": facts.name})
    form = RenameForm(data={"name": facts.name, "seen": seen})

    def act() -> Response:
        with transaction():
            rename_group(actor, group_id, form.name.data, seen=form.seen.data or "")
        flash(gettext("The group has its new name."))
        return redirect(f"/admin/groups/{group_id}", 303)

    title = gettext("Give “%(name)s” another name", name=facts.name)
    return answer_form(form, FormPage(title, gettext("Save"), links=[_back(facts)]), act)


@pages.get("/<number:group_id>/members")
def members(group_id: int) -> Answer | Streamed:
    """Who is in a group."""
    require(current_actor(), "community.manage")
    facts = group_facts(group_id)
    return answer_list(members_in(group_id), [_back(facts)])


@pages.route("/<number:group_id>/join", methods=["GET", "POST"])
def join(group_id: int) -> Answer:
    """Put members into a group, as many as a list names."""
    actor, form = current_actor(), PastedForm()
    require(actor, "community.manage")
    facts = group_facts(group_id)

    def act() -> Response:
        with transaction():
            added = add_pasted(actor, group_id, form.members.data)
        flash(gettext("New in the group: %(num)d.", num=added))
        return redirect(f"/admin/groups/{group_id}", 303)

    title = gettext("Put members into “%(name)s”", name=facts.name)
    page = FormPage(
        title,
        gettext("Put in"),
        introduction=gettext(
            "All of them are put in, or nobody: a line that fits nobody is named."
        ),
        links=[_back(facts)],
    )
    return answer_form(form, page, act)


@pages.route("/<number:group_id>/members/<number:member_id>", methods=["GET", "POST"])
def leave(group_id: int, member_id: int) -> Answer:
    """Take a member out of a group."""
    actor = current_actor()
    require(actor, "community.manage")
    facts, account = group_facts(group_id), account_of(member_id)

    def act() -> Response:
        with transaction():
            remove_member(actor, group_id, member_id)
        flash(gettext("They are not in the group any more."))
        return redirect(f"/admin/members/{member_id}", 303)

    page = ConfirmationPage(
        title=gettext("Take %(name)s out of “%(group)s”?", name=account.name, group=facts.name),
        consequences=[gettext("What is open to this group is not open to them any more, at once.")],
        submit=gettext("Take out"),
        back=(gettext("Back to the account"), f"/admin/members/{member_id}"),
    )
    return answer_confirmation(page, act)


@pages.route("/<number:group_id>/help", methods=["GET", "POST"])
def help_authors(group_id: int) -> Answer:
    """Let a group help authors with accessibility, or no longer."""
    actor = current_actor()
    require(actor, "community.manage")
    facts = group_facts(group_id)

    def act() -> Response:
        with transaction():
            let_help(actor, group_id, helps=not facts.helps)
        flash(gettext("Changed. It holds at once."))
        return redirect(f"/admin/groups/{group_id}", 303)

    return answer_confirmation(_about_help(facts), act)


def _about_help(facts: GroupFacts) -> ConfirmationPage:
    if facts.helps:
        return ConfirmationPage(
            title=gettext("Shall “%(name)s” no longer help authors?", name=facts.name),
            consequences=[
                gettext("Posts whose authors ask for help then wait for moderators alone.")
            ],
            submit=gettext("No longer"),
            back=_back(facts),
        )
    return ConfirmationPage(
        title=gettext("Shall “%(name)s” help authors with accessibility?", name=facts.name),
        consequences=[
            gettext(
                "They find the posts whose authors ask for help, may change those, and read what the "
                "check says of every post that they may see."
            )
        ],
        submit=gettext("Let them help"),
        back=_back(facts),
    )


@pages.route("/<number:group_id>/delete", methods=["GET", "POST"])
def delete(group_id: int) -> Answer:
    """Remove a group."""
    actor = current_actor()
    require(actor, "community.manage")
    facts = group_facts(group_id)

    def act() -> Response:
        with transaction():
            delete_group(actor, group_id)
        flash(gettext("The group is gone."))
        return redirect("/admin/groups", 303)

    page = ConfirmationPage(
        title=gettext("Remove the group “%(name)s”?", name=facts.name),
        consequences=consequences_of_deleting(facts),
        submit=gettext("Remove it"),
        back=_back(facts),
    )
    return answer_confirmation(page, act)


def consequences_of_deleting(facts: GroupFacts) -> list[str]:
    """What happens to whom when this group goes, in sentences."""
    told = [
        gettext("Its members stay members; they are no group any more: %(num)d.", num=facts.members)
    ]
    if not facts.categories:
        return [*told, gettext("No category names it.")]
    titles = ", ".join(dict.fromkeys(f"“{title}”" for title, _permission in facts.categories))
    told.append(gettext("These categories name it: %(titles)s.", titles=titles))
    told.append(
        gettext(
            "What only this group could do there, only moderators and administrators can do then. "
            "Choose somebody else in these categories first if that is not what you want."
        )
    )
    return told


def _all() -> tuple[str, str]:
    return gettext("All groups"), "/admin/groups"


def _back(facts: GroupFacts) -> tuple[str, str]:
    return gettext("Back to the group"), f"/admin/groups/{facts.id}"
