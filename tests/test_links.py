"""Links nobody can fool: text surgery on strangers' URLs, the vendor's own sites, and invite links."""

import json
import pickle
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerkit.errors import InvalidLink, InvalidValue, LinkFault
from partnerkit.hosts import cut
from partnerkit.links import (
    Experience,
    InviteLink,
    LinkParameters,
    VendorSites,
    add_partner,
    cobrand,
    link_hints,
    read_partner,
    replace_partner,
)
from partnerkit.partners import PartnerName
from partnerkit.visits import PageVisit

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
BLANKS = "".join(map(chr, range(0x21)))
SITES = VendorSites(("constantcontact.com",), subdomains=True)
NAME = PartnerName("brightside")


def sample(name: str, part: str) -> list[Any]:
    """Give the sample cases of one file, or one skipped case that says where they were looked for."""
    path = SHARED / "cases" / name
    if not path.is_file():
        return [pytest.param({}, marks=pytest.mark.skip(reason=f"no sample cases at {path}"))]
    return [pytest.param(case, id=case["id"]) for case in json.loads(path.read_text(encoding="utf-8"))[part]]


def pairs_of(search: str) -> list[tuple[str, str]]:
    """Parse a query as the URL Standard's urlencoded parser does, without any code of ours."""
    cut_once = (piece.partition("=") for piece in search.removeprefix("?").split("&") if piece)
    return [(unquote_plus(name, errors="replace"), unquote_plus(value, errors="replace")) for name, _, value in cut_once]


def browser(url: str) -> Any:
    return pytest.importorskip("ada_url").URL(url)


def partner_values(url: str) -> set[str]:
    return {value for key, value in pairs_of(browser(url).search) if key == "pn"}


def check_only_pn_changed(before: str, after: str, name: str) -> None:
    """Check what a browser reads: the same URL, the same other pairs, and exactly one pn, equal to the name."""
    old, new = browser(before), browser(after)
    for part in ("protocol", "username", "password", "host", "port", "pathname", "hash"):
        assert getattr(old, part) == getattr(new, part), part
    old_pairs, new_pairs = pairs_of(old.search), pairs_of(new.search)
    assert [pair for pair in new_pairs if pair[0] != "pn"] == [pair for pair in old_pairs if pair[0] != "pn"]
    assert [value for key, value in new_pairs if key == "pn"] == [name]


def check_bytes_kept(before: str, after: str, name: str) -> None:
    """Check that leaving out one inserted piece gives the input back, byte for byte."""
    old = before.strip(BLANKS)
    if after == old:
        return
    for piece in (f"?pn={name}", f"&pn={name}", f"pn={name}", f"={name}", name):
        start = after.find(piece)
        while start >= 0:
            if after[:start] + after[start + len(piece) :] == old:
                return
            start = after.find(piece, start + 1)
    pytest.fail(f"{after!r} is not {old!r} with one piece inserted")


def fault_of(act: Callable[[], object]) -> LinkFault:
    with pytest.raises(InvalidLink) as caught:
        act()
    return caught.value.fault


def words_of(act: Callable[[], object]) -> str:
    """Give the words of a refusal, none where nothing was refused."""
    try:
        act()
    except InvalidLink as refusal:
        return str(refusal)
    return ""


class TestSampleCases:
    """The sample cases: `expect` is preferred, `also_ok` tolerated, nothing else is right."""

    @pytest.mark.parametrize("case", sample("links.json", "cases"))
    def test_links(self, case: dict[str, Any]) -> None:
        acts: dict[str, Callable[[], dict[str, str | None]]] = {
            "add": lambda: {"url": add_partner(case["url"], case["name"])},
            "replace": lambda: {"url": replace_partner(case["url"], case["name"])},
            "read": lambda: {"value": SITES.read_partner(case["url"])},
        }
        try:
            outcome = acts[case["op"]]()
        except InvalidLink as refusal:
            outcome = {"error": str(refusal.fault)}
        accepted = [case["expect"], *case["also_ok"]]
        assert outcome in accepted or ("url" in outcome and {"any_url": True} in accepted)
        if isinstance(outcome.get("url"), str):
            check_only_pn_changed(case["url"], str(outcome["url"]), case["name"])

    @pytest.mark.parametrize("case", [case for case in sample("links.json", "cases") if case.values[0].get("op", "read") == "read"])
    def test_reading_on_any_site(self, case: dict[str, Any]) -> None:
        try:
            outcome: dict[str, str | None] = {"value": read_partner(case["url"])}
        except InvalidLink as refusal:
            outcome = {"error": str(refusal.fault)}
        assert outcome in [case["expect"], *case["also_ok"]]

    @pytest.mark.parametrize("case", sample("hosts.json", "cases"))
    def test_hosts(self, case: dict[str, Any]) -> None:
        try:
            belongs = VendorSites(case["allow"], subdomains=case["mode"] == "subdomains").includes(case["url"])
        except InvalidValue:
            belongs = False
        assert belongs in [case["belongs"], *case["also_ok"]]

    @pytest.mark.parametrize("case", sample("hosts.json", "config"))
    def test_lists_of_sites(self, case: dict[str, Any]) -> None:
        try:
            accepted = bool(VendorSites(case["allow"], subdomains=case["mode"] == "subdomains").hosts)
        except InvalidValue:
            accepted = False
        assert accepted in [case["accept"], *case["also_ok"]]


class TestTheArticlesExamples:
    """S-22: "Here are some example links that you can co-brand"."""

    @pytest.mark.parametrize("host", ["blog.constantcontact.com", "knowledgebase.constantcontact.com"])
    @pytest.mark.parametrize("scheme", ["https", "http"])
    def test_they_come_out_exactly(self, scheme: str, host: str) -> None:
        assert cobrand(f"{scheme}://{host}", "yourpartnername", SITES) == f"https://{host}?pn=yourpartnername"


class TestAdding:
    """Exactly one pn, every other byte as it was."""

    @pytest.mark.parametrize(
        ("url", "wanted"),
        [
            ("https://h.example", "https://h.example?pn=brightside"),
            ("http://h.example/", "http://h.example/?pn=brightside"),
            ("https://h.example?", "https://h.example?pn=brightside"),
            ("https://h.example?a&", "https://h.example?a&pn=brightside"),
            ("https://h.example/#", "https://h.example/?pn=brightside#"),
            ("https://h.example/?a=1#?pn=x", "https://h.example/?a=1&pn=brightside#?pn=x"),
            ("HTTPS://H.Example/%7e", "HTTPS://H.Example/%7e?pn=brightside"),
            ("https://u:p@h.example:8443/a;b", "https://u:p@h.example:8443/a;b?pn=brightside"),
            (" \t\x00https://h.example/a b\n", "https://h.example/a b?pn=brightside"),
            ("https://h.example/\u00a0", "https://h.example/\u00a0?pn=brightside"),
            ("https://h.example?pn=&a", "https://h.example?pn=brightside&a"),
            ("https://h.example?a&%70n=&b", "https://h.example?a&%70n=brightside&b"),
            ("https://h.example?a&pn", "https://h.example?a&pn=brightside"),
            ("https://h.example?pn=bright%73ide", "https://h.example?pn=bright%73ide"),
            ("https://h.example/a--b?x=--", "https://h.example/a--b?x=--&pn=brightside"),
            ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/?pn=brightside"),
            ("https://xn--wgv71a119e.example/", "https://xn--wgv71a119e.example/?pn=brightside"),
            ("https://xn--fa-hia.example/", "https://xn--fa-hia.example/?pn=brightside"),
            ("https://xn--i-7iq.ws/", "https://xn--i-7iq.ws/?pn=brightside"),
            ("https://xn--4dbrk0ce.example", "https://xn--4dbrk0ce.example?pn=brightside"),
            ("https://xn--1-zhc.example/", "https://xn--1-zhc.example/?pn=brightside"),
            ("https://[2001:db8::1]:443/", "https://[2001:db8::1]:443/?pn=brightside"),
            ("https://[::ffff:192.0.2.1]", "https://[::ffff:192.0.2.1]?pn=brightside"),
            ("http://127.0.0.1:08000/", "http://127.0.0.1:08000/?pn=brightside"),
            ("http://0x7f.1/", "http://0x7f.1/?pn=brightside"),
            ("https://my_shop.example:/", "https://my_shop.example:/?pn=brightside"),
        ],
    )
    def test_shapes(self, url: str, wanted: str) -> None:
        assert add_partner(url, NAME) == wanted
        assert add_partner(url, NAME.text) == wanted
        check_only_pn_changed(url, wanted, "brightside")

    def test_adding_twice_changes_nothing(self) -> None:
        once = add_partner("https://h.example/?a=1#x", NAME)
        assert add_partner(once, NAME) == once

    @pytest.mark.parametrize("query", ["pn=other", "pn=brightside&pn=brightside", "pn=BrightSide", "%70%6E=other", "pn=&pn=", "pn=+"])
    def test_another_pn_is_refused(self, query: str) -> None:
        assert fault_of(lambda: add_partner(f"https://h.example/?{query}", NAME)) is LinkFault.CONFLICT

    @pytest.mark.parametrize("query", ["PN=x", "pn[]=x", "amp;pn=x", "+pn=x", "pn%00=x", "pnx=1", "a=pn", "%70n%20=x", "p=n", ";pn=x"])
    def test_near_misses_are_other_parameters(self, query: str) -> None:
        assert add_partner(f"https://h.example/?{query}", NAME) == f"https://h.example/?{query}&pn=brightside"

    @pytest.mark.parametrize("name", ["", "-a", "a b", "a&b", "a%41", "caf\u00e9", "\u0430cme", "<b>", "a\n", "x" * 65, None, 7, ["a"]])
    def test_names_that_are_none(self, name: Any) -> None:
        assert fault_of(lambda: add_partner("https://h.example", name)) is LinkFault.INVALID_NAME
        assert fault_of(lambda: replace_partner("https://h.example", name)) is LinkFault.INVALID_NAME

    def test_eight_thousand_octets_and_more(self) -> None:
        url = "https://h.example/?" + "&".join(f"a{number}=1" for number in range(12_000))
        assert add_partner(url, NAME) == f"{url}&pn=brightside"


class TestReplacing:
    """The first pn keeps its place, the others go."""

    @pytest.mark.parametrize(
        ("query", "wanted"),
        [
            ("?pn=old", "?pn=brightside"),
            ("?a&pn=old&b&pn=older&&c&%70n", "?a&pn=brightside&b&&c"),
            ("?%70%6e=old&", "?pn=brightside&"),
            ("?pn=brightsides&pn=brightside", "?pn=brightside"),
            ("?PN=old", "?PN=old&pn=brightside"),
            ("", "?pn=brightside"),
            ("#pn=old", "?pn=brightside#pn=old"),
        ],
    )
    def test_shapes(self, query: str, wanted: str) -> None:
        url = f"https://h.example/{query}"
        assert replace_partner(url, NAME) == f"https://h.example/{wanted}"
        check_only_pn_changed(url, replace_partner(url, NAME), "brightside")


class Spring(str, Enum):  # noqa: UP042  (a StrEnum is shown as it reads)
    """A name as a text of its own class, which is shown otherwise than it reads."""

    NAME = "brightside"


class TestWhatStaysTheSame:
    """Replacing changes the pairs of `pn` alone, and a name is what it reads, however its class shows it."""

    def test_a_blank_that_a_browser_would_drop_is_refused(self) -> None:
        for url in ("https://h.example/?pn=old&a=b &pn=older", "https://h.example/?pn=x& &pn=y"):
            assert fault_of(lambda url=url: replace_partner(url, NAME)) is LinkFault.MALFORMED  # type: ignore[misc]
            assert replace_partner(f"{url}#top", NAME).endswith(" #top")

    def test_a_member_of_an_enum_of_texts(self) -> None:
        assert add_partner("https://h.example/", Spring.NAME) == "https://h.example/?pn=brightside"
        assert InviteLink(partner_name=Spring.NAME, landing="https://h.example/").url() == "https://h.example/?pn=brightside"
        with pytest.raises(InvalidValue, match="not a parameter name"):
            LinkParameters(experience=Spring.NAME)


class TestReading:
    """What a browser's parser would read; two different values are ambiguous; empty is none."""

    @pytest.mark.parametrize(
        ("query", "value"),
        [
            ("", None),
            ("?", None),
            ("?pn", None),
            ("?pn=&pn=", None),
            ("?a=pn&PN=x", None),
            ("#?pn=x", None),
            ("?pn=a=b", "a=b"),
            ("?pn=a+b%2Bc", "a b+c"),
            ("?pn=a&%70%6E=%61", "a"),
            ("?pn=%C3%A9%FF%zz", "\u00e9\ufffd%zz"),
            ("?pn=\u00e9", "\u00e9"),
            ("?pn=\u00e9%41", "\u00e9A"),
            ("?pn=%EF%BB%BFa", "\ufeffa"),
        ],
    )
    def test_values(self, query: str, value: str | None) -> None:
        assert read_partner(f"https://h.example/{query}") == value

    @pytest.mark.parametrize("query", ["pn=a&pn=b", "pn=&pn=a", "pn=a&pn=A", "pn=a&%70n=b"])
    def test_two_values_are_ambiguous(self, query: str) -> None:
        assert fault_of(lambda: read_partner(f"https://h.example/?{query}")) is LinkFault.AMBIGUOUS


REFUSED = [
    ("https://h.example/?pn=a&pn=b", LinkFault.AMBIGUOUS, "wanted one"),
    ("https://h.example\\@evil.example/", LinkFault.BACKSLASH, "%5C"),
    ("https:\\\\h.example/", LinkFault.BACKSLASH, "%5C"),
    ("https://h.example/a\\b", LinkFault.BACKSLASH, "%5C"),
    ("https://h.example/?p\tn=evil", LinkFault.CONTROL_CHAR, "'\\t' at 20"),
    ("https://h.example/\x1b[31m", LinkFault.CONTROL_CHAR, "wanted none"),
    ("https://h.example/#\x7fx", LinkFault.CONTROL_CHAR, "'\\x7f'"),
    ("https://b\u00fccher.example/", LinkFault.INVALID_HOST, "xn-- form"),
    ("https://%77ww.example/", LinkFault.INVALID_HOST, "ASCII letters"),
    ("https://a b.example/", LinkFault.INVALID_HOST, "ASCII letters"),
    ("https://1.2.3.256/", LinkFault.INVALID_HOST, "'192.0.2.1'"),
    ("https://1.2.3.4.5/", LinkFault.INVALID_HOST, "'192.0.2.1'"),
    ("https://h.08/", LinkFault.INVALID_HOST, "'192.0.2.1'"),
    ("https://1.2.3.4../", LinkFault.INVALID_HOST, "'192.0.2.1'"),
    ("https://4294967296/", LinkFault.INVALID_HOST, "'192.0.2.1'"),
    ("https://" + "9" * 5_000, LinkFault.INVALID_HOST, "'192.0.2.1'"),
    ("https://[::1::]/", LinkFault.INVALID_HOST, "'[2001:db8::1]'"),
    ("https://[::1%25eth0]/", LinkFault.INVALID_HOST, "'[2001:db8::1]'"),
    ("https://[v1.h.example]/", LinkFault.INVALID_HOST, "'[2001:db8::1]'"),
    ("https://[1:2:3:4:5:6:7:1.2.3.4]/", LinkFault.INVALID_HOST, "'[2001:db8::1]'"),
    ("https://[::1.2.3.04]/", LinkFault.INVALID_HOST, "'[2001:db8::1]'"),
    ("https://xn--/", LinkFault.INVALID_HOST, "punycode"),
    ("https://XN--a-b\u00e9/", LinkFault.INVALID_HOST, "xn--"),
    ("https://xn--abc-.example/", LinkFault.INVALID_HOST, "punycode"),
    ("https://xn--pokxncvks.example/", LinkFault.INVALID_HOST, "punycode"),
    ("https://xn--" + "a" * 80 + ".example/", LinkFault.INVALID_HOST, "punycode"),
    ("https://xn--bcher-9ta.xn--zzzzzzzz/", LinkFault.INVALID_HOST, "punycode"),
    ("https://1.xn--4dbrk0ce/", LinkFault.INVALID_HOST, "punycode"),
    ("https://xn--a-zhc.example/", LinkFault.INVALID_HOST, "punycode"),
    ("https://xn--1-zhc64b.example/", LinkFault.INVALID_HOST, "punycode"),
    ("https://h.example:65536/", LinkFault.INVALID_PORT, "65535"),
    ("https://h.example:80a/", LinkFault.INVALID_PORT, "65535"),
    ("https://h.example:\u0661/", LinkFault.INVALID_PORT, "65535"),
    ("https://h.example:80:80/", LinkFault.INVALID_PORT, "65535"),
    ("https:///h.example/", LinkFault.MALFORMED, "two slashes"),
    ("https://", LinkFault.MALFORMED, "the host is empty"),
    ("https://u@/", LinkFault.MALFORMED, "the host is empty"),
    ("https:/h.example/", LinkFault.MALFORMED, "https://"),
    ("http:h.example/", LinkFault.MALFORMED, "http://"),
    ("https://[::1/", LinkFault.MALFORMED, "bracket"),
    ("https://[::1]x/", LinkFault.MALFORMED, "bracket"),
    ("https://evil.example[h.example]/", LinkFault.MALFORMED, "bracket"),
    ("https://h.example/\ud800", LinkFault.MALFORMED, "whole characters"),
    ("https:", LinkFault.NO_HOST, "names no host"),
    ("http:/?x", LinkFault.NO_HOST, "names no host"),
    ("", LinkFault.NOT_ABSOLUTE, "https://"),
    ("//h.example/", LinkFault.NOT_ABSOLUTE, "https://"),
    ("www.h.example", LinkFault.NOT_ABSOLUTE, "https://"),
    ("\u00a0https://h.example/", LinkFault.NOT_ABSOLUTE, "https://"),
    ("javascript:alert(1)", LinkFault.SCHEME, "https or http"),
    ("ftp://h.example/", LinkFault.SCHEME, "https or http"),
    ("https+x://h.example/", LinkFault.SCHEME, "https or http"),
    ("https://h.example/" + "x" * 100_000, LinkFault.TOO_LONG, "at most 100000"),
    ("https://a@b@h.example/", LinkFault.USERINFO, "at most one '@'"),
    ("https://[@h.example/", LinkFault.USERINFO, "at most one '@'"),
]
REFUSALS = [pytest.param(url, fault, words, id=ascii(url[:40])) for url, fault, words in REFUSED]


class TestRefusals:
    """What a browser and an RFC 3986 reader would understand differently is refused, and the refusal says what would be accepted."""

    @pytest.mark.parametrize(("url", "fault", "words"), REFUSALS)
    def test_kinds_and_words(self, url: str, fault: LinkFault, words: str) -> None:
        with pytest.raises(InvalidLink) as caught:
            read_partner(url)
        assert caught.value.fault is fault
        assert words in str(caught.value)
        assert "wanted" in str(caught.value)

    @pytest.mark.parametrize(("url", "fault", "words"), REFUSALS)
    def test_every_function_refuses_alike(self, url: str, fault: LinkFault, words: str) -> None:
        if fault is not LinkFault.AMBIGUOUS:
            assert fault_of(lambda: add_partner(url, NAME)) is fault
            assert fault_of(lambda: replace_partner(url, NAME)) is fault
            assert fault_of(lambda: cobrand(url, NAME, SITES)) is fault
            assert fault_of(lambda: SITES.read_partner(url)) is fault
        assert not SITES.includes(url)

    @pytest.mark.parametrize(
        "url",
        [
            "https://name:secret@evil@h.example/",
            "https://name:secret@h.example/",
            "https://name:secret@h.example:99999/",
            "https://name:sec\\secret@h.example/",
            "https:/name:secret@h.example/",
            "//name:secret@h.example/",
            "https://name:secret\t@h.example/",
            "https://name:secret@h.example/\ud800",
            "https://name:secret@h.example/a b",
        ],
    )
    def test_credentials_are_not_repeated(self, url: str) -> None:
        for act in (lambda: cobrand(url, NAME, SITES), lambda: InviteLink.parse(url)):
            with pytest.raises(InvalidLink) as caught:
                act()
            assert "secret" not in str(caught.value)

    def test_every_kind_has_an_example(self) -> None:
        elsewhere = {LinkFault.CONFLICT, LinkFault.FOREIGN_HOST, LinkFault.INVALID_NAME}
        assert {fault for _, fault, _ in REFUSED} | elsewhere == set(LinkFault)

    @pytest.mark.parametrize("url", [None, b"https://h.example/", 7, ["https://h.example/"]])
    def test_what_is_no_text(self, url: Any) -> None:
        for act in (read_partner, link_hints, lambda given: add_partner(given, NAME), SITES.read_partner, SITES.require):
            assert fault_of(lambda act=act: act(url)) is LinkFault.NOT_ABSOLUTE  # type: ignore[misc]
        assert not SITES.includes(url)

    @pytest.mark.parametrize(
        "junk", ["\n[fake] log line", "\x1b[2J", "\u202egnp", "<script>alert(1)</script>" * 9, "\r\n\r\n", "\u00e9" * 500]
    )
    @pytest.mark.parametrize(
        "shape", ["{}", "https://{}/", "https://h.example:{}/", "https://h.example/?pn=a&pn={}", "{}://x", "https://[{}]/"]
    )
    def test_messages_are_safe_to_log(self, shape: str, junk: str) -> None:
        with pytest.raises(InvalidLink) as caught:
            add_partner(shape.format(junk), NAME)
        message = str(caught.value)
        assert message.isprintable()
        assert len(message) < 300
        assert "<" not in message
        assert ">" not in message
        assert len(junk) <= 80 or junk[:80] not in message

    def test_time_is_linear(self) -> None:
        hostile = [
            "a&",
            "pn&",
            "%70n=x&",
            "amp;pn&",
            "@",
            "[",
            "a.",
            "a.b",
            ".",
            "1.",
            "a-",
            "xn--bcher-kva.",
            ":",
            "::",
            "%",
            "\\",
            "?pn=",
            ";pn=",
            "0x",
        ]
        started = time.perf_counter()
        for piece in hostile:
            for shape in ("https://{}", "https://[{}]/", "https://h.example/?{}", "https://h.example/#{}", "{}"):
                url = shape.format(piece * (95_000 // len(piece)))
                for act in (read_partner, link_hints, lambda given: replace_partner(given, NAME), SITES.includes):
                    try:
                        act(url)
                    except InvalidLink:
                        continue
        assert time.perf_counter() - started < 20


class TestHints:
    """Near misses are reported to the person who typed them, and credit nobody."""

    def test_half_a_character_is_no_reason_to_fail(self) -> None:
        assert link_hints("https://vendor.example?\ud800%41=1&PN=acme") != ()

    @pytest.mark.parametrize(
        ("url", "words"),
        [
            ("https://h.example/?PN=a", "lower case"),
            ("https://h.example/?Pn=a", "lower case"),
            ("https://h.example/?pn[]=a", "without brackets"),
            ("https://h.example/?pn[0]=a", "without brackets"),
            ("https://h.example/?x=1&amp;pn=a", "write '&'"),
            ("https://h.example/?+pn=a", "without blanks"),
            ("https://h.example/?pn%20=a", "without blanks"),
            ("https://h.example/?x=1;pn=a", "write '&pn='"),
            ("https://h.example/?x=1?pn=a", "write '&pn='"),
            ("https://h.example/&pn=a", "write '?pn='"),
            ("https://h.example/pn=a", "write '?pn='"),
            ("https://h.example/#?pn=a", "in front of the '#'"),
            ("https://h.example/#pn=a", "in front of the '#'"),
            ("https://h.example/?pn=", "nobody"),
            ("https://h.example/?pn=a%20b", "holds a blank"),
            ("https://h.example/?pn=a&pn=b", "'pn' stands there with 2 different values, and names nobody: keep one"),
            ("https://h.example/?pn=brightside/", "the value 'brightside/' of 'pn' is no partner name"),
            ("https://h.example/?pn=%3Cyour-name%3E", "no partner name"),
            ("https://h.example/?pn%3Dbrightside", "without %3D"),
            ("https://h.example/?pn:brightside", "or a colon"),
            (" https://h.example/?pn=a", "blanks around"),
            ("www.h.example?PN=a", "lower case"),
        ],
    )
    def test_one_hint_each(self, url: str, words: str) -> None:
        (hint,) = link_hints(url)
        assert words in hint

    @pytest.mark.parametrize("url", ["https://h.example/?pn=a&x=1", "https://h.example", "", "https://h.example/?spn=1#spn=1"])
    def test_none_where_nothing_is_near(self, url: str) -> None:
        assert link_hints(url) == ()

    def test_all_at_once_and_each_once(self) -> None:
        assert len(link_hints("https://h.example/?PN=a&PN=b&pn[]=c#pn=d")) == 3

    def test_too_long(self) -> None:
        assert fault_of(lambda: link_hints("x" * 100_001)) is LinkFault.TOO_LONG


class TestVendorSites:
    """Labels are compared, not text; elsewhere pn means other things."""

    def test_lists_are_normalized(self) -> None:
        sites = VendorSites(["B.example.", "a.example", "b.EXAMPLE"])
        assert sites == VendorSites(hosts=("a.example", "b.example"))
        assert sites.hosts == ("a.example", "b.example")
        assert eval(repr(sites)) == sites  # noqa: S307
        assert pickle.loads(pickle.dumps(sites)) == sites  # noqa: S301
        assert sites != VendorSites(sites.hosts, subdomains=True)

    @pytest.mark.parametrize(
        "hosts",
        [
            *["a.example", None, 7, (), ("",), (".",), ("*",), ("*.a.example",), ("com",), ("https://a.example",), ("a.example/",)],
            *[("a.example:443",), ("u@a.example",), ("a b.example",), (".a.example",), ("a..example",), ("-a.example",), ("a-.example",)],
            *[("a.example..",), ("x" * 64 + ".example",), ("a." * 127 + "example",), ("a.example\n",), ("127.0.0.1",), ("xn--",)],
            *[("xn--.example",), ("xn--zzzzzzzz.example",), ("b\u00fccher.example",), ("\u212a.example",), (None,), ("[::1]",)],
        ],
    )
    def test_what_is_no_list_of_hosts(self, hosts: Any) -> None:
        with pytest.raises(InvalidValue, match="wanted"):
            VendorSites(hosts)

    @pytest.mark.parametrize("choice", [None, "no", 1])
    def test_subdomains_is_a_plain_choice(self, choice: Any) -> None:
        with pytest.raises(InvalidValue, match="wanted True or False"):
            VendorSites(("a.example",), subdomains=choice)

    @pytest.mark.parametrize("sites", ["h.example", ["h.example"], None])
    def test_the_name_of_a_host_is_no_list_of_sites(self, sites: Any) -> None:
        page = PageVisit(id="k", visitor="v", at=datetime(2025, 8, 8, tzinfo=UTC), url="https://h.example/")
        for act in (lambda: cobrand("https://h.example", NAME, sites), lambda: page.read(sites)):
            with pytest.raises(InvalidValue, match=r"the sites are .*: wanted VendorSites\(\['www.vendor.example'\]\)"):
                act()

    def test_localhost_is_a_site(self) -> None:
        assert VendorSites(("localhost",)).includes("http://localhost:8000/?pn=a")

    def test_public_suffixes_are_the_callers_list(self) -> None:
        with pytest.raises(InvalidValue, match=r"'co\.uk' is a public suffix"):
            VendorSites(("vendor.co.uk", "co.uk"), is_public_suffix=frozenset({"co.uk"}).__contains__)
        assert VendorSites(("vendor.co.uk",), is_public_suffix=frozenset({"co.uk"}).__contains__).hosts == ("vendor.co.uk",)

    @pytest.mark.parametrize(
        ("url", "exact", "below"),
        [
            ("https://vendor.example", True, True),
            ("http://VENDOR.example.:8443/x", True, True),
            ("https://blog.vendor.example/", False, True),
            ("https://evilvendor.example/", False, False),
            ("https://vendor.example.evil.example/", False, False),
            ("https://vendor.example@evil.example/", False, False),
            ("https://evil.example@vendor.example/", False, False),
            ("https://@vendor.example/", False, False),
            ("https://evil.example\\.vendor.example/", False, False),
            ("https://evil.example?.vendor.example/", False, False),
            ("https://vendor.example../", False, False),
        ],
    )
    def test_which_urls_belong(self, url: str, *, exact: bool, below: bool) -> None:
        assert VendorSites(("vendor.example",)).includes(url) is exact
        assert VendorSites(("vendor.example",), subdomains=True).includes(url) is below

    def test_pn_elsewhere_is_refused(self) -> None:
        assert fault_of(lambda: SITES.read_partner("https://www.delphion.com/details?pn=US04558302__")) is LinkFault.FOREIGN_HOST
        assert fault_of(lambda: SITES.read_partner("https://u@www.constantcontact.com/?pn=a")) is LinkFault.USERINFO
        with pytest.raises(
            InvalidLink, match=r"^the host 'evil\.example' is not one of the vendor's sites: wanted constantcontact\.com or a host below$"
        ):
            SITES.require("https://evil.example/")
        with pytest.raises(InvalidLink, match=r"wanted a\.example, b\.example, c\.example, \.\.\.$"):
            VendorSites(f"{letter}.example" for letter in "abcd").require("https://evil.example/")


class TestCobranding:
    """S-19: "You can also add ?pn=yourpartnername to the end of any Constant Contact URL"."""

    @pytest.mark.parametrize(
        ("url", "fault"),
        [
            ("https://evil.example/", LinkFault.FOREIGN_HOST),
            ("https://u:p@www.constantcontact.com/", LinkFault.USERINFO),
            ("https://@www.constantcontact.com/", LinkFault.USERINFO),
            ("https://www.constantcontact.com:443/", LinkFault.INVALID_PORT),
            ("https://www.constantcontact.com:/", LinkFault.INVALID_PORT),
            ("https://www.constantcontact.com./", LinkFault.INVALID_HOST),
            ("https://www.constantcontact.com/?pn=other", LinkFault.CONFLICT),
            ("https://www.constantcontact.com/a b", LinkFault.MALFORMED),
            ("https://www.constantcontact.com/#a b", LinkFault.MALFORMED),
        ],
    )
    def test_what_is_not_published(self, url: str, fault: LinkFault) -> None:
        assert fault_of(lambda: cobrand(url, NAME, SITES)) is fault

    def test_https_and_every_other_byte(self) -> None:
        assert cobrand("HTTP://WWW.constantcontact.com/a%2fb?x#y", NAME, SITES) == "https://WWW.constantcontact.com/a%2fb?x&pn=brightside#y"


LANDING = "https://www.constantcontact.com/partner-offer?cc=invite"


class TestInviteLinks:
    """S-17, S-18: "choose which plans you want to highlight and if you want a “trial” and/or “buy now” experience"."""

    def test_the_whole_link(self) -> None:
        link = InviteLink(
            partner_name=NAME,
            landing=f"{LANDING}#top",
            highlighted_plans=("premium", "lite"),
            experience=frozenset({Experience.BUY_NOW, Experience.TRIAL}),
        )
        assert link.url() == f"{LANDING}&pn=brightside&plans=premium,lite&experience=trial,buy-now#top"
        assert InviteLink.parse(link.url(sites=SITES), sites=SITES) == link
        assert eval(repr(link)) == link  # noqa: S307
        assert "frozenset({Experience.TRIAL, Experience.BUY_NOW})" in repr(link)

    def test_parameter_names_are_data(self) -> None:
        names = LinkParameters(highlighted_plans="hp", experience="xp")
        link = InviteLink(partner_name=NAME, landing=LANDING, highlighted_plans=("lite",), experience=frozenset({Experience.TRIAL}))
        url = link.url(parameters=names)
        assert url == f"{LANDING}&pn=brightside&hp=lite&xp=trial"
        assert InviteLink.parse(url, parameters=names) == link
        assert InviteLink.parse(url).landing == f"{LANDING}&hp=lite&xp=trial"

    def test_unknown_parameters_stay_verbatim(self) -> None:
        link = InviteLink.parse("http://h.example/x?%70n=a&z=%7e+1&plans=lite%2Cpremium&&q#f")
        assert link.landing == "https://h.example/x?z=%7e+1&&q#f"
        assert link.highlighted_plans == ("lite", "premium")
        assert link.experience is None
        assert InviteLink.parse(link.url()) == link

    def test_customization_never_changes_the_credit(self) -> None:
        plain = InviteLink(partner_name=NAME, landing=LANDING)
        custom = InviteLink(partner_name=NAME, landing=LANDING, highlighted_plans=("lite",), experience=frozenset({Experience.BUY_NOW}))
        assert (
            SITES.read_partner(plain.url())
            == SITES.read_partner(custom.url())
            == read_partner(cobrand(LANDING, NAME, SITES))
            == "brightside"
        )

    @pytest.mark.parametrize(
        ("url", "fault"),
        [
            ("https://h.example/", LinkFault.INVALID_NAME),
            ("https://h.example/?pn=", LinkFault.INVALID_NAME),
            ("https://h.example/?pn=%3Cb%3E", LinkFault.INVALID_NAME),
            ("https://h.example/?pn=a&pn=b", LinkFault.AMBIGUOUS),
            ("https://h.example/?pn=a&experience=trial&experience=buy-now", LinkFault.AMBIGUOUS),
            ("https://h.example/?pn=a&experience=", LinkFault.MALFORMED),
            ("https://h.example/?pn=a&experience=demo", LinkFault.MALFORMED),
            ("https://h.example/?pn=a&plans", LinkFault.MALFORMED),
            ("https://h.example/?pn=a&plans=lite,lite", LinkFault.MALFORMED),
            ("https://h.example/?pn=a&plans=lite,", LinkFault.MALFORMED),
            ("https://h.example/a b?pn=a", LinkFault.MALFORMED),
            ("https://u@h.example/?pn=a", LinkFault.USERINFO),
            ("https://h.example:80/?pn=a", LinkFault.INVALID_PORT),
            ("https://h.example./?pn=a", LinkFault.INVALID_HOST),
            ("ftp://h.example/?pn=a", LinkFault.SCHEME),
        ],
    )
    def test_what_is_no_invite_link(self, url: str, fault: LinkFault) -> None:
        assert fault_of(lambda: InviteLink.parse(url)) is fault

    def test_foreign_landing_pages(self) -> None:
        link = InviteLink(partner_name=NAME, landing="https://evil.example/")
        assert fault_of(lambda: link.url(sites=SITES)) is LinkFault.FOREIGN_HOST
        assert fault_of(lambda: InviteLink.parse(link.url(), sites=SITES)) is LinkFault.FOREIGN_HOST

    def test_a_landing_page_holds_nothing_of_ours(self) -> None:
        assert fault_of(lambda: InviteLink(partner_name=NAME, landing=f"{LANDING}&pn=a")) is LinkFault.CONFLICT
        assert fault_of(lambda: InviteLink(partner_name=NAME, landing=f"{LANDING}&plans=lite").url()) is LinkFault.CONFLICT

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("partner_name", None),
            ("partner_name", "a b"),
            ("highlighted_plans", "lite"),
            ("highlighted_plans", ("a,b",)),
            ("highlighted_plans", ("lite", "lite")),
            ("highlighted_plans", 7),
            ("highlighted_plans", {"lite"}),
            ("experience", [Experience.TRIAL]),
            ("experience", frozenset()),
            ("experience", frozenset({"trial"})),
            ("experience", Experience.TRIAL),
            ("experience", 7),
        ],
    )
    def test_values_that_cannot_exist(self, field: str, value: Any) -> None:
        with pytest.raises(InvalidValue, match="wanted"):
            InviteLink(**{"partner_name": "a", "landing": LANDING, field: value})

    @pytest.mark.parametrize(
        "names", [{"experience": "pn"}, {"experience": "plans"}, {"experience": "a b"}, {"highlighted_plans": ""}, {"experience": 7}]
    )
    def test_parameter_names_that_cannot_exist(self, names: dict[str, Any]) -> None:
        with pytest.raises(InvalidValue, match="wanted"):
            LinkParameters(**names)


names = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,20}[A-Za-z0-9])?", fullmatch=True)
nasty = st.text(
    alphabet=st.sampled_from("apnPN0179.-_~%&=+;?#/\\@:[]<>\"'|^`{} \t\n\r\x00\x1f\x7f\u00e9\u00df\u3002\uff0f\u200d\U0001f600\ufeff"),
    max_size=8,
)
hostile_hosts = st.one_of(
    st.sampled_from(
        [
            *[
                "h.example",
                "H.Example.",
                "localhost",
                "a_b.example",
                "1.2.3.4",
                "0x7f.1",
                "0177.1",
                "256.1",
                "h.1",
                "1.",
                ".",
                "..",
                "a..b",
                "-a-",
            ],
            *[
                "[::1]",
                "[::ffff:1.2.3.4]",
                "[1:2:3:4:5:6:7::]",
                "[::1",
                "[v1.a]",
                "xn--bcher-kva.example",
                "xn--",
                "xn--a",
                "XN--FA-HIA.de",
            ],
            *[
                "xn--4dbrk0ce",
                "1.xn--4dbrk0ce",
                "xn--1ug",
                "b\u00fccher.example",
                "%77ww.example",
                "a%00b",
                "a b",
                "",
                "evil.example[h.example]",
            ],
        ]
    ),
    nasty,
    st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-", max_size=12).map("xn--{}".format),
    st.text(alphabet="0123456789abcdefx.:", max_size=12),
    st.text(alphabet="0123456789abcdef:.", max_size=20).map("[{}]".format),
)
hostile_urls = st.builds(
    "{}{}{}{}{}{}{}{}{}{}".format,
    st.sampled_from(["", "", "", " ", "\n", "\x00\x1f", "\u00a0"]),
    st.sampled_from(["https:", "https:", "http:", "HTTPS:", "hTTp:", "ftp:", "javascript:", "https", "", "ht\ttp:"]),
    st.sampled_from(["//", "//", "//", "//", "/", "", "///", "\\\\", "/\\", "/\t/"]),
    st.sampled_from(["", "", "", "u@", "u:p@", "@", ":@", "a@b@", "h.example\\@", "\u00e9@", "[@"]),
    hostile_hosts,
    st.sampled_from(["", "", "", ":", ":80", ":443", ":65535", ":65536", ":0080", ":8a", ":-1", ":\u0661"]),
    st.one_of(st.just(""), nasty.map("/{}".format)),
    st.one_of(
        st.just(""), nasty.map("?{}".format), st.sampled_from(["?pn=a", "?%70n=", "?PN=a&pn=", "?a&&pn=%FF+%20", "?pn=a&pn=b", "?p%6E"])
    ),
    st.one_of(st.just(""), nasty.map("#{}".format), st.just("#?pn=a")),
    st.sampled_from(["", "", "", " ", "\r\n", "\u3000"]),
)


class TestAgainstABrowser:
    """Browsers decide what a link means: where we accept a URL, their parser reads what we promise."""

    @given(url=hostile_urls, name=names)
    def test_adding(self, url: str, name: str) -> None:
        try:
            after = add_partner(url, name)
        except InvalidLink:
            return
        check_only_pn_changed(url, after, name)
        check_bytes_kept(url, after, name)

    @given(url=hostile_urls, name=names)
    def test_replacing(self, url: str, name: str) -> None:
        try:
            after = replace_partner(url, name)
        except InvalidLink:
            return
        check_only_pn_changed(url, after, name)
        assert read_partner(after) == name
        assert replace_partner(after, name) == after

    @given(url=hostile_urls)
    def test_reading(self, url: str) -> None:
        try:
            value = read_partner(url)
        except InvalidLink as refusal:
            if refusal.fault is LinkFault.AMBIGUOUS and len(partner_values(url)) < 2:
                pytest.fail(f"{url!r} is not ambiguous")
            return
        assert partner_values(url) - {""} == ({value} if value else set())

    @given(url=hostile_urls)
    def test_two_readers_find_one_host(self, url: str) -> None:
        try:
            head, _, _ = cut(url)
        except InvalidLink:
            return
        host = browser(url).hostname
        if not host.startswith("[") and not host[-1:].isdigit():
            assert urlsplit(head).hostname == host

    @given(name=st.text(alphabet=st.characters(min_codepoint=0x80, exclude_categories=["C"]), min_size=1, max_size=6))
    def test_international_names(self, name: str) -> None:
        """A punycode label that we accept is the very one a browser makes of its unicode form."""
        label = "xn--" + name.encode("punycode").decode("ascii")
        try:
            cut(f"https://{label}.example/")
        except InvalidLink:
            return
        assert browser(f"https://{name}.example/").hostname == f"{label.lower()}.example"

    @given(url=hostile_urls, host=st.sampled_from(["h.example", "vendor.example", "localhost"]))
    def test_whoever_belongs_arrives(self, url: str, host: str) -> None:
        for subdomains in (False, True):
            sites = VendorSites((host,), subdomains=subdomains)
            if sites.includes(url):
                reached = browser(url).hostname.removesuffix(".")
                assert reached in sites.hosts or (subdomains and reached.endswith(f".{sites.hosts[0]}"))

    @given(url=hostile_urls)
    def test_hints_and_messages_never_fail(self, url: str) -> None:
        assert all(hint.isprintable() for hint in link_hints(url))
        assert words_of(lambda: InviteLink.parse(url)).isprintable()

    @given(
        host=st.from_regex(r"([a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?\.){1,3}[a-z]{2,6}", fullmatch=True).filter(lambda host: "xn--" not in host),
        path=st.text(alphabet=st.characters(exclude_categories=["C", "Zs"], exclude_characters="\\?#"), max_size=20),
        query=st.text(alphabet=st.characters(exclude_categories=["C", "Zs"], exclude_characters="#%pP"), max_size=20),
    )
    def test_ordinary_links_are_never_refused(self, host: str, path: str, query: str) -> None:
        url = f"https://{host}/{path}?{query}"
        check_only_pn_changed(url, add_partner(url, NAME), NAME.text)

    @given(
        name=names,
        plans=st.lists(st.sampled_from(["lite", "standard", "premium"]), unique=True),
        experience=st.none() | st.sets(st.sampled_from(list(Experience)), min_size=1).map(frozenset),
        path=st.from_regex(r"(/[a-z%&]{0,4})?(\?[a-oq-z&=]{0,6})?(#[a-z?&]{0,4})?", fullmatch=True),
    )
    def test_invite_links_round_trip(self, name: str, plans: list[str], experience: frozenset[Experience] | None, path: str) -> None:
        link = InviteLink(
            partner_name=PartnerName(name), landing=f"http://h.example{path}", highlighted_plans=tuple(plans), experience=experience
        )
        assert InviteLink.parse(link.url()) == link
        assert read_partner(link.url()) == name


class TestRealLinks:
    """Links as people share them: each is served exactly, or refused for a reason the standard gives."""

    def test_all_of_them(self) -> None:
        path = SHARED / "data" / "kasztp.txt"
        if not path.is_file():
            pytest.skip(f"no real links at {path}")
        allowed = {LinkFault.BACKSLASH, LinkFault.INVALID_HOST, LinkFault.CONFLICT, LinkFault.MALFORMED}
        refused = []
        for url in path.read_text(encoding="utf-8-sig").split("\n"):
            if not url:
                continue
            try:
                after = add_partner(url, NAME)
            except InvalidLink as refusal:
                refused.append((url, refusal.fault))
                continue
            check_only_pn_changed(url, after, NAME.text)
            check_bytes_kept(url, after, NAME.text)
        assert {fault for _, fault in refused} <= allowed
        assert len(refused) < 400
        for url, fault in refused:
            plain_host = urlsplit(url).netloc.replace(".", "").replace("-", "").replace("_", "").isalnum()
            demanded = {
                LinkFault.BACKSLASH: "\\" in url.partition("?")[0],
                LinkFault.CONFLICT: "pn=" in url,
                LinkFault.INVALID_HOST: not plain_host,
                LinkFault.MALFORMED: not urlsplit(url).netloc,
            }
            assert demanded[fault], (url, fault)


def test_importing_links_is_cheap() -> None:
    """Nobody who only makes links waits for a calendar, a network or a table of scripts."""
    program = "import sys; import partnerkit.links; print(*sorted(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(ran.stdout.split()) & {"urllib.parse", "ipaddress", "idna", "encodings.idna", "socket", "dateutil", "babel"} == set()
