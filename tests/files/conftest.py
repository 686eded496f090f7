"""Uploading, without the pages for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from forum.db import transaction
from forum.files.actions import add_picture, receive
from forum.testing.factories import Factories, Person
from forum.text.pictures import picture_address
from tests.files.drawing import drawn

Upload = Callable[..., str]


@pytest.fixture
def upload(app: Flask, factories: Factories) -> Upload:
    """Call it with a member, and a width that tells pictures apart: the picture's address."""

    def upload_(person: Person, width: int = 40) -> str:
        actor = factories.actor(person)
        with app.test_request_context():
            received = receive(actor, drawn("png", width))
            with transaction():
                picture = add_picture(actor, received)
            return picture_address(picture.hash, picture.format)

    return upload_
