"""Changing the forum from the command line, with all the rights there are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

Result = TypeVar("Result")


def change(instance: Path, act: Callable[[], Result]) -> Result:
    """What ``act`` gives, done in one transaction. A refusal is said and ends the command with 1."""
    from forum.cli import application
    from forum.db import transaction

    with application(instance, safe_mode=True), transaction():
        return act()


def say(done: bool, words: str, otherwise: str) -> None:
    """Print what was done, or that it was so already; neither is an error."""
    click.echo(words if done else otherwise)
