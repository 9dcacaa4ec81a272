"""The generator of program directories: what it writes is sound, of the size that was asked for, skewed, and the same bytes every time."""

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from partnerkit.events import EventKind
from partnerkit.row_reading import Form, charge_rows, receipt_rows, refund_rows

GENERATOR = Path(__file__).resolve().parents[1] / "benchmarks" / "generate.py"
SMALL = ("--charges", "900", "--accounts", "120", "--partners", "9", "--months", "5")
NEVER = {"withdraw_request", "end_management", "expire_trial", "hold", "reactivate", "leave_program"}
READERS = {"charges": charge_rows, "receipts": receipt_rows, "refunds": refund_rows}


def generated(place: Path, *arguments: str, hash_seed: str = "0") -> Path:
    """Write a program directory in a Python of its own."""
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}  # noqa: TID251  (a Python of its own starts with ours)
    subprocess.run([sys.executable, GENERATOR, place, *arguments], check=True, env=environment)
    return place


def run(*arguments: Any) -> str:
    ran = subprocess.run([sys.executable, "-m", "partnerkit", *arguments], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def digests(directory: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(directory.iterdir())}


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generated(tmp_path_factory.mktemp("generated") / "small", *SMALL, "--visits", "300", "--largest", "33")


class TestWhatIsWritten:
    """A directory that partnerkit finds nothing wrong with, in which whatever happens to accounts has happened."""

    @pytest.mark.parametrize(
        "asked",
        [
            ("--seed", "1", "--visits", "50", "--charges", "400", "--accounts", "60"),
            ("--charges", "90", "--accounts", "3", "--months", "1", "--partners", "2"),
            ("--charges", "40", "--accounts", "90", "--months", "14", "--partners", "2", "--largest", "100"),
        ],
    )
    def test_check_finds_nothing_wrong_in_any_size(self, tmp_path: Path, asked: tuple[str, ...]) -> None:
        assert "nothing is wrong" in run("check", generated(tmp_path / "any", *asked))

    def test_check_finds_nothing_wrong_and_close_closes(self, small: Path) -> None:
        assert "nothing is wrong" in run("check", small)
        run("close", small, "--month", "2025-05")

    def test_it_has_as_many_as_were_asked_for(self, small: Path) -> None:
        counts = {name: len(records(small / f"{name}.jsonl")) for name in ("charges", "accounts", "partners")}
        assert counts == {"charges": 900, "accounts": 120, "partners": 9}

    def test_charges_stand_by_account_in_order_of_day(self, small: Path) -> None:
        charges = records(small / "charges.jsonl")
        accounts = [charge["account"] for charge in charges]
        assert accounts == sorted(accounts, key=lambda account: int(account[2:]))
        assert charges == sorted(charges, key=lambda charge: (int(charge["account"][2:]), charge["charged_on"]))

    def test_openings_and_visits_are_in_order_of_time(self, small: Path) -> None:
        for name in ("openings", "visits"):
            instants = [record["at"] for record in records(small / f"{name}.jsonl")]
            assert instants == sorted(instants)
            assert instants

    def test_whatever_can_happen_has_happened(self, tmp_path: Path) -> None:
        place = generated(tmp_path / "more", "--charges", "6000", "--accounts", "700", "--partners", "20")
        happened = Counter(event["kind"] for event in records(place / "events.jsonl"))
        assert happened.keys() == {kind.value for kind in EventKind} - NEVER
        charges = records(place / "charges.jsonl")
        assert {charge["kind"] for charge in charges} == {"subscription", "add_on", "overage", "suspension_fee", "tax"}
        assert {charge["reason"] for charge in charges} == {"start", "renewal", "resumption", "suspension", "purchase"}
        assert {charge["amount"][-3:] for charge in charges} == {"USD", "EUR", "JPY"}
        assert any("prepaid" in charge for charge in charges)
        assert any(charge["amount"].startswith(("0 ", "0.00 ")) for charge in charges)
        paid = Counter(receipt["charge"] for receipt in records(place / "receipts.jsonl"))
        assert {*paid.values()} == {1, 2}
        assert {entry["kind"] for entry in records(place / "entries.jsonl")} == {"incentive", "adjustment"}

    def test_few_partners_have_most_accounts(self, tmp_path: Path) -> None:
        for largest, least, most in (("0", 0.1, 0.3), ("33", 0.4, 0.6)):
            place = generated(tmp_path / largest, "--charges", "1500", "--accounts", "1500", "--partners", "50", "--largest", largest)
            firsts = [event.get("partner") for event in records(place / "events.jsonl") if event["kind"] in {"referred", "managed"}]
            assert least < firsts.count("p-0") / len(firsts) < most
            assert firsts.count("p-0") > firsts.count("p-5") > firsts.count("p-49")


class TestTheSameBytes:
    """Nothing of a machine or a run gets in: the arguments alone say what is written."""

    def test_another_run_writes_them_again(self, small: Path, tmp_path: Path) -> None:
        again = generated(tmp_path / "again", *SMALL, "--visits", "300", "--largest", "33", hash_seed="4711")
        assert digests(again) == digests(small)

    def test_another_seed_writes_others(self, small: Path, tmp_path: Path) -> None:
        other = digests(generated(tmp_path / "other", *SMALL, "--visits", "300", "--largest", "33", "--seed", "8"))
        assert {name for name, print_ in digests(small).items() if other[name] == print_} == {"partners.jsonl", "program.toml"}

    def test_they_are_the_same_on_every_machine(self, small: Path) -> None:
        whole = hashlib.sha256("".join(digests(small).values()).encode()).hexdigest()
        assert whole == "e273271d60535ba7be922da5f058d6f7e5e0f58a9c5399d43592c0c62006fbe5"

    def test_parts_are_the_whole_in_pieces(self, small: Path, tmp_path: Path) -> None:
        parts = generated(tmp_path / "parts", *SMALL, "--visits", "300", "--largest", "33", "--parts", "3")
        for name in READERS:
            texts = [(parts / f"{name}-{part:03}.jsonl").read_bytes() for part in range(3)]
            assert all(texts)
            assert b"".join(texts) == (small / f"{name}.jsonl").read_bytes()
        assert (parts / "events.jsonl").read_bytes() == (small / "events.jsonl").read_bytes()


class TestForms:
    """CSV and Parquet hold the rows of the JSON Lines."""

    @pytest.mark.parametrize("name", READERS)
    def test_csv(self, small: Path, tmp_path: Path, name: str) -> None:
        other = generated(tmp_path / "csv", *SMALL, "--visits", "300", "--largest", "33", "--form", "csv") / f"{name}.csv"
        with other.open(encoding="utf-8", newline="") as lines, (small / f"{name}.jsonl").open(encoding="utf-8") as expected:
            rows = [*READERS[name](lines, other.name, Form.CSV)]
            assert rows == [*READERS[name](expected, "", Form.JSON_LINES)]

    @pytest.mark.parametrize("name", READERS)
    def test_parquet(self, small: Path, tmp_path: Path, name: str) -> None:
        parquet = pytest.importorskip("pyarrow.parquet")
        other = generated(tmp_path / "parquet", *SMALL, "--visits", "300", "--largest", "33", "--form", "parquet") / f"{name}.parquet"
        rows = [tuple(row.values()) for row in parquet.read_table(other).to_pylist()]
        with (small / f"{name}.jsonl").open(encoding="utf-8") as expected:
            assert rows == [*READERS[name](expected, "", Form.JSON_LINES)]
