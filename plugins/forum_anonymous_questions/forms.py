"""The forms. Those at the door are plain ones, as there is no session for Flask-WTF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Form, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired

from forum.plugin_api import Invalid
from forum_anonymous_questions.texts import gettext
from forum_anonymous_questions.texts import lazy_gettext as _

_CODE = _("The ten words. Small or capital letters and what stands between do not matter.")


class DoorForm(Form):
    """A form of the door's; its token comes from what its sender knows."""

    csrf_token = HiddenField()

    def put(self, error: Invalid) -> None:
        """Show what was refused at the field it names, or above the form."""
        found = self._fields.get(error.field)
        if found is None:
            self.form_errors.append(error.message)
        else:
            found.errors = [*found.errors, error.message]


class TextForm(DoorForm):
    """Write a text."""

    source = TextAreaField(_("Text"))
    language = SelectField(_("Language of this text"), choices=[], validate_choice=False)


class QuestionForm(TextForm):
    """Write a question. ``submission`` is a random word: sent twice, it is one question with one code."""

    submission = HiddenField()
    title = StringField(_("Title"), description=_("What is it about, in one line?"))
    category = SelectField(_("Category"), choices=[], validate_choice=False)


class ClarifyForm(TextForm):
    """Write more on a question."""

    code = HiddenField()


class CodeForm(DoorForm):
    """Show the claim code."""

    code = StringField(
        _("Claim code"),
        description=_CODE,
    )


class RevealForm(FlaskForm):
    """Show the claim code of one's question."""

    code = StringField(
        _("Claim code"),
        [DataRequired(_("Write the ten words of the claim code."))],
        description=_CODE,
    )


class AnswerForm(DoorForm):
    """Say which reply answers the question."""

    code = HiddenField()
    number = IntegerField(
        _("Number of the reply that answers it"),
        description=_("It stands beside the reply, such as #3."),
    )


class WordsForm(DoorForm):
    """Bring tickets along that were kept as words."""

    words = TextAreaField(
        _("The words of your tickets"),
        description=_("A line for each ticket, as the other browser showed them."),
    )


class PlainForm(DoorForm):
    """Press a button about a question."""

    code = HiddenField()


def filled(kind: type[DoorForm], fields: Mapping[str, str], **start: str) -> DoorForm:
    """A form with what was sent; ``start`` stands where nothing was."""
    form: DoorForm = kind(MultiDict(fields) if fields else None, data=start)
    return form


def choices(found: Sequence[tuple[int, str]]) -> list[tuple[str, str]]:
    """Categories as choices of a field."""
    return [("", gettext("Choose a category")), *((str(number), title) for number, title in found)]
