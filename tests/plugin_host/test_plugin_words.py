"""Plugins speak the reader's language with catalogues of their own, in code and in templates."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask_babel import force_locale

from forum.app import create_app
from forum.errors import NotAllowed
from forum.permissions import Actor, require
from forum.phrases import Phrase
from forum.places import plugins_folder
from forum.plugin_api import texts_of
from forum.spoken import recalled, spoken
from forum.testing import conformance
from forum.testing.application import close
from forum.testing.catalogues import faults_in, main, words_of
from forum.testing.conformance import check_its_texts_are_translated
from forum.testing.factories import Factories
from forum.testing.forms import submit
from tests.plugin_host.conftest import write_plugin

ONE_KIND = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
HOOKS = """
from flask import Blueprint, render_template
from forum_kiln.texts import gettext, lazy_gettext, ngettext
pages = Blueprint("kiln", __name__, url_prefix="/kiln", template_folder="templates")
HOT = lazy_gettext("The kiln is hot, %(who)s.", who="Ada")

@pages.get("/<int:count>")
def firings(count):
    said = [str(HOT), ngettext("%(num)s firing", "%(num)s firings", count), gettext("Only in English")]
    return render_template("forum_kiln/firings.html", count=count, said=said)

@hookimpl
def register_blueprints():
    return [pages]

@hookimpl
def register_permissions():
    return [Permission("kiln.fire", lazy_gettext("Ask Ines first."), (), lazy_gettext("Fire the kiln"))]
"""
TEMPLATE = """{% extends "base.html" %}
{% from "forum_kiln/macros.html" import told %}
{% block title %}{{ _("Sign out") }}{% endblock %}
{% block main %}
<p id="a">{{ _("The kiln is hot, %(who)s.", who="<Ada>") }}</p>
<p id="b">{{ ngettext("%(num)s firing", "%(num)s firings", count) }}</p>
<p id="c">{{ gettext("Only in English") }}</p>
<p id="d">{{ told() }}</p>
<p id="e">{{ said | join("; ") }}</p>
{% endblock %}
"""
GERMAN = {
    "The kiln is hot, %(who)s.": "Der Ofen ist heiß, %(who)s.",
    "Ask Ines first.": "Frag erst Ines.",
    "Fire the kiln": "Den Ofen brennen",
    "Said by a macro": "Von einem Makro gesagt",
    "Sign out": "",
    "Only in English": "",
}


@pytest.fixture
def kiln(plugin_folder: Path) -> Path:
    """A plugin whose texts are in German, all but one of its own and one of the forum's."""
    write_plugin(plugin_folder, "kiln", HOOKS)
    folder = plugin_folder / "forum_kiln"
    (folder / "texts.py").write_text(
        "from forum.plugin_api import texts_of\n"
        "gettext, lazy_gettext, ngettext = texts_of(__name__)\n"
    )
    templates = folder / "templates" / "forum_kiln"
    templates.mkdir(parents=True)
    (templates / "firings.html").write_text(TEMPLATE)
    macro = "{% macro told() %}{{ _('Said by a macro') }}{% endmacro %}"
    (templates / "macros.html").write_text(macro)
    (folder / "tests").mkdir()
    (folder / "tests" / "test_kiln.py").write_text('_("Said by a test")')
    main(["--package", str(folder), "de"])
    say(folder)
    return folder


def say(folder: Path) -> list[str]:
    """Translate: what the script says then."""
    path = folder / "translations" / "de" / "LC_MESSAGES" / "messages.po"
    text = path.read_text()
    for english, german in GERMAN.items():
        assert f'msgid "{english}"\nmsgstr ""' in text
        text = text.replace(
            f'msgid "{english}"\nmsgstr ""', f'msgid "{english}"\nmsgstr "{german}"'
        )
    text = text.replace('msgstr[0] ""', 'msgstr[0] "%(num)s Brand"')
    path.write_text(text.replace('msgstr[1] ""', 'msgstr[1] "%(num)s Brände"'))
    return main(["--package", str(folder)])


@pytest.fixture
def app(instance: Path, database: str, kiln: Path) -> Iterator[Flask]:
    """A forum in which it runs."""
    folders = json.dumps([str(kiln.parent)])
    (instance / "forum.toml").write_text(f'plugin_folders = {folders}\nplugins = ["kiln"]\n')
    app = create_app(instance, database=database)
    yield app
    close(app)


def page_in(app: Flask, language: str, count: int) -> dict[str, str]:
    """What the page says to a guest who has chosen this language; and its title."""
    client = app.test_client()
    submit(client, "/appearance", language=language, mode="auto")
    soup = BeautifulSoup(client.get(f"/kiln/{count}").data, "html.parser")
    said = {str(p["id"]): p.decode_contents() for p in soup.select("main p[id]")}
    assert soup.title is not None
    return said | {"title": soup.title.get_text()}


@ONE_KIND
def test_code_and_templates_speak_the_readers_language(app: Flask, factories: Factories) -> None:
    factories.community()
    assert page_in(app, "de", 2) == {
        "a": "Der Ofen ist heiß, &lt;Ada&gt;.",
        "b": "2 Brände",
        "c": "Only in English",
        "d": "Von einem Makro gesagt",
        "e": "Der Ofen ist heiß, Ada.; 2 Brände; Only in English",
        # What only the forum's catalogue has.
        "title": "Abmelden",
    }
    assert page_in(app, "en", 1) == {
        "a": "The kiln is hot, &lt;Ada&gt;.",
        "b": "1 firing",
        "c": "Only in English",
        "d": "Said by a macro",
        "e": "The kiln is hot, Ada.; 1 firing; Only in English",
        "title": "Sign out",
    }


@ONE_KIND
def test_forums_own_templates_know_nothing_of_a_plugins_words(
    app: Flask, factories: Factories
) -> None:
    factories.community()
    # The plugin's pages first, so that its words are there.
    page_in(app, "de", 1)
    with app.test_request_context(), force_locale("de"):
        shown = app.jinja_env.from_string("{{ _('Ask Ines first.') }}").render()
    assert shown == "Ask Ines first."


@ONE_KIND
def test_what_others_show_of_it_is_in_the_readers_language(app: Flask) -> None:
    host = app.extensions["forum_plugins"]
    with app.test_request_context(), force_locale("de"):
        [permission] = host.permissions
        assert (str(permission.refusal), str(permission.words)) == (
            "Frag erst Ines.",
            "Den Ofen brennen",
        )
        with pytest.raises(NotAllowed, match="Frag erst Ines"):
            require(Actor(id=1), "kiln.fire")


@ONE_KIND
def test_phrases_of_a_plugin_are_said_in_the_readers_language(app: Flask) -> None:
    phrase = Phrase("The kiln is hot, %(who)s.", who="Ada")
    with app.test_request_context(), force_locale("de"):
        assert spoken(phrase) == "Der Ofen ist heiß, Ada."
        assert recalled("Ask Ines first.") == "Frag erst Ines."
        assert recalled("Nobody ever translated this.") == "Nobody ever translated this."
    with app.test_request_context(), force_locale("en"):
        assert spoken(phrase) == "The kiln is hot, Ada."


def test_words_are_said_where_no_language_is_known() -> None:
    gettext, lazy_gettext, ngettext = texts_of("no_package_of_ours.texts")
    assert gettext("%(n)s pots", n=2) == "2 pots"
    assert str(lazy_gettext("100 %")) == "100 %"
    assert [ngettext("%(num)s pot", "%(num)s pots", n) for n in (1, 2)] == ["1 pot", "2 pots"]


def test_script_gathers_a_plugins_words_and_says_what_is_missing(kiln: Path) -> None:
    told = [f"de: is missing: {words!r}" for words in ("Only in English", "Sign out")]
    assert sorted(faults_in(kiln)) == told
    found = {word.id for word in words_of(kiln) if word.id}
    assert "Said by a test" not in found
    assert ("%(num)s firing", "%(num)s firings") in found


def test_script_takes_a_package_and_nothing_else(
    kiln: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--package", str(kiln.parent)])
    assert "is no package" in capsys.readouterr().err


def test_kit_finds_a_text_that_is_not_translated(
    kiln: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(AssertionError, match="Only in English"):
        check_its_texts_are_translated(kiln)
    catalogue = kiln / "translations" / "de" / "LC_MESSAGES" / "messages.po"
    for english in ("Only in English", "Sign out"):
        missing = f'msgid "{english}"\nmsgstr ""'
        catalogue.write_text(catalogue.read_text().replace(missing, missing[:-1] + 'x"'))
    with pytest.raises(AssertionError, match=r"messages\.mo does not have"):
        check_its_texts_are_translated(kiln)
    assert main(["--package", str(kiln)]) == []
    check_its_texts_are_translated(kiln)

    shutil.rmtree(kiln / "translations")
    check_its_texts_are_translated(kiln)
    monkeypatch.setattr(conformance, "plugins_folder", lambda: kiln.parent)
    with pytest.raises(AssertionError, match="de: is missing: 'The kiln is hot"):
        check_its_texts_are_translated(kiln)


def test_plugins_that_come_with_the_forum_say_all_of_it_in_german() -> None:
    for manifest in plugins_folder().glob("*/plugin.toml"):
        check_its_texts_are_translated(manifest.parent)
