"""Filling in forms as a person without JavaScript does: what the page holds is what is sent."""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

Fields = dict[str, str]


def submit(
    client: FlaskClient,
    path: str,
    *,
    button: str | None = None,
    form: str = "main form[method=post]",
    **values: str,
) -> TestResponse:
    """Open the page, change the named fields of its form, press the button: the answer.

    Args:
        button: the words on it; the first button when none are given.
        form: a CSS selector that finds the form in the page.

    Raises:
        AssertionError: the page has no such form, field or button.
    """
    page = client.get(path)
    assert page.status_code == 200, f"{path}: {page.status}"
    found = BeautifulSoup(page.text, "html.parser").select_one(form)
    assert found is not None, f"{path} has no {form}"
    return send(client, path, found, button=button, **values)


def send(
    client: FlaskClient, path: str, form: Tag, *, button: str | None = None, **values: str
) -> TestResponse:
    """Send a form that was found at ``path``, with some fields changed.

    Raises:
        AssertionError: the form has no such field or button.
    """
    fields = fields_of(form)
    unknown = sorted(set(values) - set(fields))
    assert not unknown, f"{path} has no field {', '.join(unknown)}, only {', '.join(fields)}"
    pressed = _button(form, button)
    target = str(pressed.get("formaction") or form.get("action") or path)
    ticked = {
        name: value for name, value in {**fields, **values}.items() if _is_sent(form, name, value)
    }
    return client.post(target, data={**ticked, **_of_button(pressed)})


def _is_sent(form: Tag, name: str, value: str) -> bool:
    # An empty text is sent, a box that is not ticked is not.
    boxes = form.select(f'[name="{name}"][type=checkbox], [name="{name}"][type=radio]')
    return bool(value) or not boxes


def fields_of(form: Tag) -> Fields:
    """What a form holds as it stands, without its buttons; boxes that are not ticked are empty."""
    fields: Fields = {}
    for field in form.select(_FIELDS):
        # Of several choices with one name, the one that is ticked counts.
        fields[str(field["name"])] = _value(field) or fields.get(str(field["name"]), "")
    return fields


_FIELDS = "input[name]:not([type=submit]), textarea[name], select[name]"


def _value(field: Tag) -> str:
    if field.name == "textarea":
        # A parser of forms drops the one line break that stands behind the opening tag.
        return field.get_text().replace("\r\n", "\n").removeprefix("\n")
    if field.name == "select":
        chosen = field.select_one("option[selected]") or field.select_one("option")
        return "" if chosen is None else str(chosen.get("value", chosen.get_text()))
    if field.get("type") in ("checkbox", "radio") and not field.has_attr("checked"):
        return ""
    return str(field.get("value", ""))


def _button(form: Tag, words: str | None) -> Tag:
    buttons = form.select("button:not([type=button]), input[type=submit]")
    found = [b for b in buttons if words in (None, " ".join(b.get_text().split()), b.get("value"))]
    assert found, f"no button {words!r} in {[b.get_text().strip() for b in buttons]}"
    return found[0]


def _of_button(button: Tag) -> Fields:
    return {str(button["name"]): str(button.get("value", ""))} if button.get("name") else {}
