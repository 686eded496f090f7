"""Which plugins there are: found by their manifests alone, so that none of their code runs.

A plugin is a package with a ``plugin.toml``: ``forum_<name>/`` in one of the folders of plugins, or
a package installed with an entry point in the group ``forum.plugins``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

from forum.plugin_host.manifest import FILE, BrokenManifest, Manifest, read_manifest

GROUP = "forum.plugins"
PACKAGE_PREFIX = "forum_"


@dataclass(frozen=True, slots=True)
class Found:
    """A plugin that is there, whether it can be used or not.

    Attributes:
        name: its name, or what would be its name if the manifest could be read.
        place: where it was found, for people.
        folder: its package; ``None`` when that is not to be found.
        manifest: what it says of itself; ``None`` when that is broken.
        fault: why it cannot be used; empty when it can.
        entry: the entry point that names its hooks; ``None`` for one in a folder.
    """

    name: str
    place: str
    folder: Path | None = None
    manifest: Manifest | None = None
    fault: str = ""
    entry: EntryPoint | None = None


def find_plugins(
    folders: Sequence[Path], entries: Sequence[EntryPoint] | None = None
) -> list[Found]:
    """Every plugin there is, by name; one that cannot be used says why.

    Of two with one name the first wins: those in ``folders``, in their order, then installed ones.

    Args:
        entries: entry points to look at; ``None`` for those of the installed packages.
    """
    there = [*_in_folders(folders), *_installed(entries)]
    return sorted(_each_once(there), key=lambda found: (found.name, bool(found.fault)))


def _each_once(there: Sequence[Found]) -> Iterator[Found]:
    folders: set[Path] = set()
    names: dict[str, str] = {}
    for found in there:
        # One that ships with a checkout is installed from there, too.
        if found.folder is not None and found.folder in folders:
            continue
        folders |= {found.folder} if found.folder is not None else set()
        if found.manifest is not None and found.name in names:
            fault = f"another plugin has this name: {names[found.name]}"
            yield Found(found.name, found.place, found.folder, fault=fault)
            continue
        if found.manifest is not None:
            names[found.name] = found.place
        yield found


def _in_folders(folders: Sequence[Path]) -> Iterator[Found]:
    for holder in folders:
        try:
            inside = sorted(path for path in holder.iterdir() if (path / FILE).exists())
        except OSError as error:
            if holder.exists() or holder.is_symlink():
                yield Found(holder.name, str(holder), fault=f"cannot be read: {error.strerror}")
            continue
        yield from (_in_folder(path) for path in inside)


def _in_folder(folder: Path) -> Found:
    name = folder.name.removeprefix(PACKAGE_PREFIX).replace("_", "-")
    try:
        manifest = read_manifest(folder)
    except BrokenManifest as error:
        return Found(name, str(folder), folder.resolve(), fault=str(error))
    package = PACKAGE_PREFIX + manifest.name.replace("-", "_")
    fault = "" if folder.name == package else f"its folder must be called {package}"
    return Found(manifest.name, str(folder), folder.resolve(), manifest, fault)


def _installed(entries: Sequence[EntryPoint] | None) -> Iterator[Found]:
    found = entry_points(group=GROUP) if entries is None else entries
    yield from (_named_by(entry) for entry in sorted(found, key=lambda entry: entry.name))


def _named_by(entry: EntryPoint) -> Found:
    place = f"entry point {entry.name} = {entry.value}"
    folder: Path | None = None
    try:
        folder = _package_of(entry)
        manifest = read_manifest(folder)
        if manifest.name != entry.name:
            raise BrokenManifest(f"its entry point must be called {manifest.name}")
    except BrokenManifest as error:
        return Found(entry.name, place, folder, fault=str(error))
    return Found(manifest.name, place, folder, manifest, entry=entry)


def _package_of(entry: EntryPoint) -> Path:
    if entry.pattern.match(entry.value) is None:
        raise BrokenManifest("its entry point names no module")
    package = entry.module.split(".")[0]
    try:
        # Only ever the top: looking for a module inside of a package would import the package.
        spec = find_spec(package)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        raise BrokenManifest(f"its package {package} is not installed")
    places = [Path(place).resolve() for place in spec.submodule_search_locations or ()]
    with_manifest = next((place for place in places if (place / FILE).is_file()), None)
    if with_manifest is None:
        raise BrokenManifest(f"there is no {FILE} in its package {package}")
    return with_manifest
