"""Noting what administrators change, in the transaction that changes it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import update

from forum.community.models import Change, ChangeValue
from forum.db import db
from forum.permissions import Actor

Values = Mapping[str, object]


def note_change(
    actor: Actor,
    kind: str,
    *,
    subject: str = "",
    subject_id: int | None = None,
    whose: int | None = None,
    before: Values | None = None,
    after: Values | None = None,
) -> None:
    """Note that ``actor`` did this. Call it in the action, after the permission was asked.

    Args:
        kind: what was done, such as ``category.change``; never words of a person.
        subject: the kind of thing it was done to, counted by ``subject_id``.
        whose: the member whose personal data the values are; erasing them empties the values.
        before: fields as they were. Fields that did not change are not kept.
        after: the same fields as they are now.
    """
    old, new = before or {}, after or {}
    changed = [field for field in {**old, **new} if old.get(field) != new.get(field)]
    if not changed and (old or new):
        return
    change = Change(actor_id=actor.id, kind=kind, subject=subject, subject_id=subject_id)
    db.session.add(change)
    db.session.flush()
    db.session.add_all(
        ChangeValue(
            change_id=change.id,
            field=field,
            before=_text(old.get(field)),
            after=_text(new.get(field)),
            member_id=whose,
        )
        for field in changed
    )


def _text(value: object) -> str:
    return "" if value is None else str(value)


def forget_values(member_id: int) -> None:
    """Empty what the log says of a member, before and after. Who did what, when, stays."""
    db.session.execute(
        update(ChangeValue)
        .where(ChangeValue.member_id == member_id)
        .values(before="", after="")
        .execution_options(synchronize_session=False)
    )
