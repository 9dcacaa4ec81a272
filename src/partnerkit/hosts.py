"""The grammar of links: which URLs, and which hosts in them, every reader, browser or not, understands in the same way.

Floor 2. May import: errors and the standard library.

The rules follow the WHATWG URL Standard, made narrower where an RFC 3986 reader would find another host: raw unicode,
percent-escapes and punctuation in a host are refused, so that comparing two hosts is comparing two ASCII texts.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple, NoReturn
from unicodedata import bidirectional, category, is_normalized, normalize

from partnerkit.errors import InvalidLink, InvalidValue, LinkFault, shown

_LONGEST_URL = 100_000
_LARGEST_PORT = 65_535
_LONGEST_LABEL = 63
_LONGEST_HOST = 253
_IPV4_PARTS = 4
_IPV6_GROUPS = 8
_LARGEST_BYTE = 255
_LONGEST_IPV4_DIGITS = 11

_C0_AND_SPACE = "".join(map(chr, range(0x21)))
_CONTROL = re.compile("[\x00-\x1f\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
# The shape of nearly every real link, so that nearly none pays for the full grammar: printable ASCII without blanks, no backslash before
# the query, and a host whose last label is all letters, so that it is no address. An xn-- label is looked for besides.
_PLAIN_HOST = r"(?:[A-Za-z0-9_.-]*\.)?[A-Za-z]++"
_PLAIN_HEAD = re.compile(rf"https?://({_PLAIN_HOST})(?=/|\Z)")
_PLAIN_URL = re.compile(rf"(https?://{_PLAIN_HOST}(?:/[!\"$->@-\[\]-~]*+)?+)(?:\?([!\"$-~]*+))?+(#[!-~]*+)?+")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_HOST = re.compile(r"[A-Za-z0-9._-]+")
_SITE = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_IPV4_NUMBER = re.compile(r"0[xX]([0-9A-Fa-f]*)|0([0-7]*)|([1-9][0-9]*)")
_IPV6_GROUP = re.compile(r"[0-9A-Fa-f]{1,4}")
_DECIMAL_BYTE = re.compile(r"0|[1-9][0-9]{0,2}")

# Letters that UTS 46 keeps although Unicode folds them.
_KEPT_THOUGH_FOLDED = str.maketrans("", "", "\u00df\u03c2")
# Code points that Unicode keeps, and that UTS 46 maps to nothing or to a dot, or forbids.
_FORBIDDEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2ff0-\u2fff\u3002\u31ef\ufe00-\ufe0f\ufffc\ufffd\U000e0100-\U000e01ef]"
)


class Authority(NamedTuple):
    """The part of a URL between ``//`` and the path: credentials if there are any, host, port text if there is a colon."""

    userinfo: str | None
    host: str
    port: str | None


def check_text(url: str) -> None:
    """Refuse what is no text, and a text too long to be a link.

    >>> check_text("https://www.vendor.example/")
    """
    if not isinstance(url, str):
        _refuse(LinkFault.NOT_ABSOLUTE, f"the link {shown(url)} is no text", "a str, such as 'https://www.vendor.example/'")
    if len(url) > _LONGEST_URL:
        _refuse(LinkFault.TOO_LONG, f"the link {shown_link(url)} has {len(url)} characters", f"at most {_LONGEST_URL}")


def cut(url: str) -> tuple[str, str, str]:
    """Cut a URL into head, query without ``?`` and fragment with ``#``, if every reader understands it in the same way.

    Blanks around it are dropped, as a browser drops them. Raises InvalidLink.

    >>> cut(" https://www.vendor.example/news?lang=en#top ")
    ('https://www.vendor.example/news', 'lang=en', '#top')
    """
    if not isinstance(url, str) or len(url) > _LONGEST_URL:
        check_text(url)
    plain = _PLAIN_URL.fullmatch(url)
    if plain is not None:
        head, query, fragment = plain.groups("")
        if "--" not in head:
            return head, query, fragment
    body, mark, fragment = _tidied(url).partition("#")
    head, _, query = body.partition("?")
    authority_of(head)
    return head, query, f"{mark}{fragment}"


def authority_of(head: str) -> Authority:
    """Read the authority of a head (the URL in front of ``?`` and ``#``), after every check that the head must pass.

    Raises InvalidLink for everything that two readers could understand differently.

    >>> authority_of("https://www.vendor.example:8443/news")
    Authority(userinfo=None, host='www.vendor.example', port='8443')
    """
    plain = _PLAIN_HEAD.match(head)
    if plain is not None and "--" not in head and "\\" not in head:
        return Authority(None, plain[1], None)
    scheme = _SCHEME.match(head)
    if scheme is None:
        _refuse(LinkFault.NOT_ABSOLUTE, f"the link {shown_link(head)} is not absolute", "https:// and a host")
    if scheme[1].lower() not in {"http", "https"}:
        _refuse(LinkFault.SCHEME, f"the scheme {shown(scheme[1])} carries no partner links", "https or http")
    if "\\" in head:
        found = f"the link {shown_link(head)} has a backslash before its query, which browsers read as '/' and others do not"
        _refuse(LinkFault.BACKSLASH, found, "'/' or %5C")
    rest = head[scheme.end() :]
    if not rest.startswith("//"):
        if not rest.strip("/"):
            _refuse(LinkFault.NO_HOST, f"the link {shown_link(head)} names no host", "two slashes and a host after the scheme")
        found = f"the link {shown_link(head)} does not have two slashes after its scheme, so that browsers find a host and others none"
        _refuse(LinkFault.MALFORMED, found, f"{scheme[1].lower()}:// and a host")
    return _read_authority(rest[2:].partition("/")[0])


def shown_link(url: str) -> str:
    """Show a link as an error message may, without the credentials in front of its host.

    >>> shown_link("https://name:secret@www.vendor.example/?pn=brightside")
    "'...@www.vendor.example/?pn=brightside'"
    """
    end = min((place for place in (url.find("?"), url.find("#")) if place >= 0), default=len(url))
    at = url.rfind("@", 0, end)
    return shown(url if at < 0 else f"...{url[at:]}")


def value_of(raw: str) -> str:
    """Decode a name or value of a query as a browser's urlencoded parser does.

    >>> value_of("bright%73ide+agency")
    'brightside agency'
    """
    if "%" not in raw and "+" not in raw:
        return raw
    octets = raw.replace("+", " ").encode("utf-8", "surrogatepass")
    return _ESCAPE.sub(lambda escape: bytes((int(escape[1], 16),)), octets).decode("utf-8", "replace")


def pairs(query: str) -> Iterator[tuple[str, str, str]]:
    """Give the name, the value and the raw text of every pair of a query.

    >>> list(pairs("lang=en&pn=a%2Bb"))
    [('lang', 'en', 'lang=en'), ('pn', 'a+b', 'pn=a%2Bb')]
    """
    for raw in query.split("&"):
        name, _, value = raw.partition("=")
        yield value_of(name), value_of(value), raw


def site_host(text: str) -> str:
    """Give a host as a list of sites keeps it: lower case, no trailing dot; raises InvalidValue for what is no host name.

    >>> site_host("Blog.Vendor.Example.")
    'blog.vendor.example'
    """
    wanted = "wanted a full host name such as 'www.vendor.example', without scheme, port, path or wildcard"
    if not isinstance(text, str) or not text.isascii():
        raise InvalidValue(f"the site {shown(text)} is not ASCII text: {wanted} (an international name in its xn-- form)")
    host = text.lower().removesuffix(".")
    labels = host.split(".")
    if _SITE.fullmatch(host) is None or len(host) > _LONGEST_HOST or max(map(len, labels)) > _LONGEST_LABEL:
        raise InvalidValue(f"the site {shown(text)} is not a host name: {wanted}")
    if len(labels) == 1 and host != "localhost":
        raise InvalidValue(f"the site {shown(text)} is a single label, which would name a whole registry: {wanted} (or 'localhost')")
    if _NUMBER.fullmatch(labels[-1]):
        raise InvalidValue(f"the site {shown(text)} ends in a number, as an address does: {wanted}")
    if not _are_valid_labels(labels):
        raise InvalidValue(f"the site {shown(text)} has an xn-- label that is no valid international name: {wanted}")
    return host


def _refuse(fault: LinkFault, found: str, wanted: str) -> NoReturn:
    raise InvalidLink(f"{found}: wanted {wanted}", fault)


def _tidied(url: str) -> str:
    url = url.strip(_C0_AND_SPACE)
    control = _CONTROL.search(url)
    if control is not None:
        found = f"the link {shown_link(url)} holds the control character {control.group()!r} at {control.start()}"
        _refuse(LinkFault.CONTROL_CHAR, f"{found}, which browsers delete or escape", "none, or its %-escape")
    surrogate = _SURROGATE.search(url)
    if surrogate is not None:
        found = f"the link {shown_link(url)} holds half a character, {surrogate.group()!r} at {surrogate.start()}"
        _refuse(LinkFault.MALFORMED, found, "whole characters")
    return url


def _read_authority(text: str) -> Authority:
    userinfo, at, place = text.rpartition("@")
    if any(mark in userinfo for mark in "@[]"):
        _refuse(
            LinkFault.USERINFO,
            f"the credentials in front of the host {shown(place)} hold '@' or a bracket",
            "at most one '@', in front of the host",
        )
    host, port = _bracketed(place) if place.startswith("[") else _named(place)
    if port:
        _check_port(port)
    return Authority(userinfo if at else None, host, port)


def _bracketed(place: str) -> tuple[str, str | None]:
    address, closed, after = place[1:].partition("]")
    if not closed or (after and not after.startswith(":")):
        _refuse(LinkFault.MALFORMED, f"the host {shown(place)} has a bracket out of place", "an IPv6 address between one '[' and one ']'")
    if not _is_ipv6(address):
        _refuse(LinkFault.INVALID_HOST, f"the host {shown(place)} is not an IPv6 address", "hex groups such as '[2001:db8::1]'")
    return f"[{address}]", after[1:] if after else None


def _named(place: str) -> tuple[str, str | None]:
    host, colon, port = place.partition(":")
    if not host:
        _refuse(LinkFault.MALFORMED, "the host is empty", "a host right after two slashes, such as https://www.vendor.example/")
    if "[" in place or "]" in place:
        _refuse(LinkFault.MALFORMED, f"the host {shown(place)} has a bracket in the middle", "a host name without brackets")
    _check_host(host)
    return host, port if colon else None


def _check_port(port: str) -> None:
    digits = port.lstrip("0")
    if not (port.isascii() and port.isdecimal()) or len(digits) > len(str(_LARGEST_PORT)) or int(digits or "0") > _LARGEST_PORT:
        _refuse(LinkFault.INVALID_PORT, f"the port {shown(port)} is not a port number", f"digits from 0 to {_LARGEST_PORT}, or no port")


def _check_host(host: str) -> None:
    if _HOST.fullmatch(host) is None:
        wanted = "ASCII letters, digits, '-', '_' and dots (an international name in its xn-- form)"
        _refuse(LinkFault.INVALID_HOST, f"the host {shown(host)} holds characters that readers of URLs treat differently", wanted)
    if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]) and not _is_ipv4(host.removesuffix(".")):
        wanted = "a host name, or an address such as '192.0.2.1'"
        _refuse(LinkFault.INVALID_HOST, f"the host {shown(host)} ends in a number and is not an IPv4 address", wanted)
    if not _are_valid_labels(host.lower().split(".")):
        wanted = "valid punycode of an international name after every xn--"
        _refuse(LinkFault.INVALID_HOST, f"the host {shown(host)} has an xn-- label that is no valid international name", wanted)


def _is_ipv4(host: str) -> bool:
    """Whether a browser reads an address: one to four decimal, octal or hex numbers, the last of which fills the rest."""
    parts = host.split(".")
    if len(parts) > _IPV4_PARTS:
        return False
    *front, last = map(_ipv4_number, parts)
    if min(front, default=0) < 0 or max(front, default=0) > _LARGEST_BYTE:
        return False
    return 0 <= last < 1 << 8 * (_IPV4_PARTS + 1 - len(parts))


def _ipv4_number(text: str) -> int:
    """Give the value of one part of an address, or -1; a number with more digits than any address counts as no number."""
    found = _IPV4_NUMBER.fullmatch(text)
    if found is None:
        return -1
    base = {1: 16, 2: 8, 3: 10}[found.lastindex or 1]
    digits = found[found.lastindex or 1].lstrip("0")
    return int(digits or "0", base) if len(digits) <= _LONGEST_IPV4_DIGITS else -1


def _is_ipv6(text: str) -> bool:
    front, colon, last = text.rpartition(":")
    if "." in last:
        if not _is_dotted_quad(last):
            return False
        text = f"{front}{colon}0:0"
    halves = text.split("::")
    groups = [group for half in halves if half for group in half.split(":")]
    if text.count("::") > 1 or not all(map(_IPV6_GROUP.fullmatch, groups)):
        return False
    return len(groups) == _IPV6_GROUPS if len(halves) == 1 else len(groups) < _IPV6_GROUPS


def _is_dotted_quad(text: str) -> bool:
    parts = text.split(".")
    return len(parts) == _IPV4_PARTS and all(_DECIMAL_BYTE.fullmatch(part) and int(part) <= _LARGEST_BYTE for part in parts)


def _are_valid_labels(labels: list[str]) -> bool:
    """Whether every ``xn--`` label of a lower-case host decodes to a name that UTS 46 accepts; other labels always do."""
    if not any(label.startswith("xn--") for label in labels):
        return True
    names = [_decoded(label) if label.startswith("xn--") else label for label in labels]
    if not all(names[index] for index, label in enumerate(labels) if label.startswith("xn--")):
        return False
    if any(bidirectional(char) in {"R", "AL", "AN"} for name in names for char in name):
        return all(_fits_one_direction(name) for name in names if name)
    return True


def _decoded(label: str) -> str:
    """Give the unicode form of a punycode label, or the empty text when there is no valid one."""
    if len(label) > _LONGEST_LABEL:
        return ""
    coded = label.removeprefix("xn--")
    try:
        name = coded.encode("ascii").decode("punycode")
        same = name.encode("punycode").decode("ascii") == coded
    except UnicodeError:
        return ""
    return name if same and _is_valid_name(name) else ""


def _is_valid_name(name: str) -> bool:
    folded = name.translate(_KEPT_THOUGH_FOLDED)
    return (
        not name.isascii()
        and is_normalized("NFKC", name)
        and folded == normalize("NFKC", folded.casefold())
        and not category(name[0]).startswith("M")
        and _FORBIDDEN.search(name) is None
        and all(category(char)[0] in "LMNPS" for char in name)
    )


def _fits_one_direction(name: str) -> bool:
    """Check the Bidi rule (RFC 5893, section 2) for one label of a host in which some label runs from right to left."""
    kinds = [bidirectional(char) for char in name]
    ending = next((kind for kind in reversed(kinds) if kind != "NSM"), "")
    neutral = {"ES", "CS", "ET", "ON", "BN", "NSM", "EN"}
    if kinds[0] == "L":
        return set(kinds) <= neutral | {"L"} and ending in {"L", "EN"}
    if kinds[0] not in {"R", "AL"} or {"EN", "AN"} <= set(kinds):
        return False
    return set(kinds) <= neutral | {"R", "AL", "AN"} and ending in {"R", "AL", "EN", "AN"}
