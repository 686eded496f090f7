"""What a forum keeps is its own user's to read, whoever made the folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from stat import filemode


def test_files_in_a_folder_that_everybody_may_enter_are_closed(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    instance.mkdir(mode=0o755)
    environ = {k: v for k, v in os.environ.items() if not k.startswith("FORUM_")}
    command = [sys.executable, "-m", "forum.cli", "--instance", str(instance), "migrate"]
    before = os.umask(0o022)
    try:
        subprocess.run(command, check=True, capture_output=True, env=environ)
    finally:
        os.umask(before)
    assert {path.name: filemode(path.stat().st_mode) for path in instance.iterdir()} == {
        "forum.sqlite3": "-rw-------",
        "secret": "-rw-------",
    }
