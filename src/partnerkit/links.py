"""Partner links by text surgery: exactly one ``pn`` on a URL, every other byte as it was.

Floor 3. May import: enums, errors, vocabulary, hosts, partners, attrs and the standard library.

Browsers decide what a link means, and they follow the WHATWG URL Standard; other software follows RFC 3986. A link that the two read
differently is refused, never repaired. Everything else is cut once at the first ``#`` and, in front of that, once at the first ``?``.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Self, final

import attrs

from partnerkit.enums import Named
from partnerkit.errors import InvalidLink, InvalidValue, LinkFault, shown
from partnerkit.hosts import Authority, authority_of, check_text, cut, pairs, shown_link, site_host, value_of
from partnerkit.partners import PartnerName
from partnerkit.vocabulary import is_partner_name

_SHOWN_SITES = 3
_PAIR = r"(?<![^&])(?:p|%70)(?:n|%6[Ee])(?:=([^&]*+))?+(?![^&])"
_PARTNER_PAIR = re.compile(_PAIR)
_FURTHER_PAIR = re.compile(f"&{_PAIR}")
_PLAN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")
_PARAMETER = re.compile(r"[A-Za-z0-9_-]+")


def add_partner(url: str, name: PartnerName | str) -> str:
    """Put exactly one ``pn``, equal to the name, on a URL: every other byte as it was.

    Any http or https URL of at most 100,000 characters; blanks around it are dropped, as a browser drops them. An empty ``pn`` is filled,
    the same one is left as it is, another one is refused (CONFLICT). Raises InvalidLink. S-19: "add ?pn=yourpartnername to the end".

    >>> add_partner("https://blog.vendor.example/news?lang=en#top", "brightside")
    'https://blog.vendor.example/news?lang=en&pn=brightside#top'
    """
    wanted = _name_text(name)
    head, query, fragment = cut(url)
    if "pn" in query or "%" in query:
        found = _PARTNER_PAIR.findall(query)
        if found == [""]:
            return f"{head}?{_filled(query, wanted)}{fragment}"
        if found:
            _check_same(found, wanted)
            return f"{head}?{query}{fragment}"
    return _with_pair(head, query, wanted, fragment)


def replace_partner(url: str, name: PartnerName | str) -> str:
    """Put exactly one ``pn``, equal to the name, on a URL, whoever was named before: the first ``pn`` keeps its place, others go.

    Raises InvalidLink as `add_partner` does, but for a ``pn`` that is already there.

    >>> replace_partner("https://blog.vendor.example?pn=old&lang=en&pn=older", "brightside")
    'https://blog.vendor.example?pn=brightside&lang=en'
    """
    wanted = _name_text(name)
    head, query, fragment = cut(url)
    return _with_only_pair(head, query, wanted, fragment)


def read_partner(url: str) -> str | None:
    """Read the value of ``pn`` as a browser does, whatever site the URL is on; None where there is none or it is empty.

    The value is data from a stranger: it may be no partner name at all. Two different values are refused (AMBIGUOUS). On other
    sites ``pn`` means other things, so visits are read by `VendorSites.read_partner`. Raises InvalidLink.

    >>> read_partner("https://blog.vendor.example?lang=en&pn=bright%73ide")
    'brightside'
    """
    _, query, _ = cut(url)
    return _partner_in(query)


def cobrand(url: str, name: PartnerName | str, sites: "VendorSites") -> str:
    """Make the co-branded URL to publish: one of the vendor's sites, https, with exactly one ``pn``.

    Refused besides what `add_partner` refuses: another host, credentials, a port, a trailing dot in the host, a raw blank. S-19, S-22.
    Raises InvalidLink.

    >>> cobrand("http://blog.vendor.example", "brightside", VendorSites(("blog.vendor.example",)))
    'https://blog.vendor.example?pn=brightside'
    """
    check_sites(sites)
    linked = add_partner(url, name)
    _check_publishable(linked)
    sites.require(linked)
    return _https(linked)


def link_hints(url: str) -> tuple[str, ...]:
    """Tell what looks like a ``pn`` and is none, one sentence each: for the person who typed the link, never a reason to credit.

    Works on any text, also on what `read_partner` refuses. Raises InvalidLink only for a text that is too long.

    >>> link_hints("https://blog.vendor.example?PN=brightside")
    ("'PN' is another parameter than 'pn': write it in lower case",)
    """
    check_text(url)
    return tuple(dict.fromkeys(_hints(url)))


@final
@attrs.frozen(init=False)
class VendorSites:
    """The hosts whose links and visits count: lower case, sorted, without repeats.

    `subdomains` lets every host below a listed one count too. It is an opt-in: a forgotten DNS entry below a listed host then mints valid
    links. `is_public_suffix` is asked once for each host and may veto suffixes such as ``co.uk``. Raises InvalidValue.

    >>> sites = VendorSites(("vendor.example",), subdomains=True)
    >>> sites.includes("https://blog.vendor.example/news"), sites.includes("https://vendor.example.evil.example/")
    (True, False)
    """

    hosts: tuple[str, ...] = attrs.field(kw_only=True)
    subdomains: bool = attrs.field(kw_only=True)

    def __init__(self, hosts: Iterable[str], *, subdomains: bool = False, is_public_suffix: Callable[[str], bool] | None = None) -> None:
        if isinstance(hosts, str) or not isinstance(hosts, Iterable):
            raise InvalidValue(f"the sites {shown(hosts)} are not a list: wanted host names, such as ('www.vendor.example',)")
        if not isinstance(subdomains, bool):
            raise InvalidValue(f"subdomains {shown(subdomains)} is neither: wanted True or False, since it decides who may mint links")
        known = sorted({site_host(host) for host in hosts})
        if not known:
            raise InvalidValue("no site was given: wanted at least one host name, such as ('www.vendor.example',)")
        for host in known:
            if is_public_suffix is not None and is_public_suffix(host):
                raise InvalidValue(f"the site {shown(host)} is a public suffix, below which strangers register names: wanted your own host")
        self.__attrs_init__(hosts=tuple(known), subdomains=subdomains)

    def includes(self, url: str) -> bool:
        """Whether a browser that follows the URL reaches one of the sites, by any port; False for every URL that is refused.

        >>> VendorSites(("vendor.example",)).includes("https://vendor.example@evil.example/")
        False
        """
        try:
            authority = authority_of(cut(url)[0])
        except InvalidLink:
            return False
        return authority.userinfo is None and self._has(authority.host)

    def require(self, url: str) -> None:
        """Refuse a URL on any other host (FOREIGN_HOST), and one with credentials (USERINFO). Raises InvalidLink.

        >>> VendorSites(("vendor.example",)).require("https://vendor.example/pricing")
        """
        self._check(cut(url)[0])

    def read_partner(self, url: str) -> str | None:
        """Read the value of ``pn`` of a visit to one of the sites; None where there is none or it is empty.

        A URL on another host is refused (FOREIGN_HOST) rather than read as None, so that a site missing from the list is noticed
        and not paid for by a partner; ask `includes` first where foreign URLs are expected. Raises InvalidLink.

        >>> VendorSites(("blog.vendor.example",)).read_partner("https://blog.vendor.example?pn=brightside")
        'brightside'
        """
        head, query, _ = cut(url)
        self._check(head)
        return _partner_in(query)

    def _check(self, head: str) -> None:
        authority = authority_of(head)
        _check_no_userinfo(authority)
        if not self._has(authority.host):
            wanted = ", ".join(self.hosts[:_SHOWN_SITES]) + (", ..." if len(self.hosts) > _SHOWN_SITES else "")
            below = " or a host below" if self.subdomains else ""
            raise InvalidLink(
                f"the host {shown(authority.host)} is not one of the vendor's sites: wanted {wanted}{below}", LinkFault.FOREIGN_HOST
            )

    def _has(self, host: str) -> bool:
        host = host.lower().removesuffix(".")
        if host in self.hosts:
            return True
        return self.subdomains and any(host.endswith(f".{site}") for site in self.hosts)


@final
class Experience(Named):
    """What a visitor of an invite link may start with: a trial, a purchase. S-18: "trial" and/or "buy now".

    >>> InviteLink(partner_name="brightside", landing="https://www.vendor.example", experience={Experience.BUY_NOW}).url()
    'https://www.vendor.example?pn=brightside&experience=buy-now'
    """

    TRIAL = "trial"
    BUY_NOW = "buy-now"


@final
@attrs.frozen(kw_only=True)
class LinkParameters:
    """The query parameters that carry an invite link's customization.

    The vendor's own encoding is not public, so the names are data of the program and these defaults are a house choice.
    Raises InvalidValue.

    >>> LinkParameters(experience="start").experience
    'start'
    """

    highlighted_plans: str = "plans"
    experience: str = "experience"

    def __attrs_post_init__(self) -> None:
        names = (self.highlighted_plans, self.experience)
        for name in names:
            if type(name) is not str or _PARAMETER.fullmatch(name) is None:
                raise InvalidValue(f"{shown(name)} is not a parameter name: wanted ASCII letters, digits, '-' and '_', such as 'plans'")
        if len({"pn", *names}) <= len(names):
            raise InvalidValue(f"the parameters {shown(names)} are not distinct: wanted two different names, neither of them 'pn'")


_DEFAULT_PARAMETERS = LinkParameters()


def _partner_name(name: object) -> object:
    return PartnerName(name) if isinstance(name, str) else name


def _plans(plans: object) -> object:
    # The order of a set would differ from run to run, and with it the link that is printed.
    return tuple(plans) if isinstance(plans, Iterable) and not isinstance(plans, str | AbstractSet) else plans


def _experience(experience: object) -> object:
    return frozenset(experience) if isinstance(experience, AbstractSet) else experience


def _experience_repr(experience: frozenset[Experience] | None) -> str:
    """Show the members in their declared order: the order of a set would differ from run to run."""
    return "None" if experience is None else f"frozenset({{{', '.join(repr(one) for one in Experience if one in experience)}}})"


@final
@attrs.frozen(kw_only=True)
class InviteLink:
    """A partner's invite link: where it lands and how the landing page is customized. Customization never changes the credit.

    `landing` is an https URL without ``pn`` (http is written as https; credentials, ports, trailing dots and raw blanks are refused), and
    keeps every parameter that is not ours. `highlighted_plans` are plan names in the order to show, empty for no choice; `experience` is a
    non-empty set of `Experience`, or None for a link that is not customized. Raises InvalidLink, InvalidValue. S-11 to S-21.

    >>> link = InviteLink(partner_name="brightside", landing="https://www.vendor.example/partner-offer?cc=invite")
    >>> link.url()
    'https://www.vendor.example/partner-offer?cc=invite&pn=brightside'
    """

    partner_name: PartnerName = attrs.field(converter=_partner_name)
    landing: str
    highlighted_plans: tuple[str, ...] = attrs.field(default=(), converter=_plans)
    experience: frozenset[Experience] | None = attrs.field(default=None, converter=_experience, repr=_experience_repr)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.partner_name, PartnerName):
            raise InvalidValue(f"{shown(self.partner_name)} is not a partner name: wanted a PartnerName, such as PartnerName('brightside')")
        _check_plans(self.highlighted_plans)
        _check_experience(self.experience)
        object.__setattr__(self, "landing", _landing(self.landing))

    def url(self, *, parameters: LinkParameters = _DEFAULT_PARAMETERS, sites: VendorSites | None = None) -> str:
        """Write the link to publish; with `sites`, only where its landing page is one of them. Raises InvalidLink.

        >>> InviteLink(
        ...     partner_name="brightside",
        ...     landing="https://www.vendor.example/offer",
        ...     highlighted_plans=("lite", "premium"),
        ...     experience={Experience.TRIAL},
        ... ).url()
        'https://www.vendor.example/offer?pn=brightside&plans=lite,premium&experience=trial'
        """
        if sites is not None:
            check_sites(sites)
            sites.require(self.landing)
        head, query, fragment = cut(self.landing)
        names = (parameters.highlighted_plans, parameters.experience)
        for name, _, _ in pairs(query):
            if name in names:
                raise InvalidLink(f"the landing page carries {shown(name)} already: wanted it as a field of the link", LinkFault.CONFLICT)
        chosen = [query] if query else []
        chosen.append(f"pn={self.partner_name.text}")
        if self.highlighted_plans:
            chosen.append(f"{parameters.highlighted_plans}={','.join(self.highlighted_plans)}")
        if self.experience is not None:
            chosen.append(f"{parameters.experience}={','.join(one for one in Experience if one in self.experience)}")
        return f"{head}?{'&'.join(chosen)}{fragment}"

    @classmethod
    def parse(cls, url: str, *, parameters: LinkParameters = _DEFAULT_PARAMETERS, sites: VendorSites | None = None) -> Self:
        """Read the link that a URL is; with `sites`, only where it is on one of them.

        Parameters that are not ours stay in the landing page. Raises InvalidLink: for what `read_partner` refuses, and for a
        ``pn`` that is missing or no partner name (INVALID_NAME).

        >>> InviteLink.parse("https://www.vendor.example/offer?pn=brightside&cc=invite").landing
        'https://www.vendor.example/offer?cc=invite'
        """
        if sites is not None:
            check_sites(sites)
            sites.require(url)
        head, query, fragment = cut(url)
        name = _partner_in(query)
        if name is None:
            raise InvalidLink(
                f"the link {shown_link(url)} carries no partner name: wanted a pn, such as ?pn=brightside", LinkFault.INVALID_NAME
            )
        plans = _choices_in(query, parameters.highlighted_plans)
        experience = _choices_in(query, parameters.experience)
        ours = {"pn", parameters.highlighted_plans, parameters.experience}
        kept = "&".join(raw for key, _, raw in pairs(query) if key not in ours)
        try:
            return cls(
                partner_name=_name_text(name),
                landing=f"{head}?{kept}{fragment}",
                highlighted_plans=plans or (),
                experience=None if experience is None else frozenset(map(_experience_named, experience)),
            )
        except InvalidValue as fault:
            raise InvalidLink(f"the link {shown_link(url)} is no invite link: {fault}", LinkFault.MALFORMED) from None


def check_sites(sites: object) -> None:
    """Refuse what is no `VendorSites`, such as the name of one host."""
    if not isinstance(sites, VendorSites):
        raise InvalidValue(f"the sites are {shown(sites)}: wanted VendorSites(['www.vendor.example'])")


@lru_cache(maxsize=256)
def _checked_text(name: str) -> str:
    """Give the text of a partner's name: links are made in runs for few partners, and the check is the dearest step of making one."""
    return PartnerName(name).text


def _name_text(name: PartnerName | str) -> str:
    if isinstance(name, PartnerName):
        return name.text
    try:
        return _checked_text(name) if isinstance(name, str) else PartnerName(name).text
    except InvalidValue as fault:
        raise InvalidLink(str(fault), LinkFault.INVALID_NAME) from None


def _check_same(found: list[str], wanted: str) -> None:
    if len(found) > 1:
        raise InvalidLink(f"the link carries {len(found)} pn already: wanted none, or replace_partner to keep one", LinkFault.CONFLICT)
    if value_of(found[0]) != wanted:
        raise InvalidLink(
            f"the link carries the pn {shown(value_of(found[0]))} already: wanted none, or replace_partner to name {shown(wanted)} instead",
            LinkFault.CONFLICT,
        )


def _with_pair(head: str, query: str, name: str, fragment: str) -> str:
    joint = "&" if query and query[-1] != "&" else ""
    return f"{head}?{query}{joint}pn={name}{fragment}"


def _filled(query: str, name: str) -> str:
    """Give the query with the name in its one ``pn``, which is empty."""
    return _PARTNER_PAIR.sub(lambda pair: f"{pair[0].removesuffix('=')}={name}", query)


def _with_only_pair(head: str, query: str, name: str, fragment: str) -> str:
    """Name the partner in the first ``pn`` and drop the other ones."""
    first = _PARTNER_PAIR.search(query)
    if first is None:
        return _with_pair(head, query, name, fragment)
    after = _FURTHER_PAIR.sub("", query[first.end() :])
    if after.endswith(" ") and not fragment:
        raise InvalidLink(
            "a blank is the end of the link once its further pn are gone, and browsers drop it: wanted %20", LinkFault.MALFORMED
        )
    return f"{head}?{query[: first.start()]}pn={name}{after}{fragment}"


def _partner_in(query: str) -> str | None:
    if "pn" not in query and "%" not in query:
        return None
    found = _PARTNER_PAIR.findall(query)
    if not found:
        return None
    value = value_of(found[0])
    for raw in found[1:]:
        if value_of(raw) != value:
            both = f"{shown(value)} and {shown(value_of(raw))}"
            raise InvalidLink(
                f"the link carries different pn, {both}: wanted one, since servers differ in which they read", LinkFault.AMBIGUOUS
            )
    return value or None


def _check_no_userinfo(authority: Authority) -> None:
    if authority.userinfo is not None:
        raise InvalidLink(
            f"the link carries credentials in front of its host {shown(authority.host)}, which can pass for a host: wanted none",
            LinkFault.USERINFO,
        )


def _check_publishable(url: str) -> None:
    head, query, fragment = cut(url)
    authority = authority_of(head)
    _check_no_userinfo(authority)
    if authority.port is not None:
        raise InvalidLink(f"the link names the port {shown(authority.port)}: wanted no ':' after the host", LinkFault.INVALID_PORT)
    if authority.host.endswith("."):
        raise InvalidLink(f"the host {shown(authority.host)} ends in a dot: wanted it without", LinkFault.INVALID_HOST)
    if any(" " in part for part in (head, query, fragment)):
        raise InvalidLink(f"the link {shown_link(url)} holds a blank, which breaks a link in print: wanted %20", LinkFault.MALFORMED)


def _https(url: str) -> str:
    return f"https{url[url.index(':') :]}"


def _landing(url: str) -> str:
    head, query, fragment = cut(url)
    _check_publishable(url)
    if _PARTNER_PAIR.search(query):
        raise InvalidLink(f"the landing page {shown_link(url)} carries a pn: wanted it in the field partner_name", LinkFault.CONFLICT)
    query = query.rstrip("&")
    return _https(f"{head}?{query}{fragment}" if query else f"{head}{fragment}")


def _check_plans(plans: object) -> None:
    if not isinstance(plans, tuple) or not all(isinstance(plan, str) and _PLAN.fullmatch(plan) for plan in plans):
        raise InvalidValue(f"the highlighted plans {shown(plans)} are not plan names in their order: wanted such as ('lite', 'premium')")
    if len(set(plans)) < len(plans):
        raise InvalidValue(f"the highlighted plans {shown(plans)} repeat a plan: wanted each once")


def _check_experience(experience: object) -> None:
    if experience is None:
        return
    if not isinstance(experience, frozenset) or not all(isinstance(one, Experience) for one in experience):
        raise InvalidValue(
            f"the experience is {shown(experience)}: wanted {{Experience.TRIAL}}, {{Experience.BUY_NOW}}, a set of both, or None"
        )
    if not experience:
        raise InvalidValue("the experience is an empty set: wanted TRIAL, BUY_NOW or both, or None for a link that is not customized")


def _choices_in(query: str, parameter: str) -> tuple[str, ...] | None:
    """Read the comma-separated choices of one of our parameters, None where it is absent."""
    values = [value for name, value, _ in pairs(query) if name == parameter]
    if not values:
        return None
    if len(set(values)) > 1:
        raise InvalidLink(
            f"the link carries different {parameter}, {shown(values[0])} and {shown(values[1])}: wanted one", LinkFault.AMBIGUOUS
        )
    if not values[0]:
        raise InvalidLink(f"the link carries an empty {parameter}: wanted a choice, or the parameter left out", LinkFault.MALFORMED)
    return tuple(values[0].split(","))


def _experience_named(text: str) -> Experience:
    for one in Experience:
        if one == text:
            return one
    raise InvalidValue(f"the experience {shown(text)} is unknown: wanted {' or '.join(repr(one.value) for one in Experience)}")


def _hints(url: str) -> Iterator[str]:
    if url != url.strip():
        yield "the link has blanks around it: leave them out"
    body, _, fragment = url.partition("#")
    head, _, query = body.partition("?")
    if re.search(r"(?:\A|[?&])pn=", fragment):
        yield "'pn' stands after '#', which is never sent to the site: put it in front of the '#'"
    if re.search(r"[/&;]pn=", head):
        yield "'pn' stands in the path, without any '?' before it: write '?pn='"
    if ";pn=" in query.replace("amp;", ""):
        yield "'pn' follows ';', which separates nothing: write '&pn='"
    if "?pn=" in query:
        yield "'pn' follows a second '?', which is part of a value: write '&pn='"
    found = list(pairs(query))
    named = {value for name, value, _ in found if name == "pn"}
    if len(named) > 1:
        yield f"'pn' stands there with {len(named)} different values, and names nobody: keep one"
    for name, value, raw in found:
        yield from _near_miss(name, value, raw)


def _near_miss(name: str, value: str, raw: str) -> Iterator[str]:
    if name == "pn":
        if not value:
            yield "'pn' is empty: nobody is named"
        elif any(char.isspace() for char in value):
            yield "the value of 'pn' holds a blank: partner names have none"
        elif not is_partner_name(value):
            yield f"the value {shown(value)} of 'pn' is no partner name: letters and digits make one, with '.', '_' and '-' inside"
    elif name.lower() == "pn":
        yield f"{shown(name)} is another parameter than 'pn': write it in lower case"
    elif name.strip(" \x00").lower() == "pn":
        yield f"{shown(name)} is another parameter than 'pn': write it without blanks"
    elif re.fullmatch(r"pn\[[^\]]*\]", name, re.IGNORECASE):
        yield f"{shown(name)} is another parameter than 'pn': write it without brackets"
    elif re.fullmatch(r"pn\s*[=:].*", name, re.IGNORECASE | re.DOTALL):
        yield f"{shown(raw)} is one parameter with a longer name: write 'pn=' plainly, without %3D or a colon"
    elif name.lower() == "amp;pn":
        yield f"{shown(raw)} comes from '&amp;' copied out of a page's source: write '&'"
