"""What adding and reading a `pn` cost on real URLs, and how often the answer is right, beside five other libraries in the same run.

Run it from the root of the repository, where partnerkit and ada-url are installed, with a file of URLs, one a line
(by default the real ones beside the checkout):

    python benchmarks/links.py [FILE]

urllib, yarl, furl, httpx and ada-url do the same work in the words of their own manuals; one that is not installed is skipped with
a line. Answers are counted over the whole file, times over every eighth URL: the contenders take turns inside every round, and the
table shows the fastest round in microseconds per URL.

An added `pn` is right when a browser's parser (ada-url) reads the same URL with the same other parameters and exactly one `pn`. "Same
bytes" counts the right ones that leave every other byte as it was. A refusal is right where readers of URLs differ: a backslash before
the query, a host that is not plain ASCII, no host at all, a `pn` that is there already. Where nothing must be refused, a refusal is wrong.
A value that is read is right when it is the one the browser's parser reads; every second URL is given a `pn` first.

The goals for partnerkit on the machine of its authors are 1.5 us for adding and 1 us for reading, with nothing wrong. No test
depends on this.
"""

import importlib
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote_plus, urlencode, urlsplit, urlunsplit

import ada_url

from partnerkit.links import add_partner, read_partner
from partnerkit.partners import PartnerName

URLS = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "kasztp.txt"
ROUNDS = 5
EVERY = 8
NAME = "brightside"
PARTNER = PartnerName(NAME)
PARTS = ("protocol", "username", "password", "host", "port", "pathname", "hash")
REFUSED = object()

Adder = Callable[[str], str]
Reader = Callable[[str], str | None]


def urllib_add(url: str) -> str:
    parts = urlsplit(url)
    pairs = [*parse_qsl(parts.query, keep_blank_values=True), ("pn", NAME)]
    return urlunsplit(parts._replace(query=urlencode(pairs)))


def urllib_read(url: str) -> str | None:
    return parse_qs(urlsplit(url).query).get("pn", [None])[0]


def ada_add(url: str) -> str:
    parsed = ada_url.URL(url)
    parameters = ada_url.URLSearchParams(parsed.search)
    parameters.append("pn", NAME)
    parsed.search = str(parameters)
    return str(parsed.href)


def ada_read(url: str) -> str | None:
    parameters = ada_url.URLSearchParams(ada_url.URL(url).search)
    return parameters.get("pn") if parameters.has("pn") else None


def contenders() -> dict[str, tuple[Adder, Reader]]:
    """Give the adder and the reader of every library that is installed."""
    found: dict[str, tuple[Adder, Reader]] = {
        "partnerkit": (lambda url: add_partner(url, PARTNER), read_partner),
        "urllib": (urllib_add, urllib_read),
    }
    peers: dict[str, Callable[[Any], tuple[Adder, Reader]]] = {
        "yarl": lambda yarl: (lambda url: str(yarl.URL(url).extend_query(pn=NAME)), lambda url: yarl.URL(url).query.get("pn")),
        "furl": lambda furl: (lambda url: furl.furl(url).add({"pn": NAME}).url, lambda url: furl.furl(url).args.get("pn")),
        "httpx": lambda httpx: (lambda url: str(httpx.URL(url).copy_add_param("pn", NAME)), lambda url: httpx.URL(url).params.get("pn")),
    }
    for name, make in peers.items():
        try:
            found[name] = make(importlib.import_module(name))
        except ImportError:
            print(f"{name} is not installed: skipped")
    found["ada-url"] = (ada_add, ada_read)
    return found


def attempt(act: Callable[[str], object], url: str) -> object:
    try:
        return act(url)
    except Exception:  # noqa: BLE001  # every library refuses in a way of its own
        return REFUSED


def pairs_of(search: str) -> list[tuple[str, str]]:
    cut_once = (piece.partition("=") for piece in search.removeprefix("?").split("&") if piece)
    return [(unquote_plus(name, errors="replace"), unquote_plus(value, errors="replace")) for name, _, value in cut_once]


def may_be_refused(url: str) -> bool:
    head = url.partition("#")[0].partition("?")[0]
    plain = re.fullmatch(r"https?://[A-Za-z0-9._-]+(:[0-9]*)?(/.*)?", head)
    return "\\" in head or plain is None or any(name == "pn" for name, _ in pairs_of(ada_url.URL(url).search))


def is_right(before: str, after: str) -> bool:
    try:
        old, new = ada_url.URL(before), ada_url.URL(after)
    except ValueError:
        return False
    old_pairs, new_pairs = pairs_of(old.search), pairs_of(new.search)
    return (
        all(getattr(old, part) == getattr(new, part) for part in PARTS)
        and [pair for pair in new_pairs if pair[0] != "pn"] == [pair for pair in old_pairs if pair[0] != "pn"]
        and [value for key, value in new_pairs if key == "pn"] == [NAME]
    )


def keeps_bytes(before: str, after: str) -> bool:
    return any(after.replace(f"{joint}pn={NAME}", "", 1) == before for joint in ("?", "&", ""))


def count_added(add: Adder, urls: list[str], refusable: set[str]) -> tuple[int, int, int]:
    """Count right answers (refusals included), right ones that keep every byte, and wrong ones."""
    right = same = 0
    for url in urls:
        after = attempt(add, url)
        if isinstance(after, str):
            good = is_right(url, after)
            right += good
            same += good and keeps_bytes(url, after)
        else:
            right += url in refusable
    return right, same, len(urls) - right


def count_read(read: Reader, answers: dict[str, str | None], refusable: set[str]) -> tuple[int, int]:
    right = 0
    for url, answer in answers.items():
        value = attempt(read, url)
        right += url in refusable if value is REFUSED else (value or None) == answer
    return right, len(answers) - right


def fastest(acts: dict[str, Callable[[str], object]], urls: list[str]) -> dict[str, float]:
    """Microseconds per URL in the fastest round of every contender."""
    best = dict.fromkeys(acts, float("inf"))
    for _ in range(ROUNDS):
        for name, act in acts.items():
            started = time.perf_counter()
            for url in urls:
                try:  # noqa: SIM105  # a call of `attempt` would be timed too
                    act(url)
                except Exception:  # noqa: BLE001, S110
                    pass
            best[name] = min(best[name], (time.perf_counter() - started) / len(urls) * 1e6)
    return best


def read_urls(path: Path) -> list[str]:
    """Give the URLs of a file that a browser can read, without repeats."""
    urls = dict.fromkeys(path.read_text(encoding="utf-8-sig").split("\n"))
    return [url for url in urls if url and attempt(ada_url.URL, url) is not REFUSED]


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else URLS
    if not path.is_file():
        print(f"no URLs at {path}: give a file with one URL a line")
        return
    urls = read_urls(path)
    refusable = {url for url in urls if may_be_refused(url)}
    linked = [url if number % 2 or url in refusable else add_partner(url, PARTNER) for number, url in enumerate(urls)]
    answers = {url: dict(reversed(pairs_of(ada_url.URL(url).search))).get("pn") or None for url in linked}
    found = contenders()

    print(f"{len(urls)} URLs, of which {len(refusable)} may be refused")
    times = fastest({name: add for name, (add, _) in found.items()}, urls[::EVERY])
    print(f"\n{'add':<12}{'us':>9}{'right':>9}{'same bytes':>12}{'wrong':>8}")
    for name, (add, _) in found.items():
        right, same, wrong = count_added(add, urls, refusable)
        print(f"{name:<12}{times[name]:>9.2f}{right:>9}{same:>12}{wrong:>8}")

    times = fastest({name: read for name, (_, read) in found.items()}, linked[:: EVERY - 1])
    print(f"\n{'read':<12}{'us':>9}{'right':>9}{'wrong':>8}")
    for name, (_, read) in found.items():
        right, wrong = count_read(read, answers, refusable)
        print(f"{name:<12}{times[name]:>9.2f}{right:>9}{wrong:>8}")


if __name__ == "__main__":
    main()
