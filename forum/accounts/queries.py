"""Named reads about people."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, String, bindparam, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute

from forum import db as database
from forum.accounts.mailboxes import normal_mailbox
from forum.accounts.measure_queries import BAR_OF_MEMBER
from forum.accounts.models import (
    Community,
    Grant,
    Group,
    GroupMember,
    Measure,
    Member,
    MemberRole,
    MemberSession,
)
from forum.accounts.rules import CommunityRules
from forum.clock import utcnow
from forum.community.setting_queries import CHANGED, note_settings
from forum.db import Statement, in_words
from forum.permissions import Actor, Bar, Scope, scopes_from
from forum.plugin_host import current_host

GUEST_ROLES = frozenset({"guest"})


@dataclass(frozen=True, slots=True)
class CommunityFacts:
    """What every page says about the community. The name is empty before it is set up."""

    name: str = ""
    for_whom: str = ""
    not_for_whom: str = ""
    language: str = "en"
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Visit:
    """Who makes this request, and the community they visit."""

    actor: Actor
    community: CommunityFacts
    session_id: int | None = None


def _community(column: InstrumentedAttribute[Any]) -> ScalarSelect[Any]:
    return select(column).where(Community.id == 1).scalar_subquery()


def _grants(held: ColumnElement[bool]) -> ScalarSelect[Any]:
    category = func.coalesce(cast(Grant.category_id, String), "")
    word = Grant.permission + ":" + Grant.effect + ":" + category
    return select(in_words(word)).where(held).scalar_subquery()


COMMUNITY = (
    _community(Community.name).label("community_name"),
    _community(Community.for_whom).label("for_whom"),
    _community(Community.not_for_whom).label("not_for_whom"),
    _community(Community.language).label("community_language"),
    _community(Community.zone).label("community_zone"),
    CHANGED.label("settings"),
)
GUEST: Statement = select(_grants(Grant.role == "guest").label("grants"), *COMMUNITY)


def _member_columns(member_id: Any) -> tuple[Any, ...]:
    # Two levels down, SQLAlchemy no longer correlates by itself: it would ask for anybody's roles.
    roles = select(MemberRole.role).where(MemberRole.member_id == member_id).correlate(Member)
    groups = (
        select(GroupMember.group_id).where(GroupMember.member_id == member_id).correlate(Member)
    )
    held = (
        (Grant.role == "guest")
        | (Grant.role == "member")
        | Grant.role.in_(roles)
        | Grant.group_id.in_(groups)
    )
    names = select(in_words(MemberRole.role)).where(MemberRole.member_id == member_id)
    return (
        Member.id,
        Member.name,
        Member.zone,
        Member.language,
        _grants(held).label("grants"),
        names.scalar_subquery().label("roles"),
        _community(Community.edit_minutes).label("edit_minutes"),
        Measure.kind.label("bar"),
        Measure.reason.label("bar_reason"),
        Measure.until.label("bar_until"),
    )


BY_SESSION: Statement = (
    select(*_member_columns(Member.id), MemberSession.id.label("session_id"), *COMMUNITY)
    .join(MemberSession, MemberSession.member_id == Member.id)
    .outerjoin(Measure, Measure.id == BAR_OF_MEMBER)
    .where(
        MemberSession.token_hash == bindparam("token"),
        MemberSession.expires_at > bindparam("now"),
        # Somebody may have signed in while the account was being closed.
        Member.closed_at.is_(None),
    )
)
BY_ID: Statement = (
    select(*_member_columns(Member.id))
    .outerjoin(Measure, Measure.id == BAR_OF_MEMBER)
    .where(Member.id == bindparam("id"))
)
BY_IDS: Statement = (
    select(*_member_columns(Member.id))
    .outerjoin(Measure, Measure.id == BAR_OF_MEMBER)
    .where(Member.id.in_(bindparam("ids", expanding=True)))
)


def guest_visit() -> Visit:
    """A visit of somebody who has not signed in."""
    row = database.row(GUEST)
    assert row is not None
    facts = row._mapping
    community = _community_facts(facts)
    actor = Actor(
        scopes=_scopes(facts["grants"], GUEST_ROLES),
        zone=community.zone,
        language=community.language,
    )
    return Visit(actor=actor, community=community)


def visit_by_session(token_hash: str) -> Visit | None:
    """The visit of the member whose session this is, in one statement; None when it has ended."""
    row = database.row(BY_SESSION, {"token": token_hash, "now": utcnow()})
    if row is None:
        return None
    facts = row._mapping
    return Visit(_member_actor(facts), _community_facts(facts), facts["session_id"])


def actor_by_id(member_id: int) -> Actor | None:
    """The member as an actor, with the grants of this moment: for work done on their behalf."""
    row = database.row(BY_ID, {"id": member_id, "now": utcnow()})
    return None if row is None else _member_actor(row._mapping)


def actors_by_ids(member_ids: Collection[int]) -> dict[int, Actor]:
    """Many of them by their numbers, with one statement."""
    values = {"ids": sorted(member_ids), "now": utcnow()}
    return {row.id: _member_actor(row._mapping) for row in database.rows(BY_IDS, values)}


def _member_actor(facts: Mapping[Any, Any]) -> Actor:
    roles = _roles(facts["roles"] or "")
    return Actor(
        id=facts["id"],
        name=facts["name"],
        roles=roles,
        scopes=_scopes(facts["grants"], roles),
        zone=facts["zone"],
        language=facts["language"],
        edit_minutes=facts["edit_minutes"],
        bar=_bar(facts),
    )


def _bar(facts: Mapping[Any, Any]) -> Bar | None:
    if facts["bar"] is None:
        return None
    return Bar(facts["bar"], facts["bar_reason"], facts["bar_until"])


def _scopes(grants: str | None, roles: frozenset[str]) -> dict[str, Scope]:
    # What plugins bring is granted while they run, and leaves no row behind.
    brought = current_host().granted(roles)
    return scopes_from(f"{grants or ''} {brought}" if brought else grants or "")


@lru_cache(maxsize=64)
def _roles(names: str) -> frozenset[str]:
    return frozenset({"guest", "member", *names.split()})


def _community_facts(facts: Mapping[Any, Any]) -> CommunityFacts:
    note_settings(facts["settings"])
    if facts["community_name"] is None:
        return CommunityFacts()
    return CommunityFacts(
        name=facts["community_name"],
        for_whom=facts["for_whom"],
        not_for_whom=facts["not_for_whom"],
        language=facts["community_language"],
        zone=facts["community_zone"],
    )


def member_by_email(email: str) -> Member | None:
    """The member with this address, whatever its capitals and the script of its domain."""
    mailbox = normal_mailbox(email)
    if mailbox is None:
        return None
    statement = select(Member).where(func.lower(Member.email) == mailbox.lower())
    return database.db.session.scalar(statement)


_BY_HANDLE = select(Member.handle, Member.id).where(
    Member.handle.in_(bindparam("handles", expanding=True)), Member.closed_at.is_(None)
)
_HAVE_ACCOUNTS = select(Member.id).where(
    Member.id.in_(bindparam("ids", expanding=True)), Member.email.is_not(None)
)


def members_by_handle(handles: Collection[str]) -> dict[str, int]:
    """The ids of the members who have these handles, given in small letters; closed accounts do not."""
    if not handles:
        return {}
    found = database.rows(_BY_HANDLE, {"handles": sorted(handles)})
    return {row.handle: row.id for row in found}


def with_account(members: Collection[int]) -> frozenset[int]:
    """Those of these members who can sign in: neither closed nor imported."""
    if not members:
        return frozenset()
    found = database.rows(_HAVE_ACCOUNTS, {"ids": sorted(members)})
    return frozenset(row.id for row in found)


def is_set_up() -> bool:
    """Whether the community has a name and an administrator."""
    admin = select(MemberRole.member_id).where(MemberRole.role == "admin").exists()
    return bool(database.value(select(admin & select(Community.id).exists())))


def community_rules() -> CommunityRules:
    """What the community decided about registering and changing posts."""
    row = database.row(
        select(Community.registration, Community.email_domains, Community.edit_minutes)
    )
    return CommunityRules() if row is None else CommunityRules(*row)


def groups() -> list[tuple[int, str]]:
    """All groups by name: (id, name)."""
    return [
        (g.id, g.name) for g in database.rows(select(Group.id, Group.name).order_by(Group.name))
    ]
