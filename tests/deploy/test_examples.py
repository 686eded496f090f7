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
    logs = ["off", "/var/log/nginx/folkmoot.log folkmoot", "off"]
    assert re.findall(r"access_log (.*);", nginx) == logs
    # Its one log is of what Caddy itself does, without what it says of answers that failed.
    assert re.findall(r"^\s*log\b.*\n(.*)", caddy, re.M) == ["\t\texclude http.log.error"]


def test_proxies_note_nothing_of_a_door() -> None:
    nginx, caddy = read("nginx.conf"), read("Caddyfile")
    door = re.findall(r"location ~ (\S+) \{\n(.*?)\n    \}", nginx, re.S)
    assert len(door) == 1
    pattern, said = door[0]
    assert {"access_log off;", "error_log /dev/null crit;", "proxy_max_temp_file_size 0;"} <= {
        line.strip() for line in said.splitlines()
    }
    found = [bool(re.search(pattern, path)) for path in ("/ask", "/ask/write", "/asking", "/t/ask")]
    assert found == [True, True, False, False]
    assert re.search(r"@doors path /ask /ask/\*\n\s*log_skip @doors", caddy)
