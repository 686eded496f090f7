"""Every control of every page has a label, and its hint and error belong to it."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag

from forum.testing.forms import submit
from tests.browser.stage import UNMENDED, Cast, Stage
from tests.browser.test_markup import visitor
from tests.browser.test_pages import SAMPLES, Sample

CONTROLS = "select, textarea, input:not([type=hidden], [type=submit])"


def faults(html: str) -> list[str]:
    """What is wrong with the controls of a page, a line each."""
    page = BeautifulSoup(html, "html.parser")
    return [
        f"{control.get('name')}: {fault}"
        for control in page.select(CONTROLS)
        if control.find_parent(class_="words") is None
        for fault in _faults(page, control)
    ]


def _faults(page: BeautifulSoup, control: Tag) -> list[str]:
    name, found = str(control.get("id", "")), []
    if len(page.select(f"[id='{name}']")) != 1:
        found.append("it has no id of its own")
    labels = [label.get_text(strip=True) for label in page.select(f"label[for='{name}']")]
    if len([words for words in labels if words]) != 1:
        found.append(f"it has {len(labels)} labels")
    # A choice is one of several, and what is said of them is said of their group.
    group = control.find_parent("fieldset")
    base = name if group is None else name.rpartition("-")[0]
    said = [part for part in (f"{base}-hint", f"{base}-error") if page.find(id=part)]
    described = str((control if group is None else group).get("aria-describedby", "")).split()
    if described != said:
        found.append(f"described by {described}, but there is {said}")
    is_wrong = f"{base}-error" in said
    if group is None and (control.get("aria-invalid") == "true") != is_wrong:
        found.append("aria-invalid does not fit its error")
    return found


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_controls_of_page_are_labelled(
    sample: Sample, stage: Stage, cast: Cast, bare_stage: tuple[Stage, dict[str, Any]]
) -> None:
    at = bare_stage[0] if sample.who == "installer" else stage
    address = sample.address.format(**cast.places, **bare_stage[1])
    answer = visitor(at, cast, sample.who).get(address, follow_redirects=True)
    assert (answer.status_code, faults(answer.text)) == (sample.status, [])


BLANK = [
    ("guest", "/register", {"name": "", "email": "", "password": ""}, 3),
    ("guest", "/sign-in", {"email": "", "password": ""}, 2),
    ("guest", "/reset", {"email": "no address"}, 1),
    ("member", "/me", {"name": ""}, 1),
    ("admin", "/admin/community", {"community": "", "for_whom": ""}, 2),
    ("admin", "/admin/categories/new", {"title": ""}, 1),
]


@pytest.mark.parametrize(("who", "address", "values", "errors"), BLANK, ids=lambda part: str(part))
def test_errors_belong_to_their_controls_and_are_summed_up(
    stage: Stage, cast: Cast, who: str, address: str, values: dict[str, str], errors: int
) -> None:
    answer = submit(visitor(stage, cast, who), address, **values)
    page = BeautifulSoup(answer.text, "html.parser")
    wrong = page.select("[aria-invalid=true]")
    links = page.select("#error-summary[tabindex='-1'] a")
    assert (answer.status_code, len(wrong), faults(answer.text)) == (422, errors, [])
    assert [link["href"] for link in links] == [f"#{control['id']}" for control in wrong]


def test_composer_with_an_error_is_wired(stage: Stage, cast: Cast) -> None:
    member = visitor(stage, cast, "member")
    answer = submit(member, "/new", button="Publish", source=UNMENDED)
    submit(member, "/drafts/discard?place=new")
    assert (answer.status_code, faults(answer.text)) == (422, [])


def test_planted_faults_are_found() -> None:
    html = """<label for=a>A</label><input id=a name=a><p id=a-hint>Hint</p>
    <input name=b><input id=c name=c aria-invalid=true><label for=c>C</label>"""
    assert faults(html) == [
        "a: described by [], but there is ['a-hint']",
        "b: it has no id of its own",
        "b: it has 0 labels",
        "c: aria-invalid does not fit its error",
    ]
