"""The golden files of version 1, `tests/golden/v1`, and the script that adds lines to them.

    python3 run.py python tests/golden_snapshot.py

Each holds the values of `golden_values.py` of one record, and must load for ever. Lines are only ever added, behind the last: where a
line that is there would be changed or go, nothing is written. `tests/golden/v1.sha256` lists every line that was ever added, in the
order of time.
"""

import sys
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from golden_values import GOLDEN
from partnerkit.codec import to_line

PLACE = Path(__file__).resolve().parent / "golden" / "v1"
DIGESTS = PLACE.with_suffix(".sha256")


def main() -> None:
    """Add the lines of new values, and their digests to the list."""
    listed = DIGESTS.read_text(encoding="utf-8") if DIGESTS.exists() else ""
    try:
        files = added_to({path.name: path.read_text(encoding="utf-8") for path in PLACE.glob("*.jsonl")}, GOLDEN)
    except ValueError as refused:
        sys.exit(f"error: {refused}; nothing was written.")
    PLACE.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (PLACE / name).write_text(text, encoding="utf-8", newline="\n")
    known = {*listed.splitlines()}
    new = [digest for digest in digests_of(files) if digest not in known]
    DIGESTS.write_text(listed + "".join(f"{digest}\n" for digest in new), encoding="utf-8", newline="\n")


def added_to(files: Mapping[str, str], golden: Mapping[str, Iterable[Any]]) -> dict[str, str]:
    """Give the texts of all files with the lines of new values; a line that would be changed or go raises `ValueError`."""
    made = {f"{name}.jsonl": [to_line(value) for value in values] for name, values in golden.items()}
    for name, text in files.items():
        wanted = made.get(name, [])
        for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
            if wanted[number - 1 : number] != [line]:
                raise ValueError(f"{name}:{number}: would be changed or go, and must stay for ever: add a value behind the last instead")
    return {name: "".join(f"{line}\n" for line in lines) for name, lines in made.items()}


def digests_of(files: Mapping[str, str]) -> list[str]:
    """Give the digest of every line with its place."""
    return [
        f"{sha256(line.encode('utf-8')).hexdigest()}  {name}:{number}"
        for name, text in sorted(files.items())
        for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1)
    ]


if __name__ == "__main__":
    main()
