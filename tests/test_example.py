"""The example program shows every rule at work, and real traffic goes the same way from visits to statements."""

import importlib.util
import json
import re
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from commands import OUTPUTS, ROOT, example_books, example_rows, run
from partnerkit.attribution import CreditFlag, CreditReason
from partnerkit.books import Books
from partnerkit.partners import AccountStatus, BillingMode, Management
from partnerkit.periods import Month
from partnerkit.relationships import EventKind
from partnerkit.terms import ChargeKind


@pytest.fixture(scope="module")
def example() -> Books:
    return example_books()


class TestTheExample:
    """The example reads like a program somebody runs, and every rule occurs in it."""

    def test_its_size(self) -> None:
        assert 35 <= len(example_rows("accounts")) <= 45
        assert len({row["charged_on"][:7] for row in example_rows("charges")}) == 6

    def test_every_kind_of_event(self) -> None:
        written = {EventKind(row["kind"]) for row in example_rows("events")}
        derived = {EventKind.OPENED, EventKind.REFERRED}
        assert written | derived == set(EventKind)

    def test_three_currencies_on_bills_and_on_statements(self, example: Books) -> None:
        *_, august = example.closes(Month.parse("2025-08"))
        assert {bill.currency.code for bill in august.bills} == {"USD", "GBP", "AUD"}
        assert {statement.currency.code for statement in august.statements} == {"USD", "GBP", "AUD"}

    @pytest.mark.parametrize(
        ("host", "what"), [("www", "invite"), ("blog", "co-branded blog"), ("knowledgebase", "co-branded knowledge base")]
    )
    def test_openings_credited_by_each_kind_of_link(self, example: Books, host: str, what: str) -> None:
        urls = {row["id"]: row["url"] for row in example_rows("visits")}
        winning = [urls[credit.visit.id] for credit in example.credits.values() if credit.visit is not None]
        assert any(url.startswith(f"https://{host}.constantcontact.com") for url in winning), what

    def test_two_partners_compete_for_one_visitor(self, example: Books) -> None:
        competing = [
            account
            for account, credit in example.credits.items()
            if len({one.visit.name for one in credit.considered if one.ruling.because == ("CREDIT-LINK",)}) > 1
        ]
        assert {"acct-saltmarsh-kayaks", "acct-orchard-lane-daycare"} <= set(competing)

    def test_managed_from_creation(self) -> None:
        first: dict[str, str] = {}
        for row in example_rows("events"):
            first.setdefault(row["account"], row["kind"])
        assert list(first.values()).count("managed") >= 5

    def test_referred_then_managed_with_approval(self, example: Books) -> None:
        for account in ("acct-sunrise-yoga", "acct-bondi-surf-school", "acct-aurora-optics"):
            kinds = [event.kind for event in example.relationships[account].events]
            assert kinds[0] is EventKind.REFERRED
            assert kinds.index(EventKind.REQUEST_MANAGEMENT) < kinds.index(EventKind.APPROVE_MANAGEMENT)

    def test_a_request_withdrawn_and_one_pending(self, example: Books) -> None:
        cafe = example.relationships["acct-copper-kettle-cafe"]
        assert [event.kind for event in cafe.events][-2:] == [EventKind.REQUEST_MANAGEMENT, EventKind.WITHDRAW_REQUEST]
        assert not cafe.standing_on(date(2025, 8, 31)).request_pending
        assert example.relationships["acct-lantern-bookshop"].standing_on(date(2025, 8, 31)).request_pending

    def test_moved_in_with_and_without_a_reward(self, example: Books) -> None:
        lines = {line.charge.id: line for month in example.closes(Month.parse("2025-08")) for line in month.lines}
        assert lines["old-mill-books-2025-08-21"].reward is None
        assert lines["green-valley-food-bank-2025-06-04"].share.minor > 0
        assert lines["green-valley-food-bank-2025-08-04"].discount.minor > 0

    def test_enrolled_in_the_middle_of_a_month(self, example: Books) -> None:
        lines = {line.charge.id: line for month in example.closes(Month.parse("2025-08")) for line in month.lines}
        before, after = lines["sunrise-yoga-2025-06-08"], lines["sunrise-yoga-2025-06-24-sms"]
        assert (before.payer, before.share.minor > 0) == (None, True)
        assert (after.payer, after.discount.minor > 0) == ("brightside", True)

    def test_left_single_bill_suspended_and_resumed_with_the_fee_of_the_article(self, example: Books) -> None:
        lodge = example.relationships["acct-summit-ski-lodge"]
        kinds = [event.kind for event in lodge.events]
        for kind in (EventKind.LEAVE_SINGLE_BILL, EventKind.SUSPEND, EventKind.RESUME):
            assert kind in kinds
        assert lodge.standing_on(date(2025, 8, 31)).billing_mode is BillingMode.SINGLE_BILL
        fees = [row["amount"] for row in example_rows("charges") if row["kind"] == ChargeKind.SUSPENSION_FEE]
        assert fees
        # Article 41606: 5, 10 or 20 a month in dollars and pounds, 7, 13 or 26 in Australian dollars.
        assert set(fees) <= {
            "5.00 USD",
            "10.00 USD",
            "20.00 USD",
            "5.00 GBP",
            "10.00 GBP",
            "20.00 GBP",
            "7.00 AUD",
            "13.00 AUD",
            "26.00 AUD",
        }

    def test_canceled_reactivated_and_trials_that_never_convert(self, example: Books) -> None:
        kinds = {account: [event.kind for event in client.events] for account, client in example.relationships.items()}
        assert EventKind.CANCEL in kinds["acct-dunes-realty"]
        assert EventKind.REACTIVATE in kinds["acct-maple-montessori"]
        charged = {row["account"] for row in example_rows("charges")}
        expired = {account for account, found in kinds.items() if EventKind.EXPIRE_TRIAL in found and EventKind.CONVERT not in found}
        assert len(expired) >= 2
        assert not expired & charged

    def test_refunds_of_a_discounted_and_of_a_shared_charge_in_part_and_in_full(self, example: Books) -> None:
        amounts = {row["id"]: row["amount"] for row in example_rows("charges")}
        refunds = [(row["charge"], row["amount"]) for row in example_rows("refunds")]
        assert any(amounts[charge] == amount for charge, amount in refunds)
        assert any(amounts[charge] != amount for charge, amount in refunds)
        *_, august = example.closes(Month.parse("2025-08"))
        assert any(adjustment.discount.minor for bill in august.bills for adjustment in bill.adjustments)
        assert any(adjustment.share.minor for one in august.statements for adjustment in one.adjustments)

    def test_every_kind_of_money(self) -> None:
        assert {row["kind"] for row in example_rows("entries")} == {"incentive", "adjustment"}
        assert {row["kind"] for row in example_rows("charges")} >= {"subscription", "add_on", "suspension_fee", "overage"}
        for name in ("payments", "disbursements", "receipts", "deals"):
            assert example_rows(name), name

    def test_a_bonus_a_flag_and_a_self_referral(self, example: Books) -> None:
        *_, august = example.closes(Month.parse("2025-08"))
        assert any(statement.bonuses for statement in august.statements)
        assert example.credits["acct-side-door-podcast"].flags == {CreditFlag.SAME_DOMAIN}
        assert CreditReason.SELF_REFERRAL in {credit.reason for credit in example.credits.values()}

    def test_every_standing_there_is(self, example: Books) -> None:
        standings = {
            (standing.management, standing.billing_mode, standing.status)
            for client in example.relationships.values()
            for day in (client.started_on + timedelta(days=count) for count in range((date(2025, 9, 1) - client.started_on).days))
            if day >= date(2025, 3, 1)
            for standing in [client.standing_on(day)]
        }
        assert {mode for _, mode, _ in standings} == set(BillingMode)
        assert {management for management, _, _ in standings} == {None, *Management}
        assert {status for _, _, status in standings} == set(AccountStatus) - {AccountStatus.UNKNOWN}

    def test_its_terms_say_that_they_are_invented(self, example: Books) -> None:
        program = example.program
        terms = [*program.terms, *(entry for _, history in program.partner_terms for entry in history)]
        assert len(terms) >= 3
        assert all("invented" in entry.source for entry in terms)

    def test_a_partner_has_a_contract_of_its_own_that_was_renewed(self, example: Books) -> None:
        ((partner, history),) = example.program.partner_terms
        assert partner in example.partners
        assert len(list(history)) == 2


TRAFFIC = ROOT.parent / "shared" / "data" / "visits.jsonl"


@pytest.fixture(scope="module")
def real_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    spec = importlib.util.spec_from_file_location("real_traffic", ROOT / "benchmarks" / "real_traffic.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    place = tmp_path_factory.mktemp("real") / "program"
    module.main(TRAFFIC, place)
    return place


def _counted() -> tuple[Counter[str], int]:
    """Give the credits by referrer host, and how many openings there were."""
    rows = [json.loads(line) for line in TRAFFIC.read_text(encoding="utf-8").splitlines()]
    opened: dict[str, datetime] = {}
    for row in rows:
        path = "/" + row["url"].split("//", 1)[1].partition("/")[2]
        if not row["bot"] and row["status"] == 200 and path.startswith("/projects/"):
            at = datetime.fromisoformat(row["at"])
            opened[row["visitor"]] = min(at, opened.get(row["visitor"], at))
    last: dict[str, tuple[datetime, str]] = {}
    for row in rows:
        host, at, visitor = row["referer_host"], datetime.fromisoformat(row["at"]), row["visitor"]
        is_partner = host not in (None, "www.semicomplete.com") and re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?", host)
        if is_partner and not row["bot"] and visitor in opened and at <= opened[visitor] and at >= last.get(visitor, (at, ""))[0]:
            last[visitor] = at, host
    return Counter(host for _, host in last.values()), len(opened)


@pytest.mark.skipif(not TRAFFIC.exists(), reason="the real traffic is not here: ../shared/data/visits.jsonl")
class TestRealTraffic:
    """The main job on real traffic: counted here once more, by a plain loop over the rows."""

    def test_the_month_closes_with_the_counts_of_a_plain_loop(self, real_program: Path, tmp_path: Path) -> None:
        credited, opened = _counted()
        result = run("close", real_program, "--month", "2015-05", "--out", tmp_path / "out", columns=160)
        assert (result.exit_code, result.stderr) == (0, "")
        assert f"{opened:,} accounts opened this month" in " ".join(result.stdout.split())
        credits = [json.loads(line) for line in (tmp_path / "out" / "credits.jsonl").read_text(encoding="utf-8").splitlines()]
        assert len(credits) == opened
        assert Counter(one["partner"].removeprefix("p-") for one in credits if one["partner"] is not None) == credited
        assert credited.total() > 50
        assert {path.name for path in (tmp_path / "out").iterdir()} == OUTPUTS

    def test_each_credited_account_earns_its_partner_fifteen_percent(self, real_program: Path, tmp_path: Path) -> None:
        credited, _ = _counted()
        assert run("close", real_program, "--month", "2015-05", "--out", tmp_path / "out").exit_code == 0
        statements = [json.loads(line) for line in (tmp_path / "out" / "statements.jsonl").read_text(encoding="utf-8").splitlines()]
        closing = {one["partner"].removeprefix("p-"): one["totals"]["closing"] for one in statements}
        assert closing == {host: f"{count * 180 // 100}.{count * 180 % 100:02} USD" for host, count in credited.items()}

    def test_traffic_is_counted(self, real_program: Path) -> None:
        rows = [json.loads(line) for line in TRAFFIC.read_text(encoding="utf-8").splitlines()]
        result = run("close", real_program, "--month", "2015-05", columns=160)
        shown = " ".join(result.stdout.split())
        assert f"{len(rows):,} visits read in all: " in shown
        assert re.search(rf"\b{sum(row['bot'] for row in rows):,} by bots", shown)
