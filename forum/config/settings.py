"""The settings of one installation. Each is defined here, and nowhere else.

What the members decide about their community (its name, who it is for) is data and stands in the
database; here is only what the administrator of the machine decides.

After a change run ``script/settings``, which writes ``instance.example/forum.toml`` and
``docs/settings.md`` from these definitions.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from forum.config import checks
from forum.config.definition import definitions_of, setting

ADDRESS = "Address and proxies"
DATA = "Data"
MAIL = "Mail"
LOOKS = "Looks and plugins"
LIMITS = "Limits and processes"
BACKUPS = "Backups"
WATCHING = "Watching"
GROUPS = (ADDRESS, DATA, MAIL, LOOKS, LIMITS, BACKUPS, WATCHING)

WILDCARDS = ("0.0.0.0", "[::]")  # noqa: S104 - to know them, not to listen there


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation's settings: the instance folder, and what ``setting()`` defines."""

    instance: Path

    bind: str = setting(
        "127.0.0.1:8000",
        "Where the web server listens. `127.0.0.1` is reached from this machine alone, as by a "
        "proxy; `0.0.0.0` from everywhere.",
        group=ADDRESS,
        values='an address and a port such as "127.0.0.1:8000", or "unix:" and the path of a socket',
        check=checks.bind_mend,
    )
    public_url: str = setting(
        "",
        "How people reach the forum: every link in letters and feeds begins with it, whatever a "
        "request says. With https, cookies are sent over HTTPS only, and browsers are told to "
        "stay with it. Without it, links begin with http:// and `bind`.",
        group=ADDRESS,
        values='an address such as "https://forum.example.org"',
        example="https://forum.example.org",
        check=checks.public_url_mend,
    )
    hosts: tuple[str, ...] = setting(
        (),
        "Further names under which the forum answers, besides the host of `public_url`, the "
        "address in `bind`, and this machine's own (`localhost`, `127.0.0.1`, `[::1]`). Other "
        "names are refused.",
        group=ADDRESS,
        values='a list of host names such as ["forum.internal"]',
        example=("forum.internal",),
        check=checks.hosts_mend,
    )
    trusted_proxies: tuple[str, ...] = setting(
        (),
        "The proxies in front of the forum, by address or network; `unix` is whoever connects to "
        "the socket of `bind`. Of them, and of nobody else, X-Forwarded-For and "
        "X-Forwarded-Proto are believed. Without it, all who come through a proxy share one limit.",
        group=ADDRESS,
        values='a list of addresses and networks such as ["127.0.0.1", "10.0.3.0/24", "unix"]',
        example=("127.0.0.1", "::1"),
        check=checks.proxies_mend,
    )
    secure_cookies: bool | None = setting(
        None,
        "Send cookies over HTTPS only, under names that begin with `__Host-`. Unless it is set, "
        "they are exactly when `public_url` is https.",
        group=ADDRESS,
        example=True,
    )
    hsts_days: int = setting(
        180,
        "Where `public_url` is https: for how many days browsers stay with HTTPS for this host "
        "(Strict-Transport-Security). 0 takes it back. Mozilla's guideline asks for six months.",
        group=ADDRESS,
        least=0,
        most=3650,
    )

    database: str = setting(
        "",
        "Where the data is kept. Without it, in `forum.sqlite3` in the instance folder.",
        group=DATA,
        values="an address such as postgresql://user@host/name, or sqlite:///file",
        example="postgresql://forum@localhost/forum",
        check=checks.database_mend,
        mask=checks.without_password,
    )
    database_password_file: str = setting(
        "",
        "A file that holds the password of the database's user and nothing else; a path that is "
        "not absolute begins in the instance folder. Only the forum's user may read it.",
        group=DATA,
        values="the path of a file",
        example="database-password",
    )

    mail_from: str = setting(
        "forum@localhost",
        "The sender of letters.",
        group=MAIL,
        values='an address such as "forum@example.org"',
        check=checks.mailbox_mend,
    )
    smtp_host: str = setting(
        "",
        "The mail server. Without one, letters become readable files in `mail/` in the instance "
        "folder.",
        group=MAIL,
        example="mail.example.org",
    )
    smtp_port: int = setting(587, "The mail server's port.", group=MAIL, least=1, most=65535)
    smtp_user: str = setting(
        "", "The user at the mail server, where it asks for one.", group=MAIL, example="forum"
    )
    smtp_password: str = setting(
        "",
        "The user's password. With it in `forum.toml`, nobody but the forum's user may read that "
        "file.",
        group=MAIL,
        example="correct horse",
        mask=checks.hidden,
    )
    smtp_password_file: str = setting(
        "",
        "A file that holds the password and nothing else, instead of `smtp_password`; a path that "
        "is not absolute begins in the instance folder. Only the forum's user may read it.",
        group=MAIL,
        values="the path of a file",
        example="smtp-password",
    )
    smtp_tls: str = setting(
        "starttls",
        "How the connection to the mail server is encrypted: `starttls` begins in the clear and "
        "then encrypts (port 587), `tls` encrypts from the start (port 465).",
        group=MAIL,
        choices=("starttls", "tls", "none"),
    )

    theme: str = setting("default", "How the forum looks: a folder in `themes/`.", group=LOOKS)
    plugins: tuple[str, ...] = setting(
        (),
        "Plugins to run (`forum plugins list` shows those that are there). No other is imported.",
        group=LOOKS,
        example=("norms", "talks"),
    )
    plugin_folders: tuple[str, ...] = setting(
        (),
        "Folders that hold further plugins, each in a folder `forum_<name>`; a path that is not "
        "absolute begins in the instance folder.",
        group=LOOKS,
        example=("/srv/forum/plugins",),
    )
    safe_mode: bool = setting(
        False,
        "Run without any plugin, whatever `plugins` says, to find out whether one of them is what "
        "is wrong.",
        group=LOOKS,
    )

    workers: int = setting(2, "Web processes.", group=LIMITS, least=1, most=64)
    threads: int = setting(
        4, "Requests that one web process answers at a time.", group=LIMITS, least=1, most=256
    )
    posts_per_hour: int = setting(
        60, "Posts and changes that one member may publish in an hour.", group=LIMITS, least=1
    )

    backup_hours: str = setting(
        "3",
        "Hours of the day, by the community's clock, at which the worker makes a backup.",
        group=BACKUPS,
        values='hours from 0 to 23 such as "3" or "3, 15", or "never"',
        check=checks.hours_mend,
    )
    backups_kept: int = setting(
        7,
        "So many of the newest backups stay in `backups/` in the instance folder; of those made "
        "before a migration, as many again.",
        group=BACKUPS,
        least=1,
    )

    log_format: str = setting(
        "text",
        "The log, on standard error: `text`, lines for people, or `json`, one object a line for "
        "programs.",
        group=WATCHING,
        choices=("text", "json"),
    )
    log_requests: bool = setting(
        True,
        "A line in it for each request: route, method, status and time; nobody's name or address.",
        group=WATCHING,
    )
    metrics_networks: tuple[str, ...] = setting(
        (),
        "The networks that may read `/metrics` (Prometheus) when they ask the forum itself, and not "
        "through a proxy. With neither this nor `metrics_token`, nothing is counted and the address "
        "is not there.",
        group=WATCHING,
        values='a list of addresses and networks such as ["127.0.0.1", "10.0.3.0/24"]',
        example=("127.0.0.1", "::1"),
        check=checks.networks_mend,
    )
    metrics_token: str = setting(
        "",
        "Whoever sends this as `Authorization: Bearer` may read `/metrics` from anywhere.",
        group=WATCHING,
        values=f"{checks.SHORTEST_TOKEN} characters or more, as `openssl rand -hex 20` makes",
        example="0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        check=checks.token_mend,
        mask=checks.hidden,
    )

    @property
    def database_url(self) -> str:
        """The address that SQLAlchemy connects to."""
        return self.database or f"sqlite:///{self.instance / 'forum.sqlite3'}"

    @property
    def base_url(self) -> str:
        """What every link in mail begins with, without a slash at the end."""
        return (self.public_url or f"http://{self._own_address}").rstrip("/")

    @property
    def _own_address(self) -> str:
        # Nobody can be sent to "all addresses", or to a socket in a folder.
        host, _, port = self.bind.rpartition(":")
        if self.bind.startswith(checks.UNIX):
            return "localhost"
        return f"127.0.0.1:{port}" if host in WILDCARDS else self.bind

    @property
    def is_https(self) -> bool:
        """Whether people reach the forum over HTTPS."""
        return self.public_url.startswith("https://")

    @property
    def has_secure_cookies(self) -> bool:
        """Whether cookies are for HTTPS only."""
        return self.is_https if self.secure_cookies is None else self.secure_cookies

    @property
    def public_host(self) -> str:
        """The host of ``base_url``, in small letters, without a port."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def mail_folder(self) -> Path:
        """Where mail is written when there is no mail server."""
        return self.instance / "mail"

    @property
    def running_folder(self) -> Path:
        """Where each process notes which calls of plugins are under way."""
        return self.instance / "running"

    @property
    def backup_hours_of_day(self) -> tuple[int, ...]:
        """The hours at which the worker makes a backup, 0 to 23; none when it never does."""
        words = self.backup_hours.replace(",", " ").split()
        return () if words == ["never"] else tuple(int(word) for word in words)

    @property
    def has_metrics(self) -> bool:
        """Whether anything is counted for programs that watch the forum."""
        return bool(self.metrics_networks or self.metrics_token)

    @property
    def plugin_paths(self) -> tuple[Path, ...]:
        """The folders in which plugins are looked for, besides those that ship with the forum."""
        return tuple(self.instance / folder for folder in self.plugin_folders)


DEFINITIONS = definitions_of(Settings)
