"""The log of what administrators changed, as a list and one by one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, ScalarSelect, select

from forum import db as database
from forum.accounts.models import Member
from forum.admin.listing import Column, Filter, Listing
from forum.community.models import Change, ChangeValue
from forum.db import in_words
from forum.errors import NotFound

# Kinds without words here are shown by their name.
KINDS = {
    "community.change": _("community: words"),
    "community.rules": _("community: rules"),
    "category.add": _("category added"),
    "category.change": _("category changed"),
    "category.remove": _("category removed"),
    "group.add": _("group made"),
    "group.rename": _("group renamed"),
    "group.help": _("group may help with accessibility, or no longer"),
    "group.delete": _("group removed"),
    "group.join": _("member put into a group"),
    "group.leave": _("member taken out of a group"),
    "level.add": _("level of trust made"),
    "level.change": _("level of trust changed"),
    "level.remove": _("level of trust removed"),
    "role.give": _("role given"),
    "role.take": _("role taken"),
    "settings.change": _("settings changed"),
    "member.sessions": _("member signed out"),
    "member.reset": _("link for a new password sent"),
    "member.hold": _("legal hold placed"),
    "member.release": _("legal hold lifted"),
    "member.export": _("member's data collected"),
    "member.erase": _("member erased"),
    "invitation.add": _("somebody invited"),
    "invitation.withdraw": _("invitation withdrawn"),
    "plugin.look": _("plugin looked at"),
    "plugin.enable": _("plugin enabled"),
    "plugin.disable": _("plugin disabled"),
    "plugin.purge": _("plugin purged"),
    "job.retry": _("job tried again"),
    "export.order": _("export ordered"),
    "export.remove": _("export taken away"),
    "job.set_aside": _("job set aside"),
    "job.drop": _("job dropped"),
    "invitation.list": _("many invited"),
    "invitation.again": _("invitation sent again"),
    "threads.import": _("threads imported"),
    "posts.review": _("all posts reviewed again"),
}
SUBJECTS = {
    "category": _("category"),
    "group": _("group"),
    "member": _("member"),
    "job": _("job"),
    "invitation": _("invitation"),
    "plugin": _("plugin"),
}


def _values(value: ColumnElement[str]) -> ScalarSelect[str]:
    # For reading and searching; the page of a change has them one by one.
    words = ChangeValue.field + ": " + value + ";"
    inside = select(in_words(words)).where(ChangeValue.change_id == Change.id, value != "")
    return inside.correlate(Change).scalar_subquery()


_WHO = select(Member.name).where(Member.id == Change.actor_id).correlate(Change).scalar_subquery()

_CHANGES = Listing(
    name="changes",
    title=_("Log of changes"),
    empty=_("Nothing was changed yet."),
    source=Change.__table__,
    key=Change.id.expression,
    address="/admin/changes/{}",
    columns=(
        Column("number", _("Number"), Change.id.expression),
        Column("at", _("When"), Change.at.expression),
        Column("actor_id", _("Member"), Change.actor_id.expression, on_page=False),
        Column("actor", _("Who"), _WHO, searched=True),
        Column("kind", _("What"), Change.kind.expression, searched=True, words=KINDS),
        Column("subject", _("To what"), Change.subject.expression, searched=True, words=SUBJECTS),
        Column("subject_id", _("Its number"), Change.subject_id.expression),
        Column("before", _("Before"), _values(ChangeValue.before.expression), searched=True),
        Column("after", _("After"), _values(ChangeValue.after.expression), searched=True),
    ),
)


def changes() -> Listing:
    """The log, which can be narrowed to the kinds that there are."""
    found = database.rows(select(Change.kind).distinct().order_by(Change.kind))
    choices = {row.kind: KINDS.get(row.kind, row.kind) for row in found}
    return replace(_CHANGES, filters=(Filter("kind", _("What"), Change.kind.expression, choices),))


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """One change: who (no name for whoever has a shell on the machine), when, what, to what, and
    each field with its value before and after."""

    id: int
    at: datetime
    actor_id: int | None
    actor: str | None
    kind: str
    subject: str
    subject_id: int | None
    values: tuple[tuple[str, str, str], ...]


def change_facts(change_id: int) -> ChangeFacts:
    """One change.

    Raises:
        NotFound: there is none of this number.
    """
    columns = (Change.id, Change.at, Change.actor_id, _WHO.label("actor"))
    subject = (Change.kind, Change.subject, Change.subject_id)
    row = database.row(select(*columns, *subject).where(Change.id == change_id))
    if row is None:
        raise NotFound(gettext("There is no such change."))
    values = select(ChangeValue.field, ChangeValue.before, ChangeValue.after).where(
        ChangeValue.change_id == change_id
    )
    found = tuple(tuple(v) for v in database.rows(values.order_by(ChangeValue.id)))
    return ChangeFacts(**row._mapping, values=found)
