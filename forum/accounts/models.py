"""People: members, how they prove who they are, what they may do."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    func,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import utcnow
from forum.db import Base, Key, UtcDateTime

ROLES = ("guest", "member", "moderator", "admin")
NAME_LENGTH = 60
HANDLE_LENGTH = 40
PRONOUNS_LENGTH = 40
UNIT_LENGTH = 80
ABOUT_LENGTH = 1000
BROWSER_LENGTH = 200
EMAIL_LENGTH = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets
_ROLES_SQL = ", ".join(f"'{role}'" for role in ROLES)


class Community(Base):
    """The one row of what the members decided about their community.

    ``registration`` says who may ask for an account: anybody (``open``), whoever has an address in
    one of ``email_domains`` (parted by spaces), or whoever was invited. Authors may change a post
    for ``edit_minutes`` after it was published; ``None`` is without end. The ids in its feeds are
    made from ``uuid``, which stays when the forum moves to another address.
    """

    __tablename__ = "community"

    id: Mapped[int] = mapped_column(Key, primary_key=True, default=1)
    name: Mapped[str] = mapped_column(String(80))
    for_whom: Mapped[str] = mapped_column(Text, default="")
    not_for_whom: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(35), default="en")
    zone: Mapped[str] = mapped_column(String(64), default="UTC")
    registration: Mapped[str] = mapped_column(String(10), default="open")
    email_domains: Mapped[str] = mapped_column(Text, default="")
    edit_minutes: Mapped[int | None]
    uuid: Mapped[str] = mapped_column(String(36), default=lambda: str(uuid4()))

    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint(
            "registration IN ('open', 'domain', 'invitation')", name="known_registration"
        ),
        CheckConstraint("edit_minutes >= 1", name="some_minutes"),
    )


class Member(Base):
    """Somebody who takes part. Imported authors have neither address, password nor handle.

    ``handle`` is what others type after an @ to mention them, in small letters. An account that
    was closed keeps its row, for the posts; its words about the person are gone. ``unproven_at`` is
    when somebody joined of whom nothing showed that no program registered: their first post waits.
    """

    __tablename__ = "members"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    email: Mapped[str | None] = mapped_column(String(EMAIL_LENGTH))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    zone: Mapped[str] = mapped_column(String(64), default="UTC")
    language: Mapped[str] = mapped_column(String(35), default="en")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    handle: Mapped[str | None] = mapped_column(String(HANDLE_LENGTH), unique=True)
    pronouns: Mapped[str] = mapped_column(String(PRONOUNS_LENGTH), default="")
    unit: Mapped[str] = mapped_column(String(UNIT_LENGTH), default="")
    employer: Mapped[str] = mapped_column(String(UNIT_LENGTH), default="")
    about: Mapped[str] = mapped_column(Text, default="")
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    unproven_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("uq_members_email_folded", func.lower(email), unique=True),
        CheckConstraint("closed_at IS NULL OR email IS NULL", name="closed_cannot_sign_in"),
        CheckConstraint("(email IS NULL) = (password_hash IS NULL)", name="can_sign_in_or_not"),
    )


class ImportedAuthor(Base):
    """Which member stands for an author of another site; makes an import repeatable."""

    __tablename__ = "imported_authors"

    site: Mapped[str] = mapped_column(String(100), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)


class MemberRole(Base):
    """A role beyond ``member``, which everybody who signed in has."""

    __tablename__ = "member_roles"

    member_id: Mapped[int] = mapped_column(
        ForeignKey("members.id", ondelete="CASCADE"), primary_key=True
    )
    role: Mapped[str] = mapped_column(String(20), primary_key=True)

    __table_args__ = (CheckConstraint("role IN ('moderator', 'admin')", name="known_role"),)


class Group(Base):
    """Members who share rights."""

    __tablename__ = "groups"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)


class GroupMember(Base):
    """Who is in which group."""

    __tablename__ = "group_members"

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    member_id: Mapped[int] = mapped_column(
        ForeignKey("members.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Grant(Base):
    """A permission that a role or a group has or is denied, everywhere or in one category."""

    __tablename__ = "grants"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    permission: Mapped[str] = mapped_column(String(60))
    effect: Mapped[str] = mapped_column(String(5), default="allow")
    role: Mapped[str | None] = mapped_column(String(20), index=True)
    group_id: Mapped[int | None] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), index=True
    )
    category_id: Mapped[int | None] = mapped_column(
        ForeignKey("categories.id", ondelete="CASCADE"), index=True
    )

    __table_args__ = (
        CheckConstraint("effect IN ('allow', 'deny')", name="known_effect"),
        CheckConstraint(f"role IN ({_ROLES_SQL})", name="known_role"),
        CheckConstraint("(role IS NULL) <> (group_id IS NULL)", name="one_holder"),
        UniqueConstraint("permission", "role", "group_id", "category_id"),
    )


class MemberSession(Base):
    """One browser in which a member is signed in. The cookie holds the token, here is its hash."""

    __tablename__ = "member_sessions"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    browser: Mapped[str] = mapped_column(String(BROWSER_LENGTH), default="")


class Invitation(Base):
    """A link with which one person may ask for an account; with an address, only for that one."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH), default="")
    invited_by: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_by: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="SET NULL"), index=True
    )


class LegalHold(Base):
    """While it stands, nothing that the member wrote or is stored about them is erased.

    ``reason`` is shown to the member. It stands until ``lifted_at``.
    """

    __tablename__ = "legal_holds"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    placed_by: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="SET NULL"), index=True
    )
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lifted_by: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="SET NULL"), index=True
    )


class Measure(Base):
    """What moderators decided about a member: a ``note`` for themselves, a ``warning``, a ``mute`` (reads,
    does not write) or a ``suspension`` (does not come in). The last two stand until ``until`` or until
    they are lifted; the clock decides, whenever it is asked.

    The member reads the reason of all but notes; ``seen_at`` is when they did.
    """

    __tablename__ = "measures"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    placed_by: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="SET NULL"), index=True
    )
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lifted_by: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="SET NULL"), index=True
    )
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("kind IN ('note', 'warning', 'mute', 'suspension')", name="known_kind"),
        CheckConstraint("kind <> 'mute' OR until IS NOT NULL", name="mute_ends"),
        Index("ix_measures_of_member", "member_id", "id"),
    )


class MeasureAppeal(Base):
    """A member asks that another moderator looks at a warning, a mute or a suspension; once for each.

    ``measure_id`` and ``kind`` are the measure's, whose row is gone once it was undone. ``reason`` is
    what the member says; of what was decided they read ``decision_reason``, and did so at ``seen_at``.
    Who claimed it last has it until ``claimed_until``; the clock ends a claim.
    """

    __tablename__ = "measure_appeals"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    measure_id: Mapped[int] = mapped_column(Key, unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    reason: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="SET NULL"), index=True
    )
    claimed_by: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="SET NULL"), index=True
    )
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision: Mapped[str | None] = mapped_column(String(10))
    decision_reason: Mapped[str] = mapped_column(Text, default="")
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("kind IN ('warning', 'mute', 'suspension')", name="known_kind"),
        CheckConstraint("decision IN ('upheld', 'overturned')", name="known_decision"),
        CheckConstraint("(closed_at IS NULL) = (decision IS NULL)", name="closed_by_decision"),
        Index("ix_measure_appeals_of_member", "member_id", "id"),
        Index("ix_measure_appeals_open", "closed_at", "id"),
    )


class TrustLevel(Base):
    """A group whose members the forum itself keeps: who has been here for ``days``, has ``posts`` that
    stand and ``answers`` that others asked for, is neither muted nor suspended, and of whose posts
    moderators removed ``most_removed`` at most in 90 days. Its rights are the group's.
    """

    __tablename__ = "trust_levels"

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    position: Mapped[int] = mapped_column(default=0)
    days: Mapped[int] = mapped_column(default=0)
    posts: Mapped[int] = mapped_column(default=0)
    answers: Mapped[int] = mapped_column(default=0)
    most_removed: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        CheckConstraint(
            "days >= 0 AND posts >= 0 AND answers >= 0 AND most_removed >= 0", name="from_zero"
        ),
    )


class TrustStep(Base):
    """A member has reached a level, or lost it, ``because`` of what: names of things parted by spaces, see
    ``forum/accounts/trust_rules.py``. ``seen_at`` is when they read it."""

    __tablename__ = "trust_steps"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    level_id: Mapped[int] = mapped_column(
        ForeignKey("trust_levels.group_id", ondelete="CASCADE"), index=True
    )
    is_reached: Mapped[bool]
    because: Mapped[str] = mapped_column(String(60), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_trust_steps_of_member", "member_id", "id"),)


class Registration(Base):
    """Somebody who asked for an account and has not yet shown that the address is theirs.

    ``is_proven``: their browser solved the small task that keeps programs from registering by the
    thousand, or none was asked of them.
    """

    __tablename__ = "registrations"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH))
    password_hash: Mapped[str] = mapped_column(String(200))
    zone: Mapped[str] = mapped_column(String(64), default="UTC")
    language: Mapped[str] = mapped_column(String(35), default="en")
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    invitation_id: Mapped[int | None] = mapped_column(
        ForeignKey("invitations.id", ondelete="CASCADE"), index=True
    )
    is_proven: Mapped[bool] = mapped_column(default=True, server_default=true())


class OneTimeToken(Base):
    """A link that works once: ``reset`` a member's password, give a member another ``address``
    (``email``), or ``setup`` the forum (no member)."""

    __tablename__ = "one_time_tokens"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(10))
    member_id: Mapped[int | None] = mapped_column(
        ForeignKey("members.id", ondelete="CASCADE"), index=True
    )
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    email: Mapped[str | None] = mapped_column(String(EMAIL_LENGTH))

    __table_args__ = (
        CheckConstraint("purpose IN ('reset', 'setup', 'address')", name="known_purpose"),
        CheckConstraint("(purpose = 'setup') = (member_id IS NULL)", name="whose"),
        CheckConstraint("(purpose = 'address') = (email IS NOT NULL)", name="new_address"),
    )


class Attempt(Base):
    """How often something that is limited was tried in one span of time."""

    __tablename__ = "attempts"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    window: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(default=1)
