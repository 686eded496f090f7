"""The installed command, as an administrator with a shell types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FORUM = Path(sys.executable).with_name("forum")


class Shell:
    """A shell in which ``forum`` acts on one instance."""

    def __init__(self, instance: Path, environment: Mapping[str, str]) -> None:
        self.instance = instance
        self._environment = {**os.environ, **environment}

    def runs(self, *words: object) -> str:
        """What the command says that succeeds."""
        done = self._run(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refuses(self, *words: object) -> str:
        """Why the command does nothing."""
        done = self._run(*words)
        assert done.returncode == 1, done.stdout
        return done.stderr

    def lists(self, *words: object) -> list[dict[str, Any]]:
        """The entries of a list that a command prints."""
        return [json.loads(line) for line in self.runs(*words, "--json").splitlines()]

    def _run(self, *words: object) -> subprocess.CompletedProcess[str]:
        command = [str(FORUM), "--instance", str(self.instance), *map(str, words)]
        return subprocess.run(command, env=self._environment, capture_output=True, text=True)
