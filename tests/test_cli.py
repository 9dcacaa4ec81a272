"""The command, as a person at a terminal and a program behind a pipe meet it."""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any, cast

import attrs
import pytest
from rich.console import Console

from commands import EXAMPLE, MONTH, OUTPUTS, append, close, edit, environment, everything_below, receipt, run, started
from partnerkit import cli
from partnerkit.program import Program
from partnerkit.terms import SECTIONS, Section


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


OPENED_EARLIER = "acct-side-door-podcast"


class TestWhy:
    """One line is explained in full, from the program directory or from what was written, in the same words."""

    @pytest.mark.parametrize(
        "line",
        [
            "sunrise-yoga-2025-08-08",
            "summit-ski-lodge-2025-08-11",
            "acorn-tutors-2025-08-06",
            "polar-ice-rink-2025-07-27",  # of July, on the bill of August
            "northgate-animal-clinic-2025-07-07",  # of July, refunded in August
        ],
    )
    def test_both_places_say_the_same(self, out: Path, line: str) -> None:
        from_output, from_program = run("why", out, line), run("why", EXAMPLE, line)
        assert from_output.exit_code == from_program.exit_code == 0
        assert from_output.stdout == from_program.stdout
        assert f"The charge {line}" in from_output.stdout

    def test_every_line_that_is_written_is_explained(self, out: Path) -> None:
        texts = [(out / name).read_text(encoding="utf-8") for name in ("lines.jsonl", "single_bills.jsonl", "statements.jsonl")]
        shown = {found for text in texts for found in re.findall(r'"charge": \{"id": "([^"]+)"', text)}
        assert len(shown) > 50
        for line in shown:
            result = run("why", out, line)
            assert (result.exit_code, result.stderr) == (0, "")
            assert "The terms are those from" in result.stdout

    def test_it_shows_the_arithmetic_the_terms_and_the_clauses(self, out: Path) -> None:
        shown = run("why", out, "summit-ski-lodge-2025-08-11").stdout
        assert "$230.65 x 15% = $34.5975, rounded half away to $34.60." in shown
        assert "REWARD-SHARE decides." in shown
        decided, found, others = shown.partition("\nRules that do not apply here:\n")
        assert found
        assert "REWARD-DISCOUNT" not in decided
        assert "  REWARD-DISCOUNT. Its condition: the billing mode is single bill." in others
        assert "Example program agreement of January 1, 2024" in shown

    def test_the_line_of_a_partner_with_its_own_contract_shows_that_contract(self, out: Path) -> None:
        for place in (out, EXAMPLE):
            shown = run("why", place, "aurora-optics-2025-08-17").stdout
            assert "$35.00 x 22% = $7.70 exactly." in shown
            assert "Example contract with Northlight, renewed July 1, 2025" in shown

    def test_the_line_its_arithmetic_and_the_rules_stand_apart(self, out: Path) -> None:
        line, arithmetic, rules = run("why", out, "summit-ski-lodge-2025-08-11").stdout.split("\n\n")
        assert line.startswith("The charge summit-ski-lodge-2025-08-11: ")
        assert arithmetic.startswith("The revenue share is $34.60.\n")
        assert arithmetic.endswith("The partner brightside earns it as the client's cash is received.")
        assert rules.startswith("What does the partner get for this account? The answer: revenue share.\nREWARD-SHARE decides.")

    def test_on_a_terminal_long_sentences_hang(self, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        plain = run("why", out, "summit-ski-lodge-2025-08-11").stdout
        assert max(map(len, plain.split("\n"))) > 100
        monkeypatch.setattr(cli, "Console", partial(Console, force_terminal=True))
        wrapped = run("why", out, "summit-ski-lodge-2025-08-11", columns=60).stdout
        assert max(map(len, wrapped.split("\n"))) <= 60
        assert wrapped.split() == plain.split()
        rows = wrapped.split("\n")
        assert rows[1].startswith("  ")
        quoted = next(number for number, row in enumerate(rows) if row.startswith("  Read from the article"))
        assert rows[quoted + 1].startswith("    ")

    @pytest.mark.parametrize("place", ["program", "output"])
    def test_an_account_has_its_credit_explained(self, out: Path, place: str) -> None:
        shown = run("why", EXAMPLE if place == "program" else out, "acct-orchard-lane-daycare").stdout
        assert shown.startswith("The account acct-orchard-lane-daycare is credited to the partner northlight.\n")
        assert 'visit-048 of Aug 9, 2025, 1:04:00\N{NARROW NO-BREAK SPACE}AM UTC with the partner name "northlight"' in shown

    def test_the_locale_is_used(self, out: Path) -> None:
        assert "34,60\N{NO-BREAK SPACE}$" in run("why", out, "summit-ski-lodge-2025-08-11", "--locale", "de").stdout

    @pytest.mark.parametrize("asked", ["riverside-law", "RIVERSIDE-LAW-2025-08-28", "riverside-law-2025-08-29"])
    def test_an_unknown_line_suggests_near_ones(self, out: Path, asked: str) -> None:
        result = run("why", out, asked)
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"has no line and no credit of an account {asked!r}: did you mean riverside-law-2025-08-28" in result.stderr

    @pytest.mark.parametrize("place", ["program", "output"])
    def test_a_line_unlike_all_others_says_where_names_are_found(self, out: Path, place: str) -> None:
        result = run("why", EXAMPLE if place == "program" else out, "?!")
        assert result.exit_code == 2
        assert "give the id of a charge" in result.stderr

    def test_an_account_of_another_month_says_where_its_credit_is(self, out: Path) -> None:
        shown = run("why", EXAMPLE, OPENED_EARLIER)
        assert (shown.exit_code, shown.stdout[:11]) == (0, "The account")
        result = run("why", out, OPENED_EARLIER)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "an account opened in another month has its credit in what was written for that month" in result.stderr

    def test_what_was_changed_by_hand_is_refused(self, out: Path, tmp_path: Path) -> None:
        place = Path(shutil.copytree(out, tmp_path / "changed"))
        number = edit(place, "statements.jsonl", '"closing": "179.95 USD"', '"closing": "179.95 USD"', '"closing": "979.95 USD"')
        result = run("why", place, "summit-ski-lodge-2025-08-11")
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"error: statements.jsonl:{number}: totals.closing: is '979.95 USD': wanted '179.95 USD'" in result.stderr

    def test_a_directory_of_neither_kind_is_refused(self, tmp_path: Path) -> None:
        result = run("why", tmp_path, "c-1")
        assert result.exit_code == 2
        assert f"error: {tmp_path}: is neither a program directory nor what `close --out` wrote: " in result.stderr
        assert "it has no program.toml and no lines.jsonl" in result.stderr
        assert result.stderr.endswith("1 fault.\n")


class TestAnAccountWithoutAnOpening:
    """No visit credited it, so there is no credit to explain: what it begins with is named instead."""

    def test_the_event_it_begins_with_is_named(self) -> None:
        result = run("why", EXAMPLE, "acct-north-shore-orchestra")
        assert (result.exit_code, result.stdout) == (2, "")
        said = "has no opening of acct-north-shore-orchestra, so no visit credited it: it begins as managed on 2024-03-14, by northlight"
        assert f"{said} (events.jsonl:2)" in result.stderr


class TestCheck:
    """Everything is read and everything that is wrong is said, without a month to close."""

    def test_sound_books_are_counted(self) -> None:
        result = run("check", EXAMPLE)
        assert (result.exit_code, result.stderr) == (0, "")
        assert "4 partners, 40 accounts, 24 openings, 187 charges: nothing is wrong." in result.stdout

    def test_one_of_a_kind_is_singular(self, directory: Path) -> None:
        for path in directory.glob("*.jsonl"):
            first = path.read_text(encoding="utf-8").partition("\n")[0]
            path.write_text(first if path.name in ("partners.jsonl", "accounts.jsonl") else "", encoding="utf-8")
        lines = (directory / "program.toml").read_text(encoding="utf-8")
        (directory / "program.toml").write_text(re.sub(r"(?s)\[\[partner_terms\]\].*?(?=\[\[prices\]\])", "", lines), encoding="utf-8")
        result = run("check", directory)
        assert result.exit_code == 0, result.stderr
        assert "1 partner, 1 account, 0 openings, 0 charges: nothing is wrong." in result.stdout

    def test_what_credits_nobody_is_noted(self, directory: Path) -> None:
        assert "note: 4 openings credited to nobody: " in run("check", directory).stdout
        assert "note: 2 visits left out for want of consent, 1 of which state no `consent` at all" in run("check", directory).stdout
        visits = directory / "visits.jsonl"
        visits.write_text(visits.read_text(encoding="utf-8").replace("pn=northlight", "pn=nortlight"), encoding="utf-8")
        shown = run("check", directory).stdout
        assert "note: 5 openings credited to nobody: " in shown
        assert "visits under a name that no partner has at the time: 'nortlight' (" in shown
        visits.write_text(visits.read_text(encoding="utf-8").replace(', "consent": false', ""), encoding="utf-8")
        assert "note: 2 visits left out for want of consent, 2 of which state no `consent` at all" in run("check", directory).stdout

    def test_a_price_that_falls_is_noted_and_refused_where_that_is_asked(self, directory: Path) -> None:
        assert run("check", directory, "--strict").exit_code == 0
        with (directory / "program.toml").open("a", encoding="utf-8") as program:
            program.write(
                '\n[[prices]]\nitem = "letters"\ncurrency = "USD"\nstarts_on = 2025-01-01\nmodel = "volume"\n'
                'tiers = [{ from = 0, to = 200, unit = "1.00" }, { from = 201, unit = "0.50" }]\n'
            )
        told = "the USD price table of 'letters' from 2025-01-01 is cheaper with more: 200.00 USD for 200 contacts, 100.50 USD for 201"
        assert f"note: {told}" in run("check", directory).stdout
        refused = run("check", directory, "--strict")
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert f"program.toml: prices: {told}" in refused.stderr

    def test_an_amount_that_no_tier_has_is_noted(self, directory: Path) -> None:
        assert "at an amount" not in run("check", directory).stdout
        edit(directory, "charges.jsonl", '"sunrise-yoga-2025-08-08",', "35.00 USD", "36.00 USD")
        result = run("check", directory)
        assert result.exit_code == 0
        said = "note: 1 charge for a whole cycle at an amount that no tier of the item has: sunrise-yoga-2025-08-08 (36.00 USD)\n"
        assert said in result.stdout

    def test_a_least_price_is_on_the_list(self, directory: Path) -> None:
        program = directory / "program.toml"
        text = program.read_text(encoding="utf-8")
        program.write_text(
            text.replace(
                'tiers = [\n    { from = 0, to = 500, price = "35.00" }',
                'minimum = "36.00"\ntiers = [\n    { from = 0, to = 500, price = "35.00" }',
                1,
            ),
            encoding="utf-8",
        )
        path = directory / "charges.jsonl"
        rows = [json.loads(row) for row in path.read_text(encoding="utf-8").splitlines()]
        for row in rows:
            row.pop("pricing", None)
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
        odd = next(line for line in run("check", directory).stdout.splitlines() if "at an amount that no tier" in line)
        assert "(35.00 USD)" in odd
        edit(directory, "charges.jsonl", '"sunrise-yoga-2025-08-08"', "35.00 USD", "36.00 USD")
        assert "sunrise-yoga-2025-08-08 " not in run("check", directory).stdout

    def test_a_directory_without_a_program_file(self, tmp_path: Path) -> None:
        for arguments in (("check", tmp_path), ("close", tmp_path, "--month", MONTH)):
            result = run(*arguments)
            assert (result.exit_code, result.stdout) == (2, "")
            assert f"error: {tmp_path}: is not a program directory: it has no program.toml; `partnerkit init " in result.stderr

    def test_its_faults_end_with_their_number(self, directory: Path) -> None:
        append(directory, "charges.jsonl", "{")
        assert run("check", directory).stderr.endswith("\n1 fault.\n")

    def test_terms_not_stated_are_named(self, directory: Path) -> None:
        edit(directory, "program.toml", "trial_days", "trial_days", "# trial_days")
        result = run("check", directory)
        assert result.exit_code == 0, result.stderr
        assert "not stated in program.toml, and refused when needed: billing.trial_days" in result.stdout

    def test_an_oddity_of_the_prices_is_a_note(self, directory: Path) -> None:
        edit(directory, "program.toml", 'to = 2500, price = "62.00"', "62.00", "45.00")
        result = run("check", directory)
        assert result.exit_code == 0, result.stderr
        assert "note: " in result.stdout

    def test_a_file_whose_name_is_misspelled_is_a_note(self, directory: Path) -> None:
        (directory / "visit.jsonl").write_text("", encoding="utf-8")
        result = run("check", directory)
        assert result.exit_code == 0, result.stderr
        assert "note: visit.jsonl is no record file of partnerkit, and nothing of it was read" in result.stdout

    def test_one_of_money_is_refused(self, directory: Path) -> None:
        (directory / "refunds.jsonl").rename(directory / "refund.jsonl")
        result = run("check", directory)
        assert result.exit_code == 2, result.stdout
        assert f"error: {directory}: has refund.jsonl, which looks like records and is not read" in result.stderr

    @pytest.mark.parametrize("day", ["2025-08-31", "2025-11-30"])
    def test_what_only_a_close_finds_is_found_too(self, directory: Path, day: str) -> None:
        number = append(directory, "receipts.jsonl", receipt("sunrise-yoga-2025-08-08", on=day))
        result = run("check", directory)
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"receipts.jsonl:{number}: " in result.stderr
        assert "which brightside pays by Single Bill: record a payment of the partner" in result.stderr


ANSWERS = {
    "name": '"Example"',
    "zone": '"America/New_York"',
    "hosts": '["www.vendor.example"]',
    "starts_on": "2025-01-01",
    "source": '"invented for the test"',
    "rate": '"15%"',
    "after_partnership_ends": "false",
    "amount": '["50.00 USD", "40.00 GBP"]',
    "window_days": "90",
    "on_single_bill": "true",
    "discount": '"20%"',
    "tier_basis": '"peak_ever"',
    "trial_days": "30",
    "client_may_change_plan": "false",
    "partner_may_end": "true",
    "reply": "true",
    "billing_notice": "true",
    "security_notice": "true",
    "partner_asked": "false",
    "minimum": '"not agreed"',
    "schedule": '"monthly"',
}
ASKED = re.compile(r"^# \? (\w+) =.*$", re.MULTILINE)


def _names(section: type[Section]) -> list[str]:
    return [field.name for field in attrs.fields(cast("Any", section))]


class TestInit:
    """A program file that asks for every term, and that is a program once the questions are answered."""

    @pytest.fixture
    def template(self, tmp_path: Path) -> str:
        result = run("init", tmp_path / "new")
        assert (result.exit_code, result.stderr) == (0, "")
        assert "new/program.toml" in result.stdout
        return (tmp_path / "new" / "program.toml").read_text(encoding="utf-8")

    def test_every_term_stands_in_it(self, template: str) -> None:
        sections = dict(re.findall(r"^\[terms\.(\w+)\]\n(.*?)(?=^\[|\Z)", template, re.MULTILINE | re.DOTALL))
        assert sections.keys() == SECTIONS.keys()
        for key, section in SECTIONS.items():
            stated = re.findall(r"^(?:# \? )?(\w+) =", sections[key], re.MULTILINE)
            assert stated == _names(section), key

    def test_what_stands_there_unasked_and_the_answers_make_a_program(self, template: str) -> None:
        assert set(ASKED.findall(template)) == ANSWERS.keys()
        program = Program.parse(ASKED.sub(lambda asked: f"{asked[1]} = {ANSWERS[asked[1]]}", template), "program.toml")
        terms = program.terms.entries[0]
        for key, section in SECTIONS.items():
            assert set(getattr(terms, key).given()) == set(_names(section))

    def test_every_value_that_stands_there_is_marked(self, template: str) -> None:
        rows = template.split("\n")
        marks = [rows[number - 1] for number, row in enumerate(rows) if re.match(r"\w+ = ", row)]
        assert set(marks) == {
            "# proposed by us: check your contract",
            "# public: article 000044017",
            "# public: article 000005773",
            "# public: article 000005775",
            "# public: article 000005931",
        }
        assert "# public: article 000044017\nmove_in_sender_days = 60\n" in template
        assert "# proposed by us: check your contract\nmodel = " in template

    def test_it_ends_with_one_line_end(self, template: str) -> None:
        assert template.endswith("\n")
        assert not template.endswith("\n\n")

    def test_its_examples_can_be_used_as_they_stand(self, template: str) -> None:
        answered = ASKED.sub(lambda asked: f"{asked[1]} = {ANSWERS[asked[1]]}", template)
        before, found, after = answered.partition("# [[partner_terms]]")
        uncommented = re.sub(r"^# (?=\[|\w+ = )", "", found + after, flags=re.MULTILINE)
        program = Program.parse(before + uncommented, "program.toml")
        assert [partner for partner, _ in program.partner_terms] == ["p-1"]
        assert program.prices.items == {"lite"}

    def test_a_number_nobody_publishes_is_asked_for_and_never_proposed(self, template: str) -> None:
        assert {"rate", "discount", "amount", "minimum", "after_partnership_ends"} <= set(ASKED.findall(template))
        assert ">>>" not in template

    def test_unanswered_it_says_what_is_missing(self, template: str, tmp_path: Path) -> None:
        result = run("check", tmp_path / "new")
        assert (result.exit_code, result.stdout) == (2, "")
        for key in ("name", "zone", "sites.hosts", "terms[0].starts_on", "terms[0].source"):
            assert f"error: program.toml: {key}: is missing" in result.stderr

    def test_it_never_overwrites(self, template: str, tmp_path: Path) -> None:
        (tmp_path / "new" / "program.toml").write_text("mine")
        result = run("init", tmp_path / "new")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "exists already" in result.stderr
        assert (tmp_path / "new" / "program.toml").read_text() == "mine"

    def test_a_crash_in_the_middle_leaves_no_half_a_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(descriptor: int) -> None:
            raise OSError(28, "No space left on device", "disk")

        monkeypatch.setattr("os.fsync", fail)
        result = run("init", tmp_path / "new")
        assert (result.exit_code, result.stdout) == (2, "")
        assert everything_below(tmp_path / "new") == []

    def test_it_writes_here_unless_told_otherwise(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        assert run("init").exit_code == 0
        assert everything_below(tmp_path) == ["program.toml"]


class TestLink:
    """A partner's name goes on a URL; what only looks like one is pointed out beside the result."""

    def test_without_a_program_any_url_takes_the_name(self) -> None:
        result = run("link", "http://shop.example/x?a=%20b&&c#top", "brightside")
        assert (result.exit_code, result.stdout, result.stderr) == (0, "http://shop.example/x?a=%20b&&c&pn=brightside#top\n", "")

    def test_with_a_program_it_is_a_vendor_link_on_https(self) -> None:
        result = run("link", "http://blog.constantcontact.com/news", "brightside", "--program", EXAMPLE / "program.toml")
        assert (result.exit_code, result.stdout) == (0, "https://blog.constantcontact.com/news?pn=brightside\n")

    def test_another_name_is_replaced_where_that_is_said(self) -> None:
        url = "https://shop.example/?pn=northlight&a=1"
        assert run("link", url, "brightside").exit_code == 2
        assert run("link", url, "brightside", "--replace").output == "https://shop.example/?pn=brightside&a=1\n"

    def test_a_hint_stands_on_stderr_and_the_link_alone_on_stdout(self) -> None:
        result = run("link", "https://blog.vendor.example/?PN=northlight", "brightside")
        assert (result.exit_code, result.stdout) == (0, "https://blog.vendor.example/?PN=northlight&pn=brightside\n")
        assert result.stderr == "note: 'PN' is another parameter than 'pn': write it in lower case\n"

    @pytest.mark.parametrize(
        ("url", "name", "options", "words"),
        [
            ("https://shop.example/", "brightside", ("--program", EXAMPLE / "program.toml"), "is not one of the vendor's sites"),
            ("https://shop.example/?pn=northlight", "brightside", (), "'northlight'"),
            ("https://shop.example/", "bright side", (), "partner name"),
            ("/news", "brightside", (), "error: "),
        ],
    )
    def test_a_refusal_says_why(self, url: str, name: str, options: tuple[object, ...], words: str) -> None:
        result = run("link", url, name, *options)
        assert (result.exit_code, result.stdout) == (2, "")
        assert words in result.stderr

    def test_a_program_file_that_is_wrong_is_reported(self, tmp_path: Path) -> None:
        (tmp_path / "program.toml").write_text("name = ")
        result = run("link", "https://shop.example/", "brightside", "--program", tmp_path / "program.toml")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("error: program.toml")


class TestTheDoors:
    """The command behaves behind pipes, on old terminals and by its other door."""

    def test_python_m(self) -> None:
        done = started("check", EXAMPLE)
        assert (done.returncode, done.stderr) == (0, "")
        assert "nothing is wrong" in done.stdout
        assert started("--help").stdout.startswith("Usage: partnerkit ")

    @pytest.mark.parametrize("package", ["click", "rich", "jinja2"])
    def test_without_its_packages_it_says_what_to_install(self, package: str) -> None:
        script = f"import sys; sys.modules[{package!r}] = None; from partnerkit.__main__ import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment(), capture_output=True, encoding="utf-8", check=False, timeout=60
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("the command needs the packages of partnerkit[cli]: ")
        assert "in a checkout run pip install '.[cli]'" in done.stderr
        assert "from a package index pip install 'partnerkit[cli]'" in done.stderr

    def test_another_missing_package_is_not_explained_away(self) -> None:
        script = "import sys; sys.modules['cattrs'] = None; from partnerkit.__main__ import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment(), capture_output=True, encoding="utf-8", check=False, timeout=60
        )
        assert "ModuleNotFoundError" in done.stderr
        assert "pip install" not in done.stderr

    def test_short_help(self) -> None:
        assert run("-h").stdout == run("--help").stdout
        assert run("close", "-h").stdout == run("close", "--help").stdout

    @pytest.mark.parametrize(
        ("month", "code", "words"),
        [
            ("2025-10", 0, "note: the last record of money is of 2025-08-31\n"),
            ("2025-01", 2, "error: --month: is 2025-01, before the first record of money: the first month is 2025-03\n"),
        ],
    )
    def test_a_month_without_money(self, month: str, code: int, words: str) -> None:
        result = run("close", EXAMPLE, "--month", month)
        assert result.exit_code == code
        assert words in result.stderr

    def test_no_record_of_money_at_all(self, directory: Path) -> None:
        for name in ("charges", "receipts", "refunds", "payments", "disbursements", "entries"):
            (directory / f"{name}.jsonl").unlink()
        result = close(directory)
        assert (result.exit_code, result.stderr) == (0, "note: there is no record of money at all\n")

    def test_version(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(importlib.metadata, "version", {"partnerkit": "12.34.56"}.__getitem__)
        result = run("--version")
        assert result.exit_code == 0
        assert "12.34.56" in result.stdout

    def test_exit_codes_of_a_real_process(self, directory: Path) -> None:
        append(directory, "charges.jsonl", "{")
        done = started("close", directory, "--month", MONTH)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.endswith("1 fault; nothing was written.\n")

    @pytest.mark.parametrize("encoding", ["latin-1", "cp437", "ascii"])
    def test_a_terminal_that_knows_few_letters(self, directory: Path, encoding: str) -> None:
        for path in (directory / "accounts.jsonl", directory / "charges.jsonl", directory / "openings.jsonl", directory / "events.jsonl"):
            path.write_text(path.read_text(encoding="utf-8").replace("acct-orchard-lane-daycare", "acct-保育園"), encoding="utf-8")
        done = started("close", directory, "--month", MONTH, PYTHONIOENCODING=encoding)
        assert (done.returncode, done.stderr) == (0, "")
        assert "$507.74" in done.stdout

    @pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
    @pytest.mark.parametrize("ending", ["| head -n 1", "<&-", ">&-"])
    def test_a_reader_that_leaves_early_and_streams_that_are_closed(self, ending: str) -> None:
        script = f'"{sys.executable}" -m partnerkit close "{EXAMPLE}" --month {MONTH} {ending}'
        done = subprocess.run(["/bin/sh", "-c", script], env=environment(), capture_output=True, encoding="utf-8", check=False, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        if ending == "| head -n 1":
            assert done.stdout.strip("─ \n") == "Partner program (example) · August 2025"

    def test_a_pipe_that_nobody_reads_ends_the_command_quietly(self, tmp_path: Path) -> None:
        reading, writing = os.pipe()
        os.close(reading)
        try:
            command = [sys.executable, "-m", "partnerkit", "close", str(EXAMPLE), "--month", MONTH, "--out", str(tmp_path / "2025-08")]
            done = subprocess.run(command, env=environment(), stdout=writing, stderr=subprocess.PIPE, check=False, timeout=60)
        finally:
            os.close(writing)
        assert b"Traceback" not in done.stderr
        assert {path.name for path in (tmp_path / "2025-08").iterdir()} == OUTPUTS

    def test_long_input_shows_no_progress_where_nobody_watches(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cli, "_MANY_LINES", 1)
        assert close(EXAMPLE).stderr == ""

    def test_long_input_shows_progress_on_a_terminal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cli, "_MANY_LINES", 1)
        monkeypatch.setattr(cli, "Console", partial(Console, force_terminal=True))
        assert "charges.jsonl" in run("check", EXAMPLE).stderr

    def test_short_input_shows_none_on_a_terminal_either(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cli, "Console", partial(Console, force_terminal=True))
        assert "jsonl" not in run("check", EXAMPLE).stderr


class TestHostileWords:
    """Whoever wrote a record does not write on the screen: no markup is read and nothing steers the terminal."""

    def test_markup_in_an_id_is_shown_as_it_is(self, directory: Path) -> None:
        for path in directory.iterdir():
            path.write_text(path.read_text(encoding="utf-8").replace("acct-lantern-bookshop", "acct-[/][red]x"), encoding="utf-8")
        shown = close(directory, columns=160)
        assert shown.exit_code == 0
        assert "acct-[/][red]x" in shown.stdout

    def test_an_escape_in_the_name_of_the_program_is_never_sent(self, directory: Path) -> None:
        program = directory / "program.toml"
        text = program.read_text(encoding="utf-8").replace('name = "Partner program (example)"', 'name = "Mine \\u001b[31m\\u202e"', 1)
        program.write_text(text, encoding="utf-8")
        shown = close(directory)
        assert "\x1b" not in shown.output
        assert "\u202e" not in shown.output

    def test_an_escape_in_an_argument_is_never_sent(self) -> None:
        shown = run("link", "https://www.vendor.example/\x9b31m", "brightside")
        assert "\x9b" not in shown.output

    def test_a_link_that_leads_nowhere_is_no_empty_file(self, directory: Path) -> None:
        (directory / "refunds.jsonl").unlink()
        (directory / "refunds.jsonl").symlink_to("gone")
        shown = run("check", directory)
        assert (shown.exit_code, "refunds.jsonl" in shown.stderr) == (2, True)
