"""The page of a closed month in a real browser: every amount can be followed and leads back, on any screen, without a script.

Needs Debian's packages chromium and chromium-driver, and downloads nothing.
"""

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from commands import EXAMPLE, close
from crowds import crowd
from partnerkit.languages import LANGUAGES
from test_browser import CHROMIUM, DRIVER, started

pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs a browser: apt-get install chromium chromium-driver")

PLACES = {
    "a figure at a glance": "#glance .amount",
    "a figure in large": "#glance .main .amount",
    "the amount of a step": "#flow .amounts .amount",
    "the bar of a step": "#flow .bar a",
    "an amount on a bill": ".sheet .plain .amount",
    "a sum on a bill": ".sheet .total .amount",
    "an amount brought forward": ".sheet .balance .amount",
    "a refund": "#adjustments .sheet .amount",
    "a charge on a timeline": ".mark a.charge",
    "a receipt on a timeline": ".mark a.receipt",
    "a refund on a timeline": ".mark a.refund",
    "a part of a sum": ".why .amount",
}
TARGET = """
const target = document.querySelector(":target");
if (!target) return null;
const box = target.getBoundingClientRect();
return { id: target.id, seen: target.checkVisibility() && box.top >= -1 && box.top < innerHeight - 10, tag: target.tagName };
"""
SHOW = """
const [one, done] = arguments;
one.scrollIntoView({ block: "center", inline: "center" });
requestAnimationFrame(() => requestAnimationFrame(done));
"""
LEADS_NOWHERE = """
return [...document.querySelectorAll("a")].map((one) => one.getAttribute("href"))
  .filter((href) => !href.startsWith("#") || !document.getElementById(href.slice(1)));
"""
OUT_OF_SIGHT = """
const edges = (one) => { const { left, right } = one.getBoundingClientRect(); return [left, right]; };
return [...document.querySelectorAll(arguments[0])]
  .filter((one) => one.checkVisibility())
  .filter((one) => { const [left, right] = edges(one); return left < 0 || right > innerWidth; })
  .map((one) => one.outerHTML);
"""
COLORS = """
const rgb = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
  .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
  .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
"""
LUMINANCE = "return light(rgb(getComputedStyle(document.body).backgroundColor));"
CONTRASTS = """
const ratio = (one, other) => { const [a, b] = [light(one), light(other)].sort((x, y) => y - x); return (a + 0.05) / (b + 0.05); };
const ground = (one) => {
  for (let at = one; at; at = at.parentElement) {
    const found = rgb(getComputedStyle(at).backgroundColor);
    if (found.length === 3 || found[3] > 0.99) return found;
  }
  return [255, 255, 255];
};
const found = [];
for (const one of document.querySelectorAll("h1, h2, h3, h4, p, th, td, dd, dt, li, summary, a.amount, nav a, small, .which, .links a")) {
  if (!one.checkVisibility() || !one.textContent.trim() || one.closest("svg")) continue;
  found.push([ratio(rgb(getComputedStyle(one).color), ground(one)), one.tagName + "." + one.className]);
}
for (const one of document.querySelectorAll(".band.vendor text, .band.partner text, .band.client text")) {
  const [ink, ground] = [one, one.previousElementSibling].map((part) => rgb(getComputedStyle(part).fill));
  found.push([ratio(ink, ground), one.parentElement.className.baseVal]);
}
return found.sort((one, other) => one[0] - other[0]).slice(0, 3);
"""


@attrs.frozen(kw_only=True)
class Page:
    """Pages of months, open in the browser."""

    browser: webdriver.Chrome
    place: Path

    def open(self, name: str, fragment: str = "") -> None:
        self.browser.get("about:blank")
        self.browser.get((self.place / f"{name}.html").as_uri() + fragment)

    def ask(self, script: str, *values: Any) -> Any:
        return self.browser.execute_script(script, *values)

    def log(self, kind: str) -> list[dict[str, Any]]:
        """Give what the browser has noted since it was last asked."""
        entries: list[dict[str, Any]] = self.browser.get_log(kind)  # type: ignore[no-untyped-call]
        return entries

    def click(self, one: WebElement) -> None:
        """Click where a reader does, in the middle of the screen: nothing may lie over it."""
        for _ in range(2):  # what comes into sight takes its true height, which may move what is looked at
            self.browser.execute_async_script(SHOW, one)
        ActionChains(self.browser).move_to_element(one).click().perform()

    @contextmanager
    def emulating(self, command: str, on: dict[str, Any], off: dict[str, Any] | None = None) -> Iterator[None]:
        """Have the browser be another for a while."""
        self.browser.execute_cdp_cmd(f"Emulation.{command}", on)
        try:
            yield
        finally:
            self.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride" if off is None else f"Emulation.{command}", off or {})


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Write the pages of the example in every language, and of a program of many accounts, and open the browser."""
    place = tmp_path_factory.mktemp("month")
    many = crowd(place / "crowd", accounts=300)
    for name, directory, locale in (("many", many, "en"), *((language, EXAMPLE, language) for language in ("en", *LANGUAGES))):
        result = close(directory, "--html", place / f"{name}.html", "--locale", locale)
        assert result.exit_code == 0, result.stderr
    browser = started(place / "profile")
    try:
        yield Page(browser=browser, place=place)
    finally:
        browser.quit()


class TestFollowing:
    """A click on an amount leads to its reason, and from there to where it is used."""

    @pytest.mark.parametrize("selector", PLACES.values(), ids=PLACES)
    def test_an_amount_leads_to_its_reason_and_back(self, page: Page, selector: str) -> None:
        page.open("en")
        amount = page.browser.find_element(By.CSS_SELECTOR, selector)
        fragment = page.ask("return arguments[0].getAttribute('href').slice(1)", amount)
        page.click(amount)
        assert page.ask(TARGET) == {"id": fragment, "seen": True, "tag": "ARTICLE"}
        back = page.browser.find_element(By.CSS_SELECTOR, f"#{fragment} .links:last-child a")
        page.click(back)
        place = page.ask(TARGET)
        assert place["seen"]
        assert page.ask("return !!document.querySelector(`:target a[href='#${arguments[0]}']`)", fragment)
        page.browser.back()
        assert page.ask(TARGET)["id"] == fragment
        assert page.log("browser") == []

    @pytest.mark.parametrize("name", ["en", "many"])
    def test_no_link_leads_nowhere(self, page: Page, name: str) -> None:
        page.open(name)
        assert page.ask(LEADS_NOWHERE) == []
        assert page.log("browser") == []

    def test_it_needs_no_script(self, page: Page) -> None:
        with page.emulating("setScriptExecutionDisabled", {"value": True}, {"value": False}):
            page.open("en")
            amount = page.browser.find_element(By.CSS_SELECTOR, "#glance .main .amount")
            target = str(amount.get_attribute("href"))
            amount.click()
            assert page.browser.current_url == target
            page.browser.find_element(By.CSS_SELECTOR, ".foundations summary").click()
            assert page.browser.find_element(By.CSS_SELECTOR, ".foundations code").is_displayed()

    def test_the_keyboard_is_enough_and_the_focus_is_seen(self, page: Page) -> None:
        page.open("en")
        keys = ActionChains(page.browser)
        keys.send_keys(Keys.TAB).perform()
        assert page.browser.switch_to.active_element.text == "Skip to the figures"
        style = "const style = getComputedStyle(document.activeElement); return [style.outlineStyle, parseFloat(style.outlineWidth)]"
        for _ in range(14):
            keys.send_keys(Keys.TAB).perform()
            drawn, width = page.ask(style)
            assert drawn != "none"
            assert width >= 2
        amount = page.browser.switch_to.active_element
        assert amount.get_attribute("class") == "amount"
        keys.send_keys(Keys.ENTER).perform()
        assert page.browser.current_url == amount.get_attribute("href")
        page.ask("document.querySelector('.mark a').focus()")
        assert page.ask(style)[0] != "none"

    def test_everything_that_can_be_followed_has_a_name(self, page: Page) -> None:
        page.open("en")
        tree = page.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})
        nodes = [node for node in tree["nodes"] if not node.get("ignored")]
        links = [node for node in nodes if node["role"]["value"] in {"link", "region", "table", "heading", "navigation", "group"}]
        assert len(links) > 200
        unnamed = [node["role"]["value"] for node in links if not str(node.get("name", {}).get("value", "")).strip()]
        assert [role for role in unnamed if role != "group"] == []


class TestAnyScreen:
    """The page can be read on a telephone and on a wide screen, in the dark, and on paper."""

    @pytest.mark.parametrize("width", [360, 800, 1600])
    @pytest.mark.parametrize("name", ["en", *LANGUAGES, "many"])
    def test_it_need_not_be_scrolled_sideways(self, page: Page, name: str, width: int) -> None:
        with page.emulating("setDeviceMetricsOverride", {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}):
            page.open(name)
            page.ask("for (const one of document.querySelectorAll('details')) one.open = true")
            assert page.ask("return document.documentElement.scrollWidth") <= width

    @pytest.mark.parametrize("name", ["en", "de", "many"])
    def test_a_telephone_shows_every_amount_with_its_day_and_its_charge(self, page: Page, name: str) -> None:
        with page.emulating("setDeviceMetricsOverride", {"width": 360, "height": 800, "deviceScaleFactor": 1, "mobile": True}):
            page.open(name)
            assert page.ask("return document.querySelectorAll('.sheet tbody .amounts .amount').length") > 50
            assert page.ask(OUT_OF_SIGHT, ".glance td, .glance th, .sheet tbody td, .sheet tbody th, .openings tbody td") == []
            rows = "return [...document.querySelectorAll('.sheet .plain')].map((row) => [row.querySelector('.day'), row.lastElementChild]"
            heights = page.ask(f"{rows}.map((one) => one.getBoundingClientRect().top))")
            assert max(abs(day - amount) for day, amount in heights) < 12

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_words_stand_out(self, page: Page, scheme: str) -> None:
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        with page.emulating("setEmulatedMedia", media, {"features": []}):
            page.open("en")
            assert page.ask("return matchMedia(`(prefers-color-scheme: ${arguments[0]})`).matches", scheme)
            weakest = page.ask(COLORS + CONTRASTS)
            assert weakest[0][0] >= 4.5, weakest

    def test_the_dark_is_dark(self, page: Page) -> None:
        with page.emulating("setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}, {"features": []}):
            page.open("en")
            assert page.ask(COLORS + LUMINANCE) < 0.05

    def test_the_head_of_a_long_table_stays(self, page: Page) -> None:
        page.open("many")
        box = "document.querySelector('.sheet .long')"
        assert page.ask(f"return {box}.scrollHeight > {box}.clientHeight + 500")
        page.ask(f"{box}.scrollTop = 400; {box}.scrollIntoView()")
        top, head = page.ask(f"return [{box}, {box}.querySelector('thead th')].map((one) => one.getBoundingClientRect().top)")
        assert abs(top - head) < 3

    def test_a_row_of_a_long_table_is_led_to(self, page: Page) -> None:
        page.open("many")
        row = page.ask("return [...document.querySelectorAll('.sheet .long tbody tr')].at(-20).id")
        page.open("many", f"#{row}")
        assert page.ask(TARGET) == {"id": row, "seen": True, "tag": "TR"}

    def test_it_is_printed_whole(self, page: Page) -> None:
        page.open("en")
        made = page.browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True, "preferCSSPageSize": True})
        pdf = base64.b64decode(made["data"])
        assert pdf.startswith(b"%PDF-")
        assert 10 < len(re.findall(rb"/Type\s*/Page\b", pdf)) < 200
        with page.emulating("setEmulatedMedia", {"media": "print"}, {"media": ""}):
            assert not page.browser.find_element(By.TAG_NAME, "nav").is_displayed()
            assert page.ask("return getComputedStyle(document.querySelector('.sheet .scroll')).overflowX") == "visible"
            assert page.ask("return getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


class TestNothingLeavesThePage:
    """The page loads nothing and runs nothing."""

    def test_it_is_the_only_thing_that_is_loaded(self, page: Page) -> None:
        page.log("performance")
        page.open("many")
        entries = [json.loads(entry["message"])["message"] for entry in page.log("performance")]
        asked = {entry["params"]["request"]["url"] for entry in entries if entry["method"] == "Network.requestWillBeSent"}
        assert asked == {(page.place / "many.html").as_uri()}

    def test_its_security_policy_lets_nothing_run(self, page: Page) -> None:
        page.open("en")
        page.ask("const script = document.createElement('script'); script.text = 'window.harmed = 1'; document.body.append(script)")
        page.ask("document.body.append(Object.assign(new Image(), { src: 'https://vendor.example/pixel.png' }))")
        assert page.ask("return window.harmed ?? null") is None
        assert sum("Content Security Policy" in entry["message"] for entry in page.log("browser")) >= 2
