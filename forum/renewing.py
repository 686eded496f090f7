"""Starting anew in place: the same process, with the program and the plugins as they are by now.

A plugin that was imported cannot be taken back out of a process, so none tries. The supervisor stops
what it runs, as at its end, and begins again from the very start under the same number. The place
where browsers knock stays open all the while: whoever comes then waits some seconds.
"""

from __future__ import annotations

import os
import signal
import socket
import sys

from forum.config import ConfigError
from forum.config.checks import UNIX

# Number of the open socket, for the process as it begins again. What begins with FORUM_ is a setting.
_DOOR = "FOLKMOOT_OPEN_SOCKET"
SIGN = signal.SIGUSR1


def open_door(bind: str) -> socket.socket | None:
    """The socket at which the web server will listen, taken over or new; ``None`` for a file, which
    gunicorn makes anew at each start.

    Raises:
        ConfigError: somebody else listens there.
    """
    if bind.startswith(UNIX):
        return None
    if number := os.environ.pop(_DOOR, ""):
        return socket.socket(fileno=int(number))
    host, _, port = bind.rpartition(":")
    door = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        # What ended a moment ago does not count as there.
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((host.strip("[]"), int(port)))
    except OSError as error:
        door.close()
        raise ConfigError(
            f"{bind} cannot be used: {error.strerror}. Stop what listens there, or give another "
            "address with --bind."
        ) from error
    return door


def begin_again(door: socket.socket | None = None) -> None:
    """Replace this process by itself, from the start. Call it when all its children have ended."""
    if door is not None:
        door.set_inheritable(True)
        os.environ[_DOOR] = str(door.fileno())
    sys.stdout.flush()
    sys.stderr.flush()
    # One that still comes must not end what does not listen for it yet.
    signal.signal(SIGN, signal.SIG_IGN)
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - the command that started this process
