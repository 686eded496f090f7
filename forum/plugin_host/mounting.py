"""Puts plugins' pages into the application, below an address of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from flask import Blueprint, Flask
from werkzeug.exceptions import HTTPException

from forum.errors import ForumError
from forum.plugin_host.dispatch import PluginHost
from forum.plugin_host.registration import PluginRefused
from forum.traces import in_a_line


def mount(app: Flask, host: PluginHost) -> None:
    """Add the pages of every plugin. Call it when the forum's own pages are there.

    A plugin whose pages cannot be added is refused as a whole.
    """
    taken = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()}
    _require_free_doors(host, taken)
    for plugin, blueprints in host.blueprints():
        if not host.has(plugin):
            # It needs one that was refused here.
            continue
        try:
            if plugin in taken:
                raise PluginRefused(plugin, f"/{plugin} is an address of the forum itself")
            _require_apart(app, plugin, blueprints)
        except PluginRefused as refusal:
            host.refuse(refusal)
            continue
        for blueprint in blueprints:
            app.register_blueprint(blueprint)
        _note_views(app, host, plugin, {blueprint.name for blueprint in blueprints})


def _require_free_doors(host: PluginHost, taken: set[str]) -> None:
    others = {plugin for plugin, _ in host.blueprints()}
    for plugin, (door, _) in host.doors.items():
        part = door.path.removeprefix("/")
        if part in taken or part in others - {plugin}:
            host.refuse(PluginRefused(plugin, f"{door.path} is an address of something else"))
        others.add(part)


def _note_views(app: Flask, host: PluginHost, plugin: str, names: set[str]) -> None:
    # A page that hangs is named as a hook is.
    for endpoint, view in app.view_functions.items():
        if endpoint.rpartition(".")[0] in names:
            app.view_functions[endpoint] = _noted(host, plugin, endpoint, view)


def _noted(
    host: PluginHost, plugin: str, endpoint: str, view: Callable[..., Any]
) -> Callable[..., Any]:
    watch = host.watch_page(plugin, endpoint)

    @wraps(view)
    def noted(*args: Any, **values: Any) -> Any:
        call = watch.begin()
        try:
            return view(*args, **values)
        # What is said to a person, such as that they may not, is no failure.
        except (ForumError, HTTPException):
            raise
        except Exception as error:
            watch.has_failed(type(error).__name__)
            raise
        finally:
            watch.end(call)

    return noted


def _require_apart(app: Flask, plugin: str, blueprints: list[Blueprint]) -> None:
    # Tried on an application of their own first: what was added to the real one cannot be removed.
    trial = _trial(app)
    before = _for_every_page(trial)
    try:
        for blueprint in blueprints:
            trial.register_blueprint(blueprint)
    except Exception as error:
        raise PluginRefused(plugin, f"its pages cannot be added: {in_a_line(error)}") from None
    if _for_every_page(trial) != before:
        raise PluginRefused(plugin, "a blueprint may change only its own pages, not all of them")
    for address in _foreign_addresses(trial, plugin):
        raise PluginRefused(plugin, f"{address} does not begin with /{plugin}")


def _trial(app: Flask) -> Flask:
    trial = Flask("trial", static_folder=None)
    trial.url_map.converters.update(app.url_map.converters)
    return trial


def _for_every_page(app: Flask) -> list[Any]:
    functions = (
        app.before_request_funcs,
        app.after_request_funcs,
        app.teardown_request_funcs,
        app.template_context_processors,
        app.url_value_preprocessors,
        app.url_default_functions,
    )
    spec = app.error_handler_spec
    jinja = app.jinja_env
    return [
        *(list(found.get(None, ())) for found in functions),
        {code: dict(kinds) for code, kinds in spec.get(None, {}).items() if kinds},
        list(app.teardown_appcontext_funcs),
        *(dict(names) for names in (jinja.globals, jinja.filters, jinja.tests)),
    ]


def _foreign_addresses(trial: Flask, plugin: str) -> Iterator[str]:
    for rule in trial.url_map.iter_rules():
        own = rule.rule == f"/{plugin}" or rule.rule.startswith(f"/{plugin}/")
        if not own or rule.subdomain or rule.host:
            yield rule.rule
