"""What a close writes: whole or not at all, and the same bytes wherever and whenever it is made."""

import hashlib
import json
import os
import re
import shutil
from pathlib import Path

import pytest

from commands import (
    EXAMPLE,
    MONTH,
    OUTPUTS,
    ROOT,
    append,
    bytes_of,
    close,
    edit,
    everything_below,
    example_books,
    lines_of,
    record,
    run,
    started,
)
from partnerkit import writing
from partnerkit.codec import from_line
from partnerkit.fingerprints import fingerprint
from partnerkit.periods import Month
from partnerkit.policies import POLICIES
from partnerkit.terms import Terms

RESTS_ON = ("terms", "prices", "policies", "whole_program", "records")
"""What the basis of a close is made of, as the manifest names it."""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Give a copy of the example that a test may spoil."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "program"))


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give what the example's August writes."""
    place = tmp_path_factory.mktemp("closed") / MONTH
    result = close(EXAMPLE, "--out", place)
    assert result.exit_code == 0, result.stderr
    return place


class TestOut:
    """What --out writes appears whole or not at all, and is the same bytes wherever and whenever it is made."""

    def test_it_writes_every_file_and_says_so(self, tmp_path: Path) -> None:
        place = tmp_path / "deep" / "below" / "2025-08"
        result = close(EXAMPLE, "--out", place)
        assert result.exit_code == 0, result.stderr
        assert {path.name for path in place.iterdir()} == OUTPUTS
        assert f"Written to {place}" in result.stdout
        assert [path.name for path in place.parent.iterdir()] == ["2025-08"]

    @pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
    def test_it_may_be_read_by_whom_the_user_lets_read(self, tmp_path: Path) -> None:
        before = os.umask(0o077)
        try:
            assert close(EXAMPLE, "--out", tmp_path / "mine").exit_code == 0
        finally:
            os.umask(before)
        assert (tmp_path / "mine").stat().st_mode & 0o777 == 0o700
        assert {path.stat().st_mode & 0o777 for path in (tmp_path / "mine").iterdir()} == {0o600}

    def test_every_line_is_a_record(self, out: Path) -> None:
        kinds = {
            "lines.jsonl": "line",
            "single_bills.jsonl": "single_bill",
            "statements.jsonl": "statement",
            "credits.jsonl": "credit",
            "terms.jsonl": "terms",
            "manifest.jsonl": "manifest",
        }
        for name, kind in kinds.items():
            records = [json.loads(line) for line in (out / name).read_text(encoding="utf-8").splitlines()]
            assert records, name
            assert {(record["record"], record["version"]) for record in records} == {(kind, 1)}

    def test_the_manifest_binds_inputs_outputs_terms_and_policies(self, out: Path) -> None:
        manifest = json.loads((out / "manifest.jsonl").read_text(encoding="utf-8"))
        assert (manifest["month"], manifest["program"]) == (MONTH, "Partner program (example)")
        inputs = {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in EXAMPLE.iterdir() if path.suffix in (".jsonl", ".toml")
        }
        outputs = {name: hashlib.sha256(raw).hexdigest() for name, raw in bytes_of(out).items() if name != "manifest.jsonl"}
        assert manifest["inputs"] == inputs
        assert manifest["outputs"] == outputs
        lines = [json.loads(line) for line in (out / "lines.jsonl").read_text(encoding="utf-8").splitlines()]
        assert manifest["policies"].keys() == {policy.id for policy in POLICIES}
        assert {(ruling["policy"], ruling["edition"]) for line in lines for ruling in line["rulings"]} <= manifest["policies"].items()

    def test_a_month_closed_again_from_the_same_records_stays_as_it_is(self, directory: Path, tmp_path: Path, out: Path) -> None:
        place = tmp_path / "again"
        shutil.copytree(out, place)
        before = {path: path.stat().st_mtime_ns for path in (place, *place.iterdir())}
        result = close(directory, "--out", place)
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout.endswith(f"{place} holds this close already, byte for byte.\n")
        assert {path: path.stat().st_mtime_ns for path in (place, *place.iterdir())} == before

    def test_a_month_closed_again_from_other_records_is_refused(self, directory: Path, tmp_path: Path, out: Path) -> None:
        place = tmp_path / "again"
        shutil.copytree(out, place)
        edit(directory, "charges.jsonl", '"sunrise-yoga-2025-08-08",', "35.00", "35.50")
        result = close(directory, "--out", place, "--html", tmp_path / "page.html")
        assert (result.exit_code, result.stdout) == (2, "")
        said = 'charge.amount: is "35.00 USD", and the records make it "35.50 USD"'
        assert re.search(rf"^error: {re.escape(str(place))}: lines\.jsonl:\d+: {re.escape(said)}$", result.stderr, re.MULTILINE)
        assert "holds another close: look at it with `partnerkit verify`" in result.stderr
        assert bytes_of(place) == bytes_of(out)
        assert not (tmp_path / "page.html").exists()

    def test_every_bill_and_statement_carries_what_it_rests_on(self, out: Path) -> None:
        manifest = json.loads((out / "manifest.jsonl").read_text(encoding="utf-8"))
        assert manifest["basis"] == fingerprint({name: manifest[name] for name in RESTS_ON})
        for name in ("single_bills.jsonl", "statements.jsonl"):
            carried = {json.loads(line)["basis"] for line in (out / name).read_text(encoding="utf-8").splitlines()}
            assert carried == {manifest["basis"]}

    @pytest.mark.parametrize(
        ("changed", "what"),
        [
            (("program.toml", "trial_days", "30", "31"), {"terms", "whole_program"}),
            (("program.toml", 'to = 5000, price = "80.00"', "80.00", "81.00"), {"prices", "whole_program"}),
            (("program.toml", "zone = ", "America/New_York", "America/Detroit"), {"whole_program"}),
            (("visits.jsonl", '"visit-001"', "social", "mail"), {"records"}),
            (("entries.jsonl", "incentive-brightside", "75.00", "75.01"), {"records"}),
        ],
    )
    def test_another_basis_is_another_fingerprint(
        self, directory: Path, tmp_path: Path, out: Path, changed: tuple[str, str, str, str], what: set[str]
    ) -> None:
        edit(directory, *changed)
        place = tmp_path / "other"
        assert close(directory, "--out", place).exit_code == 0
        one, other = (json.loads((where / "manifest.jsonl").read_text(encoding="utf-8")) for where in (out, place))
        assert {key for key in (*RESTS_ON, "basis") if one[key] != other[key]} == {*what, "basis"}

    def test_the_terms_of_every_line_it_shows_are_with_it(self, out: Path) -> None:
        """Bills and statements also show lines of earlier months, which may rest on an older contract."""
        texts = [(out / name).read_text(encoding="utf-8") for name in ("lines.jsonl", "single_bills.jsonl", "statements.jsonl")]
        used = {found for text in texts for found in re.findall(r'"terms": "([0-9a-f]{64})"', text)}
        stored = [from_line(line, Terms).fingerprint for line in (out / "terms.jsonl").read_text(encoding="utf-8").splitlines()]
        manifest = json.loads((out / "manifest.jsonl").read_text(encoding="utf-8"))
        assert stored == manifest["terms"] == sorted(used)
        assert len(stored) == 2

    def test_the_terms_that_credited_the_openings_are_with_it_too(self, directory: Path, tmp_path: Path) -> None:
        """Renewed on the 2nd, the terms of the 1st of August made no line of that month, and yet they credited its first opening."""
        path = directory / "program.toml"
        before, terms, after = re.split(r"(?s)(\[\[terms\]\].*?)(?=# Northlight has)", path.read_text(encoding="utf-8"))
        renewed = terms.replace("2024-01-01", "2025-08-02")
        path.write_text(before + terms + renewed + after, encoding="utf-8")
        for name in ("charges.jsonl", "receipts.jsonl"):
            rows = [line for line in lines_of(directory, name) if "copper-kettle-cafe-2025-08-01" not in line]
            (directory / name).write_text("\n".join(rows), encoding="utf-8")
        opened = "2025-08-01T12:00:00+00:00"
        append(directory, "accounts.jsonl", record("account", id="a-new", client="c", currency="USD", opened_at=opened, anchor_day=1))
        append(directory, "openings.jsonl", record("opening", id="o-new", account="a-new", visitor="v-new", at=opened))
        assert close(directory, "--out", tmp_path / "out").exit_code == 0
        stored = [from_line(line, Terms) for line in (tmp_path / "out" / "terms.jsonl").read_text(encoding="utf-8").splitlines()]
        lines = (tmp_path / "out" / "lines.jsonl").read_text(encoding="utf-8")
        credited_by = [terms for terms in stored if terms.starts_on.isoformat() == "2024-01-01"]
        assert len(credited_by) == 1
        assert credited_by[0].fingerprint not in lines

    def test_the_credits_are_those_of_the_openings_of_the_month(self, out: Path) -> None:
        """Every close would repeat what every visit was worth to every account ever opened."""
        books = example_books()
        august = {one.account for one in books.openings.values() if books.program.day_of(one.at) in Month.parse(MONTH).period}
        written = [json.loads(line)["account"] for line in lines_of(out, "credits.jsonl") if line]
        assert written == sorted(august)
        assert august < books.openings.keys()

    def test_the_credits_of_all_months_are_those_of_all_openings(self, tmp_path: Path) -> None:
        books = example_books()
        months = sorted({Month.of(books.program.day_of(one.at)) for one in books.openings.values()})
        written: list[str] = []
        for month in (one for one in months if one >= Month.of(min(charge.charged_on for charge in books.charges))):
            assert run("close", EXAMPLE, "--month", month, "--out", tmp_path / str(month)).exit_code == 0
            written += (json.loads(line)["account"] for line in lines_of(tmp_path / str(month), "credits.jsonl") if line)
        assert sorted(written) == sorted(books.openings)

    def test_running_twice_gives_the_same_bytes(self, out: Path, tmp_path: Path) -> None:
        assert close(EXAMPLE, "--out", tmp_path / "again").exit_code == 0
        assert bytes_of(tmp_path / "again") == bytes_of(out)

    @pytest.mark.parametrize("seed", ["0", "4242"])
    def test_the_seed_of_pythons_hashes_changes_nothing(self, out: Path, tmp_path: Path, seed: str) -> None:
        done = started("close", EXAMPLE, "--month", MONTH, "--out", tmp_path / "seeded", PYTHONHASHSEED=seed)
        assert (done.returncode, done.stderr) == (0, "")
        assert bytes_of(tmp_path / "seeded") == bytes_of(out)
        assert done.stdout.startswith(close(EXAMPLE).stdout)

    def test_records_in_any_order_give_the_same_bytes(self, directory: Path, out: Path, tmp_path: Path) -> None:
        free = ("accounts", "visits", "openings", "charges", "receipts", "refunds", "payments", "disbursements", "entries")
        for name in free:
            path = directory / f"{name}.jsonl"
            lines = path.read_text(encoding="utf-8").splitlines()
            lines.sort(key=lambda line: hashlib.sha256(line.encode()).digest())
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        result = close(directory, "--out", tmp_path / "shuffled")
        assert result.exit_code == 0, result.stderr
        shuffled, straight = bytes_of(tmp_path / "shuffled"), bytes_of(out)
        assert _without_inputs(shuffled.pop("manifest.jsonl")) == _without_inputs(straight.pop("manifest.jsonl"))
        assert shuffled == straight

    def test_a_directory_that_exists_is_left_alone(self, tmp_path: Path) -> None:
        place = tmp_path / "taken"
        place.mkdir()
        (place / "mine.txt").write_text("mine")
        result = close(EXAMPLE, "--out", place)
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"error: {place}: exists already" in result.stderr
        assert everything_below(tmp_path) == ["taken", "taken/mine.txt"]

    def test_a_file_where_the_parent_should_be_is_reported(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("mine")
        result = close(EXAMPLE, "--out", tmp_path / "file" / "2025-08")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith(f"error: {tmp_path / 'file'}")
        assert everything_below(tmp_path) == ["file"]

    def test_a_parent_that_may_not_be_written_is_reported(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def denied(suffix: str | None, prefix: str, place: Path) -> str:
            raise PermissionError(13, "Permission denied", str(place))

        monkeypatch.setattr("tempfile.mkdtemp", denied)
        result = close(EXAMPLE, "--out", tmp_path / "made" / "2025-08")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == f"error: {tmp_path / 'made'}: Permission denied\n"
        assert everything_below(tmp_path) == []

    @pytest.mark.parametrize("trouble", [OSError(28, "No space left on device", "disk"), KeyboardInterrupt(), RuntimeError("crash")])
    @pytest.mark.parametrize("files_before", [0, 3, 5])
    def test_a_crash_in_the_middle_leaves_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: BaseException, files_before: int
    ) -> None:
        written: list[Path] = []
        write = writing.write_whole

        def writer(path: Path, text: str) -> None:
            if len(written) == files_before:
                path.write_text(text[: len(text) // 2])
                raise trouble
            write(path, text)
            written.append(path)

        monkeypatch.setattr(writing, "write_whole", writer)
        result = close(EXAMPLE, "--out", tmp_path / "made" / "for" / "2025-08")
        assert result.exit_code != 0
        assert len(written) == files_before
        assert "Written" not in result.stdout
        assert everything_below(tmp_path) == []

    def test_a_last_step_that_fails_leaves_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(self: Path, target: Path) -> Path:
            raise OSError(5, "Input/output error", str(self))

        monkeypatch.setattr(Path, "rename", fail)
        result = close(EXAMPLE, "--out", tmp_path / "2025-08")
        assert (result.exit_code, result.stdout) == (2, "")
        assert everything_below(tmp_path) == []


class TestThePage:
    """docs/reference/records.md names everything that is written."""

    SECTION = (ROOT / "docs" / "reference" / "records.md").read_text(encoding="utf-8").partition("\n## What `close --out` writes\n")[2]

    def test_every_file_is_named(self) -> None:
        assert set(re.findall(r"^\| `(\w+\.jsonl)` \|", self.SECTION, re.MULTILINE)) == OUTPUTS

    def test_every_field_of_the_manifest_is_named(self, out: Path) -> None:
        manifest = json.loads((out / "manifest.jsonl").read_text(encoding="utf-8"))
        table = self.SECTION.partition("| field | type | meaning |")[2]
        named = [name for row in table.splitlines() if row.startswith("| `") for name in re.findall(r"`(\w+)`", row.split("|")[1])]
        assert named == list(manifest)

    def test_the_files_are_in_the_order_it_says(self, out: Path) -> None:
        lines = [json.loads(line)["charge"]["id"] for line in lines_of(out, "lines.jsonl") if line]
        bills = [(one["partner"], one["currency"]) for one in map(json.loads, filter(None, lines_of(out, "single_bills.jsonl")))]
        statements = [(one["partner"], one["currency"]) for one in map(json.loads, filter(None, lines_of(out, "statements.jsonl")))]
        credits = [one["account"] for one in map(json.loads, filter(None, lines_of(out, "credits.jsonl")))]
        for found in (lines, bills, statements, credits):
            assert found == sorted(found)


def _without_inputs(manifest: bytes) -> dict[str, object]:
    return {key: value for key, value in json.loads(manifest).items() if key != "inputs"}
