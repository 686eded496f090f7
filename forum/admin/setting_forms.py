"""The form of all settings, made from their definitions."""

from __future__ import annotations

import json
from typing import Any

from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, SelectField, StringField, TextAreaField

from forum.community.setting_actions import SettingsRefused
from forum.community.setting_queries import value_of
from forum.community.settings import (
    Choice,
    Days,
    DaysOrEver,
    Number,
    Pairs,
    Phrases,
    Setting,
    YesNo,
    defined_settings,
)
from forum.errors import Invalid
from forum.web.forms import put_error


class SettingsForm(FlaskForm):
    """All settings. ``shown`` keeps what they were when the form was made."""

    shown = HiddenField()

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        for setting in defined_settings():
            if isinstance(setting.kind, Choice):
                self[setting.name].choices = list(setting.kind.options.items())

    def field_of(self, setting: Setting[Any]) -> Field:
        """The field in which a setting is changed."""
        return self[setting.name]

    @property
    def sent(self) -> dict[str, str]:
        """What was sent for each setting, as text."""
        return {name: _text_of(self[name]) for name in _present()}

    @property
    def shown_texts(self) -> dict[str, str]:
        """What the settings were when the form was made; as they are now, if that is not told."""
        try:
            told = json.loads(self.shown.data or "")
        except ValueError:
            told = None
        if not isinstance(told, dict):
            return _present()
        return {name: value for name, value in told.items() if isinstance(value, str)}

    def put_refusals(self, refused: SettingsRefused) -> None:
        """Say at each field what was refused. Fields that nobody touched show what holds by now."""
        sent, shown, present = self.sent, self.shown_texts, _present()
        for name in (name for name in present if sent[name] == shown.get(name)):
            _fill(self[name], present[name])
        self.shown.data = json.dumps(present)
        for name, message in refused.messages.items():
            put_error(self, Invalid(name, message))


def settings_form() -> SettingsForm:
    """The form, filled with what was sent, or else with what the settings are."""
    fields = {setting.name: _field(setting) for setting in defined_settings()}
    present = _present()
    values = {
        name: present[name] == "yes" if _is_box(f) else present[name] for name, f in fields.items()
    }
    made: type[SettingsForm] = type("AllSettings", (SettingsForm,), fields)
    return made(data={**values, "shown": json.dumps(present)})


def _present() -> dict[str, str]:
    return {s.name: s.kind.to_text(value_of(s)) for s in defined_settings()}


def _field(setting: Setting[Any]) -> Any:
    kind, words = setting.kind, {"label": setting.label, "description": _hint(setting)}
    if isinstance(kind, YesNo):
        return BooleanField(**words)
    if isinstance(kind, Choice):
        # What is none of the choices the setting itself refuses, with all that is wrong.
        return SelectField(validate_choice=False, **words)
    if isinstance(kind, Number | DaysOrEver):
        return StringField(render_kw={"inputmode": "numeric"}, **words)
    if isinstance(kind, Pairs | Phrases):
        return TextAreaField(render_kw={"rows": 6}, **words)
    return StringField(**words)


def _is_box(field: Any) -> bool:
    return bool(field.field_class is BooleanField)


def _hint(setting: Setting[Any]) -> str:
    kind, default = setting.kind, setting.kind.words(setting.default)
    sentences = [str(setting.help)]
    if isinstance(kind, Days | DaysOrEver):
        sentences.append(
            gettext("From %(least)d to %(most)d days.", least=kind.least, most=kind.most)
        )
    elif isinstance(kind, Number):
        sentences.append(gettext("From %(least)d to %(most)d.", least=kind.least, most=kind.most))
    if isinstance(kind, DaysOrEver):
        sentences.append(gettext("Leave it empty for no end."))
    sentences.append(gettext("By default: %(default)s.", default=default))
    return " ".join(sentences)


def _text_of(field: Field) -> str:
    if isinstance(field, BooleanField):
        return "yes" if field.data else "no"
    # Browsers end the lines of a text area in their own way.
    return "\n".join((field.data or "").splitlines())


def _fill(field: Field, text: str) -> None:
    field.data = text == "yes" if isinstance(field, BooleanField) else text
