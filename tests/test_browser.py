"""The HTML page of the rulebook in a real browser: what a reader sees there is what Python decides.

Needs Debian's packages chromium and chromium-driver, and downloads nothing.
"""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random  # noqa: TID251  (seeded: the same points in every run)
from typing import Any

import attrs
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from partnerkit.clauses import Policy, counterfactuals, trace
from partnerkit.clauses.conditions import Is
from partnerkit.clauses.spaces import lawful_points, space_of
from partnerkit.clauses.views import answer_words, describe, holding
from partnerkit.languages import LANGUAGES, say_in
from partnerkit.pages import MESSAGES, rulebook
from partnerkit.pages.data import tokens
from partnerkit.policies import CONTACT, POLICIES, ContactFacts, Owner, Purpose

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs a browser: apt-get install chromium chromium-driver")

OPTIONS = (
    "--headless=new",
    "--no-sandbox",  # a continuous integration runs as root
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-prefers-reduced-motion",  # a click does not wait for smooth scrolling
    "--disable-ipc-flooding-protection",  # a test changes the address faster than a person
    "--window-size=1280,1000",
)
LAWFUL, BROKEN, BY_HAND = 8, 2, 2

READ = """
const texts = (root, selector) => [...root.querySelectorAll(selector)].map((one) => one.textContent);
const shown = (id) => document.getElementById(id).closest("[data-part]").checkVisibility();
const clauses = (id) => !shown(id) ? [] : [...document.getElementById(id).children].map((one) => ({
  id: one.dataset.clause, facts: texts(one, ".facts")[0], verdict: texts(one, ".verdict")[0], by: one.dataset.by,
  marked: texts(one, "mark"),
}));
return {
  policy: document.getElementById("_policy").value,
  facts: [...document.querySelectorAll("form:not([hidden]) :is(select, input:checked)")].map((one) => [one.name.split(".")[1], one.value]),
  answer: document.querySelector("#_answer .says").textContent,
  laws: [...document.querySelectorAll("#_answer [data-law]")].map((one) => one.dataset.law),
  decides: clauses("_decides"), aside: clauses("_aside"), failing: clauses("_failing"),
  changes: !shown("_changes") ? [] : [...document.getElementById("_changes").children].map((one) => ({
    parts: [...one.querySelectorAll(".part")].map((part) => [part.dataset.fact, part.dataset.value, texts(part, ".by")[0]]),
    then: texts(one, ".then")[0],
  })),
  note: document.getElementById("_note").textContent,
};
"""

SET = """
const [slug, values] = arguments;
const form = document.querySelector(`form[data-policy="${slug}"]`);
for (const [name, value] of Object.entries(values)) form.elements.namedItem(`${slug}.${name}`).value = value;
form.dispatchEvent(new Event("change"));
"""


@attrs.frozen(kw_only=True)
class Page:
    """The page, open in the browser."""

    browser: webdriver.Chrome
    place: Path
    language: str = "en"

    @property
    def address(self) -> str:
        """The address of the page, which is written when it is first wanted."""
        file = self.place / f"{self.language}.html"
        if not file.exists():
            text = rulebook(say=say_in(self.language), lang=self.language)["rulebook.html"]
            file.write_text(text, encoding="utf-8", newline="\n")
        return file.as_uri()

    def of(self, language: str) -> "Page":
        """Give the page in another language."""
        return Page(browser=self.browser, place=self.place, language=language)

    def open(self, fragment: str = "") -> None:
        self.browser.get("about:blank")  # else only the fragment changes, and nothing is loaded anew
        self.browser.get(f"{self.address}{fragment}")

    def read(self) -> dict[str, Any]:
        found: dict[str, Any] = self.browser.execute_script(READ)
        return found

    def pick(self, policy: Policy[Any, Any]) -> None:
        Select(self.browser.find_element(By.ID, "_policy")).select_by_value(slug(policy))

    def set(self, policy: Policy[Any, Any], values: dict[str, Any]) -> None:
        """Set all facts at once: what a reader does one by one takes a browser long, see `choose`."""
        self.browser.execute_script(SET, slug(policy), written(policy, values))

    def choose(self, policy: Policy[Any, Any], values: dict[str, Any]) -> None:
        """Set the facts as a reader does, one by one."""
        now = dict(self.read()["facts"])
        for name, wanted in written(policy, values).items():
            controls = self.browser.find_elements(By.NAME, f"{slug(policy)}.{name}")
            if now[name] == wanted:
                continue
            if controls[0].tag_name == "select":
                Select(controls[0]).select_by_value(wanted)
            else:
                control = next(one for one in controls if one.get_attribute("value") == wanted)
                self.browser.execute_script("arguments[0].scrollIntoView({ block: 'center' })", control)  # from under what stays in sight
                control.click()

    def faults(self) -> list[str]:
        """Give what the browser complained of, a breach of the page's security policy too."""
        return [entry["message"] for entry in self.log("browser")]

    def log(self, kind: str) -> list[dict[str, Any]]:
        """Give what the browser has noted since it was last asked."""
        entries: list[dict[str, Any]] = self.browser.get_log(kind)  # type: ignore[no-untyped-call]
        return entries


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Write the page to a file, as a reader gets it, and open it."""
    place = tmp_path_factory.mktemp("page")
    browser = started(place / "profile")
    try:
        yield Page(browser=browser, place=place)
    finally:
        browser.quit()


def started(profile: Path) -> webdriver.Chrome:
    """Start the system's browser with a new profile, and keep its log of every request."""
    assert CHROMIUM is not None
    assert DRIVER is not None
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for option in (*OPTIONS, f"--user-data-dir={profile}"):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=Service(executable_path=DRIVER))


def slug(policy: Policy[Any, Any]) -> str:
    return policy.id.replace(" ", "-")


def some_points(policy: Policy[Any, Any]) -> Iterator[dict[str, Any]]:
    """Pick points of a policy that can be, and points that cannot."""
    space = space_of(policy.inputs)
    chance = Random(policy.id)  # noqa: S311  (no secret)
    indexes = chance.sample(range(space.size), space.size)
    lawful = lawful_points(space, policy.laws)
    yield from (space.values_at(index) for index in [one for one in indexes if lawful >> one & 1][:LAWFUL])
    yield from (space.values_at(index) for index in [one for one in indexes if not lawful >> one & 1][:BROKEN])


def told(policy: Policy[Any, Any], facts: Any, pattern: str) -> dict[str, tuple[str, ...]]:
    """Give what the trace of a ruling tells of clauses, by their ids."""
    return {found[0]: tuple(found[1:]) for found in re.findall(pattern, trace(policy, facts), re.MULTILINE)}


def expected_changes(policy: Policy[Any, Any], facts: Any) -> list[dict[str, Any]]:
    return [
        {
            "parts": [[one.input, written(policy, {one.input: one.after})[one.input], by(one.changed_by)] for one in way.changes],
            "then": f"then: {answer_words(way.outcome)}",
        }
        for way in counterfactuals(policy, facts)
    ]


def written(policy: Policy[Any, Any], values: dict[str, Any]) -> dict[str, str]:
    """Write facts as the page does."""
    return {item.name: tokens(item)[values[item.name]] for item in policy.inputs if item.name in values}


def by(parties: tuple[str, ...]) -> str:
    if not parties:
        return MESSAGES["ask.by_nobody"]
    *first, last = [f"the {party}" for party in parties]
    return MESSAGES["ask.by"].format(parties=f"{', '.join(first)} or {last}" if first else last)


def check(policy: Policy[Any, Any], values: dict[str, Any], seen: dict[str, Any]) -> None:
    """Compare what stands on the page with what Python says of the same facts."""
    assert (seen["policy"], dict(seen["facts"])) == (slug(policy), written(policy, values))
    broken = [law.id for law in policy.laws if law.broken_by(values.__getitem__)]
    assert seen["laws"] == broken
    if broken:
        assert seen["answer"] == "These facts cannot be together"
        assert not any(seen[part] for part in ("decides", "aside", "failing", "changes"))
        return
    facts = policy.facts(**values)
    ruling = policy.decide(facts)
    assert seen["answer"] == answer_words(ruling.outcome)
    assert {one["id"] for one in seen["decides"]} == set(ruling.because)
    assert {one["id"]: tuple(one["by"].split()) for one in seen["aside"]} == {one: tuple(above) for one, above in ruling.set_aside}
    assert {one["id"] for one in seen["failing"]} == set(ruling.not_applying)
    deciding = told(policy, facts, r"^  \+ (\S+) decides: (.*)\.$")
    assert {one["id"]: one["facts"].removeprefix("because ").replace("applies ", "") for one in seen["decides"]} == {
        one: words for one, (words,) in deciding.items()
    }
    giving_way = told(policy, facts, r"^  ~ (\S+) applies \((.*)\) but is set aside by (.*)\.$")
    assert {one["id"]: one["facts"] for one in seen["aside"]} == {
        one: f"applies, because {words}, but gives way to {above}".replace(", because in every case,", " in every case,")
        for one, (words, above) in giving_way.items()
    }
    failing = told(policy, facts, r"^  - (\S+) does not apply: (.*)\.$")
    assert {one["id"]: one["facts"] for one in seen["failing"]} == {one: f"because {words}" for one, (words,) in failing.items()}
    for one in (*seen["decides"], *seen["aside"], *seen["failing"]):
        assert one["verdict"] == answer_words(policy.clause(one["id"]).then)
    for one in seen["decides"]:
        assert ("".join(one["marked"]) != "") is bool(policy.clause(one["id"]).cite.quote)
    assert seen["changes"] == expected_changes(policy, facts)


class TestTheAnswers:
    """Whatever facts a reader sets, the page says what Python says: answer, clauses, reasons and smallest changes."""

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda one: one.id)
    def test_clicking_through_points(self, page: Page, policy: Policy[Any, Any]) -> None:
        page.open()
        page.pick(policy)
        for number, values in enumerate(some_points(policy)):
            (page.choose if number < BY_HAND else page.set)(policy, values)
            check(policy, values, page.read())
        assert page.faults() == []

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda one: one.id)
    def test_a_finding_can_be_linked_to(self, page: Page, policy: Policy[Any, Any]) -> None:
        page.open()
        page.pick(policy)
        for values in [*some_points(policy)][::4]:
            page.set(policy, values)
            finding = page.browser.find_element(By.ID, "_finding").get_attribute("href") or ""
            assert page.browser.current_url in {page.address, finding}
            page.open(f"#{finding.partition('#')[2]}")
            check(policy, values, page.read())
            assert page.read()["note"] == ""

    def test_the_first_facts_come_back(self, page: Page) -> None:
        page.open("#contact?owner=vendor&purpose=marketing&in_program=yes")
        page.browser.find_element(By.CSS_SELECTOR, "form:not([hidden]) button").click()
        check(CONTACT, {item.name: item.values[0] for item in CONTACT.inputs} | {"in_program": True}, page.read())

    def test_a_link_to_a_clause_or_sentence_keeps_the_finding(self, page: Page) -> None:
        page.open("#contact?owner=vendor&purpose=marketing&in_program=yes")
        before = page.read()
        for anchor in ("CONTACT-MANAGED", "S-28", "_rules.reward", "ask"):
            page.browser.execute_script("location.hash = arguments[0]", anchor)
            assert page.read() == before
        page.browser.execute_script("location.hash = 'ownership'")
        assert page.read()["policy"] == "ownership"

    def test_an_anchor_of_the_markdown_pages_is_known_here_too(self, page: Page) -> None:
        for anchor, found in (("s-34", "S-34"), ("contact-managed", "CONTACT-MANAGED"), ("reward.ONE-DESTINATION", None)):
            page.open(f"#{anchor}")
            assert page.read()["note"] == ("" if found else MESSAGES["ask.unknown_link"])
            if found:
                assert page.browser.current_url == f"{page.address}#{found}"
                assert page.browser.execute_script("return document.querySelector(':target').id") == found
                assert page.browser.execute_script("return document.querySelector(':target').getBoundingClientRect().top") < 200


COUNT = "return document.querySelectorAll('script, img, iframe, form').length"


@pytest.fixture(scope="module")
def elements(page: Page) -> int:
    """Count what a hostile link would add to, on a page that was opened without one."""
    page.open()
    return int(page.browser.execute_script(COUNT))


class TestLinksFromStrangers:
    """A link that was made by somebody else can show a finding and do nothing more."""

    HOSTILE = (
        "#<script>window.harmed = 1</script>",
        "#contact?owner=<img src=x onerror='window.harmed = 1'>",
        "#contact?owner=%3Cimg%20src%3Dx%20onerror%3D%22window.harmed=1%22%3E&purpose=harmed",
        "#__proto__?harmed=1",
        "#constructor@harmed?prototype=1",
        "#contact?__proto__=harmed&constructor=harmed&toString=harmed",
        "#contact?owner=partner&owner=vendor",
        "#contact?owner",
        "#contact?=&=&==",
        "#javascript:window.harmed=1",
        "#%",
        "#%E0%A4%A",
        "#contact?owner=%FF",
        "#?contact",
        "#@?",
        "#" + "harmed" * 20_000,
        "#contact?" + "owner=harmed&" * 5_000,
    )

    @pytest.mark.parametrize("fragment", HOSTILE, ids=lambda one: one[:40])
    def test_it_does_nothing_bad(self, page: Page, fragment: str, elements: int) -> None:
        page.open(fragment)
        seen = page.read()
        assert seen["note"] == "Part of the link is not known to this rulebook and was left out."
        assert seen["answer"]
        assert page.browser.execute_script("return window.harmed ?? Object.prototype.harmed ?? null") is None
        assert page.browser.execute_script(COUNT) == elements
        assert "harmed" not in page.browser.find_element(By.TAG_NAME, "body").text
        assert page.faults() == []

    def test_a_link_of_another_text_is_answered_by_the_text_of_today(self, page: Page) -> None:
        page.open("#contact@0123456789ab?owner=partner&purpose=marketing")
        assert page.read()["note"] == "This link was made from another text of the policy. The answer below is by the text of today."
        page.open(f"#contact@{CONTACT.fingerprint[:12]}?owner=partner&purpose=marketing")
        assert page.read()["note"] == ""


class TestEverybody:
    """The page is for readers with a keyboard only, with a screen reader, and with a small screen."""

    def test_the_keyboard_is_enough(self, page: Page) -> None:
        page.open()
        keys = ActionChains(page.browser)
        keys.send_keys(Keys.TAB).perform()
        assert page.browser.switch_to.active_element.text == "Skip to the question"
        keys.send_keys(Keys.ENTER, Keys.TAB).perform()
        assert page.browser.switch_to.active_element.get_attribute("id") == "_policy"
        keys.send_keys("May the vendor c", Keys.TAB).perform()
        assert page.browser.switch_to.active_element.get_attribute("name") == "contact.owner"
        keys.send_keys(Keys.ARROW_DOWN, Keys.TAB, "marketing").perform()
        facts = ContactFacts(owner=Owner.VENDOR, purpose=Purpose.MARKETING, in_program=True)
        values = {item.name: getattr(facts, item.name) for item in CONTACT.inputs}
        check(CONTACT, values, page.read())
        for _ in range(len(CONTACT.inputs) - 2):
            keys.send_keys(Keys.TAB).perform()
        assert page.browser.switch_to.active_element.get_attribute("name") == f"contact.{CONTACT.inputs[-1].name}"

    def test_what_has_the_focus_is_outlined(self, page: Page) -> None:
        page.open()
        for _ in range(12):
            ActionChains(page.browser).send_keys(Keys.TAB).perform()
            style = "const style = getComputedStyle(document.activeElement); return [style.outlineStyle, parseFloat(style.outlineWidth)]"
            drawn, width = page.browser.execute_script(style)
            assert drawn != "none"
            assert width >= 2

    def test_every_control_and_region_has_a_name(self, page: Page) -> None:
        page.open()
        page.browser.execute_script("for (const form of document.querySelectorAll('form')) form.hidden = false")
        tree = page.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})
        named: dict[str, list[str]] = {}
        for node in tree["nodes"]:
            if not node.get("ignored"):
                named.setdefault(node["role"]["value"], []).append(node.get("name", {}).get("value", ""))
        controls = {"button", "link", "radio", "combobox", "group", "radiogroup", "region", "navigation", "heading"}
        assert {"button", "link", "radio", "combobox", "group", "region", "navigation", "heading"} <= named.keys()
        assert [role for role in controls & named.keys() if not all(name.strip() for name in named[role])] == []
        assert len(named["main"]) == len(named["banner"]) == len(named["contentinfo"]) == 1
        assert "status" in named

    def test_the_answer_is_announced(self, page: Page) -> None:
        page.open()
        answer = page.browser.find_element(By.ID, "_answer")
        assert (answer.get_attribute("aria-live"), answer.get_attribute("aria-atomic")) == ("polite", "true")
        assert len(answer.text.split("\n")) == 3

    def test_a_finding_is_printed_alone(self, page: Page) -> None:
        page.open()
        page.browser.execute_script("window.print = () => { window.printed = document.body.className }")
        page.browser.find_element(By.ID, "_print").click()
        # A browser may go on while it prints: what is printed stays alone until it says that it is done.
        assert page.browser.execute_script("return [window.printed, document.body.className]") == ["finding", "finding"]
        page.browser.execute_script("dispatchEvent(new Event('afterprint'))")
        assert page.browser.execute_script("return document.body.className") == ""
        page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        try:
            page.browser.execute_script("document.body.className = 'finding'")
            assert page.browser.find_element(By.ID, "_answer").is_displayed()
            hidden = page.browser.find_elements(By.CSS_SELECTOR, "nav, #rules, #article, #_facts\\.ownership button, input:not(:checked)")
            assert not any(one.is_displayed() for one in hidden)
        finally:
            page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})

    def test_the_rules_can_be_read_without_a_script(self, page: Page) -> None:
        page.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        try:
            page.open()
            assert page.browser.find_element(By.CSS_SELECTOR, "noscript p").is_displayed()
            assert not page.browser.find_element(By.ID, "_desk").is_displayed()
            assert page.browser.find_element(By.ID, "CONTACT-MANAGED").is_displayed()
            assert page.browser.find_element(By.ID, "S-28").is_displayed()
        finally:
            page.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})

    @pytest.mark.parametrize("language", ["en", *LANGUAGES])
    def test_a_narrow_screen_need_not_be_scrolled_sideways(self, page: Page, language: str) -> None:
        translated = page.of(language)
        narrow = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": True}
        page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", narrow)
        try:
            translated.open()
            for policy in POLICIES:
                translated.pick(policy)
                assert page.browser.execute_script("return document.documentElement.scrollWidth") <= 360, policy.id
        finally:
            page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


class TestOtherLanguages:
    """The page says in every language what Python says in it."""

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_words_are_those_of_the_language(self, page: Page, language: str) -> None:
        say = say_in(language)
        translated = page.of(language)
        translated.open()
        for policy in POLICIES[:4]:
            translated.pick(policy)
            values = next(some_points(policy))
            translated.choose(policy, values)
            seen, ruling = translated.read(), policy.decide(policy.facts(**values))
            assert seen["answer"] == answer_words(ruling.outcome, say)
            for one in (*seen["decides"], *seen["failing"]):
                clause = policy.clause(one["id"])
                assert one["verdict"] == answer_words(clause.then, say)
                when = clause.when if one["id"] in ruling.because else ~clause.when
                for item in holding(when, values.__getitem__):
                    assert describe(Is(item, (values[item.name],)), say=say) in one["facts"]
        assert page.faults() == []


class TestNothingLeavesThePage:
    """What a reader asks stays with the reader."""

    def test_the_page_is_the_only_thing_that_is_loaded(self, page: Page) -> None:
        page.log("performance")
        page.open()
        page.pick(CONTACT)
        page.choose(CONTACT, {"owner": Owner.VENDOR, "purpose": Purpose.MARKETING})
        entries = [json.loads(entry["message"])["message"] for entry in page.log("performance")]
        asked = {entry["params"]["request"]["url"] for entry in entries if entry["method"] == "Network.requestWillBeSent"}
        assert asked == {page.address}

    def test_its_security_policy_lets_nothing_out(self, page: Page) -> None:
        page.open()
        page.browser.execute_script("document.body.append(Object.assign(new Image(), { src: 'https://vendor.example/pixel.png' }))")
        for way in ("document.body.innerHTML = '<p>'", "document.createElement('script').text = 'window.harmed = 1'"):
            assert page.browser.execute_script(f"try {{ {way} }} catch (refusal) {{ return refusal.name }}") == "TypeError"
        assert page.browser.execute_script("return window.harmed ?? null") is None
        assert (
            page.browser.execute_async_script(
                "const done = arguments[0]; fetch('https://vendor.example/').then(() => done('sent'), () => done('refused'))"
            )
            == "refused"
        )
        assert sum("Content Security Policy" in fault for fault in page.faults()) >= 2
