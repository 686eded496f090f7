"""Changing the community's settings."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext
from sqlalchemy import delete, text

from forum.community import models
from forum.community.change_actions import note_change
from forum.community.setting_queries import forget_settings, setting_named, value_of
from forum.db import db
from forum.errors import Invalid
from forum.permissions import Actor, require
from forum.setting_kinds import Defined

Texts = Mapping[str, str]


class SettingsRefused(Invalid):
    """Some settings cannot be taken as they were sent: a message for each name."""

    def __init__(self, messages: Texts) -> None:
        name, message = next(iter(messages.items()))
        super().__init__(name, message)
        self.messages = messages


def change_settings(actor: Actor, sent: Texts, *, shown: Texts | None = None) -> None:
    """Give settings the values that were typed: all of them, or none.

    Args:
        sent: what was typed, by the settings' names.
        shown: what the same settings were when the form was made. What was sent as it was shown
            stays whatever it is by now; what somebody else changed meanwhile, too, is refused. A
            secret is never shown, so one that was sent empty stays as it is.

    Raises:
        SettingsRefused: values that cannot be taken, or were changed meanwhile.
        NotFound: there is no setting of such a name.
    """
    require(actor, "community.manage")
    wait_for_others()
    refused: dict[str, str] = {}
    before, after = {}, {}
    for setting in map(setting_named, sent):
        name, kind = setting.name, setting.kind
        present = kind.to_text(value_of(setting))
        if shown is not None and sent[name] == ("" if setting.is_secret else shown.get(name)):
            continue
        try:
            value = kind.from_text(sent[name])
            _require_unchanged(setting, value, present, None if shown is None else shown.get(name))
        except Invalid as error:
            refused[name] = error.message
        else:
            before[name], after[name] = _noted(setting, present, kind.to_text(value))
            _keep(setting, value)
    if refused:
        raise SettingsRefused(refused)
    forget_settings()
    note_change(actor, "settings.change", before=before, after=after)


def reset_setting(actor: Actor, name: str) -> None:
    """Give a setting its default again.

    Raises:
        NotFound: there is no setting of this name.
    """
    require(actor, "community.manage")
    setting = setting_named(name)
    change_settings(actor, {name: setting.kind.to_text(setting.default)})


def wait_for_others() -> None:
    """Have nobody else change settings until this transaction ends."""
    # Of two who change settings at once the second must see what the first one did. SQLite lets
    # only one write anyway.
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("LOCK TABLE settings IN SHARE ROW EXCLUSIVE MODE"))
    forget_settings()


def _require_unchanged(
    setting: Defined[object], value: object, present: str, shown: str | None
) -> None:
    if shown is None or present in (shown, setting.kind.to_text(value)):
        return
    message = gettext(
        "Somebody changed this meanwhile, to: %(present)s. What you entered stands here; save "
        "again if it should hold instead.",
        present=setting.kind.words(setting.kind.from_text(present)),
    )
    raise Invalid(setting.name, message)


def _noted(setting: Defined[object], before: str, after: str) -> tuple[str, str]:
    """What the log of changes says: of a secret only that it was changed."""
    if not setting.is_secret or before == after:
        return before, after
    return ("set" if before else "", ("set anew" if before else "set") if after else "")


def _keep(setting: Defined[object], value: object) -> None:
    if value == setting.default and not setting.stays:
        # So that a better default of a later version reaches whoever never decided otherwise.
        db.session.execute(delete(models.Setting).where(models.Setting.name == setting.kept_as))
    else:
        db.session.merge(models.Setting(name=setting.kept_as, value=value))
