"""The forum's pytest plugin, for its own tests and for those of plugins.

Load it with ``-p forum.testing``. It gives

``database``      the address of a migrated, empty database, once on SQLite and once on PostgreSQL
``app, client``   the forum on that database, and a test client
``worker``        runs the real worker until nothing is due
``factories``     makes members, categories, threads and replies through the real actions
``live_site``     ``forum serve`` in a process of its own, with its worker, on a free port
``browser_page``  a page of a real Chromium on that site, with and without JavaScript
``figure``        notes a line that is printed at the end of the run
``open_page``     the same with other wishes: dark, narrow, right to left
``pseudo_words``  a catalogue in a language made up from the English, right to left
``markup_faults`` what the Nu Html Checker says of a page's source

``forum.testing.forms.submit`` fills in a page's form as a person does, and
``forum.testing.application.count_statements`` counts what a page asks of the database.

The plugin runs the tests in tiers, quickest first. Tests reach nobody but this machine.
"""

pytest_plugins = (
    "forum.testing.tiers",
    "forum.testing.capabilities",
    "forum.testing.garbage",
    "forum.testing.figures",
    "forum.testing.kept_logging",
    "forum.testing.network",
    "forum.testing.databases",
    "forum.testing.application",
    "forum.testing.factories",
    "forum.testing.site",
    "forum.testing.browser",
    "forum.testing.markup",
    "forum.testing.pseudo",
)
