"""Partners, their names over time, accounts, and what a standing says; which standings cannot be is proved beside the policies."""

import pickle
import string
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, ClassVar, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerkit import partners as module
from partnerkit.errors import InvalidValue
from partnerkit.money import Currency
from partnerkit.partners import (
    STANDING_LAWS,
    Account,
    AccountStatus,
    BillingMode,
    Management,
    NameAlias,
    Origin,
    Partner,
    PartnerName,
    Partners,
    PartnerStatus,
    Payer,
    SingleBillSetup,
    SingleBillSince,
    Standing,
    StatusSince,
)

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
BEFORE, LATER = NOON - timedelta(microseconds=1), NOON + timedelta(days=1)
NAIVE = datetime(2025, 6, 1)  # noqa: DTZ001
USD = Currency("USD")
ENDS = string.ascii_letters + string.digits
INSIDE = ENDS + "._-"


def alias(name: str, since: datetime | None = None, until: datetime | None = None) -> NameAlias:
    return NameAlias(name=PartnerName(name), since=since, until=until)


def partner(partner_id: str, *names: NameAlias, **fields: Any) -> Partner:
    return Partner(id=partner_id, names=names, **fields)


def account(**fields: Any) -> Account:
    stated: dict[str, Any] = {"id": "a-1", "client": "c-1", "currency": USD, "opened_at": NOON, "anchor_day": 31}
    return Account(**(stated | fields))


class TestPartnerNames:
    """S-21: the name after pn=, compared without ASCII case, shown as it was written."""

    @given(
        st.builds(
            lambda first, middle, last: first + middle + last,
            st.sampled_from(ENDS),
            st.text(INSIDE, max_size=62),
            st.sampled_from(ENDS),
        )
    )
    def test_the_grammar_allows_it(self, text: str) -> None:
        name = PartnerName(text)
        assert str(name) == text
        assert name == PartnerName(text.swapcase())
        assert hash(name) == hash(PartnerName(text.upper()))

    @pytest.mark.parametrize("text", ["a", "7", "a-b", "a.b_c-d", "A" * 64])
    def test_the_shortest_the_longest_and_all_signs(self, text: str) -> None:
        assert str(PartnerName(text)) == text

    @pytest.mark.parametrize(
        "text",
        [
            "",
            " ",
            "-a",
            "a-",
            ".a",
            "a.",
            "_a",
            "a_",
            "a b",
            "a\n",
            "a" * 65,
            "a/b",
            "a&b",
            "a=b",
            "a%20b",
            "é",
            "bré",
            "\N{KELVIN SIGN}ite",
            7,
            None,
        ],
    )
    def test_the_grammar_refuses_it(self, text: Any) -> None:
        with pytest.raises(InvalidValue, match="is not a partner name: wanted 1 to 64 ASCII letters"):
            PartnerName(text)

    def test_different_names_differ(self) -> None:
        assert PartnerName("bright-side") != PartnerName("brightside")


class TestNamesOverTime:
    """A name belongs to one partner at a time, and can belong to another one later."""

    MOVED = Partners((partner("p-1", alias("kite", until=NOON), alias("falcon", since=NOON)), partner("p-2", alias("KITE", since=NOON))))

    @pytest.mark.parametrize(
        ("name", "at", "holder"),
        [
            ("kite", BEFORE, "p-1"),
            ("kite", NOON, "p-2"),
            ("Kite", LATER, "p-2"),
            ("falcon", BEFORE, None),
            ("falcon", NOON, "p-1"),
            ("nobody", NOON, None),
            ("", NOON, None),
            ("\N{KELVIN SIGN}ite", NOON, None),
        ],
    )
    def test_named(self, name: str, at: datetime, holder: str | None) -> None:
        found = self.MOVED.named(name, at)
        assert (None if found is None else found.id) == holder
        if name and name.isascii():
            assert self.MOVED.named(PartnerName(name), at) == found

    def test_an_instant_is_the_same_in_every_zone(self) -> None:
        elsewhere = NOON.astimezone(timezone(timedelta(hours=-7)))
        assert self.MOVED.named("kite", elsewhere) == self.MOVED["p-2"]

    def test_the_name_to_show(self) -> None:
        renamed = self.MOVED["p-1"]
        assert [str(renamed.name_at(at)) for at in (BEFORE, NOON)] == ["kite", "falcon"]
        lapsed = partner("p-3", alias("old", until=NOON))
        assert str(lapsed.name_at(LATER)) == "old"

    @pytest.mark.parametrize(
        ("mine", "yours", "overlap"),
        [
            ((None, None), (None, None), True),
            ((None, NOON), (NOON, None), False),
            ((NOON, None), (None, NOON), False),
            ((None, LATER), (NOON, None), True),
            ((BEFORE, NOON), (NOON, LATER), False),
            ((BEFORE, LATER), (NOON, None), True),
            ((None, NOON), (None, BEFORE), True),
        ],
    )
    def test_two_partners_do_not_share_a_name_at_one_time(
        self, mine: tuple[datetime | None, ...], yours: tuple[datetime | None, ...], overlap: bool
    ) -> None:
        first, second = alias("kite", *mine), alias("Kite", *yours)
        assert first.overlaps(second) is second.overlaps(first) is overlap
        if overlap:
            with pytest.raises(InvalidValue, match="the name Kite belongs to p-1 and p-2 at the same time"):
                Partners((partner("p-1", first), partner("p-2", second)))
        else:
            assert len(Partners((partner("p-1", first), partner("p-2", second)))) == 2

    def test_a_partner_states_a_name_once(self) -> None:
        with pytest.raises(InvalidValue, match="p-1 has the name kite twice at one time"):
            partner("p-1", alias("kite"), alias("KITE", since=NOON))

    def test_a_name_ends_after_it_starts(self) -> None:
        with pytest.raises(InvalidValue, match="not after its start"):
            alias("kite", since=NOON, until=NOON)

    @pytest.mark.parametrize("field", ["since", "until"])
    def test_instants_are_aware(self, field: str) -> None:
        with pytest.raises(InvalidValue, match=f"{field} is .* which has no offset"):
            NameAlias(name=PartnerName("kite"), **{field: NAIVE})
        with pytest.raises(InvalidValue, match="has no offset"):
            self.MOVED.named("kite", NAIVE)
        with pytest.raises(InvalidValue, match="has no offset"):
            self.MOVED["p-1"].name_at(NAIVE)


class TestTheRepeatedHour:
    """Names and statuses change at instants: the hour that autumn repeats is told apart in whatever zone it is written."""

    ZONE = ZoneInfo("Europe/Berlin")

    def at(self, minute: int, fold: int) -> datetime:
        return datetime(2025, 10, 26, 2, minute, fold=fold, tzinfo=self.ZONE)

    def named(self, partner_id: str, since: datetime | None, until: datetime | None) -> Partner:
        return Partner(id=partner_id, names=(NameAlias(name=PartnerName("kite"), since=since, until=until),))

    def test_a_name_has_one_owner(self) -> None:
        with pytest.raises(InvalidValue, match="belongs to p and q at the same time"):
            Partners((self.named("p", None, self.at(30, 1)), self.named("q", self.at(30, 0), None)))
        both = Partners((self.named("old", None, self.at(15, 1)), self.named("new", self.at(15, 1), None)))
        for instant in (self.at(40, 0), self.at(40, 0).astimezone(UTC)):
            found = both.named("kite", instant)
            assert found is not None
            assert found.id == "old"

    def test_a_name_ends_after_its_start(self) -> None:
        assert self.named("p", self.at(45, 0), self.at(15, 1)).names[0].in_force(self.at(50, 0))
        with pytest.raises(InvalidValue, match="swap them"):
            self.named("p", self.at(15, 1), self.at(45, 0))

    def test_a_status_begins_when_it_begins(self) -> None:
        gone = StatusSince(status=PartnerStatus.SUSPENDED, since=self.at(15, 1))
        kite = Partner(id="p", names=(NameAlias(name=PartnerName("kite")),), status=(StatusSince(status=PartnerStatus.ACTIVE), gone))
        for instant in (self.at(40, 0), self.at(40, 0).astimezone(UTC)):
            assert kite.status_at(instant) is PartnerStatus.ACTIVE

    def test_a_clock_without_an_offset_is_refused(self) -> None:
        with pytest.raises(InvalidValue, match="give an aware"):
            NameAlias(name=PartnerName("kite")).in_force(NAIVE)

    @pytest.mark.parametrize("name", [None, 7, ["kite"], b"kite"])
    def test_what_is_no_text_names_nobody(self, name: Any) -> None:
        with pytest.raises(InvalidValue, match=r"the name is .*wanted a value of the type str"):
            Partners((Partner.of("p", "kite"),)).named(name, self.at(0, 0))

    def test_half_a_character_is_no_id(self) -> None:
        with pytest.raises(InvalidValue, match=r"holds '.ud800'"):
            Partner.of("p\ud800", "kite")


class TestStatusOverTime:
    """A partnership changes at an instant, and for the whole of the civil day that instant is written in."""

    NEW_YORK_NIGHT = datetime(2025, 6, 15, 3, tzinfo=UTC)
    """11 p.m. of June 14 in New York."""
    LEAVING = partner(
        "p-1",
        alias("kite"),
        status=(
            StatusSince(status=PartnerStatus.ACTIVE, since=NOON),
            StatusSince(status=PartnerStatus.SUSPENDED, since=LATER),
            StatusSince(status=PartnerStatus.ENDED, since=NEW_YORK_NIGHT),
        ),
    )

    @pytest.mark.parametrize(
        ("at", "status"),
        [
            (BEFORE, PartnerStatus.PENDING),
            (NOON, PartnerStatus.ACTIVE),
            (LATER, PartnerStatus.SUSPENDED),
            (NEW_YORK_NIGHT - timedelta(microseconds=1), PartnerStatus.SUSPENDED),
            (NEW_YORK_NIGHT, PartnerStatus.ENDED),
        ],
    )
    def test_at_an_instant(self, at: datetime, status: PartnerStatus) -> None:
        assert self.LEAVING.status_at(at) is status

    def test_on_a_day_it_belongs_to_the_whole_day(self) -> None:
        days = [date(2025, 5, 31), date(2025, 6, 1), date(2025, 6, 2), date(2025, 6, 14), date(2025, 6, 15)]
        assert [self.LEAVING.status_on(day).name for day in days] == ["PENDING", "ACTIVE", "SUSPENDED", "SUSPENDED", "ENDED"]

    def test_the_zone_decides_which_day_that_is(self) -> None:
        local = Partners((self.LEAVING,)).in_zone("America/New_York")["p-1"]
        assert local != self.LEAVING
        assert local == self.LEAVING.in_zone("America/New_York")
        assert Partners((local,)).in_zone("UTC") == Partners((self.LEAVING,))
        assert local.status_on(date(2025, 6, 14)) is PartnerStatus.ENDED
        assert local.status_at(self.NEW_YORK_NIGHT) is PartnerStatus.ENDED

    @pytest.mark.parametrize("offset", [-4, 0, 9])
    def test_how_an_instant_is_written_means_nothing(self, offset: int) -> None:
        """One instant in two offsets is one instant: the day it belongs to is that of the partner's zone."""
        since = self.NEW_YORK_NIGHT.astimezone(timezone(timedelta(hours=offset)))
        kite = partner("p-1", alias("kite"), status=(StatusSince(status=PartnerStatus.ENDED, since=since),))
        assert kite.status_on(date(2025, 6, 14)) is PartnerStatus.PENDING
        assert kite.in_zone("America/New_York").status_on(date(2025, 6, 14)) is PartnerStatus.ENDED

    @pytest.mark.parametrize("edge", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
    def test_an_instant_at_the_edge_of_the_calendar_has_no_day(self, edge: str) -> None:
        at = datetime.fromisoformat(edge)
        with pytest.raises(InvalidValue, match="outside the calendar in UTC"):
            StatusSince(status=PartnerStatus.ACTIVE, since=at)
        with pytest.raises(InvalidValue, match="outside the calendar in UTC"):
            NameAlias(name=PartnerName("kite"), until=at)

    @pytest.mark.parametrize(("edge", "zone"), [("0001-01-01T00:00:00Z", "America/New_York"), ("9999-12-31T23:59:59Z", "Asia/Tokyo")])
    def test_nor_has_one_whose_day_there_lies_outside(self, edge: str, zone: str) -> None:
        status = (StatusSince(status=PartnerStatus.ACTIVE, since=datetime.fromisoformat(edge)),)
        kite = partner("p-1", alias("kite"), status=status)
        with pytest.raises(InvalidValue, match=f"outside the calendar in {zone}"):
            kite.in_zone(zone)

    @pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc"])
    def test_an_unknown_zone(self, zone: str) -> None:
        with pytest.raises(InvalidValue, match="is no time zone"):
            self.LEAVING.in_zone(zone)

    def test_an_instant_is_aware(self) -> None:
        for nowhen in (NAIVE, cast("datetime", None)):
            with pytest.raises(InvalidValue, match="give an aware"):
                self.LEAVING.status_at(nowhen)
        with pytest.raises(InvalidValue, match="has no offset"):
            StatusSince(status=PartnerStatus.ACTIVE, since=NAIVE)

    @pytest.mark.parametrize("second", [None, NOON, BEFORE])
    def test_entries_are_in_order_of_time(self, second: datetime | None) -> None:
        entries = (StatusSince(status=PartnerStatus.ACTIVE, since=NOON), StatusSince(status=PartnerStatus.ENDED, since=second))
        with pytest.raises(InvalidValue, match="status of the partner p-1 is not in order of time"):
            partner("p-1", alias("kite"), status=entries)

    def test_a_partner_has_a_status_and_a_name(self) -> None:
        with pytest.raises(InvalidValue, match="p-1 has no status"):
            partner("p-1", alias("kite"), status=())
        with pytest.raises(InvalidValue, match="p-1 has no name"):
            partner("p-1")


class TestFieldsOfAnotherType:
    """A caller without type checks is told at once, and not when the value is used."""

    KITE: ClassVar = {"id": "p-1", "names": (alias("kite"),)}

    @pytest.mark.parametrize(
        ("kind", "fields", "message"),
        [
            (NameAlias, {"name": "kite"}, "name is 'kite': wanted a value of the type PartnerName"),
            (StatusSince, {"status": "active"}, "status is 'active': wanted a value of the type PartnerStatus"),
            (SingleBillSince, {"setup": 5}, "setup is 5: wanted a value of the type SingleBillSetup"),
            (Partner, KITE | {"names": [alias("kite")]}, r"names of p-1 is \[.*: wanted a value of the type tuple"),
            (Partner, KITE | {"names": ("kite",)}, r"names of p-1\[0\] is 'kite': wanted a value of the type NameAlias"),
            (Partner, KITE | {"status": ("active",)}, r"status of p-1\[0\] is 'active': .* StatusSince"),
            (Partner, KITE | {"emails": "a@kite.example"}, "emails of p-1 is 'a@kite.example': .* tuple"),
            (Partner, KITE | {"emails": (7,)}, r"emails of p-1\[0\] is 7: .* str"),
            (Partner, KITE | {"single_bill": (None,)}, r"single_bill of p-1\[0\] is None: .* SingleBillSince"),
        ],
    )
    def test_refused(self, kind: Callable[..., Any], fields: dict[str, Any], message: str) -> None:
        with pytest.raises(InvalidValue, match=message):
            kind(**fields)


class TestSingleBillSetups:
    """B1: a partner is set up for Single Bill from a day on, with a bill day it chooses, and can give it up."""

    def test_over_time(self) -> None:
        setups = (
            SingleBillSince(setup=SingleBillSetup(bill_day=5), since=date(2025, 3, 1)),
            SingleBillSince(setup=SingleBillSetup(bill_day=31), since=date(2025, 4, 1)),
            SingleBillSince(setup=None, since=date(2025, 5, 1)),
        )
        one = partner("p-1", alias("kite"), single_bill=setups)
        days = [date(2025, 2, 28), date(2025, 3, 1), date(2025, 3, 31), date(2025, 4, 1), date(2025, 5, 1)]
        assert [None if (setup := one.single_bill_on(day)) is None else setup.bill_day for day in days] == [None, 5, 5, 31, None]

    @pytest.mark.parametrize("bill_day", [0, 32, -1, True, 5.0, "5", None])
    def test_a_bill_day_is_a_day_of_the_month(self, bill_day: Any) -> None:
        with pytest.raises(InvalidValue, match=r"bill_day is .*: wanted a day of the month, 1 to 31"):
            SingleBillSetup(bill_day=bill_day)

    def test_a_day_too_long_to_show(self) -> None:
        with pytest.raises(InvalidValue, match="bill_day is a value of the type int, too long to show: wanted a day of the month"):
            SingleBillSetup(bill_day=10**9999)

    def test_a_setup_starts_on_a_day(self) -> None:
        with pytest.raises(InvalidValue, match="wanted a date"):
            SingleBillSince(setup=None, since=NOON)

    def test_two_setups_of_one_day(self) -> None:
        twice = tuple(SingleBillSince(setup=SingleBillSetup(bill_day=day), since=date(2025, 3, 1)) for day in (5, 6))
        with pytest.raises(InvalidValue, match="single_bill of the partner p-1 is not in order of time"):
            partner("p-1", alias("kite"), single_bill=twice)

    def test_the_short_way(self) -> None:
        assert Partner.of("p-1", "kite", bill_day=5).single_bill_on(date(1900, 1, 1)) == SingleBillSetup(bill_day=5)
        assert Partner.of("p-1", "kite", emails=("a@kite.example",)).emails == ("a@kite.example",)


class TestTheSetOfPartners:
    """Partners are found by id, and an id is of one."""

    ALL = Partners((Partner.of("p-1", "kite"), Partner.of("p-2", "falcon")))

    def test_by_id(self) -> None:
        assert self.ALL["p-2"].names[0].name == PartnerName("falcon")
        assert ("p-1" in self.ALL, "p-9" in self.ALL, len(self.ALL)) == (True, False, 2)
        assert [one.id for one in self.ALL] == ["p-1", "p-2"]
        assert str(self.ALL["p-1"]) == "p-1"

    def test_an_unknown_id(self) -> None:
        with pytest.raises(InvalidValue, match="there is no partner 'p-9': known are p-1, p-2"):
            self.ALL["p-9"]
        with pytest.raises(InvalidValue, match="known are none"):
            Partners(())["p-9"]

    def test_an_id_is_of_one(self) -> None:
        with pytest.raises(InvalidValue, match="two partners have the id p-1"):
            Partners((Partner.of("p-1", "kite"), Partner.of("p-1", "falcon")))

    @pytest.mark.parametrize(
        "given", [(one for one in ALL), list(ALL), None, Partner.of("p-1", "kite"), ("p-1",), (Partner.of("p-1", "kite"), None)]
    )
    def test_only_a_tuple_of_partners(self, given: Any) -> None:
        """A generator would be empty after the first reading, and a list could change."""
        with pytest.raises(InvalidValue, match=r"partners(\[\d\])? is .*: wanted a value of the type (tuple|Partner)$"):
            Partners(given)

    def test_a_value_like_any_other(self) -> None:
        again = pickle.loads(pickle.dumps(self.ALL))  # noqa: S301
        assert again == self.ALL
        assert again.named("KITE", NOON) == self.ALL["p-1"]


class TestAccounts:
    """An account has ids, a currency, an instant of opening and a day on which it renews."""

    @pytest.mark.parametrize("field", ["id", "client"])
    @pytest.mark.parametrize("text", ["", " a", "a ", "\n", 7, None])
    def test_ids(self, field: str, text: Any) -> None:
        with pytest.raises(InvalidValue, match="neither empty nor padded"):
            account(**{field: text})

    @pytest.mark.parametrize("anchor_day", [0, 32, True, "1"])
    def test_anchor_days(self, anchor_day: Any) -> None:
        with pytest.raises(InvalidValue, match=r"anchor_day is .*: wanted a day of the month"):
            account(anchor_day=anchor_day)

    @pytest.mark.parametrize(
        "unseen", ["\0", "\n", "\x1b[2J", "\x7f", "\x85", "\x9b", "\u2028", "\u2029", "\u202a", "\u202e", "\u2066", "\u2069"]
    )
    def test_nothing_in_an_id_acts_on_what_shows_it(self, unseen: str) -> None:
        with pytest.raises(InvalidValue, match="wanted one line without control characters") as caught:
            account(id=f"a{unseen}1")
        assert str(caught.value).isprintable()
        with pytest.raises(InvalidValue, match="wanted one line without control characters"):
            partner("p-1", alias("kite"), emails=(f"a{unseen}@kite.example",))

    @pytest.mark.parametrize("seen", ["a 1", "\N{LATIN SMALL LETTER E WITH ACUTE}-1", "\u05d0\u200f-1", "a\xa01"])
    def test_an_id_is_any_other_text(self, seen: str) -> None:
        assert account(id=seen).id == seen

    @pytest.mark.parametrize("opened_at", [None, NAIVE, date(2025, 6, 1), "2025-06-01T00:00Z"])
    def test_openings_are_aware_instants(self, opened_at: Any) -> None:
        with pytest.raises(InvalidValue, match=r"opened_at is .*: give an aware"):
            account(opened_at=opened_at)

    def test_a_currency_and_an_origin_are_no_texts(self) -> None:
        with pytest.raises(InvalidValue, match="currency of a-1 is 'USD': wanted a value of the type Currency"):
            account(currency="USD")
        with pytest.raises(InvalidValue, match="origin of a-1 is 'link': wanted a value of the type Origin"):
            account(origin="link")

    def test_a_partner_has_an_id_too(self) -> None:
        with pytest.raises(InvalidValue, match="the id of the partner is ''"):
            Partner.of("", "kite")


class TestStandings:
    """A standing says everything about one day; a text is not the enum member it spells."""

    KITE, FALCON = Partner.of("p-1", "kite"), Partner.of("p-2", "falcon")

    def test_who_pays(self) -> None:
        direct = Standing(account=account(), day=date(2025, 6, 1))
        single = Standing(
            account=account(),
            managed_by=self.KITE,
            payer=self.KITE,
            management=Management.MANAGED,
            billing_mode=BillingMode.SINGLE_BILL,
            day=date(2025, 6, 1),
        )
        assert (direct.payer_role, single.payer_role) == (Payer.CLIENT, Payer.MANAGING_PARTNER)

    def test_a_broken_law_is_named_with_its_sentence(self) -> None:
        with pytest.raises(InvalidValue, match=r"a-1 cannot stand so on 2025-06-01: .*pays for an account.*\(SINGLE-BILL-PAYER\)"):
            Standing(
                account=account(),
                managed_by=self.KITE,
                payer=self.FALCON,
                management=Management.MANAGED,
                billing_mode=BillingMode.SINGLE_BILL,
                day=date(2025, 6, 1),
            )

    def test_credit_and_management_are_of_different_partners_where_it_is_so(self) -> None:
        standing = Standing(
            account=account(), credited_to=self.FALCON, managed_by=self.KITE, management=Management.MANAGED, day=date(2025, 6, 1)
        )
        assert (standing.credited_to, standing.managed_by) == (self.FALCON, self.KITE)

    @pytest.mark.parametrize(
        ("field", "value"),
        [("management", "referred"), ("billing_mode", "direct"), ("status", "open"), ("request_pending", 0), ("management", "nonsense")],
    )
    def test_look_alikes_are_refused(self, field: str, value: Any) -> None:
        stated: dict[str, Any] = {"account": account(), "management": Management.REFERRED, "day": date(2025, 6, 1)}
        Standing(**stated)
        with pytest.raises(InvalidValue, match=f"{field} is {value!r}: wanted one of"):
            Standing(**(stated | {field: value}))

    @pytest.mark.parametrize(
        ("field", "value", "wanted"),
        [
            ("account", "a-1", "Account"),
            ("credited_to", "p-1", "Partner"),
            ("managed_by", "p-1", "Partner"),
            ("payer", "p-1", "Partner"),
            ("origin", "link", "Origin"),
            ("within_bonus_window", 1, "bool"),
        ],
    )
    def test_fields_of_another_type(self, field: str, value: Any, wanted: str) -> None:
        stated: dict[str, Any] = {"account": account(), "management": Management.REFERRED, "day": date(2025, 6, 1)}
        with pytest.raises(InvalidValue, match=f"{field} is {value!r}: wanted a value of the type {wanted}"):
            Standing(**(stated | {field: value}))

    def test_it_is_of_a_day(self) -> None:
        with pytest.raises(InvalidValue, match="wanted a date"):
            Standing(account=account(), day=NOON)

    def test_every_law_has_an_id_of_its_own_and_a_sentence(self) -> None:
        assert len({law.id for law in STANDING_LAWS}) == len({law.sentence for law in STANDING_LAWS}) == len(STANDING_LAWS)


@pytest.mark.parametrize("enum", [PartnerStatus, Origin, Management, BillingMode, AccountStatus, Payer])
def test_a_repr_evaluates(enum: Any) -> None:
    """The repr of every member gives it back."""
    assert [eval(repr(member), vars(module)) for member in enum] == list(enum)  # noqa: S307
