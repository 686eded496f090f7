"""What administrators do about plugins."""

from __future__ import annotations

from forum.community.change_actions import note_change
from forum.permissions import Actor, require
from forum.plugin_host.troubles import forget_troubles


def look_again(actor: Actor, plugin: str) -> int:
    """Note that an administrator has looked: what was switched off of this plugin is on again.

    The process at work learns it with ``settle(now=True)`` after the commit, others in a minute.

    Returns:
        how many of the plugin's hooks were in trouble.

    Raises:
        NotAllowed: the actor is no administrator.
    """
    require(actor, "community.manage")
    found = forget_troubles(plugin)
    if found:
        note_change(actor, "plugin.look", subject="plugin", after={"plugin": plugin})
    return found
