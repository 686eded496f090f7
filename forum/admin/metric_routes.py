"""``/metrics``: what was counted, and how the forum stands, in Prometheus' own words.

Closed unless the settings name networks or a token. It tells nothing about anybody, but much about
the forum: how many try to sign in, what fails, how many letters go out.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_network
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, abort, request

from forum import __version__
from forum.admin.metric_queries import Standing, standings
from forum.config import current_settings
from forum.metrics import current_metrics
from forum.web.proxies import IS_PROXIED, WAS_FORWARDED

pages = Blueprint("metrics", __name__)

CLOSED = (
    "Name the network that may read this in metrics_networks, or send the metrics_token as "
    "Authorization: Bearer.\n"
)


@pages.get("/metrics")
def figures() -> Response:
    """What was counted in all processes, and how things stand."""
    counted = current_metrics()
    if counted is None:
        abort(404)
    if not (_is_near() or _has_token()):
        return _closed()
    from prometheus_client.exposition import choose_encoder

    registry = counted.gathered()
    encode, kind = choose_encoder(request.headers.get("Accept", ""))
    answer = Response(encode(_Both(registry)), content_type=kind)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _closed() -> Response:
    answer = Response(CLOSED, status=401 if current_settings().metrics_token else 403)
    answer.mimetype = "text/plain"
    if answer.status_code == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="metrics"'
    return answer


def _is_near() -> bool:
    # Through a proxy that nobody named, everybody would come from the proxy's network.
    if request.environ[WAS_FORWARDED] and not request.environ[IS_PROXIED]:
        return False
    try:
        here = ip_address(request.remote_addr or "")
    except ValueError:
        return False
    return any(
        here in ip_network(near, strict=False) for near in current_settings().metrics_networks
    )


def _has_token() -> bool:
    wanted = current_settings().metrics_token
    kind, _, said = request.headers.get("Authorization", "").partition(" ")
    given = said.strip().encode("utf-8", "surrogateescape")
    return bool(wanted) and kind == "Bearer" and hmac.compare_digest(given, wanted.encode())


class _Both:
    """What was counted, and what stands at this moment, as the library collects it."""

    def __init__(self, counted: Any) -> None:
        self._counted = counted

    def collect(self) -> Iterator[Any]:
        """All families of figures."""
        yield from self._counted.collect()
        yield from _families([Standing("info", "The version.", 1, {"version": __version__})])
        yield from _families(standings(current_settings()))


def _families(found: Iterable[Standing]) -> Iterator[Any]:
    from prometheus_client.core import GaugeMetricFamily

    # A family must stand together (the format's section on order).
    for name, numbers in groupby(sorted(found, key=lambda one: one.name), lambda one: one.name):
        ours = list(numbers)
        family = GaugeMetricFamily(f"forum_{name}", ours[0].words, labels=list(ours[0].labels))
        for one in ours:
            family.add_metric(list(one.labels.values()), one.number)
        yield family
