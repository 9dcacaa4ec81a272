"""A partner program: its sites, prices and terms, and the civil zone of its days; read from one commented TOML file.

Floor 4. May import: errors, money, periods, vocabulary, terms, prices, links, attrs and the standard library.
"""

import re
import tomllib
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self, TypeVar, final

import attrs

from partnerkit.errors import Fault, InvalidRecords, InvalidValue, PartnerkitError, shown
from partnerkit.links import LinkParameters, VendorSites
from partnerkit.money import Currency, Money, Rate, UnitPrice
from partnerkit.periods import Window, civil_day, zone_named
from partnerkit.prices import Package, PriceList, PriceTable, Tier, TierModel
from partnerkit.terms import NOT_AGREED, SECTIONS, NotAgreed, Section, Terms, TermsHistory, term_types
from partnerkit.vocabulary import check_id, check_line


@final
@attrs.frozen(kw_only=True)
class Program:
    """Everything a vendor's partner program is, except its partners and accounts.

    `zone` names the time zone in which an instant becomes a civil day. `partner_terms` holds the contracts of
    partners that have one of their own; a contract states only what differs from the program's terms. A program without a name,
    an unknown zone and two contracts of one partner raise `InvalidValue`.

    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example, invented")
    >>> program = Program(name="example", zone="UTC", sites=VendorSites(("vendor.example",)), terms=TermsHistory((terms,)))
    >>> program.terms_for("p-1", date(2025, 8, 1)).source
    'example, invented'
    """

    name: str
    zone: str
    sites: VendorSites
    terms: TermsHistory
    prices: PriceList = attrs.field(factory=PriceList)
    partner_terms: tuple[tuple[str, TermsHistory], ...] = ()
    links: LinkParameters = attrs.field(factory=LinkParameters)
    _contracts: Mapping[str, TermsHistory] = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        _check_name(self.name)
        zone_named(self.zone)
        for partner, _ in self.partner_terms:
            check_id("partner", partner)
        contracts = {partner: history.over(self.terms) for partner, history in self.partner_terms}
        if len(contracts) != len(self.partner_terms):
            raise InvalidValue("a partner has two contracts in partner_terms: put their terms into one history")
        object.__setattr__(self, "_contracts", contracts)

    def terms_for(self, partner_id: str | None, day: date) -> Terms:
        """Give the terms in force for a partner on a day: its own contract over the program's, or the program's.

        A partner that is not known here or None has the program's; a day before the first terms raises `NoTermsInForce`.

        >>> program = Program(name="example", zone="UTC", sites=VendorSites(("vendor.example",)), terms=TermsHistory(()))
        >>> program.terms_for(None, date(2025, 8, 1))
        Traceback (most recent call last):
            ...
        partnerkit.errors.NoTermsInForce: no terms are in force on 2025-08-01: ...
        """
        return self._contracts.get(partner_id or "", self.terms).on(day)

    def day_of(self, at: datetime) -> date:
        """Give the civil day of an aware instant in the program's zone.

        >>> program = Program(name="example", zone="Asia/Tokyo", sites=VendorSites(("vendor.example",)), terms=TermsHistory(()))
        >>> str(program.day_of(datetime.fromisoformat("2025-08-31T15:00+00:00")))
        '2025-09-01'
        """
        return civil_day(at, self.zone)

    @classmethod
    def parse(cls, text: str, source: str = "program.toml") -> Self:
        """Read a program from the text of its TOML file; every fault is reported at once, with its key, by `InvalidRecords`.

        >>> Program.parse('name = "example"', source="program.toml")
        Traceback (most recent call last):
            ...
        partnerkit.errors.InvalidRecords: program.toml: zone: is missing: wanted a text
        program.toml: sites.hosts: is missing: wanted a list, each a text
        program.toml: sites.subdomains: is missing: wanted true or false
        program.toml: terms: are missing: state at least one [[terms]] with starts_on and source
        """
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as fault:
            raise InvalidRecords((_not_toml(text, source, str(fault)),)) from None
        except (ValueError, RecursionError):  # Python refuses numbers of thousands of digits and tables thousands deep.
            raise InvalidRecords(
                (Fault(source=source, message="holds a number too long or a list too deep to be a program file"),)
            ) from None
        reader = _Reader(source)
        fields = _read_program(reader, table)
        program = None if reader.faults else reader.build("", lambda: cls(**fields))
        if program is None:
            raise InvalidRecords(tuple(reader.faults))
        return program


def _not_toml(text: str, source: str, message: str) -> Fault:
    """Say what is no TOML, with the line and the key that stands on it, where there is one."""
    found = _AT_LINE.search(message)
    lines = text.rstrip().split("\n")
    line = int(found[1]) if found else len(lines)
    key, equals, _ = lines[line - 1].partition("=")
    return Fault(source=source, line=line, path=key.strip() if equals else "", message=f"is not TOML: {message}")


_AT_LINE = re.compile(r"at line ([0-9]+)")
_Value = TypeVar("_Value")
_PLACE = re.compile(r"\[[0-9]+\]")


@attrs.define
class _Reader:
    """Collects the faults of one file, so that one look at the file shows them all."""

    source: str
    faults: list[Fault] = attrs.field(factory=list)

    def fault(self, path: str, message: str) -> None:
        self.faults.append(Fault(source=self.source, path=path, message=message))

    def build(self, path: str, make: Callable[[], _Value]) -> _Value | None:
        try:
            return make()
        except PartnerkitError as fault:
            self.fault(path, str(fault))
            return None

    def take(self, table: Mapping[str, Any], key: str, kind: Any, path: str) -> Any:
        if key not in table:
            self.fault(f"{path}{key}", f"is missing: wanted {_wanted(kind)}")
            return None
        return self.read(table[key], kind, f"{path}{key}")

    def read(self, raw: object, kind: Any, path: str) -> Any:
        return self.build(path, lambda: _read(raw, kind))

    def known(self, table: Mapping[str, Any], keys: set[str], path: str) -> None:
        for key in table:
            if key not in keys:
                self.fault(f"{path}{key}", f"is not a key partnerkit knows: wanted one of {', '.join(sorted(keys))}")

    def tables(self, table: Mapping[str, Any], key: str) -> list[tuple[str, Mapping[str, Any]]]:
        entries = table.get(key, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            self.fault(key, f"is no list of tables: write [[{key}]] above each")
            return []
        return [(f"{key}[{place}].", entry) for place, entry in enumerate(entries)]

    def table(self, table: Mapping[str, Any], key: str, path: str = "") -> Mapping[str, Any]:
        entry = table.get(key, {})
        if isinstance(entry, dict):
            return entry
        self.fault(f"{path}{key}", f"is {shown(entry)}: wanted a table, written [{_PLACE.sub('', path)}{key}]")
        return {}


def _read_program(reader: _Reader, table: Mapping[str, Any]) -> dict[str, Any]:
    reader.known(table, {"name", "zone", "sites", "links", "terms", "partner_terms", "prices"}, "")
    zone = reader.take(table, "zone", str, "")
    if zone is not None:
        reader.build("zone", lambda: zone_named(zone))
    name = reader.take(table, "name", str, "")
    if name is not None:
        reader.build("name", lambda: _check_name(name))
    program = {
        "name": name,
        "zone": zone,
        "sites": _read_sites(reader, table),
        "links": _read_links(reader, reader.table(table, "links")),
        "prices": _read_prices(reader, table),
        "terms": _read_history(reader, "terms", [_read_terms(reader, entry, path) for path, entry in reader.tables(table, "terms")]),
        "partner_terms": _read_partner_terms(reader, table),
    }
    if not table.get("terms"):
        reader.fault("terms", "are missing: state at least one [[terms]] with starts_on and source")
    return program


def _read_sites(reader: _Reader, table: Mapping[str, Any]) -> VendorSites | None:
    sites = reader.table(table, "sites")
    reader.known(sites, {"hosts", "subdomains"}, "sites.")
    hosts = reader.take(sites, "hosts", tuple[str, ...], "sites.")
    subdomains = reader.take(sites, "subdomains", bool, "sites.")
    if hosts is None or subdomains is None:
        return None
    return reader.build("sites.hosts", lambda: VendorSites(hosts, subdomains=subdomains))


def _read_links(reader: _Reader, links: Mapping[str, Any]) -> LinkParameters | None:
    known = {field.name for field in attrs.fields(LinkParameters)}
    reader.known(links, known, "links.")
    given = {key: reader.read(raw, str, f"links.{key}") for key, raw in links.items() if key in known}
    return None if None in given.values() else reader.build("links", lambda: LinkParameters(**given))


def _read_prices(reader: _Reader, table: Mapping[str, Any]) -> PriceList | None:
    tables = [_read_price_table(reader, entry, path) for path, entry in reader.tables(table, "prices")]
    return reader.build("prices", lambda: PriceList(tuple(found for found in tables if found is not None)))


def _read_price_table(reader: _Reader, entry: Mapping[str, Any], path: str) -> PriceTable | None:
    reader.known(entry, {"item", "currency", "starts_on", "tiers", "model", "package", "minimum", "maximum", "sends_per_contact"}, path)
    before = len(reader.faults)
    item = reader.take(entry, "item", str, path)
    currency = reader.take(entry, "currency", Currency, path)
    starts_on = reader.take(entry, "starts_on", date, path)
    by_package = "package" in entry
    steps = [] if by_package and "tiers" not in entry else reader.take(entry, "tiers", list, path)
    if currency is None:
        return None
    tiers = [_read_tier(reader, step, currency, f"{path}tiers[{place}].") for place, step in enumerate(steps or ())]
    model = reader.read(entry["model"], TierModel, f"{path}model") if "model" in entry else TierModel.STAIRSTEP
    package = _read_package(reader, entry["package"], currency, f"{path}package.") if by_package else None
    bounds = {key: _read_amount(reader, entry, key, currency, path) for key in ("minimum", "maximum")}
    sends = reader.read(entry["sends_per_contact"], int, f"{path}sends_per_contact") if "sends_per_contact" in entry else None
    if len(reader.faults) > before:
        return None
    return reader.build(
        path.rstrip("."),
        lambda: PriceTable(
            item=item,
            currency=currency,
            starts_on=starts_on,
            tiers=typing.cast("Any", tuple(tiers)),
            model=model,
            package=package,
            sends_per_contact=sends,
            **bounds,
        ),
    )


def _read_tier(reader: _Reader, step: object, currency: Currency, path: str) -> Tier | None:
    if not isinstance(step, dict):
        reader.fault(path.rstrip("."), f'is {shown(step)}: wanted a table such as {{ from = 0, to = 500, price = "12.00" }}')
        return None
    reader.known(step, {"from", "to", "price", "unit"}, path)
    before = len(reader.faults)
    low = reader.take(step, "from", int, path)
    high = reader.read(step["to"], int, f"{path}to") if "to" in step else None
    price = Money.zero(currency) if "unit" in step and "price" not in step else _read_price(reader, step, "price", currency, path)
    unit = None if "unit" not in step else _read_unit_price(reader, step, currency, path)
    if len(reader.faults) > before:
        return None
    return reader.build(path.rstrip("."), lambda: Tier(low=low, high=high, amount=typing.cast("Money", price), unit=unit))


def _read_package(reader: _Reader, package: object, currency: Currency, path: str) -> Package | None:
    if not isinstance(package, dict):
        reader.fault(path.rstrip("."), f'is {shown(package)}: wanted a table such as {{ size = 1000, price = "1.00" }}')
        return None
    reader.known(package, {"size", "price", "free"}, path)
    before = len(reader.faults)
    size = reader.take(package, "size", int, path)
    free = reader.read(package["free"], int, f"{path}free") if "free" in package else 0
    price = _read_price(reader, package, "price", currency, path)
    if len(reader.faults) > before:
        return None
    return reader.build(path.rstrip("."), lambda: Package(size=size, price=typing.cast("Money", price), free=free))


def _read_amount(reader: _Reader, entry: Mapping[str, Any], key: str, currency: Currency, path: str) -> Money | None:
    return _read_price(reader, entry, key, currency, path) if key in entry else None


def _read_price(reader: _Reader, entry: Mapping[str, Any], key: str, currency: Currency, path: str) -> Money | None:
    text = reader.take(entry, key, str, path)
    return None if text is None else reader.build(f"{path}{key}", lambda: Money.of(text, currency))


def _read_unit_price(reader: _Reader, entry: Mapping[str, Any], currency: Currency, path: str) -> UnitPrice | None:
    text = reader.take(entry, "unit", str, path)
    return None if text is None else reader.build(f"{path}unit", lambda: UnitPrice.of(text, currency))


def _read_partner_terms(reader: _Reader, table: Mapping[str, Any]) -> tuple[tuple[str, TermsHistory | None], ...]:
    by_partner: dict[str, list[Terms | None]] = {}
    last: dict[str, str] = {}
    for path, entry in reader.tables(table, "partner_terms"):
        partner = _read_partner_id(reader, entry, path)
        rest = {key: raw for key, raw in entry.items() if key != "partner"}
        terms = _read_terms(reader, rest, path)
        if partner is not None:
            by_partner.setdefault(partner, []).append(terms)
            last[partner] = path.rstrip(".")
    return tuple((partner, _read_history(reader, last[partner], entries)) for partner, entries in by_partner.items())


def _read_partner_id(reader: _Reader, entry: Mapping[str, Any], path: str) -> Any:
    partner = reader.take(entry, "partner", str, path)
    if partner is not None:
        reader.build(f"{path}partner", lambda: check_id("partner", partner))
    return partner


def _read_history(reader: _Reader, path: str, entries: list[Terms | None]) -> TermsHistory | None:
    return reader.build(path, lambda: TermsHistory(entry for entry in entries if entry is not None))


def _read_terms(reader: _Reader, entry: Mapping[str, Any], path: str) -> Terms | None:
    reader.known(entry, {"starts_on", "source", *SECTIONS}, path)
    starts_on = reader.take(entry, "starts_on", date, path)
    source = reader.take(entry, "source", str, path)
    sections = {key: _read_section(reader, section, reader.table(entry, key, path), f"{path}{key}") for key, section in SECTIONS.items()}
    if starts_on is None or source is None or None in sections.values():
        return None
    return reader.build(path.rstrip("."), lambda: Terms(starts_on=starts_on, source=source, **typing.cast("Any", sections)))


def _read_section(reader: _Reader, section: type[Section], table: Mapping[str, Any], path: str) -> Section | None:
    kinds = term_types(section)
    reader.known(table, set(kinds), f"{path}.")
    before = len(reader.faults)
    given = {key: reader.read(raw, kinds[key], f"{path}.{key}") for key, raw in table.items() if key in kinds}
    if len(reader.faults) > before:
        return None
    return reader.build(path, lambda: section(**given))


def wanted(section: type[Section], name: str) -> str:
    """Say what a term of a section must be.

    >>> from partnerkit.terms import ContactTerms
    >>> wanted(ContactTerms, "reply")
    'true or false'
    """
    return _wanted(term_types(section)[name])


def _read(raw: object, kind: Any) -> Any:
    """Turn a TOML value into a term of a type, or say what was wanted."""
    stated = kind.__args__[0] if isinstance(kind, types.UnionType) else kind
    if stated is not kind and raw == NOT_AGREED.value:
        return NOT_AGREED
    origin = typing.get_origin(stated)
    if origin in (tuple, frozenset):
        return origin(_read(item, stated.__args__[0]) for item in raw) if isinstance(raw, list) else _refuse(raw, kind)
    if isinstance(stated, type) and issubclass(stated, StrEnum):
        return _read_choice(raw, stated)
    if stated in _TEXTS:
        return _TEXTS[stated](raw) if isinstance(raw, str) else _refuse(raw, kind)
    return raw if type(raw) is stated else _refuse(raw, kind)


def _read_choice(raw: object, kind: type[StrEnum]) -> StrEnum:
    for choice in kind:
        if choice.value == raw:
            return choice
    raise InvalidValue(f"is {shown(raw)}: wanted one of {', '.join(repr(choice.value) for choice in kind)}")


def _refuse(raw: object, kind: Any) -> Any:
    raise InvalidValue(f"is {shown(raw)}: wanted {_wanted(kind)}")


def _rate(text: str) -> Rate:
    if text.endswith("%"):
        return Rate.percent(text[:-1])
    rate = Rate.parse(text)
    if rate > _WHOLE and "/" not in text:
        raise InvalidValue(f"is {shown(text)}, more than the whole: for percents write '{text:.80}%'")
    return rate


_WHOLE = Rate.parse("1")


_TEXTS: Mapping[Any, Callable[[str], Any]] = {Rate: _rate, Money: Money.parse, Window: Window.parse, Currency: Currency}

_WANTED: Mapping[Any, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    date: "a date such as 2025-01-01, without quotes",
    list: "a list",
    Rate: "a rate such as '15%' or '3/20'",
    Money: "an amount such as '12.50 USD'",
    Window: "a window such as '30 days', '12 hours', '30 calendar days in Europe/Berlin' or 'unlimited'",
    Currency: "a currency code such as 'USD'",
}


def _wanted(kind: Any) -> str:
    if isinstance(kind, types.UnionType):
        return f"{_wanted(kind.__args__[0])}, or '{NotAgreed.NOT_AGREED.value}'"
    if typing.get_origin(kind) in (tuple, frozenset):
        return f"a list, each {_wanted(kind.__args__[0])}"
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return f"one of {', '.join(repr(choice.value) for choice in kind)}"
    return _WANTED[kind]


def _check_name(name: str) -> None:
    check_line("the name of the program", name)
    if not name.strip():
        raise InvalidValue("the program has no name: say whose program it is")
