"""``forum settings``: what the community decided, on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from forum.community.settings import Setting


@click.group()
def settings() -> None:
    """Settings of the community, which administrators also find on a page.

    What is decided on this machine stands in forum.toml instead.
    """


@settings.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def list_settings(instance: Path, as_json: bool) -> None:
    """Show all settings with their values; a star marks what is not at its default."""
    from forum.cli import application
    from forum.community.settings import defined_settings

    with application(instance, safe_mode=True):
        for setting in defined_settings():
            click.echo(_as_json(setting) if as_json else _as_line(setting))


def _as_json(setting: Setting[Any]) -> str:
    from forum.community.setting_queries import value_of

    facts = {"name": setting.name, "value": value_of(setting), "default": setting.default}
    return json.dumps(facts, ensure_ascii=False)


def _as_line(setting: Setting[Any]) -> str:
    from forum.community.setting_queries import value_of

    value = value_of(setting)
    star = "" if value == setting.default else "\t*"
    return f"{setting.name}\t{setting.kind.to_text(value)}{star}"


@settings.command("show")
@click.argument("name")
@click.pass_obj
def show(instance: Path, name: str) -> None:
    """Show the setting NAME: its value, its default, and what it does."""
    from forum.cli import application
    from forum.community.setting_queries import setting_named, value_of

    with application(instance, safe_mode=True):
        setting = setting_named(name)
        words = setting.kind.words
        click.echo(f"{setting.label}: {words(value_of(setting))}")
        click.echo(f"By default: {words(setting.default)}")
        click.echo(str(setting.help))


@settings.command("set")
@click.argument("name")
@click.argument("value")
@click.pass_obj
def set_(instance: Path, name: str, value: str) -> None:
    """Give the setting NAME the VALUE."""
    from forum.cli import application
    from forum.community.setting_actions import change_settings
    from forum.db import transaction
    from forum.permissions import OPERATOR

    with application(instance, safe_mode=True), transaction():
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

    with application(instance, safe_mode=True), transaction():
        reset_setting(OPERATOR, name)
    click.echo("It is at its default again.")
