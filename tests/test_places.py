"""Where shipped folders are looked for."""

from pathlib import Path

import pytest

from screener.places import shipped


def make(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def test_a_wheel_has_the_folder_inside_the_package(tmp_path: Path) -> None:
    inside = make(tmp_path / "screener" / "rules")
    make(tmp_path / "rules")
    assert shipped("rules", package=tmp_path / "screener") == inside


def test_a_checkout_has_the_folder_beside_the_package(tmp_path: Path) -> None:
    make(tmp_path / "screener")
    beside = make(tmp_path / "rules")
    (tmp_path / "pyproject.toml").touch()
    assert shipped("rules", package=tmp_path / "screener") == beside


def test_somebody_elses_folder_in_site_packages_is_not_ours(tmp_path: Path) -> None:
    make(tmp_path / "screener")
    make(tmp_path / "rules")
    with pytest.raises(FileNotFoundError, match="rules"):
        shipped("rules", package=tmp_path / "screener")


def test_a_missing_folder_is_named_with_both_places(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as error:
        shipped("rules", package=tmp_path / "screener")
    assert str(tmp_path / "screener" / "rules") in str(error.value)
    assert str(tmp_path / "rules") in str(error.value)


@pytest.mark.parametrize("name", ["", "..", "../etc", "/etc", "a/b"])
def test_only_plain_names_are_looked_up(name: str) -> None:
    with pytest.raises(ValueError, match="not the name"):
        shipped(name)
