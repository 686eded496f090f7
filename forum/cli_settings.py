"""``forum settings``: what the community decided, on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from forum.setting_kinds import Defined


@click.group()
def settings() -> None:
    """Settings of the community and of plugins that run, which administrators also find on pages.

    What is decided on this machine stands in forum.toml instead.
    """


@settings.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def list_settings(instance: Path, as_json: bool) -> None:
    """Show all settings with their values; a star marks what is not at its default."""
    from forum.cli import application
    from forum.community.setting_queries import all_settings

    with application(instance):
        for setting in all_settings():
            click.echo(_as_json(setting) if as_json else _as_line(setting))


def _as_json(setting: Defined[Any]) -> str:
    from forum.community.setting_queries import value_of

    value = value_of(setting)
    facts = {"name": setting.name, "value": value, "default": setting.default}
    if setting.is_secret:
        facts = {"name": setting.name, "is_set": setting.kind.to_text(value) != ""}
    return json.dumps(facts, ensure_ascii=False)


def _as_line(setting: Defined[Any]) -> str:
    from forum.community.setting_queries import value_of
    from forum.setting_kinds import told

    value = value_of(setting)
    if setting.is_secret:
        return f"{setting.name}\t({told(setting, value)})"
    star = "" if value == setting.default else "\t*"
    return f"{setting.name}\t{setting.kind.to_text(value)}{star}"


@settings.command("show")
@click.argument("name")
@click.pass_obj
def show(instance: Path, name: str) -> None:
    """Show the setting NAME: its value, its default, and what it does."""
    from forum.cli import application
    from forum.community.setting_queries import setting_named, value_of
    from forum.setting_kinds import told

    with application(instance):
        setting = setting_named(name)
        click.echo(f"{setting.label}: {told(setting, value_of(setting))}")
        click.echo(f"By default: {told(setting, setting.default)}")
        click.echo(str(setting.help))


@settings.command("set")
@click.argument("name")
@click.argument("value", required=False)
@click.pass_obj
def set_(instance: Path, name: str, value: str | None) -> None:
    """Give the setting NAME the VALUE, which is asked for when it is left out.

    What is typed then of a secret is not shown, and stands in no history of commands.
    """
    from forum.cli import application
    from forum.community.setting_actions import change_settings
    from forum.community.setting_queries import setting_named
    from forum.db import transaction
    from forum.permissions import OPERATOR

    with application(instance):
        is_secret = setting_named(name).is_secret
        if value is None:
            value = str(click.prompt("Value", hide_input=is_secret, default="", show_default=False))
        with transaction():
            change_settings(OPERATOR, {name: value})
    click.echo("Saved. It is effective at once.")


@settings.command("reset")
@click.argument("name")
@click.pass_obj
def reset(instance: Path, name: str) -> None:
    """Give the setting NAME its default again."""
    from forum.cli import application
    from forum.community.setting_actions import reset_setting
    from forum.db import transaction
    from forum.permissions import OPERATOR

    with application(instance), transaction():
        reset_setting(OPERATOR, name)
    click.echo("It is at its default again.")
