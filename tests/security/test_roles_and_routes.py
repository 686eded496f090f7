"""Role × route: what every role gets at every address, on somebody else's things, is written down.

``roles.txt`` is the table. A route that is not in it fails here, and so does any other answer than
the one it names, or a refusal that changed something.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from werkzeug.routing import Map, Rule

from forum.admin import job_actions, job_routes
from forum.db import transaction
from forum.errors import NotAllowed
from forum.jobs.queue import enqueue
from tests.security.table import COLUMNS, TABLE, Line, faults, lines, missing
from tests.security.town import Town

ROLES = lines(TABLE.read_text("utf-8"))


def line_of(method: str, address: str) -> Line:
    """The line of the table."""
    [found] = [line for line in ROLES if (line.method, line.address) == (method, address)]
    return found


def test_every_route_is_in_the_table(town: Town) -> None:
    assert "\n".join(missing(town.app.url_map, ROLES, town)) == ""


def test_route_that_is_not_in_the_table_is_named(town: Town) -> None:
    present = town.app.url_map
    urls = Map([rule.empty() for rule in present.iter_rules()], converters=present.converters)
    urls.add(Rule("/admin/secrets", methods=["GET", "POST"], endpoint="secrets"))
    assert missing(urls, ROLES, town) == ["GET /admin/secrets", "POST /admin/secrets"]


@pytest.mark.parametrize(
    "line", ROLES, ids=lambda line: f"{line.number} {line.method} {line.address}"
)
def test_each_role_gets_what_the_table_says(line: Line, town: Town) -> None:
    assert "\n".join(faults(town, line)) == ""


# That it can fail


def everybody_may(*_: object) -> None:
    """A permission that somebody forgot."""


def test_route_without_its_permission_is_found(monkeypatch: pytest.MonkeyPatch, town: Town) -> None:
    monkeypatch.setattr(job_routes, "require", everybody_may)
    assert len(list(faults(town, line_of("GET", "/admin/jobs")))) == 7
    # Behind the page the action asks for itself.
    assert list(faults(town, line_of("POST", "/admin/jobs/{job}"))) == []
    monkeypatch.setattr(job_actions, "require", everybody_may)
    assert "POST /admin/jobs/{job}: member gets 303+ instead of 403=" in list(
        faults(town, line_of("POST", "/admin/jobs/{job}"))
    )


def test_refusal_that_writes_before_is_found(monkeypatch: pytest.MonkeyPatch, town: Town) -> None:
    def write_and_refuse(*_: object) -> None:
        with transaction():
            enqueue("nothing")
        raise NotAllowed("")

    monkeypatch.setattr(job_routes, "require", write_and_refuse)
    found = list(faults(town, line_of("POST", "/admin/jobs/{job}")))
    assert found[0] == "POST /admin/jobs/{job}: guest gets 403+ instead of 403="


def test_session_that_works_after_it_ended_is_found(
    monkeypatch: pytest.MonkeyPatch, town: Town
) -> None:
    monkeypatch.setattr(town, "browser", _one_for_all(town.browser))
    found = list(faults(town, line_of("GET", "/drafts")))
    assert found == [
        "GET /drafts: ended gets 200= instead of 303=",
        "GET /drafts: closed gets 200= instead of 303=",
    ]


def _one_for_all(browser: Callable[[str], object]) -> Callable[[str], object]:
    return lambda who: browser("member" if who in ("ended", "closed") else who)


@pytest.mark.parametrize(
    "line", ["GET / 200=", "PUT / " + "200= " * 6, "GET / " + "200 " * 6, "GET /  " + "200= " * 7]
)
def test_line_that_is_none_is_named(line: str) -> None:
    with pytest.raises(ValueError, match=r"roles\.txt, line 2"):
        lines(f"# A comment\n{line}")


def test_table_is_in_order_and_each_column_stands_below_its_name() -> None:
    assert [line.address for line in ROLES] == sorted(line.address for line in ROLES)
    [head] = [head for head in TABLE.read_text("utf-8").splitlines() if head.startswith("#    ")]
    assert head.split() == ["#", "address", *(column[:4] for column in COLUMNS), "sent"]
