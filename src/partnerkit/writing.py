"""Sets of files, and never half a file: into a new directory all of them or none, over an old one none before all are written.

Floor 11, below cli, whose output it is. May import: the standard library.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

_HEAD = 200


def write_new(out: Path, files: Mapping[str, str]) -> None:
    """Write all files or none: into a directory beside the wanted one, which then takes its name in one step."""
    with _scratch_in(out.parent) as scratch:
        whole = scratch / out.name
        whole.mkdir()
        for name, text in files.items():
            write_whole(whole / name, text)
        whole.rename(out)


def write_over(directory: Path, files: Mapping[str, str], mark: str) -> None:
    """Write files into a directory, each in one step over the one that may be there, and none before all are written beside it.

    A crash between two of these steps leaves some files new and some old. Files that were once among them, as `mark` in their head
    shows, and are not any more, are removed; those of somebody else stay.
    """
    with _scratch_in(directory) as scratch:
        for name, text in files.items():
            write_whole(scratch / name, text)
        for name in files:
            (scratch / name).replace(directory / name)
        for name in _superfluous(directory, files, mark):
            (directory / name).unlink()


def faults_of(directory: Path, files: Mapping[str, str], mark: str) -> Iterator[tuple[str, str]]:
    """Name the files that are not as they would be written, each with what is wrong."""
    for name, text in files.items():
        path = directory / name
        if not os.path.lexists(path):
            yield name, "is missing"
        elif path.read_bytes() != text.encode("utf-8"):
            yield name, "is stale"
    for name in _superfluous(directory, files, mark):
        yield name, "is superfluous"


def write_whole(path: Path, text: str) -> None:
    """Write one file, down to the disk."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _superfluous(directory: Path, files: Mapping[str, str], mark: str) -> list[str]:
    """Name the files beside these that say with `mark`, in their first lines, that they were once among them."""
    if not directory.is_dir():
        return []
    others = (path for path in directory.iterdir() if path.name not in files and path.is_file())
    return sorted(path.name for path in others if mark.encode("utf-8") in _head_of(path))


def _head_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)


@contextmanager
def _scratch_in(place: Path) -> Iterator[Path]:
    """Give a directory for what is not finished, inside a place; what was made on the way there goes when something fails."""
    made = [one for one in (place, *place.parents) if not one.exists()]
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".partnerkit-", dir=place, ignore_cleanup_errors=True) as scratch:
            yield Path(scratch)
    except BaseException:
        for one in made:
            with suppress(OSError):
                one.rmdir()
        raise
