"""A closed month as a person reads it: every figure whole, every line with its reason, at any width."""

import json
import re
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from commands import EXAMPLE, MONTH, close, edit, run
from partnerkit.bills import SingleBill
from partnerkit.codec import from_line
from partnerkit.links import VendorSites
from partnerkit.money import Currency, Money
from partnerkit.periods import Month
from partnerkit.program import Program
from partnerkit.report import totals_report
from partnerkit.statements import Statement
from partnerkit.terms import TermsHistory
from partnerkit.text import format_money
from partnerkit.totals import MonthTotals, StatementTotals

WIDTHS = (80, 160)
AMOUNT = r"-?(?:A\$|\$|£)[\d,.]*\d"
BELOW_MINIMUM = "Carried to the next month: below the minimum of £40.00 (payout.minimum)"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Give a copy of the example that a test may spoil."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "program"))


@pytest.fixture(scope="module")
def pages() -> dict[int, str]:
    """Give the example's August as it is shown, by the width of the terminal."""
    results = {width: close(EXAMPLE, columns=width) for width in WIDTHS}
    assert {result.exit_code for result in results.values()} == {0}, [result.stderr for result in results.values()]
    return {width: result.stdout for width, result in results.items()}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give what the example's August writes."""
    place = tmp_path_factory.mktemp("closed") / MONTH
    result = close(EXAMPLE, "--out", place)
    assert result.exit_code == 0, result.stderr
    return place


def _part(page: str, partner: str, title: str) -> list[str]:
    """Give the lines of one bill or statement, without its title, up to the next title."""
    _, found, rest = page.partition(f"\n{partner} ─")
    assert found, f"no part of {partner}"
    lines = rest.split("\n")
    start = next(number for number, line in enumerate(lines) if line.startswith(title))
    titles = ("Single Bill SB", "Statement ·", "─")
    end = next((n for n, line in enumerate(lines) if n > start and (line.startswith(titles) or line.endswith("─"))), len(lines))
    return lines[start + 1 : end]


def _row(lines: list[str], *words: str) -> list[str]:
    """Give the amounts of the one row that has these words."""
    (row,) = [line for line in lines if all(word in line for word in words)]
    return re.findall(AMOUNT, row)


class TestTheReport:
    """A month is shown for each partner: its bills, its statements, why each line is what it is, and what the terms had to settle."""

    @pytest.mark.parametrize("width", WIDTHS)
    def test_lines_worked_out_by_hand(self, pages: dict[int, str], width: int) -> None:
        bill = _part(pages[width], "brightside", "Single Bill SB-2025-08-0003 · USD")
        statement = _part(pages[width], "brightside", "Statement · USD")
        northlight = _part(pages[width], "northlight", "Statement · USD")
        # On Single Bill since June 17: 20% of 35.00 is 7.00.
        assert _row(bill, "Aug 8", "acct-sunrise-yoga · standard") == ["$35.00", "-$7.00", "$28.00"]
        # 25.00 of a charge that carried 20% are refunded: the discount of 5.00 goes back, 20.00 to the payer.
        assert _row(bill, "Aug 6", "acct-bluebird-florist")[-3:] == ["-$25.00", "$5.00", "-$20.00"]
        # 22 of 31 days of 325.00 are 230.645..., and 15% of 230.65 are 34.5975.
        assert _row(statement, "Aug 11", "acct-summit-ski-lodge") == ["$230.65", "$34.60"]
        # Northlight's own contract, renewed in July: 20%, also of add-ons.
        assert _row(northlight, "Aug 5", "acct-holloway-plumbing · inbox-preview") == ["$10.00", "$2.00"]
        # Its discount is 22%: 7.70 of 35.00.
        northlight_bill = _part(pages[width], "northlight", "Single Bill SB-2025-08-0004 · USD")
        assert _row(northlight_bill, "Aug 17", "acct-aurora-optics") == ["$35.00", "-$7.70", "$27.30"]

    @pytest.mark.parametrize("width", WIDTHS)
    def test_a_bill_adds_up(self, pages: dict[int, str], width: int) -> None:
        bill = _part(pages[width], "brightside", "Single Bill SB-2025-08-0003 · USD · billed Aug 12, 2025")
        # Charged from July 13 to August 12: 110 + 10 + 110 + 110 + 75 + 35 + 10 + 110 = 570, and 20% of it are 114; 25 are refunded.
        assert _row(bill, "New charges  ") == ["$570.00", "-$114.00", "$456.00"]
        assert _row(bill, "Refunds") == ["-$25.00", "$5.00", "-$20.00"]
        assert _row(bill, "New charges less refunds") == ["$545.00", "-$109.00", "$436.00"]
        without = _part(pages[width], "northlight", "Single Bill SB-2025-08-0004 · USD")
        assert not [line for line in without if "efunds" in line]
        assert _row(bill, "Brought forward") == ["$371.74"]
        assert _row(bill, "Payment received Jul 24, 2025") == ["-$300.00"]
        assert _row(bill, "Past due") == ["$71.74"]
        # 371.74 - 300.00 + 436.00; the 71.74 of August 15 come after the bill.
        assert _row(bill, "To pay now") == ["$507.74"]

    @pytest.mark.parametrize("width", WIDTHS)
    def test_a_statement_adds_up(self, pages: dict[int, str], width: int) -> None:
        statement = _part(pages[width], "brightside", "Statement · USD")
        assert _row(statement, "Opening balance") == ["$156.57"]
        # 7.50 + 22.50 + 1.50 + 1.80 + 30.00 + 34.60 + 1.80 + 11.25 + 8.25
        assert _row(statement, "Revenue share") == ["$119.20"]
        assert _row(statement, "Aug 4", "acct-side-door-podcast", "$50.00") == ["$12.00", "$50.00"]
        assert _row(statement, "Aug 14", "acct-northgate-animal-clinic")[-2:] == ["-$60.00", "-$9.00"]
        assert _row(statement, "Aug 20", "Paid out") == ["-$156.57"]
        # 156.57 + 119.20 + 50.00 - 5.25 - 9.00 - 50.00 + 75.00 - 156.57
        assert _row(statement, "Closing balance") == ["$179.95"]

    @pytest.mark.parametrize("width", WIDTHS)
    def test_every_line_has_its_reason(self, pages: dict[int, str], width: int) -> None:
        bill = "\n".join(_part(pages[width], "northlight", "Single Bill SB-2025-08-0004"))
        lines = len(re.findall(r" · (?:standard|premium|lite|seo) ", bill))
        assert lines == 4
        assert bill.count("22% discount in place of the share") == lines
        assert "REWARD-DISCOUNT: The article says (S-34" in bill
        statement = "\n".join(_part(pages[width], "brightside", "Statement · USD"))
        assert statement.count("15% share on cash received") == 9
        assert statement.count("New Account Bonus") == 2  # the bonus, and the correction that takes another back
        assert "REWARD-SHARE: Read from the article (S-04" in statement

    @pytest.mark.parametrize("width", WIDTHS)
    def test_a_few_charges_without_a_reward_are_listed_with_their_reasons(self, pages: dict[int, str], width: int) -> None:
        shown = pages[width].partition("\nCharges without a reward ─")[2].partition("What the article leaves open")[0]
        for count, reason in (
            (5, "credited to no partner"),
            (2, "the partnership has ended"),
            (1, "moved in without qualifying"),
            (1, "not in the share's scope"),
        ):
            assert shown.count(f"no reward: {reason}") == count, reason
        assert _row(shown.split("\n"), "Aug 15", "acct-hilltop-brewery · extra-sends-5000") == ["$10.00"]
        for clause in ("REWARD-UNCREDITED", "REWARD-ENDED", "REWARD-UNQUALIFIED"):
            assert f"{clause}: " in shown

    @pytest.mark.parametrize("width", WIDTHS)
    def test_many_charges_without_a_reward_are_counted_with_their_reasons(self, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
        monkeypatch.setattr("partnerkit.report._FEW", 8)
        shown = " ".join(close(EXAMPLE, columns=width).stdout.split())
        assert "5 with no reward: credited to no partner; 2 with no reward: the partnership has ended; 1 with no reward: " in shown

    @pytest.mark.parametrize("width", WIDTHS)
    def test_openings_of_the_month_and_who_is_credited(self, pages: dict[int, str], width: int) -> None:
        shown = " ".join(pages[width].split())
        assert "55 visits read in all: 3 by bots, 3 without a partner name, " in shown
        assert "6 accounts opened this month: 2 credited to northlight; 1 credited to brightside; 3 to nobody." in shown
        assert re.search(r"Aug 7 +acct-meridian-logistics +northlight +a registered deal", pages[width])
        assert re.search(r"Aug 9 +acct-orchard-lane-daycare +northlight +the last of 2 visits that", pages[width])
        assert re.search(r"Aug 4 +acct-kestrel-coffee +nobody +no visit counts: unknown name", pages[width])
        assert "Of the visits that count the last one wins: so says the program term attribution.model, not the article." in shown
        assert 'CREDIT-LINK: The article says (S-20, under "Partner referred")' in shown

    @pytest.mark.parametrize("width", WIDTHS)
    def test_the_questions_the_terms_settle_close_the_report(self, pages: dict[int, str], width: int) -> None:
        _, found, closing = pages[width].partition("What the article leaves open and these terms settle")
        assert found
        assert "invented for this example" in closing
        asked = " ".join(closing.split())
        assert re.search(r"Which visit is credited when .*\blast\b", asked)
        assert "90 days" in asked
        assert re.search(r"How often are earnings paid out\? +monthly", asked)
        # What only reports ask, what comes before or after a close, and what an official page answers are left out.
        for other in ("a single touch", "time-decay", "May the vendor", "non-payment"):
            assert other not in asked
        _, found, own = closing.partition("In the contract of northlight instead:")
        assert found
        assert [value for value in ("20%", "22%", "90 days") if value in own] == ["20%", "22%"]
        assert "partnerkit why DIRECTORY LINE" in asked

    @pytest.mark.parametrize("width", [*WIDTHS, 140, 120, 100])
    def test_it_fits_the_terminal(self, width: int) -> None:
        result = close(EXAMPLE, columns=width)
        assert result.exit_code == 0
        assert max(map(len, result.stdout.split("\n"))) <= width
        assert "…" not in result.stdout

    @pytest.mark.parametrize("width", WIDTHS)
    def test_no_amount_is_cut(self, pages: dict[int, str], out: Path, width: int) -> None:
        bills = [from_line(line, SingleBill) for line in (out / "single_bills.jsonl").read_text(encoding="utf-8").splitlines()]
        statements = [from_line(line, Statement) for line in (out / "statements.jsonl").read_text(encoding="utf-8").splitlines()]
        amounts = [amount for bill in bills for amount in (bill.gross, bill.total, bill.due, *(line.net for line in bill.lines))]
        amounts += [amount for one in statements for amount in (one.opening, one.closing, *(share.amount for share in one.shares))]
        assert len(amounts) > 50
        shown = re.findall(r"-?(?:A\$|\$|£)[\d,.]*\d", pages[width])
        assert {format_money(amount) for amount in amounts} <= set(shown)

    @pytest.mark.parametrize("width", WIDTHS)
    def test_no_amount_is_cut_however_large(self, directory: Path, width: int) -> None:
        edit(directory, "charges.jsonl", '"sunrise-yoga-2025-08-08",', '"35.00 USD"', '"123456789012.35 USD"')
        result = close(directory, columns=width)
        assert result.exit_code == 0, result.stderr
        assert max(map(len, result.stdout.split("\n"))) <= width
        bill = _part(result.stdout, "brightside", "Single Bill SB-2025-08-0003")
        # 20% of 123,456,789,012.35 are 24,691,357,802.47.
        amounts = ["$123,456,789,012.35", "-$24,691,357,802.47", "$98,765,431,209.88"]
        assert any(all(amount in line for amount in amounts) for line in bill)

    @pytest.mark.parametrize("width", WIDTHS)
    def test_no_name_is_cut_however_long(self, directory: Path, width: int) -> None:
        name = "acct-" + "and-sons-" * 12 + "x"
        for path in directory.glob("*.jsonl"):
            path.write_text(path.read_text(encoding="utf-8").replace('"acct-orchard-lane-daycare"', f'"{name}"'), encoding="utf-8")
        result = close(directory, columns=width)
        assert result.exit_code == 0, result.stderr
        assert max(map(len, result.stdout.split("\n"))) <= width
        assert "…" not in result.stdout

    @pytest.mark.parametrize(("negative", "outcome"), [("carry_forward", "Credit carried forward"), ("refund", "To be paid back")])
    def test_a_bill_below_zero_says_what_becomes_of_it(self, directory: Path, negative: str, outcome: str) -> None:
        edit(directory, "program.toml", "negative = ", '"carry_forward"', f'"{negative}"')
        edit(directory, "payments.jsonl", '"payment-brightside-2025-07-usd"', '"300.00 USD"', '"1000.00 USD"')
        result = close(directory)
        assert result.exit_code == 0, result.stderr
        bill = _part(result.stdout, "brightside", "Single Bill SB-2025-08-0003")
        # 371.74 brought forward and 436.00 of August, less 1,000.00.
        assert _row(bill, outcome) == ["-$192.26"]

    def test_the_wide_report_names_every_line_in_one_piece(self, pages: dict[int, str], out: Path) -> None:
        ids = [json.loads(line)["charge"]["id"] for line in (out / "lines.jsonl").read_text(encoding="utf-8").splitlines()]
        shown = [found for found in ids if found in pages[160]]
        assert {"riverside-law-2025-08-28", "hilltop-brewery-2025-08-15-extra-sends-5000"} <= set(shown)
        assert "riverside-law-2025-08-28" not in pages[80]
        least = close(EXAMPLE, columns=140).stdout
        assert "from 140 columns on" in least
        assert [found for found in ids if found in least] == shown
        assert "riverside-law-2025-08-28" not in close(EXAMPLE, columns=139).stdout

    def test_partners_go_by_the_name_of_the_month(self, tmp_path: Path) -> None:
        directory = Path(shutil.copytree(EXAMPLE, tmp_path / "program"))
        old = '"names": [{"name": "northlight"}'
        midnight = "2025-08-01T00:00:00-04:00"
        new = f'"names": [{{"name": "northlight"}}, {{"name": "polestar", "since": "{midnight}"}}'
        edit(directory, "partners.jsonl", old, old, new)
        july, august = (run("close", directory, "--month", month).stdout for month in ("2025-07", "2025-08"))
        assert "\nnorthlight ─" in july
        assert "\npolestar (northlight) ─" in august

    def test_amounts_and_dates_take_the_form_of_the_locale(self) -> None:
        result = close(EXAMPLE, "--locale", "de", columns=160)
        assert result.exit_code == 0, result.stderr
        assert "August 2025" in result.stdout
        assert "507,74\N{NO-BREAK SPACE}$" in result.stdout
        assert "1.800" in result.stdout.partition("Was der Artikel offenlässt")[2]
        assert "$507.74" not in result.stdout
        assert max(map(len, result.stdout.split("\n"))) <= 160

    def test_an_unknown_locale_is_refused(self) -> None:
        result = close(EXAMPLE, "--locale", "klingon")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "unknown locale 'klingon'" in result.stderr

    def test_nothing_but_the_report_is_printed(self) -> None:
        assert close(EXAMPLE).stderr == ""

    def test_no_line_ends_in_blanks(self, pages: dict[int, str]) -> None:
        for page in pages.values():
            assert [line for line in page.split("\n") if line != line.rstrip()] == []


class TestTheReportOfSums:
    """Of each currency the largest amounts are shown, largest first: amounts of different currencies are not larger or smaller."""

    def test_no_currency_hides_another(self) -> None:
        yen = [self._statement(f"p-{number:02}", 1_000_000 + number, "JPY") for number in range(60)]
        pounds = [self._statement(f"p-{number:02}", number, "GBP") for number in (1, 3, 2)]
        totals = MonthTotals(month=Month.parse("2025-08"), bills=(), statements=(*yen, *pounds))
        shown = self._shown(totals)
        assert re.findall(r"p-\d+(?= .*£)", shown) == ["p-03", "p-02", "p-01"]
        assert re.findall(r"p-\d+(?= .*¥)", shown) == [f"p-{number}" for number in range(59, 19, -1)]
        assert "20 more" in shown

    @pytest.mark.parametrize("width", WIDTHS)
    @pytest.mark.parametrize("month", ["2025-06", "2025-08"])
    def test_the_amounts_of_a_row_add_up(self, width: int, month: str) -> None:
        result = run("close", EXAMPLE, "--month", month, "--engine", "python", columns=width)
        assert result.exit_code == 0, result.stderr
        rows = [[int(re.sub(r"[^-0-9]", "", amount)) for amount in re.findall(AMOUNT, line)] for line in result.stdout.splitlines()]
        rows = [row for row in rows if row]
        assert len(rows) > 6
        assert [sum(amounts) for *amounts, _ in rows] == [last for *_, last in rows]

    def test_a_long_name_takes_no_amount_away(self) -> None:
        totals = MonthTotals(month=Month.parse("2025-08"), bills=(), statements=(self._statement("p-" + "x" * 60, 123_456_789, "USD"),))
        assert [len(re.findall(AMOUNT, line)) for line in self._shown(totals, 80).splitlines() if "$" in line] == [5]

    @staticmethod
    def _statement(partner: str, minor: int, code: str) -> StatementTotals:
        amount, nothing = Money(minor=minor, currency=Currency(code)), Money(minor=0, currency=Currency(code))
        sums = dict.fromkeys(("opening", "bonus", "incentives", "adjusted", "disbursed"), nothing)
        return StatementTotals(partner=partner, month=Month.parse("2025-08"), currency=Currency(code), share=amount, closing=amount, **sums)

    @staticmethod
    def _shown(totals: MonthTotals, width: int = 160) -> str:
        program = Program(name="example", zone="UTC", sites=VendorSites(("www.vendor.example",)), terms=TermsHistory(()))
        console = Console(width=width)
        with console.capture() as page:
            console.print(totals_report(totals, program, locale="en-US"))
        return page.get()


class TestThePayout:
    """Under a closing balance stands what of it is paid out, or why it is not and by which term, also where that is not stated."""

    @pytest.mark.parametrize(
        ("line", "old", "new", "said"),
        [
            ("schedule = ", "monthly", "monthly", [("To be paid out", "$179.95"), (BELOW_MINIMUM, "")]),
            ("schedule = ", "monthly", "quarterly", [("Carried until the quarter ends (payout.schedule)", ""), (BELOW_MINIMUM, "")]),
            (
                "schedule = ",
                "monthly",
                "on_request",
                [("Carried until the partner asks for it (payout.schedule)", ""), (BELOW_MINIMUM, "")],
            ),
            ("minimum = ", '["50.00 USD", "40.00 GBP", "75.00 AUD"]', '"not agreed"', [("To be paid out", "£4.50")]),
        ],
    )
    def test_it_follows_the_terms(self, directory: Path, line: str, old: str, new: str, said: list[tuple[str, str]]) -> None:
        edit(directory, "program.toml", line, old, new)
        shown = close(directory, columns=160).stdout
        for words, amount in said:
            assert re.search(rf"^ *{re.escape(words)} *{re.escape(amount)}$", shown, re.MULTILINE), shown

    def test_a_contract_that_does_not_say_is_named_with_the_term(self, directory: Path) -> None:
        edit(directory, "program.toml", "schedule = ", "schedule", "# schedule")
        shown = close(directory, columns=160).stdout
        assert "To be paid out" not in shown
        assert shown.count("Carried to the next month: below the minimum") == 4
        assert re.search(
            r"^ *Closing balance *\$179\.95\n *Whether it is paid out is not stated: payout\.schedule$", shown, re.MULTILINE
        ), shown

    def test_a_minimum_in_no_amount_of_the_currency_is_named_with_it(self, directory: Path) -> None:
        edit(directory, "program.toml", "minimum = ", '"50.00 USD", ', "")
        assert "Whether it is paid out is not stated: payout.minimum.USD\n" in close(directory, columns=160).stdout

    def test_what_is_below_zero_is_paid_back_where_the_contract_says_so(self, directory: Path) -> None:
        edit(directory, "entries.jsonl", "correction-fern-hill-bonus", "-50.00 USD", "-350.00 USD")
        shown = close(directory, columns=160).stdout
        assert re.search(r"^ *Closing balance *-\$120\.05\n *Carried forward: below zero \(payout\.negative\)$", shown, re.MULTILINE), shown
        text = (directory / "program.toml").read_text(encoding="utf-8")
        before, section, after = text.partition("[terms.payout]")
        (directory / "program.toml").write_text(before + section + after.replace("negative", "# negative", 1), encoding="utf-8")
        assert "Whether it is paid back is not stated: payout.negative\n" in close(directory, columns=160).stdout
        (directory / "program.toml").write_text(before + section + after.replace("carry_forward", "refund", 1), encoding="utf-8")
        shown = close(directory).stdout
        assert re.search(r"^ *Closing balance *-\$120\.05\n *The partner pays it back *-\$120\.05$", shown, re.MULTILINE), shown
