"""The examples in ``deploy/`` name settings and commands that there are, and fit each other."""

from __future__ import annotations

import re
from pathlib import Path

from forum.cli import main
from forum.config import DEFINITIONS
from forum.config.reading import NOT_SETTINGS

DEPLOY = Path(__file__).resolve().parent.parent.parent / "deploy"


def read(name: str) -> str:
    return (DEPLOY / name).read_text("utf-8")


def unknown_variables(text: str) -> set[str]:
    known = {definition.variable for definition in DEFINITIONS.values()} | NOT_SETTINGS
    return set(re.findall(r"FORUM_[A-Z_]+", text)) - known


def test_examples_set_only_what_the_forum_knows() -> None:
    texts = [path.read_text("utf-8") for path in DEPLOY.iterdir()]
    assert set().union(*map(unknown_variables, texts)) == set()
    assert unknown_variables("FORUM_PUBLIC_ULR: x") == {"FORUM_PUBLIC_ULR"}


def test_units_run_commands_that_there_are_and_are_hardened_alike() -> None:
    units = [read("folkmoot.service"), read("folkmoot-worker.service")]
    commands = [re.findall(r"^ExecStart=.*/forum (\w+)$", unit, re.M) for unit in units]
    assert commands == [["serve"], ["worker"]]
    assert {"serve", "worker"} <= set(main.commands)
    hardening = [unit.partition("StateDirectory=")[2] for unit in units]
    assert hardening[0] == hardening[1] != ""


def test_proxies_let_pictures_through_and_log_no_addresses_of_pages() -> None:
    nginx, caddy = read("nginx.conf"), read("Caddyfile")
    assert "client_max_body_size 40m;" in nginx
    assert "max_size 40MB" in caddy
    formats = re.findall(r"log_format folkmoot '(.*)';", nginx)
    assert len(formats) == 1
    assert not re.search(r"\$(request |request_uri|uri|args|remote|http_)", formats[0] + " ")
    assert re.findall(r"access_log (.*);", nginx) == ["off", "/var/log/nginx/folkmoot.log folkmoot"]
    assert not re.search(r"^\s*log\b", caddy, re.M)
