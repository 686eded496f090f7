"""Archives that are broken or hostile from outside: each is refused with its reason, nothing is written."""

from __future__ import annotations

import io
import json
import stat
import struct
import zipfile
from collections.abc import Callable
from random import Random
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest

from forum.admin import archive_container
from forum.admin.archive_container import ArchiveReader
from forum.admin.archive_format import FILES
from forum.errors import Invalid
from forum.testing.pace import cpu_seconds
from tests.admin.archives import changed, with_bytes
from tests.admin.small_archive import PICTURE, PNG, small_archive

ARCHIVE = small_archive()


def looked_at(archive: bytes) -> dict[str, list[bytes]]:
    """All that can be read of it."""
    reader = ArchiveReader(io.BytesIO(archive))
    reader.check_hashes()
    found = {file.name: list(reader.lines(file)) for file in FILES}
    return found | {name: [reader.picture(name, most=10**6)] for name in reader.pictures}


def refusal(archive: bytes) -> str:
    """Why it is refused."""
    with pytest.raises(Invalid) as refused:
        looked_at(archive)
    assert refused.value.message.startswith("Nothing was imported: ")
    assert refused.value.message.isprintable()
    return refused.value.message.removeprefix("Nothing was imported: ")


def repacked(
    change: Callable[[ZipFile], object] = lambda _: None,
    *,
    leave_out: tuple[str, ...] = (),
    manifest: Callable[[dict[str, object]], object] = lambda _: None,
) -> bytes:
    """The archive as another program may write it."""
    target = io.BytesIO()
    with ZipFile(io.BytesIO(ARCHIVE)) as source, ZipFile(target, "w") as new:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "manifest.json":
                facts = json.loads(content)
                manifest(facts)
                content = json.dumps(facts).encode()
            if entry.filename not in leave_out:
                new.writestr(entry.filename, content)
        change(new)
    return target.getvalue()


def test_archive_packed_again_by_another_program_can_be_read() -> None:
    assert looked_at(repacked()) == looked_at(ARCHIVE)


@pytest.mark.parametrize("content", [b"", b"PK", b"Potters", b"\x1f\x8b" + bytes(40), bytes(5000)])
def test_what_is_not_a_zip_file(content: bytes) -> None:
    assert refusal(content).startswith("it is not a ZIP file.")


def test_archive_cut_off_anywhere() -> None:
    for length in range(4, len(ARCHIVE), 7):
        assert refusal(ARCHIVE[:length])


def test_something_behind_the_end() -> None:
    assert refusal(ARCHIVE + b"\n").startswith("its end is missing, or something was added to it.")


def test_any_flipped_bit_is_noticed_or_changes_nothing() -> None:
    random, whole = Random(3), looked_at(ARCHIVE)
    refused = 0
    for place in random.sample(range(len(ARCHIVE)), 1500):
        flipped = bytearray(ARCHIVE)
        flipped[place] ^= 1 << random.randrange(8)
        try:
            assert looked_at(bytes(flipped)) == whole, place
        except Invalid:
            refused += 1
    # The rest are times, rights and versions in the ZIP file's own lists.
    assert refused > 1200


def test_flipped_bit_in_a_file() -> None:
    place = ARCHIVE.index(b"Crackle")
    flipped = ARCHIVE[:place] + b"G" + ARCHIVE[place + 1 :]
    assert refusal(flipped).startswith("threads.jsonl cannot be read (Bad CRC-32 for file")


def test_file_that_does_not_fit_its_hash() -> None:
    # The checksum of the ZIP file fits; only the manifest tells.
    with ZipFile(io.BytesIO(ARCHIVE)) as opened:
        lines = opened.read("groups.jsonl")
    other = repacked(
        lambda new: new.writestr("groups.jsonl", lines.replace(b"Masters", b"Slaters")),
        leave_out=("groups.jsonl",),
    )
    assert refusal(other).startswith("groups.jsonl was changed or damaged: its hash is not in")


@pytest.mark.parametrize("name", ["manifest.json", "posts.jsonl", PICTURE])
def test_missing_entry(name: str) -> None:
    reasons = {
        "manifest.json": "it has no manifest.json, so it is not an archive of a forum.",
        "posts.jsonl": "posts.jsonl is not in it.",
        PICTURE: "it has more or fewer pictures than its manifest says.",
    }
    assert refusal(repacked(leave_out=(name,))).startswith(reasons[name])


MANIFESTS: dict[str, tuple[Callable[[dict[str, object]], object], str]] = {
    "other format": (lambda m: m.update(format="backup"), "does not say folkmoot-archive"),
    "no format": (lambda m: m.pop("format"), "does not say folkmoot-archive"),
    "no version": (lambda m: m.pop("version"), "does not say which version"),
    "version is a text": (lambda m: m.update(version="1"), "does not say which version"),
    "version is true": (lambda m: m.update(version=True), "does not say which version"),
    "version 0": (lambda m: m.update(version=0), "does not say which version"),
    "no files": (lambda m: m.pop("files"), "does not list the files"),
    "files are a list": (lambda m: m.update(files=[]), "does not list the files"),
    "unknown field": (lambda m: m.update(extra=1), "does not list the files"),
    "negative count": (lambda m: m.update(pictures=-1), "does not list the files"),
    "software turns text around": (
        lambda m: m.update(software="\u202ex"),
        "does not list the files",
    ),
    "too many pictures": (lambda m: m.update(pictures=2), "more or fewer pictures"),
}


@pytest.mark.parametrize(("change", "reason"), MANIFESTS.values(), ids=MANIFESTS)
def test_manifest_that_cannot_be(
    change: Callable[[dict[str, object]], object], reason: str
) -> None:
    assert reason in refusal(repacked(manifest=change))


def test_newer_version_says_to_upgrade() -> None:
    def newer(manifest: dict[str, object]) -> None:
        manifest.update(version=2, files={}, ballots=7)

    assert refusal(repacked(manifest=newer)) == (
        "it has version 2 of the format; this forum reads up to 1. "
        "Upgrade Folkmoot here, then import again."
    )


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff", b"[" * 60_000, b"9" * 60_000, b"[1]", b"null"],
    ids=["empty", "cut", "not UTF-8", "deep", "long number", "list", "null"],
)
def test_manifest_that_is_no_object(content: bytes) -> None:
    other = repacked(
        lambda new: new.writestr("manifest.json", content), leave_out=("manifest.json",)
    )
    assert "manifest.json" in refusal(other)


def test_huge_manifest_is_not_read() -> None:
    content = b" " * (archive_container.LARGEST_MANIFEST + 1)
    other = repacked(
        lambda new: new.writestr("manifest.json", content), leave_out=("manifest.json",)
    )
    assert refusal(other).startswith("it has no manifest.json")


HOSTILE_NAMES = [
    "../posts.jsonl", "/etc/passwd", "C:\\forum.toml", "C:posts.jsonl", "files\\..\\..\\x",
    "files/../secret", "./posts.jsonl", "posts.jsonl/", "Posts.jsonl", "POSTS.JSONL", "NUL", "con",
    "aux.jsonl", "posts.jsonl:stream", "posts.jsonl ", "posts.jsonl.", "extra.jsonl", "",
    "forum.sqlite3", f"files/{'A' * 64}.png", f"files/{'a' * 64}.svg", f"files/{'a' * 63}.png",
    f"files//{'a' * 64}.png", "\u202egnp.x", "\x1b[31mred", "files/", "p" * 60_000,
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=[ascii(name)[:30] for name in HOSTILE_NAMES])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_hostile_name(name: str) -> None:
    assert ", which no archive has." in refusal(
        repacked(lambda new: new.writestr(ZipInfo(name), b"x"))
    )


def test_name_that_ends_at_a_nul() -> None:
    name = b"posts.jsonl"
    other = repacked(lambda new: new.writestr("posts.jsonl_x.sh", b"x"), leave_out=("posts.jsonl",))
    assert ", which no archive has." in refusal(other.replace(name + b"_", name + b"\0"))


@pytest.mark.parametrize(
    "kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK]
)
def test_links_folders_and_devices(kind: int) -> None:
    def add(new: ZipFile) -> None:
        entry = ZipInfo("groups.jsonl")
        entry.create_system, entry.external_attr = 3, (kind | 0o777) << 16
        new.writestr(entry, "/etc/passwd")

    assert refusal(repacked(add, leave_out=("groups.jsonl",))).startswith(
        "groups.jsonl is a link or a folder instead of a file."
    )


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_same_name_twice() -> None:
    other = repacked(lambda new: new.writestr("groups.jsonl", b""))
    assert refusal(other).startswith("groups.jsonl is in it twice.")


def test_encrypted_entry() -> None:
    other = bytearray(repacked())
    place = other.index(b"PK\x01\x02")
    other[place + 8] |= 1
    assert refusal(bytes(other)).startswith("community.jsonl is encrypted.")


@pytest.mark.parametrize("method", [ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compressed_entry_is_refused_before_it_can_grow(method: int) -> None:
    def bomb(new: ZipFile) -> None:
        new.writestr("groups.jsonl", bytes(50_000_000), compress_type=method)

    other = repacked(bomb, leave_out=("groups.jsonl",))
    assert len(other) < 200_000
    assert refusal(other) == (
        "groups.jsonl is compressed. Archives hold their files as they are. "
        "Pack them again without compression."
    )


def test_size_that_is_only_claimed() -> None:
    other = bytearray(repacked())
    place = other.index(b"PK\x01\x02")
    struct.pack_into("<I", other, place + 24, 2**31)
    assert refusal(bytes(other)).startswith("community.jsonl does not have the size")


def test_entries_that_share_their_bytes() -> None:
    other = bytearray(repacked())
    first = other.index(b"PK\x01\x02")
    second = other.index(b"PK\x01\x02", first + 4)
    for size in (20, 24):
        struct.pack_into("<I", other, second + size, len(other) - 200)
    assert refusal(bytes(other)).startswith("two of its entries share the same bytes.")


MILLION = b"PK\x01\x02" + bytes(42)


def with_a_million_entries(*, is_64: bool) -> bytes:
    """The archive with a list that makes a library use gigabytes; the size in either kind of end."""
    many, start = MILLION * 1_000_000, len(ARCHIVE) - 22
    larger = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(many), start)
    larger += struct.pack("<4sIQI", b"PK\6\7", 0, start + len(many), 1)
    size = 100 if is_64 else len(many)
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, size, start, 0)
    return ARCHIVE[:start] + many + (larger if is_64 else b"") + end


@pytest.mark.parametrize("is_64", [False, True])
def test_list_of_a_million_entries_is_not_made(is_64: bool) -> None:
    other = with_a_million_entries(is_64=is_64)

    def refuse() -> None:
        assert refusal(other).startswith("it has more than 200000 entries.")

    assert cpu_seconds(refuse, enough=0.5) < 0.5


def test_larger_end_that_lies_elsewhere() -> None:
    other = with_a_million_entries(is_64=True)
    place = other.rindex(b"PK\6\7")
    moved = other[: place + 8] + struct.pack("<Q", 77) + other[place + 16 :]
    assert refusal(moved).startswith("its end is damaged.")


def test_archive_with_the_larger_end_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 3)
    larger = small_archive()
    assert larger[-42:-38] == b"PK\6\7"
    assert looked_at(larger) == looked_at(ARCHIVE)


def test_end_that_leads_into_nothing() -> None:
    for large in (b"\xff\xff\xff\xff" * 2, b"\xff\xff\xff\x7f" * 2, b"\0\0\0\0" * 2):
        other = ARCHIVE[:-10] + large + b"\0\0"
        assert refusal(other)


def test_picture_that_is_too_large_is_not_read() -> None:
    reader = ArchiveReader(io.BytesIO(ARCHIVE))
    with pytest.raises(Invalid, match=r"has more than 10 bytes"):
        reader.picture(PICTURE, most=10)
    assert reader.picture(PICTURE, most=len(PNG)) == PNG


def test_endless_line_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_container, "LONGEST_LINE", 1000)
    monkeypatch.setattr(archive_container, "CHUNK", 100)
    for content, line in ((b"x" * 5000, 1), (b"{}\n" + b"x" * 1001 + b"\n", 2)):
        other = with_bytes(ARCHIVE, "groups.jsonl", content, lines=1)
        assert refusal(other).startswith(f"groups.jsonl, line {line}: it has more than 1000 bytes.")


def test_last_line_without_its_end() -> None:
    other = with_bytes(ARCHIVE, "groups.jsonl", b"{}\n{}", lines=2)
    assert refusal(other).startswith("groups.jsonl: its last line does not end.")


def test_changed_lines_with_fitting_hashes_are_for_the_import_to_judge() -> None:
    other = changed(ARCHIVE, lambda lines: lines["groups"].clear())
    assert looked_at(other)["groups"] == []


def test_zip_stores_what_it_has() -> None:
    with ZipFile(io.BytesIO(ARCHIVE)) as opened:
        assert {e.compress_type for e in opened.infolist()} == {ZIP_STORED}
        assert {e.date_time for e in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
