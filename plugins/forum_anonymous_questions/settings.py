"""What administrators decide about anonymous questions."""

from __future__ import annotations

from forum.plugin_api import Number, PluginSetting, TimesOfDay
from forum_anonymous_questions.texts import lazy_gettext as _

TIMES = PluginSetting(
    "anonymous-questions.times",
    TimesOfDay(1, 4, apart=4),
    ["07:00", "15:00"],
    _("Fixed times"),
    _(
        "What askers did waits until then, so that nobody can tell when they did it. Fewer times hide "
        "more, and let askers wait longer. At least four hours lie between two. One that comes less "
        "than two hours after the last time, such as when these were changed, is left out."
    ),
)
LEAST = PluginSetting(
    "anonymous-questions.least",
    Number(1, 20),
    3,
    _("Questions that appear together"),
    _(
        "Approved questions wait until there are so many, but at most 48 hours. With 1, each appears by "
        "itself at the next fixed time."
    ),
)
