"""Sets of files, and never half a file: into a new directory all of them or none, over an old one none before all are written.

Floor 11, below cli, whose output it is. May import: the standard library.
"""

import errno
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

_PAGES = (".md", ".html")
_BEFORE_THE_MARK = (b"", b"<!doctype html>\n", b"<!doctype html>\r\n")


def write_new(out: Path, files: Mapping[str, str]) -> None:
    """Write all files or none: into a directory beside the wanted one, which then takes its name in one step."""
    with _scratch_in(out.parent) as scratch:
        whole = scratch / out.name
        whole.mkdir()
        for name, text in files.items():
            write_whole(whole / name, text)
        whole.rename(out)


@contextmanager
def new_file(path: Path, text: str) -> Iterator[None]:
    """Write a file beside its place, which takes its name in one step when the body is done; where something fails, none is left.

    A file that is there by then is not overwritten, `FileExistsError`, but for one that another process makes in that very instant.
    """
    with _scratch_in(path.parent) as scratch:
        whole = scratch / path.name
        write_whole(whole, text)
        yield
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, "Exists already, so nothing was written over it", str(path))
        whole.rename(path)


def write_over(directory: Path, files: Mapping[str, str], mark: str) -> list[str]:
    """Write files into a directory, each in one step over the one that may be there, and none before all are written beside it.

    A crash between two of these steps leaves some files new and some old. Pages that were once among them, as the `mark` they begin
    with shows, and are not any more, are removed, and their names given; those of somebody else stay. Where something that is no
    file stands in the place of one, or a file of somebody else, nothing is written.
    """
    for name in files:
        path = directory / name
        if _is_taken(path):
            raise FileExistsError(errno.EEXIST, "Is no regular file, so no page was written: move it away", str(path))
        if _is_foreign(path, mark):
            raise FileExistsError(errno.EEXIST, "Is no page of an earlier run, so none was written: give another directory", str(path))
    with _scratch_in(directory) as scratch:
        for name, text in files.items():
            write_whole(scratch / name, text)
        for name in files:
            (scratch / name).replace(directory / name)
        superfluous = _superfluous(directory, files, mark)
        for name in superfluous:
            (directory / name).unlink()
    return superfluous


def faults_of(directory: Path, files: Mapping[str, str], mark: str) -> Iterator[tuple[str, str]]:
    """Name the files that are not as they would be written, each with what is wrong."""
    for name, text in files.items():
        path = directory / name
        if _is_taken(path):
            yield name, "is no regular file: move it away"
        elif not path.exists():
            yield name, "is missing"
        elif not _holds(path, text.encode("utf-8")):
            yield name, "is stale"
    for name in _superfluous(directory, files, mark):
        yield name, "is superfluous"


def write_whole(path: Path, text: str) -> None:
    """Write one file, down to the disk."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _is_taken(path: Path) -> bool:
    """Tell whether something stands there that is no file, such as a directory, a pipe, or a link to one or to nothing."""
    return os.path.lexists(path) and not path.is_file()


def _is_foreign(path: Path, mark: str) -> bool:
    """Tell whether a file there says something and does not begin with `mark`, so that it is of somebody else."""
    return path.is_file() and path.stat().st_size > 0 and not _begins_with(path, mark)


def _begins_with(path: Path, mark: str) -> bool:
    begun = tuple(before + mark.encode("utf-8") for before in _BEFORE_THE_MARK)
    return _head_of(path, max(map(len, begun))).startswith(begun)


def _holds(path: Path, text: bytes) -> bool:
    """Tell whether a file holds this text, without reading more of it: somebody else's may be of any size."""
    return _head_of(path, len(text) + 1) == text


def _superfluous(directory: Path, files: Mapping[str, str], mark: str) -> list[str]:
    """Name the pages beside these that begin with `mark`, so that they were once among them."""
    if not directory.is_dir():
        return []
    others = (path for path in directory.iterdir() if path.suffix in _PAGES and path.name not in files and path.is_file())
    return sorted(path.name for path in others if _begins_with(path, mark))


def _head_of(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


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
