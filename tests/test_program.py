"""Programs: one commented file, every fault of it at once with its key, and the terms and days that follow from it."""

import pickle
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from partnerkit.errors import InvalidRecords, InvalidValue, NoTermsInForce, TermMissing
from partnerkit.links import LinkParameters, VendorSites
from partnerkit.money import Currency, Money, Rate
from partnerkit.periods import Window
from partnerkit.program import Program, wanted
from partnerkit.terms import NOT_AGREED, SECTIONS, ChargeKind, CreditSource, ManagementTerms, ShareTerms, Terms, TermsHistory, term_types

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "brightside" / "program.toml"

HEAD = """
name = "Example"
zone = "America/New_York"
[sites]
hosts = ["www.vendor.example", "blog.vendor.example"]
subdomains = false
"""
TERMS = """
[[terms]]
starts_on = 2024-01-01
source = "invented"
[terms.attribution]
window = "30 calendar days in Europe/Berlin"
precedence = ["deal", "link"]
[terms.share]
rate = "15%"
scope = ["subscription", "suspension_fee"]
[terms.bonus]
amount = ["50.00 USD", "40.00 GBP"]
[terms.single_bill]
discount = "3/20"
[terms.management]
request_expires_days = "not agreed"
new_plan_cutover = 2023-04-17
[terms.payout]
minimum = "not agreed"
[[terms]]
starts_on = 2025-01-01
source = "invented, renewed"
[terms.share]
rate = "20%"
"""
PARTNER_TERMS = """
[[partner_terms]]
partner = "p-1"
starts_on = 2024-07-01
source = "the contract of p-1"
[partner_terms.share]
rate = "not agreed"
"""
PRICES = """
[[prices]]
item = "lite"
currency = "USD"
starts_on = 2024-01-01
tiers = [{ from = 0, to = 500, price = "12.00" }, { from = 501, price = "50.00" }]
"""
MODELS = """
[[prices]]
item = "premium"
currency = "USD"
starts_on = 2024-01-01
model = "graduated"
tiers = [{ from = 0, to = 500, price = "80.00" }, { from = 501, unit = "0.05" }]
[[prices]]
item = "sms"
currency = "USD"
starts_on = 2024-01-01
package = { size = 10, price = "1.00", free = 0 }
minimum = "1.00"
maximum = "3.00"
"""
WHOLE = HEAD + TERMS + PARTNER_TERMS + PRICES


def faults(text: str) -> dict[str, str]:
    """Give the faults of a program's text, by key."""
    with pytest.raises(InvalidRecords) as caught:
        Program.parse(text, "my.toml")
    assert all(fault.source == "my.toml" for fault in caught.value.faults)
    found = {fault.path: fault.message for fault in caught.value.faults}
    assert len(found) == len(caught.value.faults), caught.value
    return found


class TestAWholeProgram:
    """A program file says everything, and what it says is what the program is."""

    PROGRAM = Program.parse(WHOLE)

    def test_name_zone_and_sites(self) -> None:
        assert (self.PROGRAM.name, self.PROGRAM.zone) == ("Example", "America/New_York")
        assert self.PROGRAM.sites == VendorSites(("blog.vendor.example", "www.vendor.example"))
        assert self.PROGRAM.links == LinkParameters()

    def test_terms_of_every_form(self) -> None:
        terms = self.PROGRAM.terms_for(None, date(2024, 6, 1))
        assert terms.attribution.window == Window.calendar_days(30, zone="Europe/Berlin")
        assert terms.attribution.precedence == (CreditSource.DEAL, CreditSource.LINK)
        assert terms.share.rate == Rate.percent("15")
        assert terms.single_bill.discount == Rate.parse("3/20")
        assert terms.share.scope == {ChargeKind.SUBSCRIPTION, ChargeKind.SUSPENSION_FEE}
        assert terms.bonus.amount == (Money.of("50", "USD"), Money.of("40", "GBP"))
        assert terms.management.given() == {"request_expires_days": NOT_AGREED, "new_plan_cutover": date(2023, 4, 17)}
        assert terms.payout.minimum is NOT_AGREED

    def test_prices(self) -> None:
        assert self.PROGRAM.prices.price_of("lite", 501, Currency("USD"), date(2025, 1, 1)) == Money.of("50", "USD")

    def test_prices_of_every_model(self) -> None:
        prices = Program.parse(WHOLE + MODELS).prices
        assert [prices.price_of("premium", count, Currency("USD"), date(2025, 1, 1)) for count in (500, 700)] == [
            Money.of("80", "USD"),
            Money.of("90", "USD"),
        ]
        assert [str(prices.price_of("sms", count, Currency("USD"), date(2025, 1, 1))) for count in (5, 11, 99)] == [
            "1.00 USD",
            "2.00 USD",
            "3.00 USD",
        ]

    @pytest.mark.parametrize(
        ("before", "after", "path", "words"),
        [
            ('"graduated"', '"slab"', "prices[1].model", "wanted one of"),
            ('unit = "0.05"', "unit = 0.05", "prices[1].tiers[1].unit", "wanted a text"),
            ('unit = "0.05"', 'unit = "cheap"', "prices[1].tiers[1].unit", "wanted a price"),
            ("size = 10", "size = 0", "prices[2].package", "holds 0 units"),
            ('price = "1.00", free', "free", "prices[2].package.price", "is missing"),
            ("package = {", "package = 7 # {", "prices[2].package", "wanted a table such as"),
            ('maximum = "3.00"', 'maximum = "free"', "prices[2].maximum", "wanted an amount"),
            ('minimum = "1.00"', 'minimum = "4.00"', "prices[2]", "swap them"),
            ("free = 0", "gratis = 0", "prices[2].package.gratis", "is not a key partnerkit knows: wanted one of free, price, size"),
        ],
    )
    def test_what_is_wrong_in_a_model_is_named_by_its_key(self, before: str, after: str, path: str, words: str) -> None:
        assert before in MODELS
        found = faults(WHOLE + MODELS.replace(before, after))
        assert words in found[path]

    def test_link_parameters(self) -> None:
        parameters = Program.parse(f'{WHOLE}\n[links]\nhighlighted_plans = "packages"').links
        assert parameters == LinkParameters(highlighted_plans="packages")

    def test_prices_and_partner_terms_may_be_absent(self) -> None:
        assert Program.parse(HEAD + TERMS).prices.items == frozenset()

    def test_a_value_like_any_other(self) -> None:
        again = pickle.loads(pickle.dumps(self.PROGRAM))  # noqa: S301
        assert again == self.PROGRAM == Program.parse(WHOLE)
        assert again.terms_for("p-1", date(2024, 7, 1)) == self.PROGRAM.terms_for("p-1", date(2024, 7, 1))

    @pytest.mark.skipif(not EXAMPLE.exists(), reason="the example program is not there")
    def test_the_example_is_a_program(self) -> None:
        assert Program.parse(EXAMPLE.read_text(encoding="utf-8")).zone == "America/New_York"


class TestTermsForAPartner:
    """A partner's own contract overrides what it states; the program's terms go on beneath it."""

    PROGRAM = Program.parse(WHOLE)

    @pytest.mark.parametrize(
        ("partner", "day", "rate"),
        [
            ("p-1", date(2024, 6, 30), Rate.percent("15")),
            ("p-1", date(2024, 7, 1), NOT_AGREED),
            ("p-1", date(2025, 6, 1), NOT_AGREED),
            ("p-2", date(2024, 7, 1), Rate.percent("15")),
            ("p-2", date(2024, 12, 31), Rate.percent("15")),
            ("p-2", date(2025, 1, 1), Rate.percent("20")),
            (None, date(2025, 1, 1), Rate.percent("20")),
        ],
    )
    def test_the_rate(self, partner: str | None, day: date, rate: object) -> None:
        assert self.PROGRAM.terms_for(partner, day).share.rate == rate

    def test_what_the_contract_does_not_state_is_the_programs_of_that_day(self) -> None:
        before, after = self.PROGRAM.terms_for("p-1", date(2024, 12, 31)), self.PROGRAM.terms_for("p-1", date(2025, 1, 1))
        assert before.single_bill.discount == Rate.percent("15")
        with pytest.raises(TermMissing, match=r"single_bill\.discount"):
            _ = after.single_bill.discount

    def test_before_the_first_day(self) -> None:
        for partner in ("p-1", "p-2", None):
            with pytest.raises(NoTermsInForce, match="on 2023-12-31: the first start on 2024-01-01"):
                self.PROGRAM.terms_for(partner, date(2023, 12, 31))

    def test_a_missing_term_is_named_as_it_stands_in_the_file(self) -> None:
        with pytest.raises(TermMissing, match=r"state `recognized` under \[terms\.share\] in program.toml"):
            _ = self.PROGRAM.terms_for("p-1", date(2025, 1, 1)).share.recognized


class TestDays:
    """An instant becomes a civil day in the program's zone, and nowhere else."""

    @pytest.mark.parametrize(
        ("zone", "day"),
        [
            ("UTC", date(2025, 3, 9)),
            ("America/New_York", date(2025, 3, 8)),
            ("Asia/Tokyo", date(2025, 3, 9)),
            ("Pacific/Kiritimati", date(2025, 3, 9)),
        ],
    )
    def test_just_before_midnight_in_new_york(self, zone: str, day: date) -> None:
        assert Program.parse(WHOLE.replace("America/New_York", zone)).day_of(datetime(2025, 3, 9, 4, 59, 59, tzinfo=UTC)) == day

    def test_summer_time_moves_midnight(self) -> None:
        new_york = Program.parse(WHOLE)
        assert new_york.day_of(datetime(2025, 3, 9, 5, tzinfo=UTC)) == date(2025, 3, 9)
        assert new_york.day_of(datetime(2025, 3, 10, 3, 59, tzinfo=UTC)) == date(2025, 3, 9)
        assert new_york.day_of(datetime(2025, 3, 10, 4, tzinfo=UTC)) == date(2025, 3, 10)

    def test_a_naive_instant_has_no_day(self) -> None:
        with pytest.raises(InvalidValue):
            Program.parse(WHOLE).day_of(datetime(2025, 3, 9))  # noqa: DTZ001


class TestFaults:
    """Every fault is reported, all at once, each with its key and what was wanted."""

    def test_not_toml(self) -> None:
        assert "is not TOML" in faults("zone = 'UTC'\nname = ")["name"]
        assert "is not TOML" in faults("[sites")[""]
        with pytest.raises(InvalidRecords) as caught:
            Program.parse("zone = 'UTC'\n  name =  \n")
        assert [fault.line for fault in caught.value.faults] == [2]

    def test_nothing_at_all(self) -> None:
        assert set(faults("")) == {"name", "zone", "sites.hosts", "sites.subdomains", "terms"}

    @pytest.mark.parametrize(
        ("old", "new", "path", "message"),
        [
            ('name = "Example"', "", "name", "is missing: wanted a text"),
            ('name = "Example"', 'name = " "', "name", "the program has no name"),
            ('name = "Example"', "name = 7", "name", "is 7: wanted a text"),
            ("America/New_York", "Mars/Olympus", "zone", "is no time zone"),
            ('hosts = ["www.vendor.example", "blog.vendor.example"]', "hosts = []", "sites.hosts", "no site was given"),
            ('hosts = ["www.vendor.example", "blog.vendor.example"]', 'hosts = "x"', "sites.hosts", "wanted a list, each a text"),
            ("subdomains = false", 'subdomains = "no"', "sites.subdomains", "wanted true or false"),
            ("subdomains = false", "subdomains = false\nport = 80", "sites.port", "wanted one of hosts, subdomains"),
            ('zone = "America', 'color = "red"\nzone = "America', "color", "is not a key partnerkit knows"),
            ('source = "invented"', 'source = ""', "terms[0]", "name no source"),
            ('source = "invented"', "", "terms[0].source", "is missing"),
            ('source = "invented"', 'source = "invented"\nrate = "1%"', "terms[0].rate", "is not a key partnerkit knows"),
            ("starts_on = 2025-01-01", "starts_on = 2024-01-01", "terms", "two terms start on 2024-01-01"),
            ("starts_on = 2025-01-01", "starts_on = 2025-01-01T00:00:00Z", "terms[1].starts_on", "wanted a date such as 2025-01-01"),
            ("starts_on = 2025-01-01", 'starts_on = "2025-01-01"', "terms[1].starts_on", "2025-01-01, without quotes"),
            ('rate = "20%"', 'ratio = "20%"', "terms[1].share.ratio", "wanted one of "),
            ('rate = "20%"', 'rate = "20 percent"', "terms[1].share.rate", ""),
            ('rate = "20%"', "rate = 0.2", "terms[1].share.rate", "is 0.2: wanted a rate such as '15%' or '3/20', or 'not agreed'"),
            ('rate = "20%"', 'rate = "20"', "terms[1].share.rate", "is '20', more than the whole: for percents write '20%'"),
            ('rate = "20%"', 'rate = "120%"', "terms[1].share", "share.rate is 6/5, more than the whole charge"),
            ('rate = "20%"', 'recognized = "later"', "terms[1].share.recognized", "wanted one of 'on_billing', 'on_cash'"),
            ('rate = "20%"', 'scope = ["subscriptions"]', "terms[1].share.scope", "is 'subscriptions': wanted one of 'subscription'"),
            ('rate = "20%"', 'scope = "not agreed"', "terms[1].share.scope", "wanted a list"),
            ("[terms.payout]\nminimum", "[terms.payouts]\nminimum", "terms[0].payouts", "is not a key partnerkit knows"),
            ("30 calendar days in Europe/Berlin", "a month", "terms[0].attribution.window", "wanted a window such as"),
            ("30 calendar days in Europe/Berlin", "30 calendar days in Mars/Olympus", "terms[0].attribution.window", ""),
            ('"50.00 USD", "40.00 GBP"', '"50.00 USD", "1.00 USD"', "terms[0].bonus", "states a currency twice"),
            ('"50.00 USD", "40.00 GBP"', '"50.001 USD"', "terms[0].bonus.amount", ""),
            (
                "new_plan_cutover = 2023-04-17",
                "move_in_sender_days = true",
                "terms[0].management.move_in_sender_days",
                "wanted a whole number",
            ),
            ("new_plan_cutover = 2023-04-17", "move_in_sender_days = -1", "terms[0].management", "at least 0"),
            ('partner = "p-1"', "", "partner_terms[0].partner", "is missing"),
            ('partner = "p-1"', 'partner = ""', "partner_terms[0].partner", "neither empty nor padded"),
            ('item = "lite"', "", "prices[0].item", "is missing"),
            ('currency = "USD"', 'currency = "XXX"', "prices[0].currency", ""),
            ("from = 501", "from = 502", "prices[0]", "has no price for 501 contacts"),
            ("from = 501", "from = 500", "prices[0]", "has two prices for 500 contacts"),
            ("from = 501", 'from = "501"', "prices[0].tiers[1].from", "wanted a whole number"),
            ("to = 500", 'to = "500"', "prices[0].tiers[0].to", "wanted a whole number"),
            ("to = 500", "upto = 500", "prices[0].tiers[0].upto", "wanted one of from, price, to"),
            ('price = "50.00"', "price = 50.00", "prices[0].tiers[1].price", "wanted a text"),
            ('price = "50.00"', 'price = "-50.00"', "prices[0].tiers[1]", "below zero"),
            ('{ from = 501, price = "50.00" }', "501", "prices[0].tiers[1]", "wanted a table such as"),
            ("tiers = [", "tiers = 3 # [", "prices[0].tiers", "is 3: wanted a list"),
        ],
    )
    def test_one_fault_with_its_key(self, old: str, new: str, path: str, message: str) -> None:
        assert WHOLE.count(old) == 1 or old.startswith("starts_on")
        found = faults(WHOLE.replace(old, new))
        assert message in found.pop(path)
        assert set(found) <= {"prices[0].tiers[0]", "prices[0]"} if "upto" in new else found == {}

    @pytest.mark.parametrize(
        ("text", "path"),
        [
            (HEAD + "[terms]\nx = 1", "terms"),
            (HEAD + TERMS + "[prices]\nx = 1", "prices"),
            (HEAD + TERMS.replace("[terms.attribution]", "billing = 3\n[terms.attribution]"), "terms[0].billing"),
            ("links = 3\n" + WHOLE, "links"),
            (WHOLE + "[links]\ncolor = 'x'", "links.color"),
            (WHOLE + "[links]\nexperience = 3", "links.experience"),
            (WHOLE + "[links]\nexperience = 'pn'", "links"),
        ],
        ids=range(7),
    )
    def test_a_wrong_shape(self, text: str, path: str) -> None:
        assert list(faults(text)) == [path]

    def test_a_section_says_how_it_is_written(self) -> None:
        text = HEAD + TERMS.replace("[terms.attribution]", "billing = 3\n[terms.attribution]")
        assert "wanted a table, written [terms.billing]" in faults(text)["terms[0].billing"]

    def test_two_price_tables_of_one_day(self) -> None:
        assert "two USD price tables of 'lite' start on 2024-01-01" in faults(WHOLE + PRICES)["prices"]

    def test_two_contracts_of_one_partner_on_one_day(self) -> None:
        assert "two terms start on 2024-07-01" in faults(WHOLE + PARTNER_TERMS)["partner_terms[1]"]

    def test_all_at_once(self) -> None:
        text = (
            WHOLE.replace("America/New_York", "Nowhere").replace('"20%"', '"x"').replace("from = 501", "from = 700").replace('"3/20"', "3")
        )
        assert set(faults(text)) == {"zone", "terms[1].share.rate", "terms[0].single_bill.discount", "prices[0]"}


class TestTheValue:
    """What cannot be a program does not construct, whoever builds it."""

    HISTORY = TermsHistory((Terms(starts_on=date(2024, 1, 1), source="invented"),))
    SITES = VendorSites(("vendor.example",))

    def test_no_name(self) -> None:
        with pytest.raises(InvalidValue, match="no name"):
            Program(name="", zone="UTC", sites=self.SITES, terms=self.HISTORY)

    @pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "/etc/passwd"])
    def test_no_zone(self, zone: str) -> None:
        with pytest.raises(InvalidValue, match="is no time zone"):
            Program(name="x", zone=zone, sites=self.SITES, terms=self.HISTORY)

    def test_two_contracts_of_one_partner(self) -> None:
        twice = (("p-1", self.HISTORY), ("p-1", self.HISTORY))
        with pytest.raises(InvalidValue, match="two contracts"):
            Program(name="x", zone="UTC", sites=self.SITES, terms=self.HISTORY, partner_terms=twice)

    def test_a_contract_of_nobody(self) -> None:
        with pytest.raises(InvalidValue, match="id of the partner"):
            Program(name="x", zone="UTC", sites=self.SITES, terms=self.HISTORY, partner_terms=(("", self.HISTORY),))

    @pytest.mark.parametrize(("key", "name"), [(key, name) for key, section in SECTIONS.items() for name in term_types(section)])
    def test_what_is_wanted_is_said_of_every_term(self, key: str, name: str) -> None:
        assert wanted(SECTIONS[key], name)

    def test_what_is_wanted_names_the_choice_of_not_agreeing(self) -> None:
        assert wanted(ManagementTerms, "request_expires_days") == "a whole number, or 'not agreed'"
        assert wanted(ShareTerms, "clawback") == "one of 'proportional', 'none'"
