"""The form of all settings, made from their definitions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from flask import flash
from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
)

from forum.community.setting_actions import SettingsRefused, change_settings
from forum.community.setting_queries import value_of
from forum.community.settings import (
    Choice,
    Days,
    DaysOrEver,
    Number,
    Pairs,
    Phrases,
    YesNo,
    defined_settings,
)
from forum.db import transaction
from forum.errors import Invalid
from forum.permissions import Actor
from forum.setting_kinds import Defined, told
from forum.web.forms import put_error


class SettingsForm(FlaskForm):
    """Settings. ``shown`` keeps what they were when the form was made; of secrets nothing."""

    shown = HiddenField()

    def __init__(self, settings: Sequence[Defined[Any]], **values: Any) -> None:
        super().__init__(**values)
        self.settings = settings
        for setting in settings:
            if isinstance(setting.kind, Choice):
                self[setting.name].choices = list(setting.kind.options.items())

    def field_of(self, setting: Defined[Any]) -> Field:
        """The field in which a setting is changed."""
        return self[setting.name]

    @property
    def sent(self) -> dict[str, str]:
        """What was sent for each setting, as text."""
        return {setting.name: _text_of(self[setting.name]) for setting in self.settings}

    @property
    def shown_texts(self) -> dict[str, str]:
        """What the settings were when the form was made; as they are now, if that is not told."""
        try:
            kept = json.loads(self.shown.data or "")
        except ValueError:
            kept = None
        if not isinstance(kept, dict):
            return _present(self.settings)
        return {name: value for name, value in kept.items() if isinstance(value, str)}

    @property
    def status(self) -> int:
        """Of the answer that shows the form: 422 where something was sent, for that was refused."""
        return 422 if self.is_submitted() else 200

    def put_refusals(self, refused: SettingsRefused) -> None:
        """Say at each field what was refused. Fields that nobody touched show what holds by now."""
        sent, shown, present = self.sent, self.shown_texts, _present(self.settings)
        for name in (name for name in present if sent[name] == shown.get(name)):
            _fill(self[name], present[name])
        self.shown.data = json.dumps(present)
        for name, message in refused.messages.items():
            put_error(self, Invalid(name, message))


def settings_form(settings: Sequence[Defined[Any]] | None = None) -> SettingsForm:
    """The form, filled with what was sent, or else with what the settings are.

    Args:
        settings: which; all of the core's if nothing is said.
    """
    chosen = defined_settings() if settings is None else settings
    fields = {setting.name: _field(setting) for setting in chosen}
    present = _present(chosen)
    values = {
        name: text == "yes" if _is_box(fields[name]) else text for name, text in present.items()
    }
    made: type[SettingsForm] = type("AllSettings", (SettingsForm,), fields)
    return made(chosen, data={**values, "shown": json.dumps(present)})


def save_sent(actor: Actor, form: SettingsForm) -> bool:
    """Save what was sent, if anything was and all of it can be; else say at each field what cannot.

    Returns whether it is saved.
    """
    if not form.is_submitted():
        return False
    try:
        with transaction():
            change_settings(actor, form.sent, shown=form.shown_texts)
    except SettingsRefused as refused:
        form.put_refusals(refused)
        return False
    flash(gettext("Saved."))
    return True


def _present(settings: Sequence[Defined[Any]]) -> dict[str, str]:
    return {s.name: s.kind.to_text(value_of(s)) for s in settings if not s.is_secret}


def _field(setting: Defined[Any]) -> Any:
    kind, words = setting.kind, {"label": setting.label, "description": _hint(setting)}
    if setting.is_secret:
        # Its field never says what was in it.
        return PasswordField(render_kw={"autocomplete": "off"}, **words)
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


def _hint(setting: Defined[Any]) -> str:
    kind, default = setting.kind, told(setting, setting.default)
    sentences = [str(setting.help)] if setting.help else []
    if setting.is_secret:
        is_set = setting.kind.to_text(value_of(setting)) != ""
        there = gettext("There is one; leave this empty to keep it.")
        return " ".join([*sentences, there if is_set else gettext("There is none yet.")])
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
