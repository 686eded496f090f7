"""What administrators do with groups and who is in them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from flask_babel import gettext
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from forum.accounts.member_queries import members_named, require_active
from forum.accounts.models import Grant, Group, GroupMember, Member
from forum.accounts.trust_queries import is_level
from forum.community.change_actions import note_change
from forum.db import db, savepoint
from forum.errors import Invalid, NotFound
from forum.permissions import HELP, Actor, require
from forum.plugin_host import current_host
from forum.seen import require_as_seen
from forum.text.lines import is_readable_line

GROUP_NAME_LENGTH = 80
MOST_AT_ONCE = 500
# More than these on one page would help nobody to mend them.
MOST_FAULTS_NAMED = 20


def add_group(actor: Actor, name: str) -> Group:
    """A new group without members.

    Raises:
        Invalid: the name is empty, too long, taken, or has characters that cannot be seen.
    """
    require(actor, "community.manage")
    group = Group()
    _write_name(group, _free_name(name))
    note_change(
        actor, "group.add", subject="group", subject_id=group.id, after={"name": group.name}
    )
    return group


def rename_group(actor: Actor, group_id: int, name: str, *, seen: str | None = None) -> None:
    """Give a group another name; who is in it, and what it may, stays.

    Args:
        seen: marks of the fields as they were shown, see ``forum/seen.py``.

    Raises:
        NotFound: there is no such group.
        Invalid: the name is empty, too long, taken, or has characters that cannot be seen.
        Overtaken: it has another name than was seen.
    """
    require(actor, "community.manage")
    group = _locked_group(group_id)
    before = group.name
    require_as_seen(seen, {"name": before})
    name = _free_name(name, but=group_id)
    _write_name(group, name)
    note_change(
        actor,
        "group.rename",
        subject="group",
        subject_id=group_id,
        before={"name": before},
        after={"name": name},
    )


def delete_group(actor: Actor, group_id: int) -> None:
    """Remove a group. What was open to it alone is then open to moderators and administrators.

    Raises:
        NotFound: there is no such group.
        Invalid: it is a level of trust.
    """
    require(actor, "community.manage")
    group = _locked_group(group_id)
    _require_kept_by_hand(group_id)
    left = select(GroupMember.member_id).where(GroupMember.group_id == group_id)
    before = {"name": group.name, "members": len(db.session.scalars(left).all())}
    db.session.execute(delete(Grant).where(Grant.group_id == group_id))
    db.session.execute(delete(GroupMember).where(GroupMember.group_id == group_id))
    db.session.delete(group)
    note_change(actor, "group.delete", subject="group", subject_id=group_id, before=before)
    current_host().with_rights_taken(None)


def let_help(actor: Actor, group_id: int, *, helps: bool) -> bool:
    """Let a group help authors with accessibility, or no longer: whether that is a change.

    Raises:
        NotFound: there is no such group.
    """
    require(actor, "community.manage")
    _locked_group(group_id)
    theirs = Grant.group_id == group_id, Grant.permission == HELP, Grant.category_id.is_(None)
    granted = db.session.scalar(select(Grant.id).where(*theirs)) is not None
    if granted == helps:
        return False
    if helps:
        db.session.add(Grant(permission=HELP, effect="allow", group_id=group_id))
    else:
        db.session.execute(delete(Grant).where(*theirs))
    values = {"helps": not helps}, {"helps": helps}
    note_change(
        actor,
        "group.help",
        subject="group",
        subject_id=group_id,
        before=values[0],
        after=values[1],
    )
    if not helps:
        current_host().with_rights_taken(None)
    return True


def add_pasted(actor: Actor, group_id: int, pasted: str) -> int:
    """Put all these members into a group, an address or @handle on each line: how many were not in it.

    Raises:
        NotFound: there is no such group.
        Invalid: a line fits nobody; it names each, and nobody was added; or the group is a level of
            trust.
    """
    require(actor, "community.manage")
    _locked_group(group_id)
    lines = [(number, line.strip()) for number, line in enumerate(pasted.splitlines(), 1)]
    named = [(number, line) for number, line in lines if line]
    if not named or len(named) > MOST_AT_ONCE:
        message = gettext(
            "Write 1 to %(most)d addresses or handles, each on a line of its own.",
            most=MOST_AT_ONCE,
        )
        raise Invalid("members", message)
    found = members_named({line for _, line in named})
    _refuse_unknown([(number, line) for number, line in named if line not in found])
    return _join(actor, group_id, set(found.values()))


def _refuse_unknown(unknown: list[tuple[int, str]]) -> None:
    if not unknown:
        return
    told = [
        gettext("Line %(number)d: nobody has “%(text)s”.", number=number, text=line[:80])
        for number, line in unknown[:MOST_FAULTS_NAMED]
    ]
    if len(unknown) > MOST_FAULTS_NAMED:
        told.append(gettext("And %(num)d more.", num=len(unknown) - MOST_FAULTS_NAMED))
    raise Invalid("members", " ".join([gettext("Nobody was added."), *told]))


def add_member(actor: Actor, group_id: int, member_id: int) -> bool:
    """Put a member into a group: whether they were not in it.

    Raises:
        NotFound: there is no such group or member.
        Conflict: the account is closed, or of an imported author.
        Invalid: the group is a level of trust.
    """
    require(actor, "community.manage")
    _locked_group(group_id)
    member = db.session.get(Member, member_id)
    if member is None:
        raise NotFound(gettext("There is no such member."))
    require_active(member)
    return bool(_join(actor, group_id, {member_id}))


def add_to_group(actor: Actor, group_name: str, email: str) -> bool:
    """Put a member into a group: whether they were not in it.

    Raises:
        Invalid: there is no such group or no such member, or it is a level of trust.
    """
    require(actor, "community.manage")
    group_id, member_id = _group_and_member(group_name, email)
    return bool(_join(actor, group_id, {member_id}))


def remove_from_group(actor: Actor, group_name: str, email: str) -> bool:
    """Take a member out of a group: whether they were in it.

    Raises:
        Invalid: there is no such group or no such member, or it is a level of trust.
    """
    require(actor, "community.manage")
    return remove_member(actor, *_group_and_member(group_name, email))


def remove_member(actor: Actor, group_id: int, member_id: int) -> bool:
    """Take a member out of a group: whether they were in it.

    Raises:
        NotFound: there is no such group.
        Invalid: it is a level of trust.
    """
    require(actor, "community.manage")
    _locked_group(group_id)
    _require_kept_by_hand(group_id)
    membership = (GroupMember.group_id == group_id) & (GroupMember.member_id == member_id)
    left = delete(GroupMember).where(membership).returning(GroupMember.member_id)
    if db.session.execute(left).first() is None:
        return False
    _note_membership(actor, "group.leave", group_id, db.session.get_one(Member, member_id))
    current_host().with_rights_taken(member_id)
    return True


def _join(actor: Actor, group_id: int, members: Collection[int]) -> int:
    _require_kept_by_hand(group_id)
    # The group is held, so that nobody else puts the same members into it meanwhile.
    inside = select(GroupMember.member_id).where(GroupMember.group_id == group_id)
    new = sorted(set(members) - set(db.session.scalars(inside)))
    db.session.add_all(GroupMember(group_id=group_id, member_id=member) for member in new)
    db.session.flush()
    for member in _members(new):
        _note_membership(actor, "group.join", group_id, member)
    return len(new)


def _members(ids: Collection[int]) -> Sequence[Member]:
    return db.session.scalars(select(Member).where(Member.id.in_(ids)).order_by(Member.id)).all()


def _note_membership(actor: Actor, kind: str, group_id: int, member: Member) -> None:
    value = {"member": f"{member.name} (#{member.id})"}
    before, after = (None, value) if kind == "group.join" else (value, None)
    note_change(
        actor,
        kind,
        subject="group",
        subject_id=group_id,
        whose=member.id,
        before=before,
        after=after,
    )


def _group_and_member(group_name: str, email: str) -> tuple[int, int]:
    group_id = db.session.scalar(
        select(Group.id).where(Group.name == group_name).with_for_update(key_share=True)
    )
    if group_id is None:
        raise Invalid("group", gettext("There is no group of this name. Make it first."))
    member = members_named([email]).get(email)
    if member is None:
        raise Invalid("email", gettext("No member has this address."))
    return group_id, member


def _require_kept_by_hand(group_id: int) -> None:
    """What the forum gives for what members do, nobody gives or takes as a favour."""
    if is_level(group_id):
        raise Invalid(
            "group",
            gettext(
                "The forum itself keeps this group: it is a level of trust. Change what the level asks "
                "for, or make another group."
            ),
        )


def _locked_group(group_id: int) -> Group:
    group = db.session.get(Group, group_id, with_for_update=True, populate_existing=True)
    if group is None:
        raise NotFound(gettext("There is no such group; it may have been deleted meanwhile."))
    return group


def _free_name(name: str, *, but: int | None = None) -> str:
    name = " ".join(name.split())
    if not name or len(name) > GROUP_NAME_LENGTH:
        raise Invalid("name", gettext("Give the group a name of up to 80 characters."))
    if not is_readable_line(name):
        raise Invalid("name", gettext("Leave invisible characters out of the name."))
    taken = select(Group.id).where(Group.name == name, Group.id.is_distinct_from(but))
    if db.session.scalar(taken) is not None:
        raise _taken()
    return name


def _write_name(group: Group, name: str) -> None:
    try:
        with savepoint():
            group.name = name
            db.session.add(group)
    except IntegrityError as error:
        # Somebody else took the name in the same moment.
        raise _taken() from error


def _taken() -> Invalid:
    return Invalid("name", gettext("There is a group of this name."))
