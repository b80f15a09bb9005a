"""Which profiles a run reads its exports by."""

from collections.abc import Sequence
from pathlib import Path

from keshev.errors import ProfileError
from store.profiles import Profile, read_profile

YAML = (".yaml", ".yml")


def read_profiles(place: Path | None, exports: Sequence[Path]) -> list[Profile]:
    """Return the profiles of a file or a folder; without one, those beside the exports.

    Beside means: YAML files in an export's folder, in a folder `profiles` there, or in a folder
    `profiles` next to it.

    Raises:
        ProfileError: when there is none, or two have the same name.
    """
    files = _yaml_files(place) if place else _beside(exports)
    if not files:
        where = str(place) if place else f"beside {', '.join(map(str, exports))}"
        raise ProfileError(
            f"{where}: no profile (YAML) found; write a first one with "
            "`keshev profile EXPORT --out profiles/NAME.yaml`"
        )
    profiles = [read_profile(path) for path in files]
    seen: dict[str, Path] = {}
    for path, profile in zip(files, profiles, strict=True):
        if profile.name in seen:
            raise ProfileError(
                f"{path}: the name {profile.name} is {seen[profile.name]}'s already; contacts of "
                "two profiles must not mix: give it another name"
            )
        seen[profile.name] = path
    return profiles


def _yaml_files(place: Path) -> list[Path]:
    if not place.exists():
        raise ProfileError(f"{place}: there is no such profile or folder; check the path")
    if place.is_file():
        return [place]
    return sorted(path for path in place.iterdir() if path.suffix.lower() in YAML)


def _beside(exports: Sequence[Path]) -> list[Path]:
    folders: dict[Path, None] = {}
    for export in exports:
        home = export if export.is_dir() else export.parent
        for folder in (home, home / "profiles", home.resolve().parent / "profiles"):
            folders.setdefault(folder.resolve())
    return [path for folder in folders if folder.is_dir() for path in _yaml_files(folder)]
