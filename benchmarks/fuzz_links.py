"""Attack the links with a fuzzer that follows the code they reach, and show that no input costs more than its length.

Run it from the root of the repository, where partnerkit is installed with the extra `fuzz` (atheris and ada-url):

    python benchmarks/fuzz_links.py [RUNS]

A million inputs, unless told otherwise, are made of the pieces that URLs and attacks on them are made of. Every public function of links,
and what reads names from strangers, is asked about each of them. It fails at the first exception that is no `PartnerkitError`, at the first
link that a browser's parser (ada-url) reads otherwise than partnerkit does, at a message that could act on a log or a page, and at a call
that takes longer, six times in a row, than a fixed start and ten microseconds for each character, instrumented as the code is.

The table before it doubles hostile inputs of one piece up to 98,000 characters: a function that is linear takes twice as long. No test
depends on this.
"""

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from itertools import product
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl

import ada_url
import atheris

with atheris.instrument_imports(include=["partnerkit.links", "partnerkit.hosts", "partnerkit.vocabulary", "partnerkit.mailboxes"]):
    from partnerkit import links
    from partnerkit.attribution import PageVisit
    from partnerkit.errors import PartnerkitError
    from partnerkit.mailboxes import mailbox
    from partnerkit.partners import PartnerName

RUNS = 1_000_000
NAME = PartnerName("brightside")
SITES = links.VendorSites(("h.example", "www.vendor.example"), subdomains=True)
NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
PARTS = ("protocol", "username", "password", "host", "port", "pathname", "hash")
PIECES = [
    *"https:// http:// HTTPS: https:/ // /// \\\\ /\\ javascript: www.vendor.example h.example localhost evil.example @ u:p@".split(),
    *"[::1] [v1.h.example] 1.2.3.4 0x7f.1 256.1 xn--bcher-kva xn-- xn--4dbrk0ce .. :80 :65536 : / /news ? ?pn= &pn= pn =".split(),
    *"%70n= p%6E= PN= pn[]= &amp;pn= ;pn= # #?pn= & && brightside acme %00 %FF %zz % + %2B plans=lite,premium".split(),
    *"experience=trial experience=buy-now experience= <script> ' \" ` | ^ {} < > b\u00fccher \u200d \u202e \u3002 \uff0f \u00df".split(),
    *("\t", "\n", "\r", "\x00", "\x1f", "\x7f", "\u00a0", "\u2028", "\ufeff", "\U0001f600", "\ud800", "a" * 70, "a." * 40),
]
HOSTILE = [*r"a& pn& pn=x& %70n=x& amp;pn& @ [ a. a.b . 1. a- xn--bcher-kva. : :: % \ ?pn= ;pn= 0x / #".split(), " "]
SHAPES = ("https://{}", "https://[{}]/", "https://h.example/{}", "https://h.example/?{}", "https://h.example/#{}", "{}")
START, PER_CHARACTER = 5e-3, 1e-5

Act = Callable[[str], Any]


def invite(url: str) -> None:
    """A link that is read is written the same way for good."""
    link = links.InviteLink.parse(url)
    written = link.url()
    assert links.InviteLink.parse(written) == link
    assert links.InviteLink.parse(written).url() == written
    assert links.read_partner(written) == link.partner_name.text


ACTS: dict[str, Act] = {
    "add_partner": lambda url: links.add_partner(url, NAME),
    "replace_partner": lambda url: links.replace_partner(url, NAME),
    "read_partner": links.read_partner,
    "link_hints": links.link_hints,
    "cobrand": lambda url: links.cobrand(url, NAME, SITES),
    "VendorSites": lambda url: links.VendorSites([url]),
    "includes": SITES.includes,
    "visits": SITES.read_partner,
    "InviteLink": invite,
    "PageVisit": lambda url: PageVisit(id="k", visitor="v", at=NOON, url=url).read(SITES),
    "PartnerName": PartnerName,
    "mailbox": mailbox,
}


def text_of(data: bytes) -> str:
    """Make a text of pieces and characters: the upper half of a byte's values stand for pieces."""
    return "".join(PIECES[byte % len(PIECES)] if byte >= 128 else chr(byte) for byte in data)


def parsed(url: str) -> Any:
    with suppress(ValueError):
        return ada_url.URL(url)
    return None


def check(act: Act, url: str) -> Any:
    """Give the answer, or the error where it is one of partnerkit's and safe to show."""
    started = time.perf_counter()
    try:
        answer = act(url)
    except PartnerkitError as refused:
        answer = refused
        message = str(refused)
        assert message.isprintable(), message
        assert not set(message) & set("<>"), message
        assert len(message) < 1_000, message
    if time.perf_counter() - started > START + PER_CHARACTER * len(url):
        assert min(timed(act, url) for _ in range(5)) <= START + PER_CHARACTER * len(url), f"{act} is slow for {url!r}"
    return answer


def timed(act: Act, url: str) -> float:
    started = time.perf_counter()
    with suppress(PartnerkitError):
        act(url)
    return time.perf_counter() - started


def values(search: str) -> list[tuple[str, str]]:
    """Read a query as the URL Standard's urlencoded parser does, without any code of partnerkit's."""
    return parse_qsl(search[1:], keep_blank_values=True, errors="replace")


def agree(url: str, answers: dict[str, Any]) -> None:
    """A browser reads what partnerkit reads and writes."""
    browser, added, read = parsed(url), answers["add_partner"], answers["read_partner"]
    if not isinstance(read, PartnerkitError):
        named = [value for key, value in values(browser.search) if key == "pn"]
        assert set(named) == {read or ""} or (not named and read is None), (url, read, named)
    if isinstance(added, str):
        after = parsed(added)
        assert all(getattr(browser, part) == getattr(after, part) for part in PARTS), (url, added)
        assert [value for key, value in values(after.search) if key == "pn"] == [NAME.text], (url, added)
        assert [pair for pair in values(after.search) if pair[0] != "pn"] == [pair for pair in values(browser.search) if pair[0] != "pn"], (
            url
        )
    if answers["includes"] is True:
        host = browser.hostname.removesuffix(".")
        assert any(host == site or host.endswith(f".{site}") for site in SITES.hosts), url
    if isinstance(answers["visits"], str):
        assert answers["includes"] is True, url


def one_input(data: bytes) -> None:
    url = text_of(data)
    agree(url, {name: check(act, url) for name, act in ACTS.items()})


def growth() -> None:
    """How the slowest input of every function grows: the time for 98,000 characters over that for 49,000."""
    print(f"{'':<18}{'slowest input':>34}{'ms':>9}{'over half of it':>17}")
    for name, act in ACTS.items():
        urls = [(shape, piece) for shape, piece in product(SHAPES, HOSTILE)]
        slowest = max(urls, key=lambda made: timed(act, made[0].format(made[1] * (50_000 // len(made[1])))))
        half, whole = (
            min(timed(act, slowest[0].format(slowest[1] * (count // len(slowest[1])))) for _ in range(5)) for count in (49_000, 98_000)
        )
        print(f"{name:<18}{slowest[0].format(slowest[1] + '...')!r:>34}{whole * 1e3:>9.2f}{whole / half:>16.1f}x")


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    growth()
    done = 0
    accepted = 0
    started = time.perf_counter()

    def one(data: bytes) -> None:
        nonlocal done, accepted
        one_input(data)
        done += 1
        accepted += parsed(text_of(data)) is not None
        if done == runs:
            print(
                f"{runs:,} inputs in {time.perf_counter() - started:.0f} s, {accepted:,} of them URLs to a browser: nothing failed",
                flush=True,
            )

    with TemporaryDirectory() as place:
        options = (f"-runs={runs}", "-max_len=64", "-seed=1", "-verbosity=0", f"-artifact_prefix={place}/")
        atheris.Setup([sys.argv[0], *options], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
