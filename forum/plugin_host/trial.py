"""Whether a plugin can be loaded, found out in a process of its own: what ends that one, or hangs, would
have ended the forum at its next start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

from forum.plugin_host.discovery import find_plugins
from forum.plugin_host.dispatch import PluginHost
from forum.plugin_host.listing import State
from forum.plugin_host.loading import load_plugins

# An import that takes longer hangs.
SECONDS = 30


def fault_of(name: str, wanted: Collection[str], folders: Sequence[Path]) -> str:
    """Why this plugin cannot be loaded beside those that are wanted; empty when it can.

    Its tables need not be there yet.
    """
    given = json.dumps([name, sorted({*wanted, name}), [str(folder) for folder in folders]])
    command = [sys.executable, "-c", f"from {__name__} import answer; answer()"]
    try:
        # Nothing of it is anybody's words; the plugin's name goes in as data.
        done = subprocess.run(  # noqa: S603
            command, input=given, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return f"it did not come to an end within {SECONDS} seconds when it was loaded"
    if done.returncode != 0 or not done.stdout:
        return f"it ends the process that loads it (status {done.returncode})"
    reason: str = json.loads(done.stdout)
    return reason


def answer() -> None:
    """Load the plugin that standard input names, and say what is wrong with it."""
    name, wanted, folders = json.load(sys.stdin)
    # What the plugin prints is no answer of ours.
    said = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    found = find_plugins([Path(folder) for folder in folders])
    became = load_plugins(PluginHost(), found, wanted)
    # Of two that have this name the first is used.
    for plugin in [one for one in became if one.name == name][:1]:
        reason = plugin.reason if plugin.state is State.REFUSED else ""
        said.write(json.dumps(reason))
    said.flush()
    os._exit(0)
