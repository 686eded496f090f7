"""Every page as it is sent, before a browser mends it: the Nu Html Checker finds nothing in it."""

from __future__ import annotations

import re
from itertools import cycle
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from forum.testing.forms import submit
from forum.testing.markup import MarkupFaults
from tests.browser.results import note, nu_version
from tests.browser.stage import ERRORS, RICH, UNMENDED, Cast, Stage
from tests.browser.test_pages import LANGUAGES, SAMPLES, Sample

AUTHORS_OWN = re.compile("The heading .* skipping")


def visitor(stage: Stage, cast: Cast, who: str) -> FlaskClient:
    """A visitor who is signed in already, if they are somebody."""
    client = stage.app.test_client()
    person = cast.people.get(who)
    for cookie in [] if person is None else stage.cookies(person):
        client.set_cookie(cookie["name"], cookie["value"])
    return client


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each page in every language with ``--full``, else in the one that comes next."""
    if "sample" not in metafunc.fixturenames:
        return
    every = LANGUAGES if metafunc.config.getoption("full") else ()
    # Another one than in the browser, where the round begins with the first.
    turns = zip(SAMPLES, cycle(LANGUAGES[1:] + LANGUAGES[:1]), strict=False)
    cases = [(sample, each) for sample, turn in turns for each in every or [turn]]
    names = [f"{sample}-{language}" for sample, language in cases]
    metafunc.parametrize(("sample", "language"), cases, ids=names)


def test_page_is_written_as_the_standard_says(
    sample: Sample,
    language: str,
    stage: Stage,
    cast: Cast,
    bare_stage: tuple[Stage, dict[str, Any]],
    markup_faults: MarkupFaults,
) -> None:
    at = bare_stage[0] if sample.who == "installer" else stage
    address = sample.address.format(**cast.places, **bare_stage[1])
    client = visitor(at, cast, sample.who)
    client.set_cookie("language", language)
    with stage.speaking(language):
        answer = client.get(address, follow_redirects=True)
    assert answer.mimetype != "text/html" or f'<html lang="{language}"' in answer.text
    found = faults(answer, markup_faults, as_written=sample.as_written)
    note("nu", sample.endpoint, found, (), nu=nu_version())
    assert (answer.status_code, found) == (sample.status, [])


def faults(
    answer: TestResponse, markup_faults: MarkupFaults, *, as_written: bool = False
) -> list[str]:
    """What the checker says; it has nothing to say of what is no page.

    Args:
        as_written: the page shows words that nobody has mended, whose headings may skip a level.
    """
    said = markup_faults(answer.text) if answer.mimetype == "text/html" else []
    return [line for line in said if not (as_written and AUTHORS_OWN.match(line))]


@pytest.mark.parametrize("status", ERRORS)
def test_error_page_is_written_as_the_standard_says(
    status: int, failing_stage: Stage, markup_faults: MarkupFaults
) -> None:
    written = {"title": "<b>&", "source": f"\n</textarea>{RICH}"}
    answer = failing_stage.app.test_client().post(f"/fail/{status}", data=written)
    assert (answer.status_code, faults(answer, markup_faults)) == (status, [])


def test_forms_that_come_back_are_written_as_the_standard_says(
    stage: Stage, cast: Cast, markup_faults: MarkupFaults
) -> None:
    member, guest = visitor(stage, cast, "member"), visitor(stage, cast, "guest")
    answers = {
        "findings": submit(member, "/new", button="Preview", source=UNMENDED + RICH),
        "mend": submit(member, "/new", button="Publish", source="Nothing is wrong with this."),
        "discard": submit(member, "/drafts/discard?place=new"),
        "register": submit(guest, "/register"),
        "sign in": guest.post(f"/t/{cast.places['thread']}/reply", data={"source": RICH}),
    }
    found = {
        name: faults(answer, markup_faults, as_written=name == "findings")
        for name, answer in answers.items()
    }
    assert found == {name: [] for name in answers}


def test_pages_that_ask_before_something_is_done_are_written_as_the_standard_says(
    stage: Stage, cast: Cast, markup_faults: MarkupFaults
) -> None:
    moderator, places = visitor(stage, cast, "moderator"), cast.places
    thread, split = f"/t/{places['thread']}", {"more": "3", "title": "<b>Ash</b> & “kiln”"}
    numbers = [places["held_case"], places["flag_case"], places["help_case"]]
    several = moderator.get(f"/moderation/several?cases={numbers[0]}").text
    token = several.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    asked = {"csrf_token": token, "cases": [str(n) for n in numbers], "label": "Old & <new>"}
    answers = {
        "split": submit(moderator, f"{thread}/split", **split),
        "merge": submit(moderator, f"{thread}/merge", thread="4"),
        **{
            f"several: {name}": moderator.post("/moderation/several", data=asked | sent)
            for name, sent in {
                "label": {"decision": "label", "words": "<b>Say why &"},
                "nothing": {"decision": "nothing"},
                "no words": {"decision": "remove"},
                "left out": {
                    "decision": "nothing",
                    "action": "decide",
                    "cases": [f"{numbers[0]}.x"],
                },
            }.items()
        },
    }
    found = {
        name: faults(answer, markup_faults, as_written=True) for name, answer in answers.items()
    }
    assert found == {name: [] for name in answers}
    assert {name: answer.status_code for name, answer in answers.items()} == {
        **dict.fromkeys(("split", "merge", "several: label", "several: nothing"), 200),
        "several: no words": 422,
        "several: left out": 409,
    }


def test_planted_fault_is_found(markup_faults: MarkupFaults) -> None:
    page = (
        "<!doctype html><html lang=en><title>Planted</title><p id=one><img src=a><p id=one></div>"
    )
    said = [line.partition(".")[0] for line in markup_faults(page)]
    assert said == [
        "An “img” element must have an “alt” attribute, except under certain conditions",
        "Duplicate ID “one”",
        "The first occurrence of ID “one” was here",
        "Stray end tag “div”",
    ]
