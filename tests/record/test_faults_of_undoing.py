"""What checks undoing in any order finds faults that are planted in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from forum.db import db
from forum.discussion import place_actions
from forum.discussion.models import Post
from forum.errors import Conflict
from forum.moderation import publication_queries
from forum.record.relation_actions import TableRelation
from tests.record.scene import Scene
from tests.record.test_undo_in_any_order import ONE_DATABASE, run


def forget_who_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undoing does not put back who removed something."""
    real = TableRelation.write

    def forgetful(self: TableRelation, key: str, values: dict[str, Any]) -> None:
        real(self, key, {name: v for name, v in values.items() if name != "removed_by"})

    monkeypatch.setattr(TableRelation, "write", forgetful)


def keep_the_number_of_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was published in a merged thread goes back with the number that it had there."""

    def careless(self: Any, key: str, values: dict[str, Any]) -> None:
        post = db.session.get_one(Post, int(key), populate_existing=True)
        place_actions.take_place(post, values, is_line=False)

    monkeypatch.setattr(type(place_actions.PLACES), "write", careless)


def see_only_posts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undoing a split does not look whether its thread was pinned or featured."""
    real = type(place_actions.LENGTHS).read

    def blind(self: Any, key: str, *, held: bool = False) -> dict[str, Any]:
        return {"posts": real(self, key, held=held)["posts"]}

    monkeypatch.setattr(type(place_actions.LENGTHS), "read", blind)


def undo_publications_whatever_came(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undoing a publication overwrites what was decided about the post since."""
    monkeypatch.setattr(publication_queries, "_why_stays", lambda _entry: "")


@ONE_DATABASE
@pytest.mark.parametrize(
    ("fault", "by"),
    # Any row of orders finds them; these do soon.
    [
        *((forget_who_removed, 5), (keep_the_number_of_elsewhere, 4), (see_only_posts, None)),
        (undo_publications_whatever_came, None),
    ],
)
def test_faults_of_undoing_are_found(
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    fault: Callable[[pytest.MonkeyPatch], None],
    by: int | None,
) -> None:
    fault(monkeypatch)
    # Either the end is another, or an earlier deed finds that something is not as it left it.
    with pytest.raises((AssertionError, Conflict)):
        run(scene, examples=40, steps=30, by=by)
