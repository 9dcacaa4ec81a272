"""The books of a program directory: what is wrong with them is said in full, and what is right is counted and credited."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands import (
    EXAMPLE,
    MONTH,
    Spoil,
    added,
    append,
    bytes_of,
    changed,
    charge,
    close,
    edit,
    event,
    everything_below,
    example_books,
    example_rows,
    inserted_before,
    lines_of,
    receipt,
    record,
    refund,
    run,
    spoiled,
)
from partnerkit import reading
from partnerkit.attribution import AccountOpening, CreditReason, Deal, PageVisit, Visit, attribute
from partnerkit.books import Books, Traffic
from partnerkit.codec import from_line
from partnerkit.errors import InvalidRecords
from partnerkit.partners import AccountStatus, Management, Origin
from partnerkit.periods import Month
from partnerkit.reading import read_books
from partnerkit.relationships import EventKind


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


YOGA = '"sunrise-yoga-2025-08-08",'
LODGE = '"summit-ski-lodge-2025-08-02",'
OPENING = '"opening-sunrise-yoga"'
BEFORE_TERMS = "before the first terms of 2024-01-01"

FAULTS = [
    *(
        pytest.param(
            "charges.jsonl", changed(LODGE, f'"{was}"', f'"{becomes}"'), f"pricing.{name}", [wanted], id=f"a {name} of no contract"
        )
        for name, was, becomes, wanted in (
            ("tier_basis", "peak_in_period", "peak_ever", "is 'peak_ever', but by the terms of 2025-08-02 it is 'peak_in_period'"),
        )
    ),
    pytest.param(
        "charges.jsonl",
        changed(LODGE, '"cycle": "2025-08-02/2025-09-02"', '"cycle": "2025-08-01/2025-09-02"'),
        "pricing.cycle",
        ["and not one of the cycles of acct-summit-ski-lodge by its anchor day 2: 2025-07-02/2025-08-02"],
        id="a cycle that is none",
    ),
    pytest.param(
        "charges.jsonl",
        changed(LODGE, '"prices_from": "2024-01-01"', '"prices_from": "2024-01-02"'),
        "pricing.prices_from",
        ["is 2024-01-02, but the prices of 'suspension' in program.toml make it 2024-01-01 for 6400"],
        id="prices of another day",
    ),
    pytest.param(
        "charges.jsonl",
        changed(LODGE, '"units": 6400', '"units": 2500'),
        "pricing.price",
        ["make it 5.00 USD for 2500"],
        id="another price",
    ),
    pytest.param(
        "charges.jsonl", changed(LODGE, '"low": 2501', '"low": 2500'), "pricing.low", ["make it 2501 for 6400"], id="a tier that is none"
    ),
    pytest.param(
        "charges.jsonl",
        changed(LODGE, '"high": 10000, ', ""),
        "pricing.high",
        ["is nothing, but", "make it 10000"],
        id="a tier without end",
    ),
    pytest.param(
        "charges.jsonl",
        changed('"harbor-bakery-2025-06-16",', '"units": 2604', '"units": 26040'),
        "pricing",
        ["ends at 10000 contacts and has no price for 26040"],
        id="more than the last tier holds",
    ),
    pytest.param(
        "charges.jsonl", changed(LODGE, '"price": "10.00 USD"', '"price": "11.00 USD"'), "", ["its pricing comes to 11.00 USD"], id="a sum"
    ),
    pytest.param("charges.jsonl", added('{"record": "charge", '), "", ["is not JSON"], id="a malformed line"),
    pytest.param("visits.jsonl", added("[]"), "", ["is a list", "wanted a record"], id="a line that is no record"),
    pytest.param("charges.jsonl", changed(YOGA, '"item"', '"itme"'), "itme", ["is not a field", "item"], id="an unknown field"),
    pytest.param("charges.jsonl", changed(YOGA, '"item": "standard", ', ""), "item", ["is missing", "wanted a text"], id="a missing field"),
    pytest.param(
        "charges.jsonl", changed(YOGA, '"35.00 USD"', "35.00"), "amount", ["is 35.0", "wanted an amount such as"], id="a wrong type"
    ),
    pytest.param(
        "charges.jsonl", changed(YOGA, '"renewal"', '"habit"'), "reason", ["is 'habit'", "'start', 'renewal'"], id="an unknown choice"
    ),
    pytest.param(
        "charges.jsonl", changed(YOGA, '"version": 1', '"version": 2'), "version", ["newer partnerkit"], id="a version of the future"
    ),
    pytest.param("charges.jsonl", changed(YOGA, "35.00 USD", "35.00 XYZ"), "amount", ["XYZ"], id="an unknown currency"),
    pytest.param("accounts.jsonl", changed("acct-sunrise-yoga", '"USD"', '"usd"'), "currency", ["usd"], id="a currency that is none"),
    pytest.param(
        "charges.jsonl",
        changed('"sunrise-yoga-2025-08-08-sms"', '"sunrise-yoga-2025-08-08-sms"', '"sunrise-yoga-2025-08-08"'),
        "id",
        ["'sunrise-yoga-2025-08-08'", "has already"],
        id="a duplicate id",
    ),
    pytest.param(
        "partners.jsonl", added(record("partner", id="brightside", names=[{"name": "other"}])), "id", ["'brightside'"], id="a partner twice"
    ),
    pytest.param(
        "charges.jsonl",
        changed(YOGA, "acct-sunrise-yoga", "acct-nobody"),
        "account",
        ["'acct-nobody'", "no such account"],
        id="an unknown account",
    ),
    pytest.param(
        "events.jsonl",
        changed('"referred"', '"northlight"', '"southlight"'),
        "partner",
        ["'southlight'", "no such partner"],
        id="an unknown partner",
    ),
    pytest.param(
        "payments.jsonl", changed("2025-08-gbp", '"brightside"', '"b"'), "partner", ["'b'", "no such partner"], id="a payment of nobody"
    ),
    pytest.param("coupons.jsonl", added(record("coupon", code="X", partner="p-9")), "partner", ["'p-9'"], id="a coupon of nobody"),
    pytest.param(
        "charges.jsonl",
        changed(YOGA, "2025-08-08/", "2025-08-07/"),
        "period",
        ["2025-08-07/2025-09-08, and sunrise-yoga-2025-07-08 bills 'standard'", "start one where the other ends"],
        id="days that are billed already",
    ),
    pytest.param(
        "charges.jsonl", changed(YOGA, '"standard"', '"ultimate"'), "item", ["'ultimate'", "no price in program.toml"], id="an unknown plan"
    ),
    pytest.param(
        "openings.jsonl",
        changed(OPENING, "14:20:00-05:00", "14:20:00"),
        "at",
        ["no offset from UTC", "wanted '2025-03-05T14:20:00+00:00'"],
        id="a naive time",
    ),
    pytest.param("visits.jsonl", changed('"visit-003"', "19:02:00+00:00", "19:02:00"), "at", ["no offset from UTC"], id="a naive visit"),
    pytest.param(
        "events.jsonl",
        added(event("acct-sunrise-yoga", "suspend", "2025-08-30")),
        "",
        ["suspend of acct-sunrise-yoga on 2025-08-30", "SUSPEND-SINGLE-BILL"],
        id="a transition that is refused",
    ),
    pytest.param(
        "events.jsonl",
        added(event("acct-lantern-bookshop", "join_single_bill", "2025-08-28")),
        "",
        ["join_single_bill of acct-lantern-bookshop on 2025-08-28", "JOIN-"],
        id="a referred account on a Single Bill",
    ),
    pytest.param("events.jsonl", added(event("acct-sunrise-yoga", "convert", "2025-03-01")), "", ["2025-03-01"], id="events out of order"),
    pytest.param(
        "events.jsonl",
        inserted_before("acct-kestrel-coffee", event("acct-kestrel-coffee", "opened", "2025-08-03", status="trial")),
        "",
        ["before the account was opened"],
        id="an event before the opening",
    ),
    pytest.param(
        "events.jsonl",
        inserted_before('"acct-kestrel-coffee", "kind": "convert"', event("acct-kestrel-coffee", "convert", "2025-08-03")),
        "",
        ["2025-08-03"],
        id="a change before the opening",
    ),
    pytest.param(
        "events.jsonl",
        added(event("acct-sunrise-yoga", "managed", "2025-08-30", partner="brightside", status="open")),
        "",
        ["begin the account a second time"],
        id="two beginnings",
    ),
    pytest.param(
        "events.jsonl",
        inserted_before(
            '"acct-lantern-bookshop"', event("acct-lantern-bookshop", "referred", "2025-08-19", partner="northlight", status="trial")
        ),
        "partner",
        ["is 'northlight'", "credits brightside"],
        id="a beginning that the credit contradicts",
    ),
    pytest.param(
        "charges.jsonl",
        changed(YOGA, "35.00 USD", "35.00 GBP"),
        "amount",
        ["is 35.00 GBP", "acct-sunrise-yoga is billed in USD"],
        id="another currency than the account's",
    ),
    pytest.param(
        "charges.jsonl",
        added(charge("acct-sunrise-yoga", item="standard", reason="renewal", period="2025-08-08/2025-09-08")),
        "period",
        ["sunrise-yoga-2025-08-08", "bill it once"],
        id="one thing charged twice",
    ),
    pytest.param(
        "charges.jsonl",
        added(charge("acct-lantern-bookshop")),
        "",
        ["when acct-lantern-bookshop was a trial"],
        id="a trial that is charged",
    ),
    pytest.param(
        "charges.jsonl",
        added(charge("acct-lantern-bookshop", charged_on="2025-08-02")),
        "",
        ["2025-08-02"],
        id="a charge before the beginning",
    ),
    pytest.param(
        "refunds.jsonl",
        added(refund("riverside-law-2025-08-28", "55.01 USD")),
        "amount",
        ["to 55.01 USD", "more than the 55.00 USD"],
        id="a refund above what was charged",
    ),
    pytest.param(
        "refunds.jsonl",
        added(refund("northgate-animal-clinic-2025-07-07", "140.01 USD")),
        "amount",
        ["to 200.01 USD", "more than the 200.00 USD"],
        id="refunds that are too much together",
    ),
    pytest.param(
        "refunds.jsonl", added(refund("riverside-law-2025-08-28", "5.00 GBP")), "amount", ["is in USD"], id="a refund in other money"
    ),
    pytest.param(
        "refunds.jsonl",
        added(refund("riverside-law-2025-08-28", "5.00 USD", "2025-08-27")),
        "refunded_on",
        ["before the charge"],
        id="a refund before the charge",
    ),
    pytest.param(
        "refunds.jsonl",
        added(refund("elm-street-theater-2025-08-23", "0.01 USD")),
        "",
        ["to 0.01 USD given back by 2025-08-31, of 0.00 USD received", "record the cash first"],
        id="a refund of cash that never came",
    ),
    pytest.param(
        "receipts.jsonl",
        added(receipt("sunrise-yoga-2025-08-08")),
        "",
        ["brightside pays by Single Bill", "record a payment"],
        id="a receipt for a Single Bill line",
    ),
    pytest.param(
        "receipts.jsonl", added(receipt("elm-street-theater-2025-08-23", "150.01 USD")), "amount", ["150.01 USD"], id="too much received"
    ),
    pytest.param(
        "receipts.jsonl",
        added(receipt("elm-street-theater-2025-08-23", on="2025-07-01")),
        "received_on",
        ["before the charge"],
        id="cash too early",
    ),
    pytest.param("openings.jsonl", changed(OPENING, "acct-sunrise-yoga", "acct-x"), "account", ["'acct-x'"], id="an opening of no account"),
    pytest.param("receipts.jsonl", added(receipt("c-0")), "charge", ["'c-0'", "no such charge"], id="a receipt for no charge"),
    pytest.param("refunds.jsonl", added(refund("c-0", "1.00 USD")), "charge", ["'c-0'", "no such charge"], id="a refund of no charge"),
    pytest.param(
        "openings.jsonl",
        added(record("opening", id="o-new", account="acct-sunrise-yoga", visitor="v-1", at="2025-08-30T12:00:00-04:00")),
        "account",
        ["'acct-sunrise-yoga'", "opens once"],
        id="a second opening",
    ),
    pytest.param(
        "deals.jsonl", changed("meridian", "acct-meridian-logistics", "acct-x"), "account", ["'acct-x'"], id="a deal about no account"
    ),
    *(
        pytest.param(
            name, changed(needle, f'"{field}": "2025-', f'"{field}": "0025-'), field, ["is 0025-", BEFORE_TERMS], id=f"{name} of 0025"
        )
        for name, needle, field in (
            ("charges.jsonl", YOGA, "charged_on"),
            ("payments.jsonl", "", "received_on"),
            ("disbursements.jsonl", "", "paid_on"),
            ("entries.jsonl", "", "on"),
        )
    ),
]


class TestBadInput:
    """Whatever is wrong is said with its file, line and field, the exit code is 2, and nothing is shown or written."""

    def _refused(self, directory: Path) -> list[str]:
        place = directory.parent / "out"
        result = close(directory, "--out", place)
        assert (result.exit_code, result.stdout) == (2, "")
        assert everything_below(directory.parent) == [directory.name, *(f"{directory.name}/{name}" for name in everything_below(directory))]
        return result.stderr.splitlines()

    @pytest.mark.parametrize(("name", "spoil", "field", "words"), FAULTS)
    def test_a_fault_is_named_with_its_place(self, directory: Path, name: str, spoil: Spoil, field: str, words: list[str]) -> None:
        number = spoiled(directory, name, spoil)
        faults = self._refused(directory)
        place = f"error: {name}:{number}: {field}: " if field else f"error: {name}:{number}: "
        (fault,) = [line for line in faults if line.startswith(place)]
        for word in words:
            assert word in fault
        assert re.fullmatch(r"\d+ faults?; nothing was written\.", faults[-1])

    def test_faults_of_reading_come_together(self, directory: Path) -> None:
        spoils: list[tuple[str, Spoil, str]] = [
            ("charges.jsonl", changed(YOGA, "35.00 USD", "35"), "amount: "),
            ("charges.jsonl", added("nonsense"), ""),
            ("openings.jsonl", changed(OPENING, "-05:00", ""), "at: "),
            ("events.jsonl", added(event("acct-sunrise-yoga", "vanish", "2025-08-01")), "kind: "),
            ("partners.jsonl", changed("cedar-main", '"cedarmain"', '"cedar main"'), "names[0].name: "),
        ]
        places = [f"error: {name}:{spoiled(directory, name, spoil)}: {field}" for name, spoil, field in spoils]
        edit(directory, "program.toml", 'rate = "15%"', '"15%"', '"a lot"')
        faults = self._refused(directory)
        assert faults[-1] == "6 faults; nothing was written."
        for place in [*places, "error: program.toml: terms[0].share.rate: "]:
            assert any(line.startswith(place) for line in faults), place

    def test_faults_of_reference_come_together(self, directory: Path) -> None:
        spoils: list[tuple[str, Spoil, str]] = [
            ("payments.jsonl", changed("2025-08-gbp", '"brightside"', '"b"'), "partner: "),
            ("events.jsonl", added(event("acct-x", "convert", "2025-08-01")), "account: "),
            ("receipts.jsonl", added(receipt("c-0")), "charge: "),
            ("charges.jsonl", changed(YOGA, '"standard"', '"ultimate"'), "item: "),
        ]
        places = [f"error: {name}:{spoiled(directory, name, spoil)}: {field}" for name, spoil, field in spoils]
        faults = self._refused(directory)
        assert faults[-1] == "4 faults; nothing was written."
        for place in places:
            assert any(line.startswith(place) for line in faults), place

    def test_histories_are_checked_together(self, directory: Path) -> None:
        first = append(directory, "events.jsonl", event("acct-sunrise-yoga", "suspend", "2025-08-30"))
        second = append(directory, "events.jsonl", event("acct-lantern-bookshop", "join_single_bill", "2025-08-28"))
        faults = self._refused(directory)
        assert faults[-1] == "2 faults; nothing was written."
        assert {line.split(": ")[1] for line in faults[:-1]} == {f"events.jsonl:{first}", f"events.jsonl:{second}"}

    def test_charges_and_cash_of_all_months_are_checked_together(self, directory: Path) -> None:
        spoils: list[tuple[str, Spoil]] = [
            ("charges.jsonl", added(charge("acct-hilltop-brewery", id="c-early", charged_on="2025-05-10"))),
            ("charges.jsonl", added(charge("acct-lantern-bookshop"))),
            ("receipts.jsonl", added(receipt("sunrise-yoga-2025-08-08"))),
            ("refunds.jsonl", added(refund("elm-street-theater-2025-08-23", "0.01 USD"))),
        ]
        places = [f"error: {name}:{spoiled(directory, name, spoil)}: " for name, spoil in spoils]
        faults = self._refused(directory)
        assert sorted(line[: len(place)] for line, place in zip(faults, places, strict=False)) == sorted(places)
        assert len(faults) == len(places) + 1

    def test_a_later_month_is_not_asked(self, directory: Path) -> None:
        append(directory, "charges.jsonl", charge("acct-lantern-bookshop", charged_on="2025-09-01"))
        assert close(directory).exit_code == 0
        assert run("check", directory).exit_code == 2

    @pytest.mark.parametrize("name", ["visits.jsonl", "openings.jsonl", "coupons.jsonl", "deals.jsonl", "charges.jsonl", "accounts.jsonl"])
    def test_a_line_that_cannot_be_read_hides_no_impossible_history(self, directory: Path, name: str) -> None:
        unreadable = append(directory, name, "nonsense")
        impossible = append(directory, "events.jsonl", event("acct-sunrise-yoga", "suspend", "2025-08-30"))
        unread, refused, _ = self._only(directory, 2)
        assert unread.startswith(f"error: {name}:{unreadable}: ")
        assert refused.startswith(f"error: events.jsonl:{impossible}: suspend of acct-sunrise-yoga")

    def test_an_unreadable_event_hides_no_impossible_history_of_another_account(self, directory: Path) -> None:
        unreadable = append(directory, "events.jsonl", event("acct-hilltop-brewery", "vanish", "2025-08-01"))
        impossible = append(directory, "events.jsonl", event("acct-sunrise-yoga", "suspend", "2025-08-30"))
        unread, refused, _ = self._only(directory, 2)
        assert unread.startswith(f"error: events.jsonl:{unreadable}: kind: ")
        assert refused.startswith(f"error: events.jsonl:{impossible}: suspend of acct-sunrise-yoga")

    @pytest.mark.parametrize(("line", "new"), [('rate = "15%"', 'rate = "a lot"'), ('window = "90 days"', "")])
    def test_a_fault_of_the_program_hides_no_fault_of_reference(self, directory: Path, line: str, new: str) -> None:
        edit(directory, "program.toml", line, line, new)
        number = append(directory, "receipts.jsonl", receipt("c-0"))
        faults = self._only(directory, 2)
        assert any(fault.startswith("error: program.toml: ") for fault in faults)
        assert any(fault.startswith(f"error: receipts.jsonl:{number}: charge: is 'c-0'") for fault in faults)

    @pytest.mark.parametrize(
        ("name", "spoil"),
        [
            ("accounts.jsonl", changed("acct-sunrise-yoga", '"USD"', '"usd"')),
            ("accounts.jsonl", changed("acct-sunrise-yoga", '"anchor_day"', "anchor_day")),
            ("partners.jsonl", changed("cedar-main", '"cedarmain"', '"cedar main"')),
            ("partners.jsonl", changed("cedar-main", '"id"', '"name"')),
            ("charges.jsonl", changed("elm-street-theater-2025-08-23", 'USD"', 'usd"')),
            ("charges.jsonl", changed("riverside-law-2025-08-28", '"amount"', "amount")),
            ("openings.jsonl", changed(OPENING, "-05:00", "")),
            ("openings.jsonl", changed("acct-kestrel-coffee", "acct-kestrel-coffee", "acct-x")),
            ("openings.jsonl", changed("acct-kestrel-coffee", '"at"', "at")),
            ("visits.jsonl", changed('"visit-003"', '"at"', "at")),
            ("visits.jsonl", changed('"visit-001"', '"visit-001"', '"visit-002"')),
            ("deals.jsonl", changed("meridian", '"approved"', '"improved"')),
            ("events.jsonl", changed('"acct-kestrel-coffee", "kind": "convert"', '"convert"', '"convret"')),
            ("events.jsonl", changed('"acct-kestrel-coffee", "kind": "convert"', '"convert"', "convert")),
        ],
        ids=count(1),
    )
    def test_what_follows_from_a_fault_is_not_reported(self, directory: Path, name: str, spoil: Spoil) -> None:
        spoiled(directory, name, spoil)
        append(directory, "receipts.jsonl", receipt("elm-street-theater-2025-08-23"))
        *faults, _ = self._refused(directory)
        assert faults
        assert {re.split(r":(?=\d)", fault)[0] for fault in faults} == {f"error: {name}"}

    def test_a_code_of_two_partners_is_one_fault(self, directory: Path) -> None:
        lines = [record("coupon", code=code, partner=partner) for code, partner in (("X", "brightside"), ("x", "northlight"))]
        append(directory, "coupons.jsonl", lines[0])
        number = append(directory, "coupons.jsonl", lines[1])
        (fault, _) = self._only(directory, 1)
        assert fault.startswith(f"error: coupons.jsonl:{number}: code: is 'x', which line 1 gives to brightside")

    def test_a_code_of_one_partner_may_stand_twice(self, directory: Path) -> None:
        for code in ("X", "x"):
            append(directory, "coupons.jsonl", record("coupon", code=code, partner="brightside"))
        assert run("check", directory).exit_code == 0

    def _only(self, directory: Path, count: int) -> list[str]:
        faults = self._refused(directory)
        assert len(faults) == count + 1, faults
        return faults

    def test_an_account_outside_the_calendar_of_the_zone(self, directory: Path) -> None:
        whose = json.loads(lines_of(directory, "accounts.jsonl")[0]) | {"id": "acct-old", "opened_at": "0001-01-01T00:00:00+00:00"}
        number = append(directory, "accounts.jsonl", json.dumps(whose))
        (fault, _) = self._only(directory, 1)
        assert fault.startswith(f"error: accounts.jsonl:{number}: opened_at: ")

    def test_an_account_that_begins_after_its_opening(self, directory: Path) -> None:
        """What follows from an opening has no line in events.jsonl, so the account is named."""
        number = spoiled(directory, "accounts.jsonl", changed("acct-kestrel-coffee", "2025-08-04T", "2025-08-06T"))
        faults = self._refused(directory)
        assert any(line.startswith(f"error: accounts.jsonl:{number}: opened_at: ") for line in faults)

    @pytest.mark.parametrize(
        ("line", "key"),
        [
            ('rate = "15%"', "share.rate"),
            ('recognized = "on_cash"', "share.recognized"),
            ('discount = "20%"', "single_bill.discount"),
            ('clawback = "proportional"', "share.clawback"),
            ('window = "90 days"', "attribution.window"),
            ('amount = ["50.00 USD", "40.00 GBP", "75.00 AUD"]', "bonus.amount"),
            ("after_partnership_ends = false", "share.after_partnership_ends"),
        ],
    )
    def test_a_contract_number_that_is_missing_stops_with_its_key(self, directory: Path, line: str, key: str) -> None:
        edit(directory, "program.toml", line, line, "")
        faults = self._refused(directory)
        section, _, name = key.partition(".")
        (fault,) = [one for one in faults if one.startswith("error: ")]
        assert f"the term {key} is needed and not given" in fault
        assert f"state `{name}` under [terms.{section}]" in fault

    def test_a_bonus_without_an_amount_in_the_currency_stops_with_its_key(self, directory: Path) -> None:
        edit(directory, "program.toml", "amount = [", ', "75.00 AUD"', "")
        assert "bonus.amount.AUD" in self._refused(directory)[0]

    def test_no_terms_in_force_stop_the_close(self, directory: Path) -> None:
        edit(directory, "program.toml", "starts_on = 2024-01-01", "2024-01-01", "2025-07-01")
        assert any("no terms are in force" in line for line in self._refused(directory))

    def test_a_model_that_credits_nobody_whole_is_refused(self, directory: Path) -> None:
        edit(directory, "program.toml", 'model = "last"', '"last"', '"linear"')
        faults = self._refused(directory)
        assert faults[0].startswith("error: openings.jsonl:1: ")
        assert "linear" in faults[0]

    @pytest.mark.parametrize("name", ["program.toml", "partners.jsonl", "accounts.jsonl"])
    def test_a_missing_file_is_named(self, directory: Path, name: str) -> None:
        (directory / name).unlink()
        assert any(name in line and ("is missing" in line or "has no program.toml" in line) for line in self._refused(directory))

    def test_a_directory_in_the_place_of_a_file_is_named(self, directory: Path) -> None:
        (directory / "charges.jsonl").unlink()
        (directory / "charges.jsonl").mkdir()
        assert "charges.jsonl: Is a directory" in self._refused(directory)[0]

    @pytest.mark.parametrize("name", ["charges.jsonl", "program.toml"])
    def test_what_is_not_utf_8_is_named_with_its_line(self, directory: Path, name: str) -> None:
        path = directory / name
        number = path.read_bytes().count(b"\n") + 1
        path.write_bytes(path.read_bytes() + "# café".encode("latin-1"))
        assert any(line == f"error: {name}:{number}: is not UTF-8: save the file in that encoding" for line in self._refused(directory))

    def test_a_program_file_that_is_no_toml_is_named(self, directory: Path) -> None:
        (directory / "program.toml").write_text("name = [")
        assert any(line.startswith("error: program.toml") for line in self._refused(directory))

    def test_terms_of_a_partner_nobody_knows(self, directory: Path) -> None:
        edit(directory, "program.toml", 'partner = "northlight"', "northlight", "southlight")
        assert any("program.toml: partner_terms: there is no partner 'southlight'" in line for line in self._refused(directory))

    @pytest.mark.parametrize("text", ["2025-13", "August", "2025-8", ""])
    def test_a_month_that_is_none(self, text: str) -> None:
        result = run("close", EXAMPLE, "--month", text)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "--month" in result.stderr

    def test_a_month_before_the_first_record(self, tmp_path: Path) -> None:
        result = run("close", EXAMPLE, "--month", "2024-12", "--out", tmp_path / "out")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "error: --month: is 2024-12, before the first record of money" in result.stderr
        assert everything_below(tmp_path) == []

    @pytest.mark.parametrize("command", [("close", "--month", MONTH), ("check",), ("why",)])
    def test_a_directory_that_does_not_exist(self, tmp_path: Path, command: tuple[str, ...]) -> None:
        name, *options = command
        result = run(name, tmp_path / "nowhere", *(["c-1"] if name == "why" else []), *options)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "nowhere" in result.stderr

    @pytest.mark.parametrize("form", ["blank lines", "crlf", "bom", "no last newline"])
    def test_other_ways_to_write_the_same_lines_are_accepted(self, directory: Path, out: Path, form: str) -> None:
        changes: dict[str, Callable[[bytes], bytes]] = {
            "blank lines": lambda raw: b"\n  \n" + raw.replace(b"\n", b"\n\n"),
            "crlf": lambda raw: raw.replace(b"\n", b"\r\n"),
            "bom": lambda raw: b"\xef\xbb\xbf" + raw,
            "no last newline": lambda raw: raw.rstrip(b"\n"),
        }
        for path in directory.iterdir():
            path.write_bytes(changes[form](path.read_bytes()))
        result = close(directory, "--out", directory.parent / "out")
        assert result.exit_code == 0, result.stderr
        written, straight = bytes_of(directory.parent / "out"), bytes_of(out)
        manifest = json.loads(written.pop("manifest.jsonl"))
        assert manifest["inputs"]["charges.jsonl"] == hashlib.sha256((directory / "charges.jsonl").read_bytes()).hexdigest()
        del straight["manifest.jsonl"]
        assert written == straight


PROGRAM = """\
name = "small"
zone = "America/New_York"

[sites]
hosts = ["www.vendor.example"]
subdomains = false

[[terms]]
starts_on = 2025-01-01
source = "invented for the tests"

[terms.attribution]
model = "last"
window = "30 days"
eligible_at = "both"
on_ineligible = "skip"
skew_seconds = 0
stand_down_seconds = 0
precedence = ["coupon", "link"]
require_consent = false
honor_gpc = false
self_referral = "deny"

[terms.share]
rate = "10%"
scope = ["subscription"]
recognized = "on_billing"
rounding = "half_away"

[terms.bonus]
amount = "not agreed"

[terms.management]
move_in_sender_days = 60

[[prices]]
item = "lite"
currency = "USD"
starts_on = 2025-01-01
tiers = [{ from = 0, price = "12.00" }]
"""
LINK = "https://www.vendor.example/"


def _page(name: str, url: str, **fields: object) -> str:
    return record("page_visit", **{"id": name, "visitor": "v-1", "at": "2025-08-01T12:00:00+00:00", "url": url, **fields})


def _opening(account: str = "a-1", **fields: object) -> str:
    return record("opening", **{"id": f"o-{account}", "account": account, "visitor": "v-1", "at": "2025-08-02T03:00:00+00:00", **fields})


def _small(**files: Iterable[str]) -> Books:
    """Read the books of a small program: two partners and one account, opened on August 1 where the program sits."""
    known = {
        "partners": [
            record("partner", id="p-1", names=[{"name": "north"}], single_bill=[{"setup": {"bill_day": 5}}]),
            record("partner", id="p-2", names=[{"name": "south"}]),
        ],
        "accounts": [record("account", id="a-1", client="c-1", currency="USD", opened_at="2025-08-02T03:00:00+00:00", anchor_day=2)],
    }
    contents = {f"{name}.jsonl": list(lines) for name, lines in {**known, **files}.items()}
    return read_books(PROGRAM, contents.get)


@pytest.fixture(scope="module")
def example() -> Books:
    return example_books()


class TestTraffic:
    """Visits come from strangers: whatever their URLs are, they are counted and never stop the books."""

    def test_what_is_counted(self) -> None:
        books = _small(
            visits=[
                _page("k1", LINK + "?pn=north"),
                _page("k2", LINK),
                _page("k3", LINK, bot=True),
                _page("k4", LINK + "?pn=north", bot=True),
                _page("k5", "https://other.example/?pn=north"),
                _page("k6", "https://other.example/", bot=True),
                _page("k7", LINK + "?pn=north&pn=south"),
                _page("k8", "https://user:secret@www.vendor.example/?pn=north"),
                _page("k9", "not a url"),
                _page("k10", LINK + "?pn="),
            ]
        )
        assert books.traffic == Traffic(visits=10, elsewhere=2, unreadable=2, bots=2, without_name=3)

    @pytest.mark.parametrize(
        "url",
        [
            "",
            " ",
            "https://",
            "https://[::1",
            "https://www.vendor.example:99999/?pn=north",
            "https://www.vendor.example\\@evil.example/?pn=north",
            "https://www.vendor.example\t/?pn=north",
            "javascript:alert(1)",
            "//www.vendor.example/?pn=north",
            "https://1.2.3/?pn=north",
            "https://www.vendor.example/" + "x" * 100_000,
            "https://\N{FULLWIDTH LATIN SMALL LETTER W}ww.vendor.example/?pn=%ff%00",
        ],
    )
    def test_a_hostile_url_is_counted_and_credits_nobody(self, url: str) -> None:
        books = _small(visits=[_page("k1", url)], openings=[_opening()])
        assert books.traffic.visits == 1
        assert books.traffic.elsewhere + books.traffic.unreadable + books.traffic.without_name <= 1
        assert books.credits["a-1"].partner is None

    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), st.sampled_from(["", LINK, LINK + "?pn=", "https://"]))
    def test_no_text_stops_the_books(self, text: str, before: str) -> None:
        books = _small(visits=[_page("k1", before + text), _page("k2", LINK + "?pn=south")], openings=[_opening()])
        assert books.traffic.visits == 2
        assert books.credits["a-1"].partner == "p-2"

    def test_the_example(self, example: Books) -> None:
        visits = example_rows("visits")
        hosts = [re.split(r"[/?#]", visit["url"].removeprefix("https://"))[0] for visit in visits]
        assert all(host.endswith(".constantcontact.com") for host in hosts)
        assert example.traffic.visits == len(visits)
        assert example.traffic.bots == sum(visit.get("bot", False) for visit in visits)
        assert example.traffic.without_name == sum("pn=" not in visit["url"] for visit in visits)
        assert (example.traffic.elsewhere, example.traffic.unreadable) == (0, 0)


class TestCredits:
    """An opening is credited as attribution says, with everything the directory knows about it."""

    def test_every_opening_of_the_example(self, example: Books) -> None:
        visits = [_read_visit(visit, example) for visit in example_rows("visits")]
        deals = [from_line(json.dumps(deal), Deal) for deal in example_rows("deals")]
        assert example.credits.keys() == {opening["account"] for opening in example_rows("openings")}
        for row in example_rows("openings"):
            opening = from_line(json.dumps(row), AccountOpening)
            terms = example.program.terms.on(example.program.day_of(opening.at))
            assert example.credits[opening.account] == attribute(opening, visits, partners=example.partners, terms=terms, deals=deals)

    @pytest.mark.parametrize(
        ("account", "partner", "reason"),
        [
            ("saltmarsh-kayaks", "brightside", CreditReason.LAST),
            ("orchard-lane-daycare", "northlight", CreditReason.LAST),
            ("meridian-logistics", "northlight", CreditReason.DEAL),
            ("holloway-plumbing", "northlight", CreditReason.LAST),
            ("hilltop-brewery", "willow-street", CreditReason.LAST),
            ("aurora-optics", "northlight", CreditReason.LAST),
            ("side-door-podcast", "brightside", CreditReason.LAST),
            ("brookline-tailor", None, CreditReason.NO_TOUCH),
            ("kestrel-coffee", None, CreditReason.NO_TOUCH),
            ("juniper-spa", None, CreditReason.NO_TOUCH),
            ("willow-street-office", None, CreditReason.SELF_REFERRAL),
        ],
    )
    def test_the_cases_the_examples_page_names(self, example: Books, account: str, partner: str | None, reason: CreditReason) -> None:
        credit = example.credits[f"acct-{account}"]
        assert (credit.partner, credit.reason) == (partner, reason)

    @pytest.mark.parametrize("entered", ["SUMMER", "summer", " Summer "])
    def test_a_coupon_credits(self, entered: str) -> None:
        coupons = [record("coupon", code="Winter", partner="p-1"), record("coupon", code="SUMMER", partner="p-2")]
        books = _small(visits=[_page("k1", LINK + "?pn=north")], openings=[_opening(coupon=entered)], coupons=coupons)
        assert (books.credits["a-1"].partner, books.credits["a-1"].reason) == ("p-2", CreditReason.COUPON)

    @pytest.mark.parametrize(("known_at", "partner"), [("2025-08-01T12:00:00+00:00", "p-1"), ("2025-08-09T12:00:00+00:00", None)])
    def test_another_device_counts_once_it_is_known(self, known_at: str, partner: str | None) -> None:
        visits = [_page("k1", LINK + "?pn=north", visitor="phone")]
        identities = [record("identity", visitor="phone", account="a-1", at=known_at)]
        assert _small(visits=visits, openings=[_opening()], identities=identities).credits["a-1"].partner == partner

    def test_the_rules_are_those_of_the_day_in_the_programs_zone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        openings: list[AccountOpening] = []

        def watched(opening: AccountOpening, *args: Any, **kwargs: Any) -> Any:
            openings.append(opening)
            return attribute(opening, *args, **kwargs)

        monkeypatch.setattr(reading, "attribute", watched)
        _small(openings=[_opening()])
        # 03:00 in UTC is still the evening before in New York.
        assert [(one.at.date(), one.account) for one in openings] == [(date(2025, 8, 1), "a-1")]

    def test_an_ambiguous_link_credits_nobody_and_is_kept_as_evidence(self) -> None:
        credit = _small(visits=[_page("k1", LINK + "?pn=north&pn=south")], openings=[_opening()]).credits["a-1"]
        assert credit.partner is None
        assert [one.visit.ambiguous for one in credit.considered] == [True]

    def test_two_visits_under_one_id_are_a_fault_of_their_file(self) -> None:
        with pytest.raises(InvalidRecords) as refused:
            _small(visits=[_page("k1", LINK), _page("k1", LINK + "?pn=north")], openings=[_opening()])
        assert str(refused.value).startswith("visits.jsonl:2: id: is 'k1'")


def _read_visit(row: dict[str, Any], books: Books) -> Visit:
    return from_line(json.dumps(row), PageVisit).read(books.program.sites)


class TestBeginnings:
    """How the life of an account begins: by its own events, else by the credit of its opening, else outside the program."""

    def test_a_credited_opening_refers_the_account_as_a_trial(self) -> None:
        client = _small(visits=[_page("k1", LINK + "?pn=north")], openings=[_opening()]).relationships["a-1"]
        (event,) = client.events
        assert (event.kind, event.partner, event.status) == (EventKind.REFERRED, "p-1", AccountStatus.TRIAL)
        # 03:00 in UTC is still the evening before in New York.
        assert event.on == date(2025, 8, 1)
        standing = client.standing_on(date(2025, 8, 1))
        assert (standing.management, standing.origin) == (Management.REFERRED, Origin.LINK)

    def test_an_opening_that_nobody_is_credited_with_opens_it_outside_the_program(self) -> None:
        (event,) = _small(openings=[_opening()]).relationships["a-1"].events
        assert (event.kind, event.partner, event.status, event.on) == (EventKind.OPENED, None, AccountStatus.TRIAL, date(2025, 8, 1))

    def test_an_opening_of_an_account_that_was_there_begins_open(self) -> None:
        books = _small(visits=[_page("k1", LINK + "?pn=north")], openings=[_opening(existing_account=True)])
        (event,) = books.relationships["a-1"].events
        assert (event.kind, event.status) == (EventKind.OPENED, AccountStatus.OPEN)

    def test_without_an_opening_it_exists_outside_the_program(self) -> None:
        (event,) = _small().relationships["a-1"].events
        assert (event.kind, event.status, event.on) == (EventKind.OPENED, AccountStatus.OPEN, date(2025, 8, 1))

    def test_a_partner_that_creates_an_account_needs_no_visit(self) -> None:
        events = [event("a-1", "managed", "2025-08-01", partner="p-2", status="trial")]
        books = _small(openings=[_opening()], events=events)
        standing = books.relationships["a-1"].standing_on(date(2025, 8, 1))
        assert (standing.credited_to, standing.management) == (books.partners["p-2"], Management.MANAGED)

    @pytest.mark.parametrize(
        ("beginning", "words"),
        [
            (event("a-1", "managed", "2025-08-01", partner="p-2", status="trial"), "is 'p-2', but what led to the opening credits p-1"),
            (event("a-1", "opened", "2025-08-01", status="trial"), "begins as opened, but what led to the opening credits p-1"),
        ],
    )
    def test_no_beginning_takes_an_account_from_the_partner_that_is_credited(self, beginning: str, words: str) -> None:
        with pytest.raises(InvalidRecords, match=words):
            _small(visits=[_page("k1", LINK + "?pn=north")], openings=[_opening()], events=[beginning])

    def test_a_move_in_begins_it(self) -> None:
        events = [
            event("a-1", "moved_in", "2025-08-20", partner="p-2", status="open", consent=True, written_request=True, sender_on_account=True)
        ]
        client = _small(events=events).relationships["a-1"]
        assert [one.kind for one in client.events] == [EventKind.MOVED_IN]
        assert client.standing_on(date(2025, 8, 20)).origin is Origin.MOVED_IN

    def test_later_events_follow_the_beginning_that_is_not_written(self) -> None:
        client = _small(openings=[_opening()], events=[event("a-1", "convert", "2025-08-09")]).relationships["a-1"]
        assert [one.kind for one in client.events] == [EventKind.OPENED, EventKind.CONVERT]
        assert client.status.on(date(2025, 8, 9)) is AccountStatus.OPEN

    def test_a_beginning_that_agrees_with_the_credit_is_kept(self) -> None:
        events = [event("a-1", "referred", "2025-08-01", partner="p-1", status="open")]
        books = _small(visits=[_page("k1", LINK + "?pn=north")], openings=[_opening()], events=events)
        assert books.relationships["a-1"].status.on(date(2025, 8, 1)) is AccountStatus.OPEN


class TestCloses:
    """Months are closed one after another, from the first with a record of money."""

    def test_every_month_up_to_the_wanted_one(self, example: Books) -> None:
        months = [one.month for one in example.closes(Month.parse("2025-08"))]
        assert [str(month) for month in months] == ["2025-03", "2025-04", "2025-05", "2025-06", "2025-07", "2025-08"]

    def test_nothing_before_the_first_record(self, example: Books) -> None:
        assert list(example.closes(Month.parse("2025-02"))) == []

    def test_books_without_money_close_empty(self) -> None:
        (closed,) = _small().closes(Month.parse("2025-08"))
        assert (closed.lines, closed.bills, closed.statements) == ((), (), ())

    def test_a_month_without_anything_carries_the_balance(self) -> None:
        events = [event("a-1", "managed", "2025-08-01", partner="p-1", status="open")]
        charges = [record("charge", **{**_CHARGE, "id": "c-1"})]
        first, second, third = _small(events=events, charges=charges).closes(Month.parse("2025-10"))
        assert [str(one.statements[0].closing) for one in (first, second, third)] == ["1.20 USD"] * 3

    def test_balances_run_on(self, example: Books) -> None:
        before = None
        for closed in example.closes(Month.parse("2025-08")):
            for statement in closed.statements:
                opening = None if before is None else before.balances.get((statement.partner, statement.currency.code))
                assert statement.opening.minor == (0 if opening is None else opening.minor)
            before = closed


_CHARGE: Mapping[str, object] = {
    "account": "a-1",
    "kind": "subscription",
    "item": "lite",
    "reason": "renewal",
    "period": "2025-08-02/2025-09-02",
    "amount": "12.00 USD",
    "charged_on": "2025-08-02",
}
