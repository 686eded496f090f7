"""The secret that signs cookies and tokens of one installation."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from forum.config.faults import ConfigError


def instance_secret(instance: Path) -> str:
    """The secret that signs cookies and tokens of this installation; made at the first call.

    It lies in ``<instance>/secret`` with file mode 600, so no configuration file needs to be secret.
    """
    path = instance / "secret"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _existing_secret(path)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    return path.read_text(encoding="ascii")


def _existing_secret(path: Path) -> str:
    secret = path.read_text(encoding="ascii").strip()
    if len(secret) < 32:
        raise ConfigError(
            f"{path} is too short to be a secret. Remove it; a new one is made at start."
        )
    return secret
