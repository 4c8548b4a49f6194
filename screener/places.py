"""Where the folders that ship with the package are: `rules` and `templates`."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped(name: str, *, package: Path = _PACKAGE) -> Path:
    """Return the folder `name`: inside the package (a wheel) or beside it (a checkout).

    `package` is for tests. Raise ValueError for anything but a plain name, and
    FileNotFoundError with the places that were searched.
    """
    if not name.isidentifier():
        raise ValueError(f"not the name of a shipped folder: {name!r}")
    # The location of this file decides, not importlib.resources: in a checkout `screener.rules`
    # is not a package, and an editable install leaves a stale copy in site-packages.
    inside = package / name
    if inside.is_dir():
        return inside
    # Beside an installed package is site-packages, where `rules` would belong to another package.
    beside = package.parent / name
    if (package.parent / "pyproject.toml").is_file() and beside.is_dir():
        return beside
    raise FileNotFoundError(f"the folder {name!r} is neither at {inside} nor at {beside}")
