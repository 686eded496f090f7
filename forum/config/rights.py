"""Who may read the files of an installation."""

from __future__ import annotations

import stat
from pathlib import Path

_OTHERS_READ = stat.S_IROTH | stat.S_IWOTH
_BEYOND_OWNER = stat.S_IRWXG | stat.S_IRWXO


def open_to_others(path: Path) -> bool:
    """Whether any user of this machine can read or change the file; no where there is none.

    In a folder that they cannot enter, they cannot.
    """
    try:
        mode, folder = path.stat().st_mode, path.parent.stat().st_mode
    except OSError:
        return False
    return bool(mode & _OTHERS_READ) and bool(folder & stat.S_IXOTH)


def is_only_its_owners(path: Path) -> bool:
    """Whether nobody but its owner can read or change the file."""
    return not stat.S_IMODE(path.stat().st_mode) & _BEYOND_OWNER


def close_to_others(path: Path) -> None:
    """Let only its owner read and change the file.

    Raises:
        OSError: it is somebody else's.
    """
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
