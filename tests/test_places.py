"""Shipped folders are found in a checkout and in an installed package."""

from __future__ import annotations

from pathlib import Path

from forum.places import instance_example_folder, migrations_folder, shipped_folder, themes_folder

ROOT = Path(__file__).resolve().parents[1]


def test_a_checkout_has_them_beside_the_package() -> None:
    found = [themes_folder(), migrations_folder(), instance_example_folder()]

    assert found == [ROOT / "themes", ROOT / "migrations", ROOT / "instance.example"]


def test_an_installed_package_has_them_inside_whatever_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "themes").mkdir()

    assert shipped_folder("themes", tmp_path / "forum") == tmp_path / "forum" / "themes"


def test_a_checkout_wins_over_the_copies_of_an_editable_install(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "forum" / "themes").mkdir(parents=True)

    assert shipped_folder("themes", tmp_path / "forum") == tmp_path / "themes"
