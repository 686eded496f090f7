"""A member has their own grants and nobody else's."""

from __future__ import annotations

from flask import Flask

from forum.accounts.queries import visit_by_session
from forum.categories.queries import Audiences
from forum.permissions import Actor, allowed
from forum.testing.factories import Factories, Person

OF_EVERY_MEMBER = {"post.flag"}


def may(actor: Actor) -> set[str]:
    """The permissions an actor has for the whole forum."""
    return {name for name in actor.scopes if allowed(actor, name)}


def test_a_member_gains_nothing_from_the_roles_of_others(app: Flask, factories: Factories) -> None:
    admin = factories.member(role="admin")
    factories.member(role="moderator")
    member = factories.member()

    assert may(factories.actor(member)) == OF_EVERY_MEMBER
    assert factories.actor(member).roles == {"guest", "member"}
    assert "community.manage" in may(factories.actor(admin))


def test_a_member_gains_nothing_from_the_groups_of_others(app: Flask, factories: Factories) -> None:
    inside = factories.member(group="Kiln masters")
    outside = factories.member()
    group = str(_group_id(app))
    category = factories.category(audiences=Audiences(see=group, start=group, reply=group))

    assert allowed(factories.actor(inside), "thread.see", category)
    assert not allowed(factories.actor(outside), "thread.see", category)


def test_the_session_carries_the_grants_of_its_own_member_only(
    app: Flask, factories: Factories
) -> None:
    factories.member(role="admin")
    member = factories.member()
    token = _session_of(app, member)

    with app.test_request_context():
        visit = visit_by_session(token)

    assert visit is not None
    assert visit.actor.id == member.id
    assert may(visit.actor) == OF_EVERY_MEMBER


def _group_id(app: Flask) -> int:
    from forum.accounts.queries import groups

    with app.test_request_context():
        return groups()[0][0]


def _session_of(app: Flask, member: Person) -> str:
    from forum.accounts.actions import Browser, sign_in
    from forum.accounts.tokens import token_hash

    with app.test_request_context():
        return token_hash(sign_in(member.email, member.password, browser=Browser("127.0.0.1")))
