from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask, render_template_string
from flask_babel import force_locale

from forum.app import create_app
from forum.web.page import without_database

PAGE = "{{ _('Hello') }} {{ _('by %(who)s', who=who) }} {{ ngettext('%(num)s pot', '%(num)s pots', n) }}"


@pytest.fixture
def german(instance: Path, tmp_path: Path) -> Flask:
    """The forum with three words in German."""
    app = create_app(instance)
    catalog = Catalog(locale="de")
    catalog.add("Hello", "Hallo")
    catalog.add("by %(who)s", "von %(who)s")
    catalog.add(("%(num)s pot", "%(num)s pots"), ("%(num)s Topf", "%(num)s Töpfe"))
    folder = tmp_path / "translations" / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalog)
    app.extensions["babel"].translation_directories = [str(folder.parent.parent)]
    return app


def test_templates_speak_the_language_of_the_moment(german: Flask) -> None:
    with german.test_request_context():
        without_database()
        said = []
        for language in ("en", "de", "en"):
            with force_locale(language):
                said.append(render_template_string(PAGE, who="Ada", n=2))
    assert said == ["Hello by Ada 2 pots", "Hallo von Ada 2 Töpfe", "Hello by Ada 2 pots"]


def test_what_is_filled_in_is_escaped(german: Flask) -> None:
    with german.test_request_context(), force_locale("de"):
        without_database()
        said = render_template_string(PAGE, who="<b> & %(who)s", n=1)
    assert said == "Hallo von &lt;b&gt; &amp; %(who)s 1 Topf"
