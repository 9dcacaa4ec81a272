"""The pages of the rulebook: complete, current, safe to open, and in the words of one language."""

import inspect
import json
import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from html.parser import HTMLParser
from itertools import pairwise, product
from pathlib import Path
from typing import Any, cast

import attrs
import pytest

from commands import ROOT, started
from partnerkit.article import SENTENCES
from partnerkit.clauses import (
    Basis,
    Choice,
    Clause,
    Edition,
    Editions,
    Flag,
    Law,
    Permission,
    Policy,
    by_term,
    house,
    implied,
    stated,
    table,
    trace,
)
from partnerkit.clauses.checks import points
from partnerkit.clauses.spaces import space_of
from partnerkit.clauses.views import english, messages
from partnerkit.errors import InvalidValue
from partnerkit.pages import FIRST_PAGE, MARK, MESSAGES, rulebook, silences
from partnerkit.pages.data import pieces, tokens
from partnerkit.pages.tables import PointTable, point_table
from partnerkit.pages.templating import content_hash, in_markdown, source
from partnerkit.policies import CONTACT, CREDITING, POLICIES, Counting
from partnerkit.questions import Answered, Question, questions
from partnerkit.terms import SECTIONS
from partnerkit.words import messages as explanations

COMMITTED = ROOT / "docs" / "rulebook"
HTML_PAGE = "rulebook.html"
PAGES = rulebook()
HOSTILE = "</script><img src=x onerror=alert(1)>|*_`[a](b)`_*<!-- \u2028"
MOST_BYTES = 1_000_000


@attrs.frozen(kw_only=True)
class Weather:
    """Invented, to be asked about."""

    rain: bool
    sky: "Sky | None"


class Sky(StrEnum):
    """Invented."""

    CLEAR = "clear"
    CLOUDED = "clouded"


def hostile_policy() -> Policy[Weather, Permission]:
    """Give a policy all of whose words try to be more than words."""
    rain = Flag("rain", f"it rains {HOSTILE}", f"it is dry {HOSTILE}", changed_by=(f"the weather {HOSTILE}",))
    sky = Choice("sky", Sky, f"the sky is {{}} {HOSTILE}", absent=f"there is no sky {HOSTILE}")
    return Policy(
        "hostile",
        f"May we walk? {HOSTILE}",
        Weather,
        Permission,
        (
            Clause("H-RAIN", Permission.MAY_NOT, rain.yes, unless=("H-CLOUDS",), cite=stated("S-28", f"quoted {HOSTILE}")),
            Clause("H-CLOUDS", Permission.MAY, rain.yes & sky.is_(Sky.CLOUDED), cite=implied("S-28", HOSTILE, HOSTILE)),
            Clause("H-DRY", Permission.MAY, rain.no & ~sky.is_(None), cite=by_term(f"contact.{HOSTILE}", HOSTILE)),
            Clause("H-NONE", Permission.MAY, rain.no & sky.is_(None), cite=house(HOSTILE)),
        ),
        laws=(Law(id="H-LAW", sentence=HOSTILE, holds=~rain.yes | ~sky.is_(None)),),
    )


class Reader(HTMLParser):
    """Reads a page: its elements with their attributes, and its texts with the elements they stand in."""

    VOID = frozenset({"meta", "input", "link", "img", "br", "col"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[tuple[tuple[str, str | None], ...], str]] = []
        self._open: list[tuple[str, str | None]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append((tag, dict(attrs).get("class")))

    def handle_endtag(self, tag: str) -> None:
        opened, _ = self._open.pop()
        assert opened == tag, f"</{tag}> closes <{opened}>"

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((tuple(self._open), data))

    def text_of(self, tag: str) -> str:
        return "".join(text for around, text in self.texts if around and around[-1][0] == tag)

    def attributes(self, name: str) -> list[str]:
        return [value or "" for _, attributes in self.elements for key, value in attributes.items() if key == name]


def book_in(page: str) -> Any:
    (data,) = [text for around, text in Reader(page).texts if around[-1][0] == "script" and text.startswith("{")]
    return json.loads(data)


def findings(made: PointTable) -> list[str]:
    """Give the finding of every point, in the order of the points."""
    known = made.findings.split(" ")
    numbers = (int(made.points[start : start + made.width], 36) for start in range(0, len(made.points), made.width))
    return [known[number] for number in numbers]


def members(number: str, names: list[str]) -> set[str]:
    return {name for place, name in enumerate(names) if int(number, 36) >> place & 1}


class TestTheyAreCurrent:
    """What lies under docs/rulebook is what the rules of today write."""

    def test_every_committed_page_is_as_the_rules_write_it(self) -> None:
        committed = {path.name: path.read_bytes() for path in COMMITTED.iterdir()}
        stale = [name for name in committed.keys() | PAGES.keys() if committed.get(name) != PAGES.get(name, "").encode("utf-8")]
        assert stale == [], "run `python3 run.py partnerkit rulebook`"

    @pytest.mark.parametrize("seed", ["1", "2"])
    def test_every_process_writes_the_same_bytes(self, tmp_path: Path, seed: str) -> None:
        assert started("rulebook", tmp_path, PYTHONHASHSEED=seed).returncode == 0
        assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == PAGES

    def test_the_html_page_stays_small(self) -> None:
        assert len(PAGES[HTML_PAGE].encode("utf-8")) < MOST_BYTES


class TestTheTableOfEveryPoint:
    """The page holds what the policy says at each point, and why."""

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda one: one.id)
    def test_it_is_what_the_policy_decides(self, policy: Policy[Any, Any]) -> None:
        made = point_table(policy)
        ids = [clause.id for clause in policy.clauses]
        lawful = points(policy)
        for finding in findings(made):
            if finding.startswith("!"):
                continue
            ruling = policy.decide(next(lawful))
            answer, basis, deciding, applying = finding.split(".")
            assert made.answers[int(answer, 36)] == ruling.outcome
            assert [*Basis][int(basis, 36)] is ruling.basis
            assert members(deciding, ids) == set(ruling.because)
            assert members(applying, ids) == {*ruling.because, *dict(ruling.set_aside)}
        assert next(lawful, None) is None

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda one: one.id)
    def test_a_point_that_cannot_be_names_the_laws_it_breaks(self, policy: Policy[Any, Any]) -> None:
        space = space_of(policy.inputs)
        for index, finding in enumerate(findings(point_table(policy))):
            values = space.values_at(index)
            broken = {law.id for law in policy.laws if law.broken_by(values.__getitem__)}
            assert finding.startswith("!") is bool(broken)
            assert not broken or members(finding[1:], [law.id for law in policy.laws]) == broken

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda one: one.id)
    def test_the_reasons_are_those_of_the_trace(self, policy: Policy[Any, Any]) -> None:
        reasons = dict(zip((clause.id for clause in policy.clauses), point_table(policy).reasons, strict=True))
        every = [*points(policy)]
        for facts in every[:: max(1, len(every) // 200)]:
            for clause_id, told in re.findall(r"^  - (\S+) does not apply: (.*)\.$", trace(policy, facts), re.MULTILINE):
                one = reasons[clause_id]
                asked = [policy.inputs[place] for place in one.asks]
                place = [*product(*(item.values for item in asked))].index(tuple(getattr(facts, item.name) for item in asked))
                sentences = [policy.inputs[by].say(getattr(facts, policy.inputs[by].name)) for by in one.by[place]]
                *first, last = sentences
                assert told == (f"{', '.join(first)} and {last}" if first else last)

    def test_more_clauses_than_a_script_can_count_are_refused(self) -> None:
        rain = Flag("rain", "it rains", "it is dry")
        sky = Choice("sky", Sky, "the sky is {}", absent="there is no sky")
        always = rain.yes | rain.no | sky.is_(None)
        clauses = tuple(Clause(f"W-{place}", Permission.MAY, always, cite=house("invented")) for place in range(54))
        with pytest.raises(InvalidValue, match="the policy walk has 54 clauses: a page can hold the table of at most 53"):
            point_table(Policy("walk", "May we walk?", Weather, Permission, clauses))


class TestTheMarkdownPages:
    """An auditor who knows no Python finds every clause, what it rests on, and what is open."""

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda one: one.id)
    def test_a_policy_is_told_whole(self, policy: Policy[Any, Any]) -> None:
        page = PAGES[f"{policy.id.replace(' ', '-')}.md"]
        headings = re.findall(r"^#+ (.*)$", page, re.MULTILINE)
        assert headings[0] == policy.question
        assert [one for one in headings if one in {clause.id for clause in policy.clauses}] == [clause.id for clause in policy.clauses]
        assert {law.id for law in policy.laws} <= set(headings)
        assert policy.fingerprint in page
        for clause in policy.clauses:
            part = page.partition(f"### {clause.id}\n")[2].partition("\n### ")[0]
            assert clause.cite.term in part
            plain = part.replace("**", "").replace("\\", "").replace("&amp;", "&")
            assert clause.cite.source in plain
            assert clause.cite.quote.partition(" … ")[0] in plain

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda one: one.id)
    def test_the_open_questions_are_the_clauses_that_rest_on_no_sentence(self, policy: Policy[Any, Any]) -> None:
        part = PAGES[f"{policy.id.replace(' ', '-')}.md"].partition("\n## Open questions\n")[2]
        listed = re.findall(r"^\| \[(\S+)\]", part, re.MULTILINE)
        assert listed == [clause.id for clause in policy.clauses if clause.cite.basis in {Basis.TERM, Basis.HOUSE}]
        for clause in policy.clauses:
            if clause.cite.basis is Basis.TERM:
                assert explanations()[f"term.{clause.cite.term}"] in part

    @pytest.mark.parametrize("policy", POLICIES, ids=lambda one: one.id)
    def test_the_decision_table_has_every_row(self, policy: Policy[Any, Any]) -> None:
        part = PAGES[f"{policy.id.replace(' ', '-')}.md"].partition("\n## Decision table\n")[2].partition("\n## ")[0]
        rows = table(policy)
        shown = re.findall(r"^\| (\d+) \| \[(\S+)\]\(\S+\) \| \*\*(.*?)\*\* \| ([\d, ]*) \|", part, re.MULTILINE)
        assert [(int(number), clause, answer) for number, clause, answer, _ in shown] == [
            (number, row.clause, row.answer) for number, row in enumerate(rows, start=1)
        ]
        for row, (_, _, _, unless) in zip(rows, shown, strict=True):
            assert {rows[int(number) - 1].clause for number in unless.split(", ") if number} == set(row.unless)

    def test_a_fact_that_never_matters_is_said_to_be_idle(self) -> None:
        assert "These facts never change the answer: the account is in the program." in PAGES["contact.md"]
        assert "Every fact can change the answer at some point." in PAGES["ownership.md"]

    def test_the_article_has_each_sentence_once(self) -> None:
        assert re.findall(r"^## (S-\S+)$", PAGES["article.md"], re.MULTILINE) == [*SENTENCES]

    def test_the_index_counts_the_clauses_of_each_basis(self) -> None:
        clauses = [clause for policy in POLICIES for clause in policy.clauses]
        for basis in Basis:
            count = sum(clause.cite.basis is basis for clause in clauses)
            assert re.search(rf"^\| {MESSAGES[f'bases.{basis.value}']} \| .* \| {count} \|$", PAGES[FIRST_PAGE], re.MULTILINE)

    @pytest.mark.parametrize("name", [name for name in PAGES if name.endswith(".md")])
    def test_every_link_leads_somewhere(self, name: str) -> None:
        for target in re.findall(r"\]\(([^)]+)\)", PAGES[name]):
            file, _, anchor = target.partition("#")
            page = PAGES[file or name]
            headings = {heading.lower() for heading in re.findall(r"^#+ (\S+)$", page, re.MULTILINE)}
            slugs = {policy.id.replace(" ", "-") for policy in POLICIES}
            assert not anchor or anchor in (slugs if file == HTML_PAGE else headings), target

    @pytest.mark.parametrize("pages", [PAGES, rulebook([hostile_policy()])], ids=["ours", "hostile"])
    def test_every_table_has_as_many_cells_in_each_row(self, pages: Mapping[str, str]) -> None:
        for name, page in pages.items():
            if name.endswith(".md"):
                for rows in re.findall(r"(?:^\|.*\|\n)+", page, re.MULTILINE):
                    widths = {len(re.findall(r"(?<!\\)\|", row)) for row in rows.removesuffix("\n").split("\n")}
                    assert len(widths) == 1, (name, rows)

    def test_words_that_try_to_be_markup_stay_words(self) -> None:
        for name, page in rulebook([hostile_policy()]).items():
            if name.endswith(".md"):
                outside_code = re.sub("`[^`]*`", "", page)
                assert "<img" not in outside_code
                assert "</script" not in outside_code
                assert outside_code.count("<!--") == 1
                assert "[a](b)" not in outside_code


class TestTheEdition:
    """A page says from when its text is in force, and nothing of a text that is no edition of the program's."""

    def test_the_first_also_speaks_for_the_time_before_it(self) -> None:
        assert "Edition: the first, which also speaks for the time before it." in PAGES["contact.md"]

    def test_a_text_of_ones_own_is_no_edition(self) -> None:
        (amended,) = (text for name, text in rulebook([CONTACT.amend(repeal=("CONTACT-ASKED",))]).items() if name == "contact.md")
        assert "Edition:" not in amended
        assert "Fingerprint of this text" in amended

    def test_a_later_one_names_its_day(self, monkeypatch: pytest.MonkeyPatch) -> None:
        later = Editions((Edition(policy=CONTACT, starts_on=date(2026, 1, 1)),))
        monkeypatch.setattr("partnerkit.pages.data.EDITIONS", {"contact": later})
        assert "Edition: in force from Jan 1, 2026." in rulebook([CONTACT])["contact.md"]


class TestTheSilences:
    """What the article leaves open is a page of the documentation: every question, what settles it, and what others do."""

    PAGE = silences()

    def test_it_is_current(self) -> None:
        assert (ROOT / "docs" / "explanation" / "silences.md").read_text(encoding="utf-8") == self.PAGE, "run `partnerkit rulebook`"

    @pytest.mark.parametrize("one", questions(), ids=lambda one: one.id)
    def test_a_question_stands_there_with_what_settles_it(self, one: Question) -> None:
        part = self.PAGE.partition(f"\n### {one.id}\n")[2].partition("\n### ")[0].partition("\n## ")[0]
        assert all(where in part for where in one.where)
        assert all(in_markdown(practice.program) in part for practice in one.others)
        assert ("No official page answers it." in part) is (one.answered is Answered.NOT)

    def test_every_clause_of_a_term_or_of_our_own_is_on_it(self) -> None:
        open_ones = [clause.id for policy in POLICIES for clause in policy.clauses if clause.cite.basis in {Basis.TERM, Basis.HOUSE}]
        assert [name for name in open_ones if f"[{name}](../rulebook/" not in self.PAGE] == []

    def test_every_term_is_on_it(self) -> None:
        keys = [f"{key}.{field.name}" for key, section in SECTIONS.items() for field in attrs.fields(cast("Any", section))]
        assert [key for key in keys if f"`{key}`" not in self.PAGE] == []

    def test_its_links_lead_somewhere(self) -> None:
        for page, anchor in re.findall(r"\]\(\.\./rulebook/([a-z-]+\.md)#([a-z0-9-]+)\)", self.PAGE):
            assert f"\n### {anchor.upper()}\n" in PAGES[page]
        for anchor in re.findall(r"\]\(#([a-z-]+)\)", self.PAGE):
            titles = [title.lower().replace(",", "").replace(" ", "-") for title in re.findall(r"(?m)^## (.*)$", self.PAGE)]
            assert anchor in titles


class TestTheHtmlPage:
    """The page needs nothing but itself, lets nothing else in, and can be read by everybody."""

    READ = Reader(PAGES[HTML_PAGE])

    def test_the_policy_admits_this_script_and_this_style_and_nothing_else(self) -> None:
        (policy,) = [one["content"] for tag, one in self.READ.elements if one.get("http-equiv") == "Content-Security-Policy"]
        (script,) = [text for around, text in self.READ.texts if around[-1][0] == "script" and not text.startswith("{")]
        rules = dict(rule.strip().split(" ", 1) for rule in cast("str", policy).split(";"))
        assert rules == {
            "default-src": "'none'",
            "script-src": content_hash(script),
            "style-src": content_hash(self.READ.text_of("style")),
            "base-uri": "'none'",
            "form-action": "'none'",
            "require-trusted-types-for": "'script'",
            "trusted-types": "'none'",
        }

    def test_nothing_is_fetched(self) -> None:
        assert {tag for tag, _ in self.READ.elements} & {"link", "img", "iframe", "object", "embed", "base", "audio", "video"} == set()
        assert self.READ.attributes("src") == self.READ.attributes("action") == self.READ.attributes("style") == []
        assert all(href.startswith("#") for href in self.READ.attributes("href"))
        assert "url(" not in self.READ.text_of("style")
        assert "@import" not in self.READ.text_of("style")

    def test_no_data_can_become_markup(self) -> None:
        script = self.READ.text_of("script")
        for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "DOMParser"):
            assert way not in script
        names = {name for _, attributes in self.READ.elements for name in attributes}
        assert {name for name in names if name.startswith("on")} == set()

    def test_words_that_try_to_be_markup_stay_words(self) -> None:
        hostile, mine = Reader(rulebook([hostile_policy()])[HTML_PAGE]), {tag for tag, _ in self.READ.elements}
        assert {tag for tag, _ in hostile.elements} <= mine
        assert book_in(rulebook([hostile_policy()])[HTML_PAGE])["policies"][0]["question"] == f"May we walk? {HOSTILE}"

    def test_ids_are_unique_and_every_link_leads_somewhere(self) -> None:
        ids = self.READ.attributes("id")
        assert len(ids) == len(set(ids))
        slugs = {policy.id.replace(" ", "-") for policy in POLICIES}
        assert slugs & set(ids) == set()
        assert {href[1:] for href in self.READ.attributes("href")} <= {*ids, *slugs}
        assert {one for names in self.READ.attributes("aria-labelledby") for one in names.split()} <= set(ids)

    def test_style_and_script_name_elements_that_there_are(self) -> None:
        styled = re.findall(r"#([A-Za-z_][\w-]*)[^{};]*\{", source("rulebook.css"))
        asked = re.findall(r'(?:byId|fillPart)\("([^"]+)"', source("rulebook.js"))
        assert {"_changes", "rules"} <= set(styled)
        assert {"_book", "_aside"} <= set(asked)
        assert {*styled, *asked} <= set(self.READ.attributes("id"))

    def test_sentences_and_clauses_are_linked_both_ways(self) -> None:
        ids, links = set(self.READ.attributes("id")), self.READ.attributes("href")
        for policy in POLICIES:
            for clause in policy.clauses:
                assert clause.id in ids
                assert not clause.cite.sentence or f"#{clause.cite.sentence}" in links
                assert not clause.cite.sentence or f"#{clause.id}" in links
        assert set(SENTENCES) <= ids

    def test_headings_leave_out_no_level(self) -> None:
        levels = [int(tag[1]) for tag, _ in self.READ.elements if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))

    def test_the_words_of_a_clause_are_marked_in_their_sentence(self) -> None:
        shown = pieces(SENTENCES["S-28"].quote, "unless legally obligated to do so")
        assert [(one.text, one.marked) for one in shown] == [
            ("won't contact these account holders ", False),
            ("unless legally obligated to do so", True),
        ]
        joined = [(one.text, one.marked) for one in pieces("a b c d", "a … c")]
        assert joined == [("a", True), (" b ", False), ("c", True), (" d", False)]
        assert [(one.text, one.marked) for one in pieces("a b", "z")] == [("z", True)]
        assert "<mark>unless legally obligated to do so</mark>" in PAGES[HTML_PAGE]


class TestTheColors:
    """Every text stands out from what it stands on, by day and by night (WCAG 2.2, 4.5 to 1)."""

    PAIRS = (
        *((ink, ground) for ink in ("ink", "soft", "accent", "no") for ground in ("paper", "sheet", "accent-soft")),
        ("ink", "mark"),
        ("paper", "accent"),
    )

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize(("ink", "ground"), PAIRS)
    def test_contrast(self, scheme: str, ink: str, ground: str) -> None:
        schemes = re.findall(r":root \{(.*?)\}", source("base.css"), re.DOTALL)
        colors = dict(re.findall(r"--([\w-]+): (#\w{6});", schemes[["light", "dark"].index(scheme)]))
        lighter, darker = sorted((luminance(colors[ink]), luminance(colors[ground])), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def luminance(color: str) -> float:
    """Give the relative luminance of a color, as WCAG 2.2 defines it."""
    parts = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


class TestTheWords:
    """Every word of the pages goes through `say`, so that they can speak another language."""

    def test_the_ids_and_their_english_are_those_that_catalogs_are_made_of(self) -> None:
        asked: dict[str, set[str]] = defaultdict(set)

        def note(message_id: str, text: str) -> str:
            asked[message_id].add(text)
            return text

        rulebook(say=note)
        known = {message_id: text for policy in POLICIES for message_id, text in messages(policy).items()} | dict(MESSAGES)
        known |= explanations()
        assert {message_id: {known.get(message_id)} for message_id in asked} == asked

    def test_no_message_is_idle(self) -> None:
        asked = set()

        def note(message_id: str, text: str) -> str:
            asked.add(message_id)
            return text

        rulebook(say=note)
        # The policies of today have no edition but the first.
        assert set(MESSAGES) - asked == {"policy.edition_from"}

    def test_no_word_escapes_translation(self) -> None:
        """A word outside brackets was not asked for; ids, keys, quotes and names of other pages are not translated."""
        read = Reader(rulebook(say=lambda _, text: f"⟦{text}⟧")[HTML_PAGE])
        visible = [text for around, text in read.texts if not verbatim(around)]
        titles = [title for title in read.attributes("title") + read.attributes("aria-label") if not re.fullmatch("[0-9a-f]{64}", title)]
        left = [without_brackets(text) for text in (*visible, *titles)]
        assert [text for text in left if re.search("[A-Za-z]", text)] == []

    def test_no_word_of_the_script_escapes_translation(self) -> None:
        book = book_in(rulebook(say=lambda _, text: f"⟦{text}⟧")[HTML_PAGE])
        said = [*book["words"].values(), *(word for basis in book["bases"] for word in basis.values())]
        for policy in book["policies"]:
            said += [policy["question"], *policy["answers"], *(law["says"] for law in policy["laws"])]
            said += [word for fact in policy["facts"] for word in (*fact["says"], *fact["by"])]
        assert [text for text in said if re.search("[A-Za-z]", without_brackets(text))] == []

    @pytest.mark.parametrize("name", ["contact.md", "crediting.md", FIRST_PAGE])
    def test_no_word_of_the_markdown_escapes_translation(self, name: str) -> None:
        page = rulebook(say=lambda _, text: f"⟦{text}⟧")[name].replace("\\", "").partition("\n")[2]
        page = re.sub(r"`[^`]*`|\]\([^)]*\)|^> .*$|^### .*$|\[[A-Z0-9-]+\b", "", page, flags=re.MULTILINE)
        assert [line for line in map(without_brackets, page.split("\n")) if re.search("[A-Za-z]{2}", line)] == []

    def test_the_language_is_that_of_the_page(self) -> None:
        page = rulebook(say=english, lang="de")[HTML_PAGE]
        assert '<html lang="de">' in page
        assert "08.08.2025" in page
        assert "24.576" in rulebook(lang="de")["crediting.md"]


def verbatim(around: tuple[tuple[str, str | None], ...]) -> bool:
    """Tell whether a text stands in an element whose words are nobody's to translate."""
    tags = {tag for tag, _ in around}
    return bool(tags & {"script", "style", "blockquote", "code", "cite"}) or around[-1][1] == "id"


def without_brackets(text: str) -> str:
    """Take out all that stands in brackets, brackets in brackets too."""
    while (shorter := re.sub("⟦[^⟦⟧]*⟧", "", text)) != text:
        text = shorter
    return text


class TestABookOfOtherPolicies:
    """The pages are written of any policies whose ids can name files and places, not only of ours."""

    def test_without_any_it_is_of_ours_and_its_help_stays_short(self) -> None:
        assert rulebook(POLICIES) == PAGES
        assert len(str(inspect.signature(rulebook))) < 300

    def test_it_has_their_pages_only(self) -> None:
        assert set(rulebook([hostile_policy()])) == {FIRST_PAGE, "article.md", "hostile.md", HTML_PAGE}

    @pytest.mark.parametrize("name", ["../etc/passwd", "/root", "a/b", "..", "a.b", "a<b", "A  B", "é"])
    def test_an_id_that_is_no_name_of_a_file_is_refused(self, name: str) -> None:
        with pytest.raises(InvalidValue, match="names no page"):
            rulebook([dry_policy(name)])

    @pytest.mark.parametrize(
        ("policy", "clause"), [("W RAIN", "W-RAIN"), ("article", "W-A"), ("Readme", "W-A"), ("walk", "WALK"), ("walk", "S-28")]
    )
    def test_a_name_that_is_taken_is_refused(self, policy: str, clause: str) -> None:
        with pytest.raises(InvalidValue, match="has already"):
            rulebook([dry_policy(policy, clause)])

    @pytest.mark.parametrize(
        "clause", ["book", "policy", "answer", "note", "clause-W-A", "title-walk", "rules-walk", "facts-walk", "print"]
    )
    def test_no_clause_takes_the_place_of_an_element_of_the_page(self, clause: str) -> None:
        page = rulebook([dry_policy("walk", clause)])[HTML_PAGE]
        ids = Reader(page).attributes("id")
        assert len(ids) == len(set(ids))
        assert clause in ids
        assert book_in(page)["policies"][0]["clauses"] == [clause]

    def test_two_laws_of_a_policy_do_not_share_a_place(self) -> None:
        laws = tuple(Law(id=law, sentence="it is so", holds=Flag("rain", "it rains", "it is dry").no) for law in ("L-A", "l-a"))
        with pytest.raises(InvalidValue, match=r"uses the name 'walk\.l-a', which the policy walk has already"):
            rulebook([dry_policy("walk", laws=laws)])

    def test_the_form_begins_with_the_usual_facts(self) -> None:
        page = rulebook()[HTML_PAGE]
        ruling = CREDITING.decide(first_facts(page, CREDITING))
        assert ruling.outcome is Counting.COUNTS
        for policy in POLICIES:
            facts = first_facts(page, policy)
            usual = {field.name: field.default for field in attrs.fields(policy.facts) if field.default is not attrs.NOTHING}
            assert {name: getattr(facts, name) for name in usual} == usual

    def test_usual_facts_that_cannot_be_together_give_way(self) -> None:
        rain = Flag("rain", "it rains", "it is dry")
        policy: Policy[UsuallyWet, Permission] = Policy(
            "walk",
            "May we walk?",
            UsuallyWet,
            Permission,
            (Clause("W-DRY", Permission.MAY, rain.no, cite=house("invented")),),
            laws=(Law(id="W-LAW", sentence="it never rains", holds=rain.no),),
        )
        assert first_facts(rulebook([policy])[HTML_PAGE], policy) == UsuallyWet(rain=False)

    def test_values_that_would_be_written_alike_are_told_apart(self) -> None:
        """The script of the page knows a value by its token, and Python answers for each of them."""
        book = rulebook([odd_policy()])
        (fact,) = book_in(book[HTML_PAGE])["policies"][0]["facts"]
        assert fact["values"] == ["none", "ab", "ab-2", "ab-2-2", "none-2"]
        assert [one["value"] for tag, one in Reader(book[HTML_PAGE]).elements if tag == "input"] == fact["values"]
        assert len(set(fact["says"])) == len(Odd) + 1
        assert all(f"| {odd.value} |" in book["odd.md"] for odd in Odd)

    def test_a_book_of_nothing_is_refused(self) -> None:
        with pytest.raises(InvalidValue, match="a rulebook of no policies says nothing"):
            rulebook([])

    def test_laws_that_leave_no_facts_are_refused(self) -> None:
        rain = Flag("rain", "it rains", "it is dry")
        laws = (Law(id="W-A", sentence="it always rains", holds=rain.yes), Law(id="W-B", sentence="it never rains", holds=rain.no))
        with pytest.raises(InvalidValue, match=r"the policy walk can be asked about no facts at all: its laws \(W-A, W-B\) never hold"):
            rulebook([dry_policy("walk", laws=laws)])

    def test_it_is_not_taken_for_the_rulebook_of_ours(self) -> None:
        assert all(MARK in page for page in PAGES.values())
        assert not [name for name, page in rulebook([dry_policy("walk")]).items() if MARK in page]

    def test_two_policies_do_not_share_a_clause(self) -> None:
        with pytest.raises(InvalidValue, match="the policy run uses the name 'W-DRY', which the policy walk has already"):
            rulebook([dry_policy("walk"), dry_policy("run")])


@attrs.frozen(kw_only=True)
class UsuallyWet:
    """Invented, to be asked about."""

    rain: bool = True


class Odd(StrEnum):
    """Invented, with names that differ by case or by a line alone, or are that of a word of ours."""

    NONE = "none"
    AB = "large"
    Ab = "middling"
    AB_2 = "second"


@attrs.frozen(kw_only=True)
class OddFacts:
    """Invented, to be asked about."""

    odd: Odd | None


def odd_policy() -> Policy[OddFacts, Permission]:
    odd = Choice("odd", Odd, "it is {}", absent="there is nothing")
    cite = house("invented")
    return Policy(
        "odd",
        "May it be odd?",
        OddFacts,
        Permission,
        (
            Clause("O-NONE", Permission.MAY, odd.in_(Odd.NONE, Odd.Ab), cite=cite),
            Clause("O-ELSE", Permission.MAY_NOT, odd.in_(Odd.AB, Odd.AB_2, None), cite=cite),
        ),
    )


def first_facts(page: str, policy: Policy[Any, Any]) -> Any:
    """Give the facts that the form of a policy begins with."""
    chosen, inside, select = {}, False, ""
    for tag, one in Reader(page).elements:
        if tag == "form":
            inside = one["data-policy"] == policy.id.replace(" ", "-")
        if tag == "select":
            select = one.get("name") or ""
        if inside and one.keys() & {"checked", "selected"}:
            chosen[(one.get("name") or select).partition(".")[2]] = one["value"]
    return policy.facts(
        **{item.name: next(value for value, one in tokens(item).items() if one == chosen[item.name]) for item in policy.inputs}
    )


def dry_policy(name: str, clause: str = "W-DRY", laws: tuple[Law, ...] = ()) -> Policy[Weather, Permission]:
    rain = Flag("rain", "it rains", "it is dry")
    always = Clause(clause, Permission.MAY, rain.yes | rain.no, cite=house("nothing speaks against it"))
    return Policy(name, "May we walk?", Weather, Permission, (always,), laws=laws)
