"""What there is to administer: one line for each area, in the order of the page that leads to all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _


@dataclass(frozen=True, slots=True)
class Area:
    """Pages about one thing: where they begin, and what is done there, in one sentence."""

    title: Any
    url: str
    about: Any


AREAS = (
    Area(
        _("The community"),
        "/admin/community",
        _("Its name, whom it is for, who may register, and for how long posts can be changed."),
    ),
    Area(
        _("Settings"),
        "/admin/settings",
        _("What holds for all: who may read what, passwords, how long things last."),
    ),
    Area(
        _("Categories"),
        "/admin/categories",
        _("Where threads stand, and who may see them, start them and reply."),
    ),
    Area(
        _("Members"),
        "/admin/members",
        _(
            "Their accounts, roles and groups; signing somebody out, or sending a new password's link."
        ),
    ),
    Area(_("Roles"), "/admin/roles", _("What each role may do, and who has it.")),
    Area(_("Groups"), "/admin/groups", _("Members who share rights in categories.")),
    Area(
        _("Levels of trust"),
        "/admin/levels",
        _("What members gain rights by, and lose them again."),
    ),
    Area(
        _("Invitations"),
        "/admin/invitations",
        _("Let people in whom the community asks to come."),
    ),
    Area(
        _("Legal holds"),
        "/admin/holds",
        _("Of whom nothing may be erased for the time being, and why."),
    ),
    Area(
        _("Exports"),
        "/admin/export",
        _("Posts to hand out or to keep as a record, as pages or as data."),
    ),
    Area(_("Sent mail"), "/admin/mail", _("To whom letters went, and which could not be sent.")),
    Area(_("Plugins"), "/admin/plugins", _("Which of them run, and what went wrong in them.")),
    Area(_("Jobs"), "/admin/jobs", _("Work that waits, is under way, or was set aside.")),
    Area(
        _("Log of changes"),
        "/admin/changes",
        _("Who changed what on these pages, when, with the values before and after."),
    ),
)
