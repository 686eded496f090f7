"""Many cases at once, with as many statements as for one."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import bindparam, true

from forum import db as database
from forum.accounts.queries import actors_by_ids
from forum.discussion.queries import scope_values, variant, variants
from forum.moderation.models import Case
from forum.moderation.queries import CASE, CaseFacts, place_for
from forum.moderation.rules import is_for, is_held, obstacle_to_publishing
from forum.permissions import Actor

_SEVERAL = variants(
    CASE.where(Case.id.in_(bindparam("ids", expanding=True))).order_by(Case.id), true()
)


def cases_of_numbers(actor: Actor, numbers: Collection[int]) -> list[CaseFacts]:
    """Those of these cases that are for the actor and whose threads they may see, oldest first."""
    scope = actor.scope("thread.see")
    values = scope_values(scope) | {"ids": sorted(numbers)}
    found = [CaseFacts(*row) for row in database.rows(_SEVERAL[variant(scope), False], values)]
    return [case for case in found if is_for(actor, case.kind, case.author_id)]


def obstacles_to_publishing(cases: Sequence[CaseFacts]) -> dict[int, str]:
    """Why threads do not take held posts, by the number of the case; empty where they do."""
    held = [case for case in cases if is_held(case.kind) and case.closed_at is None]
    authors = actors_by_ids({case.author_id for case in held})
    return {
        case.id: obstacle_to_publishing(place_for(case, authors.get(case.author_id)))
        for case in held
    }
