"""Settings of one installation: ``forum.toml`` in the instance folder, then ``FORUM_*``, then options."""

from __future__ import annotations

from flask import current_app

from forum.config.faults import ConfigError, Fault
from forum.config.reading import Reading, load_settings, read_settings
from forum.config.secret import instance_secret
from forum.config.settings import DEFINITIONS, Settings

__all__ = [
    "DEFINITIONS",
    "ConfigError",
    "Fault",
    "Reading",
    "Settings",
    "current_settings",
    "instance_secret",
    "load_settings",
    "read_settings",
]


def current_settings() -> Settings:
    """The settings of the application at work."""
    settings = current_app.extensions["forum_settings"]
    assert isinstance(settings, Settings)
    return settings
