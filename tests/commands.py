"""The command run on program directories that a test may spoil; shared by the tests of the command, its report and its books."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from partnerkit import cli
from partnerkit.books import Books
from partnerkit.reading import read_books

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "brightside"
MONTH = "2025-08"
OUTPUTS = {"lines.jsonl", "single_bills.jsonl", "statements.jsonl", "credits.jsonl", "terms.jsonl", "manifest.jsonl"}

Spoil = Callable[[list[str]], int]


def run(*arguments: object, columns: int = 80) -> Result:
    return CliRunner().invoke(cli.main, [str(one) for one in arguments], env={"COLUMNS": str(columns)})


def close(directory: Path, *options: object, columns: int = 80) -> Result:
    return run("close", directory, "--month", MONTH, *options, columns=columns)


def environment(**variables: str) -> dict[str, str]:
    """Give the environment of a process that runs the command from the sources."""
    return {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8", "COLUMNS": "80", **variables}  # noqa: TID251


def started(*arguments: object, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "partnerkit", *map(str, arguments)],
        env=environment(**variables),
        capture_output=True,
        encoding=variables.get("PYTHONIOENCODING", "utf-8"),
        errors="replace",
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )


def bytes_of(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def example_books() -> Books:
    """Read the books of the example."""
    return read_books(
        (EXAMPLE / "program.toml").read_text(encoding="utf-8"),
        lambda name: lines_of(EXAMPLE, name) if (EXAMPLE / name).exists() else None,
    )


def example_rows(name: str) -> list[dict[str, Any]]:
    """Give the records of a file of the example as plain JSON."""
    return [json.loads(line) for line in (EXAMPLE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def everything_below(directory: Path) -> list[str]:
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*"))


def lines_of(directory: Path, name: str) -> list[str]:
    return (directory / name).read_text(encoding="utf-8").split("\n")


def edit(directory: Path, name: str, needle: str, old: str, new: str) -> int:
    """Change the first line of a file that has the needle; gives its number."""
    lines = lines_of(directory, name)
    number = changed(needle, old, new)(lines)
    (directory / name).write_text("\n".join(lines), encoding="utf-8")
    return number


def changed(needle: str, old: str, new: str) -> Spoil:
    def spoil(lines: list[str]) -> int:
        index = next(number for number, line in enumerate(lines) if needle in line)
        assert old in lines[index]
        lines[index] = lines[index].replace(old, new)
        return index + 1

    return spoil


def added(line: str) -> Spoil:
    def spoil(lines: list[str]) -> int:
        while lines and not lines[-1]:
            lines.pop()
        lines.append(line)
        return len(lines)

    return spoil


def inserted_before(needle: str, line: str) -> Spoil:
    def spoil(lines: list[str]) -> int:
        index = next(number for number, known in enumerate(lines) if needle in known)
        lines.insert(index, line)
        return index + 1

    return spoil


def spoiled(directory: Path, name: str, spoil: Spoil) -> int:
    lines = lines_of(directory, name) if (directory / name).exists() else []
    number = spoil(lines)
    (directory / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return number


def append(directory: Path, name: str, line: str) -> int:
    return spoiled(directory, name, added(line))


def record(record: str, **fields: object) -> str:
    return json.dumps({"record": record, "version": 1, **fields})


def event(account: str, kind: str, on: str, **fields: object) -> str:
    return record("event", account=account, kind=kind, on=on, **fields)


def receipt(charge: str, amount: str = "1.00 USD", on: str = "2025-08-31") -> str:
    return record("receipt", id="r-new", charge=charge, amount=amount, received_on=on)


def refund(charge: str, amount: str, on: str = "2025-08-31") -> str:
    return record("refund", id="f-new", charge=charge, amount=amount, refunded_on=on)


def charge(account: str, **fields: object) -> str:
    known = {
        "id": "c-new",
        "account": account,
        "kind": "subscription",
        "item": "lite",
        "reason": "purchase",
        "period": "2025-08-30/2025-09-08",
        "amount": "12.00 USD",
        "charged_on": "2025-08-30",
    }
    return record("charge", **{**known, **fields})
