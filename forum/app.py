"""Puts the application together from its rooms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, g, has_request_context
from flask_babel import Babel
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from forum.accounts import listeners as accounts_listeners
from forum.accounts.account_routes import pages as account_pages
from forum.accounts.address_routes import pages as address_pages
from forum.accounts.closing_routes import pages as closing_pages
from forum.accounts.data_routes import pages as data_pages
from forum.accounts.registration_routes import pages as registration_pages
from forum.accounts.routes import pages as accounts_pages
from forum.accounts.session_routes import pages as session_pages
from forum.accounts.settings import CONTACT, LONGEST_SESSION
from forum.admin import export_work, plugin_work, retention_work
from forum.admin import listeners as admin_listeners
from forum.admin.change_routes import pages as admin_change_pages
from forum.admin.export_routes import pages as export_pages
from forum.admin.group_routes import pages as admin_group_pages
from forum.admin.hold_routes import pages as hold_pages
from forum.admin.invitation_routes import pages as invitation_pages
from forum.admin.job_routes import pages as job_pages
from forum.admin.level_routes import pages as level_pages
from forum.admin.mail_routes import pages as mail_pages
from forum.admin.member_routes import pages as admin_member_pages
from forum.admin.metric_routes import pages as metric_pages
from forum.admin.plugin_routes import pages as plugin_pages
from forum.admin.public_record_routes import pages as public_record_pages
from forum.admin.record_routes import pages as record_pages
from forum.admin.role_routes import pages as admin_role_pages
from forum.admin.routes import pages as admin_pages
from forum.admin.setting_routes import pages as setting_pages
from forum.admin.together_routes import pages as together_pages
from forum.admin.word_list_routes import pages as word_list_pages
from forum.backups import nightly
from forum.community import listeners as community_listeners
from forum.community.plugin_queries import enabled_in, enabled_plugins
from forum.community.setting_queries import value_of
from forum.config import Fault, Reading, Settings, read_settings
from forum.config.secret import Secrets, secret_faults
from forum.db import db, engine_options, init_db
from forum.discussion import leaving_listeners, trust_listeners, work_listeners
from forum.discussion import listeners as discussion_listeners
from forum.discussion.alternative_routes import pages as alternative_pages
from forum.discussion.articles import Articles
from forum.discussion.curating_routes import pages as curating_pages
from forum.discussion.draft_routes import pages as draft_pages
from forum.discussion.feed_routes import pages as feed_pages
from forum.discussion.finding_routes import pages as finding_pages
from forum.discussion.member_routes import pages as member_pages
from forum.discussion.moving_routes import pages as moving_pages
from forum.discussion.picture_routes import pages as pictures_pages
from forum.discussion.review_routes import pages as review_pages
from forum.discussion.routes import pages as discussion_pages
from forum.discussion.rules import is_unreviewed
from forum.discussion.settings import FEEDS
from forum.discussion.tag_routes import pages as tag_pages
from forum.discussion.trust_routes import pages as trust_pages
from forum.errors import ForumError
from forum.jobs import worker
from forum.metrics import init_metrics
from forum.moderation import clock_work
from forum.moderation import listeners as moderation_listeners
from forum.moderation.appeal_routes import pages as appeal_pages
from forum.moderation.care_routes import pages as care_pages
from forum.moderation.fairness_routes import pages as fairness_pages
from forum.moderation.flag_routes import pages as flag_pages
from forum.moderation.held_routes import pages as held_pages
from forum.moderation.measure_appeal_routes import pages as measure_appeal_pages
from forum.moderation.measure_routes import pages as measure_pages
from forum.moderation.mending_routes import pages as mending_pages
from forum.moderation.routes import pages as moderation_pages
from forum.moderation.several_routes import pages as several_pages
from forum.notifications import listeners as notifications_listeners
from forum.notifications import sending
from forum.notifications.routes import pages as notifications_pages
from forum.places import plugins_folder
from forum.plugin_host import PluginHost, current_host
from forum.plugin_host.discovery import Found, find_plugins
from forum.plugin_host.loading import load_plugins
from forum.plugin_host.mounting import mount
from forum.plugin_host.troubles import settle
from forum.record import listeners as record_listeners
from forum.record.sentences import reason_in_words
from forum.record.settings import PUBLIC_LOG
from forum.spoken import recalled, spoken
from forum.web.addresses import NumberConverter, tag_url
from forum.web.cookies import SESSION, cookie_name
from forum.web.doors import Doors
from forum.web.errors import init_errors
from forum.web.forms import init_forms
from forum.web.headers import init_headers
from forum.web.health import init_health
from forum.web.hosts import init_hosts
from forum.web.maintenance import init_maintenance
from forum.web.offers import init_offers
from forum.web.page import init_pages
from forum.web.palette import palettes
from forum.web.plugin_words import init_plugin_words
from forum.web.proxies import Proxies
from forum.web.requests import init_requests
from forum.web.routes import pages as web_pages
from forum.web.signing import init_signing
from forum.web.sizes import size
from forum.web.slots import init_slots
from forum.web.statement import statements
from forum.web.theme_check import require_fit
from forum.web.times import day, moment
from forum.web.visit import current_visit, init_suspensions, init_visits
from forum.web.words import init_words

MOST_BYTES = 1024 * 1024
STATIC_SECONDS = 3600

CORE_PLUGINS = (
    ("accounts", accounts_listeners),
    ("community", community_listeners),
    ("accessibility", discussion_listeners),
    ("discussion", leaving_listeners),
    ("trust", trust_listeners),
    ("moderation", moderation_listeners),
    ("record", record_listeners),
    ("notifications", notifications_listeners),
    ("administration", admin_listeners),
)
# Importing these registers what does the jobs; a job that nobody does would wait for ever.
WORKERS = (
    worker,
    accounts_listeners,
    work_listeners,
    trust_listeners,
    sending,
    nightly,
    export_work,
    retention_work,
    plugin_work,
    clock_work,
)
ROOMS = (
    web_pages,
    palettes,
    statements,
    discussion_pages,
    feed_pages,
    draft_pages,
    curating_pages,
    moving_pages,
    finding_pages,
    alternative_pages,
    review_pages,
    tag_pages,
    pictures_pages,
    member_pages,
    accounts_pages,
    registration_pages,
    account_pages,
    session_pages,
    address_pages,
    closing_pages,
    data_pages,
    notifications_pages,
    moderation_pages,
    several_pages,
    measure_pages,
    measure_appeal_pages,
    mending_pages,
    held_pages,
    flag_pages,
    appeal_pages,
    record_pages,
    together_pages,
    public_record_pages,
    care_pages,
    fairness_pages,
    admin_pages,
    admin_member_pages,
    admin_role_pages,
    admin_group_pages,
    level_pages,
    trust_pages,
    admin_change_pages,
    invitation_pages,
    export_pages,
    plugin_pages,
    setting_pages,
    word_list_pages,
    job_pages,
    mail_pages,
    metric_pages,
    hold_pages,
)


class Forum(Flask):
    """Flask, without looking anew at each request whether a function of ours is a coroutine."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself: nothing here is asynchronous."""
        return func


def create_app(
    instance: Path, *, plugins: Sequence[tuple[str, object]] = (), **options: Any
) -> Flask:
    """The forum of this instance folder, ready to serve.

    Args:
        plugins: further plugins besides those that the settings name: (name, object with hook
            implementations). For tests; one that cannot be used raises ``PluginRefused``.
        options: settings that override the file and the environment (see ``Settings``).

    Raises:
        ConfigError: a setting cannot be used.
    """
    reading = read_configuration(instance, **options)
    settings = reading.required()
    app = Forum("forum", instance_path=str(settings.instance), static_folder="static")
    app.extensions["forum_settings"] = settings
    app.extensions["forum_warnings"] = reading.warnings
    app.extensions["forum_articles"] = Articles()
    _configure(app, settings)
    init_signing(app, Secrets(settings.instance))
    init_metrics(app)
    init_db(app)
    host = _init_plugins(app, plugins)
    Babel(app, locale_selector=_locale, timezone_selector=_zone)
    init_words(app)
    init_plugin_words(app)
    _init_templates(app)
    init_requests(app)
    init_visits(app)
    init_hosts(app)
    init_maintenance(app)
    init_forms(app)
    init_suspensions(app)
    init_headers(app)
    init_errors(app)
    init_pages(app)
    init_slots(app)
    init_offers(app)
    # It would redirect `/t//1` to an address made from the Host header, which is anybody's to choose.
    app.url_map.merge_slashes = False
    app.url_map.converters["number"] = NumberConverter
    for room in ROOMS:
        app.register_blueprint(room)
    init_health(app, is_migrated=_is_migrated)
    mount(app, host)
    app.teardown_request(lambda _error: settle())
    app.teardown_request(_notice_plugins)
    if host.doors:
        app.wsgi_app = Doors(app.wsgi_app, app, host)  # type: ignore[method-assign]
    app.wsgi_app = Proxies(app.wsgi_app, settings.trusted_proxies)  # type: ignore[method-assign]
    return app


def read_configuration(instance: Path, **options: Any) -> Reading:
    """The settings of this instance folder with everything that is wrong, the theme included.

    The start and ``forum config check`` both ask this, so they say the same.
    """
    reading = read_settings(instance, **options)
    return replace(
        reading, faults=(*reading.faults, *_theme_faults(reading), *secret_faults(instance))
    )


def _theme_faults(reading: Reading) -> list[Fault]:
    try:
        require_fit(reading.settings.theme)
    except ForumError as error:
        return [Fault(reading.origins["theme"], f"theme: {error.message}")]
    return []


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        SESSION_COOKIE_NAME=cookie_name(SESSION, settings),
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.has_secure_cookies,
        SESSION_REFRESH_EACH_REQUEST=False,
        # When a session ends stands in its row.
        PERMANENT_SESSION_LIFETIME=timedelta(days=LONGEST_SESSION),
        MAX_CONTENT_LENGTH=MOST_BYTES,
        MAX_FORM_MEMORY_SIZE=MOST_BYTES,
        MAX_FORM_PARTS=100,
        SEND_FILE_MAX_AGE_DEFAULT=STATIC_SECONDS,
    )


def _init_plugins(app: Flask, plugins: Sequence[tuple[str, object]]) -> PluginHost:
    settings: Settings = app.extensions["forum_settings"]
    host = PluginHost(folder=settings.running_folder)
    for name, core in CORE_PLUGINS:
        host.register(core, name=name, may_write=True)
    for name, plugin in sorted(plugins, key=lambda named: named[0]):
        host.register(plugin, name=name)
        host.collect(name)
    host.found = find_plugins([plugins_folder(), *settings.plugin_paths])
    with app.app_context():
        host.enabled = enabled_at_start()
        host.plugins = load_plugins(
            host,
            host.found,
            {*settings.plugins, *host.enabled},
            safe_mode=settings.safe_mode,
            unready=_unready,
        )
    app.extensions["forum_plugins"] = host
    return host


def enabled_at_start() -> frozenset[str]:
    """The plugins that administrators enabled; none while the database is not there, or has no
    tables yet."""
    database = db.engine.url.database
    if db.engine.dialect.name == "sqlite" and not (database and Path(database).exists()):
        # Looking would make it.
        return frozenset()
    try:
        return enabled_plugins()
    except SQLAlchemyError:
        return frozenset()


def _unready(one: Found) -> str:
    # Here, because most plugins have no tables, and Alembic takes its time to import.
    from forum.migrate_plugins import unready

    return unready(db.engine, one)


def _notice_plugins(_error: BaseException | None = None) -> None:
    if "settings" in g:
        current_host().notice(enabled_in(g.settings))


def _is_migrated() -> bool:
    # Here, because the commands that need no migration start sooner without Alembic.
    from forum.migrate import is_current

    return is_current(db.engine)


def _init_templates(app: Flask) -> None:
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["moment"] = moment
    app.jinja_env.globals["day"] = day
    app.jinja_env.globals["offers_feeds"] = lambda: value_of(FEEDS)
    app.jinja_env.globals["shows_record"] = lambda: value_of(PUBLIC_LOG)
    app.jinja_env.globals["contact"] = lambda: value_of(CONTACT)
    app.jinja_env.filters["initials"] = _initials
    app.jinja_env.filters["host"] = _host
    app.jinja_env.filters["tag_url"] = tag_url
    app.jinja_env.filters["size"] = size
    app.jinja_env.filters["spoken"] = spoken
    app.jinja_env.filters["recalled"] = recalled
    app.jinja_env.filters["reason_in_words"] = reason_in_words
    app.jinja_env.tests["unreviewed"] = is_unreviewed
    app.jinja_env.filters["trusted"] = _trusted


def _initials(name: str) -> str:
    words = [word for word in name.split() if word[0].isalnum()] or ["?"]
    return "".join(
        word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)
    ).upper()


def _host(url: str) -> str:
    return urlsplit(url).hostname or url


def _trusted(html: str) -> Markup:
    # Only for HTML that the text pipeline has sanitised.
    return Markup(html)  # noqa: S704


def _locale() -> str | None:
    # Babel's own tags have another sign between their parts than those of BCP 47.
    return current_visit().actor.language.replace("-", "_") if has_request_context() else None


def _zone() -> str | None:
    return current_visit().actor.zone if has_request_context() else None
