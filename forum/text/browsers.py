"""Which browser somebody has, from what it says of itself: enough to recognise one's own."""

from __future__ import annotations

# Each says the names of those below it, too, so the first that fits counts.
_BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


def browser_and_system(agent: str) -> tuple[str, str]:
    """The names of the browser and of the system that a ``User-Agent`` (RFC 9110, 10.1.5) tells;
    empty where it tells none that we know."""
    return _first(_BROWSERS, agent), _first(_SYSTEMS, agent)


def _first(names: dict[str, str], agent: str) -> str:
    return next((name for sign, name in names.items() if sign in agent), "")
