"""Every action of administrators leaves a change in the log, or stands here with the reason why not."""

from __future__ import annotations

import ast
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

import forum
from forum.accounts import (
    closing_actions,
    community_actions,
    data_actions,
    group_actions,
    hold_actions,
    invitation_actions,
    invitation_list_actions,
    role_actions,
)
from forum.accounts.community_actions import CommunityStatement
from forum.accounts.models import Group, Invitation
from forum.accounts.rules import CommunityRules
from forum.accounts.trust_rules import Thresholds
from forum.admin import (
    export_actions,
    import_actions,
    job_actions,
    level_actions,
    plugin_actions,
)
from forum.admin.excerpt_extent import Wish
from forum.admin.level_queries import level_named
from forum.app import create_app
from forum.categories import actions as category_actions
from forum.categories.queries import Audiences
from forum.community import setting_actions
from forum.community.models import Change
from forum.db import db, transaction
from forum.discussion import review_actions
from forum.jobs.models import Job
from forum.permissions import Actor
from forum.plugin_host.models import PluginTrouble
from forum.testing.application import close
from forum.testing.factories import Factories
from tests.plugin_host.conftest import write_plugin

ONE_KIND = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

NOT_NOTED = {
    "archive_export_actions.export_archive": "changes nothing; only whoever has a shell can do it",
    "excerpt_actions.export_excerpt": "changes nothing; ordering it on a page is noted",
    "archive_import_actions.import_archive": "fills an empty forum: there is no before",
    "demo_actions.fill_with_demo": "fills an empty forum: there is no before",
    "plugin_actions.enable_from_the_start": "begins a forum that nobody has set up: no before",
    "retention_actions.remove_old": "the worker does it by itself; how long is a noted setting",
    "invitation_list_actions.read_list": "changes nothing; inviting them is noted",
    "review_actions.review_some": "a part of what was ordered, which is noted; changes no words",
    "picture_actions.forget_unused_pictures": "the worker does it by itself every hour",
}
ROOT = Path(str(forum.__file__)).parent


@dataclass(frozen=True)
class Scene:
    """A forum in which there is something for every action to change."""

    olga: Actor
    ada: int
    bo: int
    group: int
    category: int
    invitation: int
    job: int
    mailed: int


def actions_in(source: str) -> set[str]:
    """The functions that ask for the administrators' permission."""
    return {
        function.name
        for function in ast.walk(ast.parse(source))
        if isinstance(function, ast.FunctionDef)
        and "require(actor, 'community.manage')" in map(ast.unparse, function.body)
    }


def all_actions() -> set[str]:
    files = [*ROOT.glob("*/*actions.py"), *ROOT.glob("*/actions.py")]
    return {f"{file.stem}.{name}" for file in files for name in actions_in(file.read_text("utf-8"))}


def statement(name: str) -> CommunityStatement:
    return CommunityStatement(name, "People who throw pots.", "")


def imported() -> io.BytesIO:
    return io.BytesIO(
        b'{"site":"s","id":"1","title":"Which clay?","author":"u","created":"2020-03-04T10:11:12Z",'
        b'"body_html":"<p>Which one?</p>","url":"https://example.org/1","licence":"CC BY-SA 4.0",'
        b'"tags":["clay"],"replies":[]}'
    )


Deed = Callable[[Scene], object]
# In an order in which each finds what it needs.
DEEDS: dict[str, Deed] = {
    "community_actions.change_community": lambda s: community_actions.change_community(
        s.olga, statement("Kiln Circle"), zone="UTC", language="en"
    ),
    "community_actions.change_rules": lambda s: community_actions.change_rules(
        s.olga, CommunityRules("invitation")
    ),
    "setting_actions.change_settings": lambda s: setting_actions.change_settings(
        s.olga, {"password_length": "20"}
    ),
    "setting_actions.reset_setting": lambda s: setting_actions.reset_setting(
        s.olga, "password_length"
    ),
    "actions.add_category": lambda s: category_actions.add_category(s.olga, title="Clay"),
    "actions.change_category": lambda s: category_actions.change_category(
        s.olga, s.category, title="B", description="", position=0, audiences=Audiences()
    ),
    "actions.remove_category": lambda s: category_actions.remove_category(s.olga, s.category),
    "group_actions.add_group": lambda s: group_actions.add_group(s.olga, "Glazers"),
    "group_actions.rename_group": lambda s: group_actions.rename_group(s.olga, s.group, "Firers"),
    "group_actions.let_help": lambda s: group_actions.let_help(s.olga, s.group, helps=True),
    "group_actions.add_pasted": lambda s: group_actions.add_pasted(s.olga, s.group, "@ada"),
    "group_actions.remove_member": lambda s: group_actions.remove_member(s.olga, s.group, s.ada),
    "group_actions.add_member": lambda s: group_actions.add_member(s.olga, s.group, s.ada),
    "group_actions.remove_from_group": lambda s: group_actions.remove_from_group(
        s.olga, "Firers", "@ada"
    ),
    "group_actions.add_to_group": lambda s: group_actions.add_to_group(s.olga, "Firers", "@ada"),
    "group_actions.delete_group": lambda s: group_actions.delete_group(s.olga, s.group),
    "level_actions.add_level": lambda s: level_actions.add_level(s.olga, "Regulars", Thresholds()),
    "level_actions.change_level": lambda s: level_actions.change_level(
        s.olga, level_named("Regulars"), name="Regulars", asked=Thresholds(posts=1)
    ),
    "level_actions.remove_level": lambda s: level_actions.remove_level(
        s.olga, level_named("Regulars")
    ),
    "role_actions.give_role": lambda s: role_actions.give_role(
        s.olga, "member1@example.org", "moderator"
    ),
    "role_actions.take_role_from": lambda s: role_actions.take_role_from(
        s.olga, s.ada, "moderator"
    ),
    "role_actions.give_role_to": lambda s: role_actions.give_role_to(s.olga, s.ada, "admin"),
    "role_actions.end_sessions_of": lambda s: role_actions.end_sessions_of(s.olga, s.ada),
    "role_actions.have_password_reset": lambda s: role_actions.have_password_reset(s.olga, s.ada),
    "hold_actions.place_hold": lambda s: hold_actions.place_hold(s.olga, s.bo, reason="A court"),
    "hold_actions.lift_hold": lambda s: hold_actions.lift_hold(s.olga, s.bo),
    "closing_actions.erase_member": lambda s: closing_actions.erase_member(
        s.olga, s.bo, empty_posts=True
    ),
    "invitation_actions.invite": lambda s: invitation_actions.invite(s.olga, "nadia@example.org"),
    "invitation_actions.withdraw_invitation": lambda s: invitation_actions.withdraw_invitation(
        s.olga, s.invitation
    ),
    "invitation_actions.invite_again": lambda s: invitation_actions.invite_again(s.olga, s.mailed),
    "invitation_list_actions.invite_all": lambda s: invitation_list_actions.invite_all(
        s.olga, "uma@example.org\nnuria@example.org"
    ),
    "job_actions.retry_job": lambda s: job_actions.retry_job(s.olga, s.job),
    "job_actions.set_job_aside": lambda s: job_actions.set_job_aside(s.olga, s.job),
    "job_actions.drop_job": lambda s: job_actions.drop_job(s.olga, s.job),
    "review_actions.order_review": lambda s: review_actions.order_review(s.olga),
    "plugin_actions.enable_plugin": lambda s: plugin_actions.enable_plugin(s.olga, "sunny"),
    "plugin_actions.disable_plugin": lambda s: plugin_actions.disable_plugin(s.olga, "sunny"),
    "plugin_actions.purge_plugin": lambda s: plugin_actions.purge_plugin(s.olga, "snow"),
    "plugin_actions.look_again": lambda s: plugin_actions.look_again(s.olga, "weather"),
    "export_actions.order_export": lambda s: export_actions.order_export(s.olga, "pages", Wish()),
    "export_actions.remove_export": lambda s: export_actions.remove_export(
        s.olga, export_actions.exports()[0].word
    ),
}
# These open their transactions themselves.
ALONE: dict[str, Deed] = {
    "data_actions.export_member": lambda s: data_actions.export_member(s.olga, s.ada, io.BytesIO()),
    "import_actions.import_threads": lambda s: import_actions.import_threads(s.olga, imported()),
}


@pytest.fixture
def app(instance: Path, database: str) -> Iterator[Flask]:
    """A forum beside which a plugin lies."""
    write_plugin(instance, "sunny", "")
    app = create_app(instance, database=database, plugin_folders=[str(instance)])
    yield app
    close(app)


@pytest.fixture
def scene(app: Flask, factories: Factories) -> Iterator[Scene]:
    olga, ada, bo = factories.community(), factories.member("Ada"), factories.member("Bo")
    factories.member(group="Kiln masters")
    factories.thread()
    unused = factories.category("Unused")
    actor = factories.actor(olga)
    with app.test_request_context():
        with transaction():
            invitation_actions.invite(actor)
            invitation_actions.invite(actor, "nils@example.org")
            db.session.add(Job(name="letter", arguments={}))
            db.session.add(PluginTrouble(plugin="weather", hook="on_post"))
            db.session.add(PluginTrouble(plugin="snow", hook="on_post"))
            db.session.flush()
            group = db.session.scalars(select(Group.id)).one()
            invitation, mailed = db.session.scalars(select(Invitation.id).order_by(Invitation.id))
            job = db.session.scalars(select(Job.id).where(Job.name == "letter")).one()
        yield Scene(actor, ada.id, bo.id, group, unused.id, invitation, job, mailed)


def unnoted(scene: Scene) -> list[str]:
    """The actions that leave no change behind."""
    found = []
    for name, deed in {**DEEDS, **ALONE}.items():
        before = noted()
        if name in ALONE:
            deed(scene)
        else:
            with transaction():
                deed(scene)
        if noted() == before:
            found.append(name)
    return found


def noted() -> int:
    count = db.session.scalar(select(func.count()).select_from(Change))
    db.session.rollback()
    return count or 0


def test_every_action_of_administrators_is_tried_or_excused() -> None:
    assert all_actions() == {*DEEDS, *ALONE, *NOT_NOTED}
    assert not {*DEEDS, *ALONE} & set(NOT_NOTED)


@ONE_KIND
def test_every_action_leaves_a_change(scene: Scene) -> None:
    assert unnoted(scene) == []


@ONE_KIND
def test_an_action_that_forgets_it_is_found(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (job_actions, invitation_actions):
        monkeypatch.setattr(module, "note_change", lambda *_args, **_values: None)
    assert unnoted(scene) == [
        "invitation_actions.invite",
        "invitation_actions.withdraw_invitation",
        "invitation_actions.invite_again",
        "job_actions.retry_job",
        "job_actions.set_job_aside",
        "job_actions.drop_job",
    ]
    source = 'def ban(actor):\n    require(actor, "community.manage")\n'
    assert actions_in(source) == {"ban"}
