"""Every kind of unfit setting is named, all at once, with its line and what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from forum.config import Fault, Reading, read_settings


def read(folder: Path, text: str | bytes = "", **options: object) -> Reading:
    """What is read of an instance with this ``forum.toml``."""
    raw = text if isinstance(text, bytes) else text.encode()
    (folder / "forum.toml").write_bytes(raw)
    environ = {name: str(value) for name, value in options.items()}
    return read_settings(folder, environ=environ)


def errors(reading: Reading) -> list[str]:
    """What keeps the forum from starting."""
    return [str(fault) for fault in reading.faults if not fault.is_warning]


def warnings(reading: Reading) -> list[str]:
    """What the forum runs with all the same."""
    return [str(fault) for fault in reading.warnings]


WHOLE = "must be a whole number, 1 to 64, but is"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('workers = "many"', f'workers {WHOLE} "many".'),
        ("workers = true", f"workers {WHOLE} true."),
        ("workers = 1.5", f"workers {WHOLE} 1.5."),
        ("workers = 65", f"workers {WHOLE} 65."),
        ("workers = 2026-01-01", f"workers {WHOLE} 2026-01-01."),
        ("backups_kept = 0", "backups_kept must be a whole number, 1 or more, but is 0."),
        ("theme = 3", "theme must be a text, but is 3."),
        ("safe_mode = 1", "safe_mode must be true or false, but is 1."),
        ('safe_mode = "maybe"', 'safe_mode must be true or false, but is "maybe".'),
        ("plugins = [1]", 'plugins must be a list such as ["one", "two"], but is [1].'),
        ('smtp_tls = "ssl"', 'smtp_tls must be "starttls", "tls" or "none", but is "ssl".'),
        ("smtp_port = 0", "smtp_port must be a whole number, 1 to 65535, but is 0."),
        ("thread = 3", "Folkmoot has no setting thread. Did you mean threads?"),
        ('colour = "red"', "Folkmoot has no setting colour. Remove it."),
        ('instance = "/x"', "Folkmoot has no setting instance. Remove it."),
        ("mail.host = 3", "Folkmoot has no setting mail. Did you mean "),
        ("[mail]", "settings stand in no section. Remove the line [mail]"),
        ("theme = ", "this cannot be read (Invalid value). Write name = value;"),
        ("= 1", "this cannot be read (Invalid statement, column 1). Write name = value;"),
        ("theme = red", "this cannot be read (Invalid value, column 9). Write name = value;"),
        (b'theme = "\xff"', "this is not UTF-8. Save the file as UTF-8."),
    ],
)
def test_line_that_cannot_be_used_is_named_with_its_mend(
    tmp_path: Path, text: str | bytes, says: str
) -> None:
    raw = text if isinstance(text, bytes) else text.encode()
    [error] = errors(read(tmp_path, b"\n# a remark\n" + raw + b"\n"))
    assert error.startswith(f"{tmp_path}/forum.toml, line 3: {says}")


@pytest.mark.parametrize(
    ("name", "value", "mend"),
    [
        ("bind", "8000", "Write both, with a colon between."),
        ("bind", ":8000", "Write both, with a colon between."),
        ("bind", "localhost:http", "Write both, with a colon between."),
        ("bind", "127.0.0.1:²", "Write both, with a colon between."),
        ("bind", "127.0.0.1:65536", "A port is at most 65535."),
        ("bind", "::1:8000", "Write an IPv6 address in brackets: [::1]:8000"),
        ("bind", "unix:forum.sock", "Write the whole path of the socket."),
        ("public_url", "forum.example.org", "Begin with https://, or with http://"),
        ("public_url", "ftp://forum.example.org", "Begin with https://, or with http://"),
        ("public_url", "https:forum.example.org", "Begin with https://, or with http://"),
        ("public_url", "https://", "The host or the port is not one."),
        ("public_url", "https://forum.example.org:port", "The host or the port is not one."),
        ("public_url", "https://forum.example.org:", "The host or the port is not one."),
        ("public_url", "https://forum.example.org:99999", "The host or the port is not one."),
        ("public_url", "https://-forum.example.org", "The host or the port is not one."),
        ("public_url", "https://1.2.3.256", "The host or the port is not one."),
        ("public_url", "https://forum_example,org", "The host or the port is not one."),
        (
            "public_url",
            "https://example.org/forum",
            "Leave out /forum: the forum stands at the root",
        ),
        ("public_url", "https://ada:x@example.org", "Leave out the user and the password"),
        ("public_url", "https://example.org/?a=1", "Leave out what stands from the ? or # on."),
        ("public_url", "https://example.org?", "Leave out what stands from the ? or # on."),
        ("public_url", "https://example.org/#top", "Leave out what stands from the ? or # on."),
        ("public_url", "https://example.org /", "Take out spaces and signs"),
        ("public_url", "https://example.org\\", "Take out spaces and signs"),
        (
            "public_url",
            "https://töpfer.example",
            "Write the host as browsers send it: xn--tpfer-jua",
        ),
        ("hosts", "https://forum.internal", 'Write "https://forum.internal" as a name alone'),
        ("hosts", "forum.internal:80", 'Write "forum.internal:80" as a name alone'),
        ("hosts", "*.example.org", 'Write "*.example.org" as a name alone'),
        ("trusted_proxies", "nginx", '"nginx" is neither an address nor a network; a name cannot'),
        ("trusted_proxies", "10.0.3.7/24", "Of 10.0.3.7/24, write the network, 10.0.3.0/24, or"),
        ("trusted_proxies", "127.0.0.1, 0.0.0.0/0", "0.0.0.0/0 is a large part of the world"),
        ("trusted_proxies", "::/0", "::/0 is a large part of the world"),
        ("trusted_proxies", "127.0.0.1:80", '"127.0.0.1:80" is neither an address nor a network'),
        ("mail_from", "forum", "Write one address, or: Our forum <forum@example.org>"),
        ("mail_from", "a@example.org, b@example.org", "Write one address, or: Our forum"),
        ("mail_from", "a@example.org\nBcc: b@example.org", "Write one address, or: Our forum"),
        ("backup_hours", "25", 'Write "3", or "3, 15", or "never".'),
    ],
)
def test_value_that_cannot_be_used_is_told_how_to_mend_it(
    tmp_path: Path, name: str, value: str, mend: str
) -> None:
    variable = f"FORUM_{name.upper()}"
    [error] = errors(read(tmp_path, **{variable: value}))
    assert error.startswith(f"{variable}: {name} must be ")
    assert f". {mend}" in error


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bind", "[::1]:8000"),
        ("bind", "localhost:0"),
        ("public_url", "http://localhost:8000"),
        ("public_url", "https://Forum.Example.org/"),
        ("public_url", "https://xn--tpfer-jua.example:8443"),
        ("public_url", "http://[::1]:8000"),
        ("public_url", "https://192.0.2.7"),
        ("hosts", "forum.internal, 10.0.0.7, ::1"),
        ("trusted_proxies", "127.0.0.1, ::1, 10.0.0.0/8, fc00::/7, unix"),
        ("mail_from", "forum@localhost"),
        ("mail_from", "Our forum <forum@example.org>"),
        ("mail_from", '"Potters, all" <forum@example.org>'),
    ],
)
def test_value_that_is_fit_is_taken(tmp_path: Path, name: str, value: str) -> None:
    assert errors(read(tmp_path, **{f"FORUM_{name.upper()}": value})) == []


def test_all_faults_are_named_at_once_in_the_order_of_their_lines(tmp_path: Path) -> None:
    text = (
        "workers = 0\n"
        'theme = "a\n'
        "plugins = [\n"
        '  "one"\n'
        '  "two"\n'
        "]\n"
        'plugin_folders = [\n  "kept",\n]\n'
        "workers = 3\n"
        "threads = 0\n"
    )
    reading = read(tmp_path, text, FORUM_WROKERS="3", FORUM_SMTP_TLS="ssl")
    assert [(fault.place.rpartition("/")[2], fault.line) for fault in reading.faults] == [
        ("forum.toml", 1),
        ("forum.toml", 2),
        ("forum.toml", 3),
        ("forum.toml", 10),
        ("forum.toml", 11),
        ("FORUM_SMTP_TLS", 0),
        ("the environment", 0),
    ]
    assert reading.settings.plugin_folders == ("kept",)
    assert "workers stands in line 1 already" in reading.faults[3].message
    assert reading.faults[-1].message.startswith(
        "Folkmoot has no setting FORUM_WROKERS. Did you mean FORUM_WORKERS?"
    )


def test_values_over_many_lines_and_other_line_ends_are_read(tmp_path: Path) -> None:
    text = '\ufeffplugins = [ # ours\r\n  "one",\r\n  "two",\r\n]\r\nmail_from = """\r\na@b.example"""\r\n'
    reading = read(tmp_path, text)
    assert (errors(reading), reading.settings.plugins) == ([], ("one", "two"))
    assert reading.settings.mail_from == "a@b.example"
    assert reading.origins["mail_from"] == f"{tmp_path}/forum.toml, line 5"


def test_file_that_is_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "forum.toml").mkdir()
    assert errors(read_settings(tmp_path, environ={})) == [
        f"{tmp_path}/forum.toml: cannot be read: Is a directory. Let the forum's user read it."
    ]


SECRET = "tops3cret"


@pytest.mark.parametrize(
    "text",
    [
        f'database = "mysql://ada:{SECRET}@host/name"',
        f'database = ["{SECRET}"]',
        f"smtp_password = '{SECRET}",
        f'smtp_password = ["{SECRET}"]',
    ],
)
def test_fault_never_quotes_a_password(tmp_path: Path, text: str) -> None:
    (tmp_path / "forum.toml").touch(0o600)
    found = errors(read(tmp_path, text))
    assert len(found) == 1
    assert SECRET not in found[0]


@pytest.mark.parametrize(
    "text",
    ['smtp_password = "x"', 'database = "postgresql://ada:secret@host/name"'],
)
def test_file_with_a_password_that_everybody_may_read_is_refused(tmp_path: Path, text: str) -> None:
    read(tmp_path, text)
    path = tmp_path / "forum.toml"
    tmp_path.chmod(0o755)
    path.chmod(0o644)
    [error] = errors(read(tmp_path, text))
    assert error.startswith(f"{path}: it holds a password (")
    assert error.endswith(f"every user of this machine can read it. Type: chmod 600 {path}")
    path.chmod(0o640)
    assert errors(read(tmp_path, text)) == []
    path.chmod(0o644)
    tmp_path.chmod(0o700)
    assert errors(read(tmp_path, text)) == []


def test_file_without_a_password_may_be_read_by_everybody(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    read(tmp_path)
    (tmp_path / "forum.toml").chmod(0o644)
    assert errors(read(tmp_path, 'database = "postgresql://ada@host/name"')) == []


def test_passwords_may_stand_in_files_of_their_own(tmp_path: Path) -> None:
    for name, word in (("mail", "käse: 1\n"), ("data", "p@ss/word")):
        (tmp_path / name).touch(0o600)
        (tmp_path / name).write_text(word)
    text = (
        'smtp_password_file = "mail"\n'
        f'database_password_file = "{tmp_path}/data"\n'
        'database = "postgresql://ada@host/name"\n'
    )
    reading = read(tmp_path, text)
    assert errors(reading) == []
    assert reading.settings.smtp_password == "käse: 1"
    assert reading.settings.database == "postgresql://ada:p%40ss%2Fword@host/name"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('smtp_password_file = "none"', "none: No such file or directory. Let the forum's user"),
        ('smtp_password_file = "."', ": Is a directory. Let the forum's user read it."),
        ('smtp_password_file = "two"', "two must hold the password in one line, and nothing else."),
        ('smtp_password_file = "empty"', "empty must hold the password in one line"),
        ('smtp_password_file = "open"', "every user of this machine can read "),
        (
            'smtp_password_file = "fit"\nsmtp_password = "x"',
            "there is smtp_password, too. Keep one of the two.",
        ),
        ('database_password_file = "fit"', "it is for a database postgresql://user@host/name."),
        (
            'database_password_file = "fit"\ndatabase = "postgresql://ada:x@host/name"',
            "database has a password, too. Keep one of the two.",
        ),
    ],
)
def test_password_file_that_cannot_be_used_is_named(tmp_path: Path, text: str, says: str) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "forum.toml").touch(0o600)
    for name, words in (("two", "one\ntwo\n"), ("empty", ""), ("open", "word"), ("fit", "word")):
        (tmp_path / name).touch(0o644 if name == "open" else 0o600)
        (tmp_path / name).write_text(words)
    [error] = errors(read(tmp_path, text))
    assert error.startswith(f"{tmp_path}/forum.toml, line 1: ")
    assert says in error
    assert "word" not in error.replace("password", "")


HTTPS = 'public_url = "https://forum.example.org"\ntrusted_proxies = ["127.0.0.1"]\n'


@pytest.mark.parametrize(
    ("text", "setting", "words"),
    [
        ('public_url = "http://forum.example.org"', "public_url", "passwords can be read on their"),
        ('bind = "0.0.0.0:80"', "bind", "the forum listens on all addresses, but answers to its"),
        (
            'public_url = "https://forum.example.org"',
            "trusted_proxies",
            "all visitors count as one",
        ),
        ('trusted_proxies = ["127.0.0.1"]', "public_url", "links in letters lead around it."),
        (HTTPS + "secure_cookies = false", "secure_cookies", "cookies would be sent without HTTPS"),
        (HTTPS + 'bind = "unix:/run/f/s"', "trusted_proxies", 'Write "unix".'),
        (HTTPS.replace("127.0.0.1", "127.0.0.1,unix"), "trusted_proxies", '"unix" means nobody'),
        ('smtp_password = "x"', "smtp_password", "it is not used without smtp_user."),
        (
            'smtp_user = "x"\nsmtp_host = "localhost"\nmail_from = "a@b.de"',
            "smtp_user",
            "refuse it",
        ),
        (
            'smtp_user = "x"\nsmtp_password = "x"',
            "smtp_user",
            "no letter is sent without smtp_host",
        ),
        (
            'smtp_host = "mail.example.org"',
            "mail_from",
            "mail servers refuse letters from localhost",
        ),
        (
            'smtp_host = "mail.example.org"\nsmtp_user = "x"\nsmtp_password = "x"\n'
            'smtp_tls = "none"\nmail_from = "a@b.de"',
            "smtp_tls",
            "the password of the mail server can be read on its way.",
        ),
    ],
)
def test_what_does_not_go_together_is_a_warning(
    tmp_path: Path, text: str, setting: str, words: str
) -> None:
    (tmp_path / "forum.toml").touch(0o600)
    reading = read(tmp_path, text.replace('["127.0.0.1,unix"]', '["127.0.0.1", "unix"]'))
    assert errors(reading) == []
    [warning] = warnings(reading)
    assert f": {setting}: " in warning
    assert words in warning
    assert reading.required() == reading.settings


def test_address_around_the_proxy_is_warned_of(tmp_path: Path) -> None:
    text = 'public_url = "https://forum.example.org"\nbind = "0.0.0.0:8000"\n'
    assert [
        words.partition(": ")[2].partition(":")[0] for words in warnings(read(tmp_path, text))
    ] == [
        "bind",
        "trusted_proxies",
    ]
    assert warnings(read(tmp_path, text + 'trusted_proxies = ["172.16.0.0/12"]')) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('bind = "unix:/run/forum/web"', "bind: a socket can only be reached through a proxy."),
        (
            'public_url = "http://forum.example.org"\nsecure_cookies = true',
            "secure_cookies: public_url is http: browsers would keep no cookie",
        ),
    ],
)
def test_what_cannot_work_together_is_an_error(tmp_path: Path, text: str, words: str) -> None:
    [error] = errors(read(tmp_path, text))
    assert words in error


@pytest.mark.parametrize(
    "text",
    [
        "",
        'bind = "[::1]:8000"',
        'public_url = "http://localhost:8000"',
        HTTPS,
        HTTPS + 'bind = "10.0.0.7:8000"',
        HTTPS.replace("127.0.0.1", "unix") + 'bind = "unix:/run/forum/web"',
    ],
)
def test_usual_settings_are_warned_of_nothing(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text).faults == ()


def test_no_warning_is_made_from_a_setting_that_is_unfit_itself(tmp_path: Path) -> None:
    reading = read(tmp_path, 'public_url = "forum.example.org"\ntrusted_proxies = ["127.0.0.1"]')
    assert [type(fault) for fault in reading.faults] == [Fault]
    assert reading.faults[0].line == 1
