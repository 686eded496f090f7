"""The composer's form."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, StringField, TextAreaField


class ComposerForm(FlaskForm):
    """A text on its way. What is right or wrong with it, the actions and the reviewers say."""

    title = StringField(_("Title"), description=_("What is it about, in one line?"))
    category = SelectField(_("Category"), choices=[])
    source = TextAreaField(_("Text"))
    in_reply_to = HiddenField()
    based_on = HiddenField()
    submission = HiddenField()
    seen = HiddenField()
    kept = HiddenField()
