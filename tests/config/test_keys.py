"""Keys that plugins are given: of one purpose, of the secret and the one before it, and of nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from forum.config.secret import rotate_secret
from forum.plugin_api import keys_for

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_keys_of_a_purpose_are_always_the_same_and_others_than_those_of_another(app: Flask) -> None:
    with app.app_context():
        (key,), (other,) = keys_for("kiln.pass"), keys_for("kiln.visit")
        assert keys_for("kiln.pass") == [key]
    assert len(key) == len(other) == 32
    assert key != other


def test_key_does_not_tell_the_secret(app: Flask, instance: Path) -> None:
    secret = (instance / "secret").read_text()
    with app.app_context():
        (key,) = keys_for("kiln.pass")
    assert key.hex() not in secret
    assert secret.encode().find(key) < 0


def test_key_of_the_secret_before_comes_second_while_it_holds(app: Flask, instance: Path) -> None:
    with app.app_context():
        (before,) = keys_for("kiln.pass")
        rotate_secret(instance, days=1)
        present, second = keys_for("kiln.pass")
        assert second == before != present
        rotate_secret(instance, days=0)
        (last,) = keys_for("kiln.pass")
    assert last not in (before, present)
