"""``forum export`` of a part or as pages, and ``forum export verify``."""

from __future__ import annotations

import io
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from stat import S_IMODE
from zipfile import ZipFile

import pytest
from flask import Flask

from forum.testing.factories import Factories
from tests.admin.excerpts import files_in
from tests.admin.full_forum import FullForum
from tests.admin.test_archive_commands import forum
from tests.admin.test_archive_commands import here as here  # a fixture

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SEAL = re.compile(r"SHA-256 of its list of hashes: ([0-9a-f]{64})\n")
Make = Callable[[str], Path]


@pytest.fixture
def with_picture(here: Path, app: Flask) -> Path:
    """An instance with a thread of two posts, one of which shows a picture."""
    factories = Factories(app)
    factories.community()
    FullForum(app).fill_with_picture()
    return here


@pytest.fixture
def made(with_picture: Path, tmp_path: Path) -> Make:
    """Call it with a kind for an export of it."""
    kinds = {
        "archive": ("made.zip",),
        "excerpt": ("made.zip", "--since", "2026-01-01"),
        "zipped": ("made.zip", "--html"),
        "folder": ("made", "--html"),
    }

    def make(kind: str) -> Path:
        name, *options = kinds[kind]
        assert forum(with_picture, "export", tmp_path / name, *options)[0] == 0
        return tmp_path / name

    return make


def test_excerpt_says_what_it_has_and_how_to_know_it_again(
    with_picture: Path, tmp_path: Path
) -> None:
    file = tmp_path / "part.zip"
    status, said = forum(with_picture, "export", file, "--category", "glazes")
    seal = SEAL.search(said)
    assert status == 0
    assert seal is not None
    assert said.startswith(f"{file} has 1 category, 1 thread, 2 posts, 1 member and 1 picture.\n")
    assert S_IMODE(file.stat().st_mode) == 0o600
    assert forum(with_picture, "export", "verify", file) == (
        0,
        f"{file} is whole: 13 files are as they were written.\n{seal[0]}",
    )
    assert forum(with_picture, "export", file, "--category", "glazes")[1] == (
        f"Error: {file} is there already. Give another name, or --force.\n"
    )
    assert forum(with_picture, "export", file, "--category", "glazes", "--force")[0] == 0


def test_pages_can_be_checked_without_us(made: Make) -> None:
    folder = made("folder")
    check = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    assert subprocess.run(check, cwd=folder, capture_output=True).returncode == 0
    with (folder / "t" / "1.html").open("ab") as page:
        page.write(b" ")
    assert subprocess.run(check, cwd=folder, capture_output=True).returncode == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--category", "nowhere"), "There is no category 'nowhere'. There are: glazes."),
        (("--since", "31.1.2026"), "'31.1.2026' is not a day such as 2026-01-31."),
        (("--since", "2026-02-30"), "'2026-02-30' is not a day such as 2026-01-31."),
        (("--since", "2026-02-02", "--until", "2026-02-01"), "Turn the two around."),
        (("--until", "1999-01-01"), "No post is of this time and these categories."),
        (("--with-removed",), "A whole archive has removed posts and addresses."),
        (("--html", "--with-addresses"), "Leave the addresses out."),
    ],
)
def test_what_cannot_be_exported_is_said(
    options: tuple[str, ...], words: str, with_picture: Path, tmp_path: Path
) -> None:
    status, said = forum(with_picture, "export", tmp_path / "out", *options)
    assert status != 0
    assert words in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", ["archive", "excerpt", "zipped", "folder"])
def test_flipped_missing_and_added_files_are_named(kind: str, made: Make, here: Path) -> None:
    path = made(kind)
    files = files_in(path)
    assert forum(here, "export", "verify", path)[0] == 0
    for name in set(files) - {"SHA256SUMS", "manifest.json"}:
        flipped = bytes([(files[name] or b"\0")[0] ^ 1]) + files[name][1:]
        status, said = verified(here, path, {**files, name: flipped})
        assert (status, said.splitlines()[0]) == (1, f"changed: {name}")
    if kind != "archive":
        some = next(name for name in files if name not in ("SHA256SUMS", "manifest.json"))
        less = {name: content for name, content in files.items() if name != some}
        assert f"missing: {some}\n" in verified(here, path, less)[1]
        assert "added: t/new.html\n" in verified(here, path, {**files, "t/new.html": b"x"})[1]
        assert (
            "changed: manifest.json\n" in verified(here, path, {**files, "manifest.json": b""})[1]
        )
    assert verified(here, path, files)[0] == 0


def verified(here: Path, path: Path, files: dict[str, bytes]) -> tuple[int, str]:
    """Write these files where the export was, and check it."""
    if path.is_dir():
        for old in [each for each in path.rglob("*") if each.is_file()]:
            old.unlink()
        for name, content in files.items():
            (path / name).write_bytes(content)
    else:
        with ZipFile(path, "w") as new:
            for name, content in files.items():
                new.writestr(name, content)
    return forum(here, "export", "verify", path)


def test_flipped_bit_anywhere_in_what_was_written_is_found(made: Make, here: Path) -> None:
    path = made("excerpt")
    whole = path.read_bytes()
    with ZipFile(io.BytesIO(whole)) as opened:
        starts = [entry.header_offset + 30 + len(entry.filename) for entry in opened.infolist()]
        sizes = [entry.file_size for entry in opened.infolist()]
    spots = [start + size // 2 for start, size in zip(starts, sizes, strict=True) if size > 40]
    assert len(spots) > 5
    for spot in spots:
        path.write_bytes(whole[:spot] + bytes([whole[spot] ^ 0x10]) + whole[spot + 1 :])
        assert forum(here, "export", "verify", path)[0] == 1, spot


def test_what_is_no_export_is_said(made: Make, here: Path, tmp_path: Path) -> None:
    folder, plain = made("folder"), tmp_path / "plain"
    plain.write_bytes(b"PK\x03\x04 or so")
    (tmp_path / "empty").mkdir()
    said = [
        forum(here, "export", "verify", path)[1]
        for path in (plain, tmp_path / "empty", tmp_path / "nowhere")
    ]
    assert ["cannot be checked" in word or "There is no file" in word for word in said] == [
        True
    ] * 3
    (folder / "SHA256SUMS").write_bytes(b"\xff\x00 rubbish\n")
    assert "Its SHA256SUMS is damaged." in forum(here, "export", "verify", folder)[1]


def test_links_and_paths_to_elsewhere_are_not_followed(made: Make, here: Path) -> None:
    folder = made("folder")
    sums = folder / "SHA256SUMS"
    outside = folder.parent / "outside"
    outside.write_bytes(b"secret")
    (folder / "style.css").unlink()
    (folder / "style.css").symlink_to(outside)
    sums.write_text(sums.read_text() + "0" * 64 + "  ../outside\n")
    status, said = forum(here, "export", "verify", folder)
    assert (status, said.splitlines()[:2]) == (1, ["changed: style.css", "missing: ../outside"])


@pytest.mark.full
@pytest.mark.parametrize("kind", ["made.zip", "made"])
def test_full_disk_leaves_nothing(kind: str, with_picture: Path, tmp_path: Path) -> None:
    """The system refuses to let any file grow beyond a limit, as a full disk does."""

    def limit_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))

    done = subprocess.run(
        [sys.executable, "-c", "from forum.cli import main; main()", "--instance",
         str(with_picture), "export", str(tmp_path / kind), "--html"],
        capture_output=True, text=True, preexec_fn=limit_files, env=dict(os.environ),
    )  # fmt: skip
    assert done.returncode == 1
    assert f"{tmp_path / kind} cannot be written: File too large." in done.stderr
    left = {path.name for path in tmp_path.iterdir() if not path.name.startswith("forum.sqlite3")}
    assert left == {"instance"}
