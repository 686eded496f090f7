"""New members and their handles."""

from __future__ import annotations

from itertools import count

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from forum.accounts.models import Member
from forum.db import db, savepoint
from forum.jobs.models import Job
from forum.text.handles import RESERVED, handle_from

_TRIES = 20
# What takes a former member out of texts would take whoever has the handle next out as well.
_GOING = Job.arguments["handle"].as_string()


def add_member(member: Member) -> Member:
    """Write a new member, with a handle made of their name.

    Raises:
        IntegrityError: somebody has the address, or twenty others of this name came in between.
    """
    for left in reversed(range(_TRIES)):
        member.handle = free_handle(member.name)
        try:
            with savepoint():
                db.session.add(member)
        except IntegrityError:
            # Somebody of the same name may have come in this moment; the address stays taken.
            if not left or not is_taken(member.handle):
                raise
        else:
            break
    return member


def free_handle(name: str) -> str:
    """A handle made of the name that nobody has, and nobody is losing just now: ``ada``, else
    ``ada-2`` and so on."""
    base = handle_from(name)
    similar = select(Member.handle).where((Member.handle == base) | Member.handle.like(f"{base}-%"))
    going = (base == _GOING) | _GOING.like(f"{base}-%")
    handles = (*db.session.scalars(similar), *db.session.scalars(select(_GOING).where(going)))
    taken = RESERVED.union(handle for handle in handles if handle)
    if base not in taken:
        return base
    return next(handle for n in count(2) if (handle := f"{base}-{n}") not in taken)


def is_taken(handle: str) -> bool:
    """Whether somebody has this handle, or is losing it just now."""
    found = db.session.scalar(select(Member.id).where(Member.handle == handle))
    going = select(Job.id).where(handle == _GOING).limit(1)
    return found is not None or db.session.scalar(going) is not None
