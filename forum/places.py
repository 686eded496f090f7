"""Where shipped folders are: beside ``forum/`` in a checkout, inside it in a wheel.

The checkout wins, because an editable install copies these folders once and its copies grow stale.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def shipped_folder(name: str, package: Path = PACKAGE) -> Path:
    """The folder ``name`` that ships with ``package``; whether it exists is for the caller to see.

    A checkout is known by its ``pyproject.toml``: an installed package lies among strangers, one
    of which may well own a folder called ``themes``.
    """
    checkout = package.parent
    is_checkout = (checkout / "pyproject.toml").is_file()
    return (checkout if is_checkout else package) / name


def themes_folder() -> Path:
    """Holds one folder for each theme."""
    return shipped_folder("themes")


def migrations_folder() -> Path:
    """Holds the core's Alembic environment and versions."""
    return shipped_folder("migrations")


def instance_example_folder() -> Path:
    """What a new instance folder is copied from."""
    return shipped_folder("instance.example")


def plugins_folder() -> Path:
    """Holds the plugins that ship with a checkout, one folder each. Installed, they are packages of
    their own, found by their entry points."""
    return shipped_folder("plugins")
