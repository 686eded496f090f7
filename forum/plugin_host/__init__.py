"""Registers plugins and calls their hooks so that one that fails takes nothing else down.

The core's own implementations go through the same door. Nothing here knows what a hook is for:
the hooks stand in ``forum.hookspecs``.
"""

from __future__ import annotations

from forum.hookspecs import hookimpl
from forum.plugin_host.dispatch import PluginHost, current_host, event_of
from forum.plugin_host.implementation import HookFailed, Implementation
from forum.plugin_host.registration import PluginRefused

__all__ = [
    "HookFailed",
    "Implementation",
    "PluginHost",
    "PluginRefused",
    "current_host",
    "event_of",
    "hookimpl",
]
