"""Forms of moderation. What is right or wrong with their values, the actions decide."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import TextAreaField


class DecisionForm(FlaskForm):
    """Decide about a case; the buttons say how."""

    words = TextAreaField(_("Words to the author"))
