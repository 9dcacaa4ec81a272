"""Languages: complete catalogs that say what the English says, English where a word is missing, and lists as a locale joins them."""

import re
import string
import subprocess
import sys
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel import Locale

import catalogs
import partnerkit.choices
from catalogs import all_messages, entries, left_in, path_of, readings, template, updated
from commands import EXAMPLE, environment, example_books, run
from partnerkit.article import SENTENCES
from partnerkit.charges import ChargeReason
from partnerkit.clauses import Policy
from partnerkit.clauses.checks import points
from partnerkit.clauses.views import FRAMES, describe, english, messages, prose, table, value_message
from partnerkit.enums import Named
from partnerkit.errors import InvalidValue
from partnerkit.languages import LANGUAGES, LISTS, language_of, listed, say_from, say_in, spoken
from partnerkit.money import Rounding
from partnerkit.periods import Month, ProrationBasis, Window
from partnerkit.policies import POLICIES
from partnerkit.text import credit_phrase, credit_rule, explain, open_questions, phrase, reasons, value_text

VERBATIM = re.compile(r"[a-z_]+\.[a-z_]+|\b[A-Z]+-[0-9]+[a-c]?\b|[0-9]{2,}|pn=|--out|\['50.00 USD'\]|Single Bill|New Account Bonus")
"""What a translation repeats to the letter: keys of terms, ids of sentences and sources, numbers, and names of the vendor's own."""


def catalog(language: str) -> dict[tuple[str, str], Any]:
    """Give the entries of a catalog by id and English."""
    found = entries(path_of(language).read_text(encoding="utf-8"))
    return {(str(entry.context), str(entry.id)): entry for entry in found}


CATALOGS = {language: catalog(language) for language in LANGUAGES}


def names_in(frame: str) -> Counter[str]:
    return Counter(name for _, name, _, _ in string.Formatter().parse(frame) if name is not None)


def translations() -> Iterator[tuple[str, str, str, str]]:
    """Give every translation: language, id, English, translation."""
    for language, found in CATALOGS.items():
        for (message, text), entry in found.items():
            yield language, message, text, entry.string


def pieces_of(frame: str) -> Iterator[str]:
    """Give the pieces of an English frame that no other language has by chance: three words or more in a row."""
    pieces = (piece.strip(" .:,;\"'()-+~[]?") for piece in re.split(r"\{\w*\}", frame))
    return (piece for piece in pieces if len(piece.split()) > 2 and piece != "New Account Bonus")


PIECES = frozenset(piece for _, text in all_messages() for piece in pieces_of(text))
QUOTES = frozenset(text for sentence in SENTENCES.values() for text in (sentence.heading, sentence.quote) if text)
LINES = tuple(next(iter(example_books().closes(Month.parse("2025-08")))).lines)
TERMS = example_books().program.terms.on(Month.parse("2025-08").period.start)


def left_in_english(text: str, *kept: str) -> set[str]:
    """Find the English that is left in a text once all that is never translated is taken out of it."""
    for words in sorted({*QUOTES, *kept}, key=len, reverse=True):
        text = text.replace(words, "") if words else text
    return {piece for piece in PIECES if piece in text}


class TestTheCatalogs:
    """Every message is in every catalog, translated; nothing is fuzzy, nothing is superfluous, and nothing was lost on the way."""

    def test_there_is_one_for_every_language(self) -> None:
        assert sorted(path.name for path in catalogs.LOCALE.iterdir() if path.is_dir()) == sorted(LANGUAGES)

    def test_the_template_is_current(self) -> None:
        found = [(entry.context, entry.id) for entry in entries(catalogs.TEMPLATE.read_text(encoding="utf-8"))]
        assert found == list(all_messages()), "run: python3 run.py python tests/catalogs.py"
        assert [(entry.context, entry.id) for entry in entries(template())] == found

    def test_it_has_the_words_of_every_policy(self) -> None:
        wanted = {pair for policy in POLICIES for pair in messages(policy).items() if pair[0] not in LISTS}
        assert wanted <= set(all_messages())

    def test_it_has_the_names_of_all_that_a_contract_chooses_from(self) -> None:
        choices = [one for one in vars(partnerkit.choices).values() if isinstance(one, type) and issubclass(one, Named)]
        kinds: list[type[Named]] = [*choices, ChargeReason, Rounding, ProrationBasis]
        assert {value_message(value) for kind in kinds for value in kind} <= set(all_messages())

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_catalog_has_the_messages_of_the_template(self, language: str) -> None:
        assert list(CATALOGS[language]) == list(all_messages()), "run: python3 run.py python tests/catalogs.py, then translate"

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_none_is_missing_and_none_is_fuzzy(self, language: str) -> None:
        left = [message for (message, _), entry in CATALOGS[language].items() if entry.fuzzy or not entry.string.strip()]
        assert len(left) == 0, left

    def test_placeholders_are_the_same(self) -> None:
        wrong = [one for one in translations() if names_in(one[2]) != names_in(one[3])]
        assert wrong == []

    def test_what_is_verbatim_stays(self) -> None:
        wrong = [one for one in translations() if not set(VERBATIM.findall(one[2])) <= set(VERBATIM.findall(one[3]))]
        assert wrong == []

    def test_indents_and_ends_of_lines_are_the_same(self) -> None:
        def edges(text: str) -> tuple[int, int, int]:
            return len(text) - len(text.lstrip(" ")), len(text) - len(text.rstrip()), text.count("\n")

        assert [one for one in translations() if edges(one[2]) != edges(one[3])] == []

    def test_nothing_in_it_steers_a_terminal(self) -> None:
        assert [one for one in translations() if not one[3].replace("\N{NO-BREAK SPACE}", " ").isprintable()] == []


class TestTheUpdate:
    """The command that updates the catalogs keeps what still fits, and hides nothing that a translator must look at."""

    MESSAGE, ENGLISH = all_messages()[0]

    def entry(self, text: str, message: str) -> Any:
        return next(entry for entry in entries(text) if entry.context == message)

    def po(self, text: str, words: str, message: str = MESSAGE) -> str:
        return f'msgctxt "{message}"\nmsgid "{text}"\nmsgstr "{words}"\n'

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_current_catalog_keeps_its_words(self, language: str) -> None:
        before = path_of(language).read_text(encoding="utf-8")
        words = [(entry.context, entry.id, entry.string) for entry in entries(updated(language, before))]
        assert words == [(entry.context, entry.id, entry.string) for entry in entries(before)]

    def test_a_new_message_is_empty(self) -> None:
        assert self.entry(updated("de", ""), self.MESSAGE).string == ""

    def test_a_translation_of_older_english_becomes_fuzzy_and_is_not_said(self) -> None:
        text = updated("de", self.po("An older text", "Ein alter Text"))
        entry = self.entry(text, self.MESSAGE)
        assert (entry.fuzzy, entry.string) == (True, "Ein alter Text")
        assert say_from(text)(self.MESSAGE, self.ENGLISH) == self.ENGLISH
        assert updated("de", text) == text

    def test_what_is_left_is_counted_and_not_all_of_it_named(self) -> None:
        first = [message for message, _ in all_messages()[:10]]
        assert left_in(updated("de", "")) == (
            f"{len(all_messages())} to translate, 0 to look at again: {', '.join(first)} and {len(all_messages()) - 10} more"
        )
        assert left_in(self.po("An older text", "Ein alter Text")) == "0 to translate, 0 to look at again"
        older = updated("de", self.po("An older text", "Ein alter Text"))
        assert left_in(older).startswith(f"{len(all_messages()) - 1} to translate, 1 to look at again: ")

    def test_what_is_no_longer_said_goes(self) -> None:
        assert "no.such.message" not in updated("de", self.po("old", "alt", "no.such.message"))

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_sentence_can_be_read_aloud(self, language: str) -> None:
        assert len(readings(language)) == len(readings("en"))
        assert [one for one in readings(language) if one in readings("en") or "{" in one] == []

    def test_a_comment_of_a_translator_stays(self) -> None:
        commented = "# a note\n" + self.po(self.ENGLISH, "Wort")
        assert self.entry(updated("de", commented), self.MESSAGE).user_comments == ["a note"]


class TestTheLanguageOfALocale:
    """A locale is spoken to in its own language or in English; a name that is no locale is refused."""

    @pytest.mark.parametrize(
        ("locale", "language"),
        [
            *((locale, "de") for locale in ("de", "DE", "de_AT", "de-CH", "de@euro")),
            *((locale, "es") for locale in ("es", "es_419", "es-MX")),
            *((locale, "fr") for locale in ("fr", "fr_CA")),
            *((locale, "en") for locale in ("en", "en_GB", "ja", "pt_BR", "gsw", "zh_Hans_CN")),
        ],
    )
    def test_it_is_negotiated(self, locale: str, language: str) -> None:
        assert language_of(locale) == language
        assert say_in(locale)("value.yes", "yes") == {"de": "ja", "es": "sí", "fr": "oui", "en": "yes"}[language]

    @pytest.mark.parametrize("locale", ["xx", "", "not a locale", "../de", "de/../fr", "de\x00", "de_", "/etc/passwd", None, 7, []])
    def test_a_wrong_or_hostile_name_is_refused(self, locale: Any) -> None:
        for ask in (say_in, language_of, spoken, lambda one: listed(["a", "b"], one)):
            with pytest.raises(InvalidValue, match="unknown locale"):
                ask(locale)

    def test_a_language_without_a_catalog_has_english_words_and_its_own_dates(self) -> None:
        assert explain(LINES[0], "ja").split("\n")[0].endswith("for 2025/03/18 to 2025/04/17, charged on 2025/03/18.")

    def test_what_is_kept_of_locales_has_a_bound(self) -> None:
        """A name may come from a request, and there is no end to the names of a locale."""
        say_in("de")
        tracemalloc.start()
        try:
            for number in range(500):
                say_in(f"de@x{number}")
            kept, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert kept < 5_000_000
        assert say_in("ca_ES_VALENCIA@euro") is english
        with pytest.raises(InvalidValue, match=r"unknown locale 'de\.xxx"):
            say_in("de." + "x" * 5_000_000)

    def test_each_language_is_read_once(self) -> None:
        assert say_in("de") is say_in("de")
        assert say_in("en") is english
        assert say_in("en_GB") is english


class TestFallingBack:
    """What a catalog lacks is said in English: a missing message, an empty one, a fuzzy one, one of another English."""

    PO = (
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        'msgctxt "value.yes"\nmsgid "yes"\nmsgstr "jā"\n\n'
        'msgctxt "value.no"\nmsgid "no"\nmsgstr ""\n\n'
        '#, fuzzy\nmsgctxt "value.none"\nmsgid "none"\nmsgstr "nekas"\n\n'
        'msgctxt "view.any"\nmsgid "anything"\nmsgstr "jebkas"\n\n'
        'msgid "always"\nmsgstr "vienmēr"\n'
    )

    @pytest.mark.parametrize(
        ("message", "text", "words"),
        [
            ("value.yes", "yes", "jā"),
            ("value.no", "no", "no"),
            ("value.none", "none", "none"),
            ("view.any", "any", "any"),
            ("view.always", "always", "always"),
            ("no.such.message", "whatever", "whatever"),
        ],
    )
    def test_to_english(self, message: str, text: str, words: str) -> None:
        assert say_from(self.PO)(message, text) == words

    HOSTILE = (
        "{question.__class__.__mro__}",
        "{question.__init__.__globals__}",
        "{question[0]}",
        "{question!r}",
        "{question:>9999999999}",
        "{question:{answer}}",
        "{question} {secret}",
        "{question} {question}",
        "{0}",
        "{}",
        "{",
        "}",
        "{question",
        "no gap at all",
    )

    @pytest.mark.parametrize("words", HOSTILE)
    def test_a_translation_with_other_gaps_than_its_english_is_not_said(self, words: str) -> None:
        say = say_from(f'msgctxt "view.title"\nmsgid "# {{question}}"\nmsgstr "{words}"')
        assert say("view.title", FRAMES["view.title"]) == FRAMES["view.title"]
        assert prose(POLICIES[0], say=say) == prose(POLICIES[0])

    @pytest.mark.parametrize("words", ["{} {}", "{x}", "{0.__class__}"])
    def test_nor_is_one_of_a_sentence_with_a_nameless_gap(self, words: str) -> None:
        item = POLICIES[0].inputs[0]
        message, text = f"input.{item.name}.sentence", messages(POLICIES[0])[f"input.{item.name}.sentence"]
        assert say_from(f'msgctxt "{message}"\nmsgid "{text}"\nmsgstr "{words}"')(message, text) == text

    def test_gaps_may_change_their_places(self) -> None:
        say = say_from('msgctxt "list.and"\nmsgid "{first} and {last}"\nmsgstr "{last} nach {first}"')
        assert say("list.and", "{first} and {last}") == "{last} nach {first}"

    def test_a_text_without_gaps_may_have_braces_that_are_none(self) -> None:
        assert say_from('msgctxt "odd"\nmsgid "a { b"\nmsgstr "ein { b"')("odd", "a { b") == "ein { b"

    def test_a_view_mixes_what_there_is_with_english(self) -> None:
        assert "jā" in {word for row in table(POLICIES[1], say=say_from(self.PO)) for word in row.words}
        assert prose(POLICIES[0], say=say_from("")) == prose(POLICIES[0])

    @pytest.mark.parametrize(
        "header",
        [
            "Plural-Forms: nplurals=INTEGER; plural=EXPRESSION;",
            "Plural-Forms: nplurals=3; plural=(",
            "PO-Revision-Date: YEAR-MO-DA HO:MI+ZONE",
            "PO-Revision-Date: 2025-08-08",
            "PO-Revision-Date: ",
            "Language: ../../x",
            "Content-Type: text/plain; charset=CHARSET",
        ],
    )
    def test_a_header_says_nothing_here_whatever_stands_in_it(self, header: str) -> None:
        assert say_from(f'msgid ""\nmsgstr ""\n"{header}\\n"\n\n' + self.YES)("value.yes", "yes") == "oui"

    YES = 'msgctxt "value.yes"\nmsgid "yes"\nmsgstr "oui"\n'

    def test_neither_a_byte_order_mark_nor_ends_of_lines_matter(self) -> None:
        for text in ("\ufeff" + self.YES, self.YES.replace("\n", "\r\n"), "# mine\r" + self.YES.replace("\n", "\r")):
            assert say_from(text)("value.yes", "yes") == "oui"

    def test_plural_forms_are_passed_over(self) -> None:
        forms = "".join(f'msgstr[{number}] "x"\n' for number in range(6))
        assert say_from(f'msgid "day"\nmsgid_plural "days"\n{forms}\n' + self.YES)("value.yes", "yes") == "oui"

    @pytest.mark.parametrize("text", ["msgid", "}{", "<!DOCTYPE html>", 'msgid "a"\nmsgstr[x] "b"', 'msgid "a"\nmsgstr[ "b"'])
    def test_what_is_no_catalog_is_refused(self, text: str) -> None:
        with pytest.raises(InvalidValue, match="not the text of a PO file"):
            say_from(text)


class TestLists:
    """A list of words is joined as the locale does it, in explanations and in every view."""

    @pytest.mark.parametrize(
        ("locale", "joined"),
        [
            ("en", "a, b, and c"),
            ("en_GB", "a, b and c"),
            ("de", "a, b und c"),
            ("fr_CA", "a, b et c"),
            ("es", "a, b y c"),
            ("ja", "a, b, and c"),
        ],
    )
    def test_of_three(self, locale: str, joined: str) -> None:
        assert listed("abc", locale) == joined
        assert value_text(("a", "b", "c"), locale) == joined

    @pytest.mark.parametrize(("locale", "last"), [("en", " or "), ("de", " oder "), ("fr", " ou "), ("es", " o ")])
    def test_of_three_in_a_condition(self, locale: str, last: str) -> None:
        policy = next(policy for policy in POLICIES if policy.id == "contact")
        (condition,) = (clause.when for clause in policy.clauses if clause.id == "CONTACT-KEEP")
        shown = describe(condition, say=say_in(locale))
        assert last in shown
        assert "{" not in shown

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_frames_are_those_of_cldr(self, language: str) -> None:
        patterns = Locale.parse(language).list_patterns
        for message, (style, part) in LISTS.items():
            said = say_in(language)(message, FRAMES[message])
            assert said.format(first="one", last="two") == patterns[style][part].format("one", "two")
        # The frame of two and that of the last of many are one message, so they must be one pattern.
        assert all(patterns[style]["2"] == patterns[style]["end"] for style in ("standard", "or"))
        assert all(patterns[style]["start"] == patterns[style]["middle"] for style in ("standard", "or"))

    def test_no_catalog_holds_them(self) -> None:
        assert {message for message, _ in all_messages()} & set(LISTS) == set()


def sampled(policy: Policy[Any, Any]) -> list[Any]:
    """Give one point for each ruling of a policy."""
    rulings = {policy.decide(facts): None for facts in points(policy)}
    return [*rulings][:12]


class TestExplanations:
    """Nothing of an explanation is left in English but what is quoted, and that is left entirely."""

    def test_english_would_be_found(self) -> None:
        assert "Rules that do not apply here" in left_in_english(explain(LINES[-1]))

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: str(policy.id))
    def test_a_ruling(self, policy: Policy[Any, Any], language: str) -> None:
        for ruling in sampled(policy):
            text = explain(ruling, language)
            cites = [policy.clause(clause).cite for clause in ruling.because]
            verbatim = (word for cite in cites for word in (cite.quote, cite.source, cite.term))
            assert [word for word in (*ruling.because, *ruling.not_applying, *verbatim) if word not in text] == []
            assert left_in_english(text, *(cite.quote for cite in cites)) == set()
            assert "{" not in text

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: str(policy.id))
    def test_a_view(self, policy: Policy[Any, Any], language: str) -> None:
        say = say_in(language)
        shown = [prose(policy, say=say), *(word for row in table(policy, say=say) for word in (*row.words, row.answer))]
        assert left_in_english("\n".join(shown), *(clause.cite.quote for clause in policy.clauses)) == set()

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_line(self, language: str) -> None:
        for line in LINES:
            shown = (explain(line, language), phrase(line, None, language), *reasons(line.rulings, language, terms=TERMS))
            assert left_in_english("\n".join(shown)) == set()

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_credit(self, language: str) -> None:
        for credit in example_books().credits.values():
            shown = (explain(credit, language, terms=TERMS), credit_phrase(credit, language), credit_rule(credit, language))
            assert left_in_english("\n".join(shown)) == set()

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_open_questions(self, language: str) -> None:
        questions = open_questions(TERMS, language)
        assert left_in_english("\n".join(f"{one.about} {one.value}" for one in questions)) == set()
        assert [(one.key, one.public) for one in questions] == [(one.key, one.public) for one in open_questions(TERMS)]

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_windows(self, language: str) -> None:
        for window in (Window.days(30), Window.hours(1, inclusive=False), Window.calendar_days(2, zone="Europe/Paris"), Window.unlimited()):
            assert value_text(window) == str(window)
            assert value_text(window, language) != str(window)


class TestTheCommand:
    """`--locale de` speaks German, in its headings too."""

    def test_close(self) -> None:
        shown = run("close", EXAMPLE, "--month", "2025-08", "--locale", "de", columns=160).stdout
        assert "55 Besuche insgesamt gelesen" in shown
        assert "6 Konten in diesem Monat eröffnet" in shown
        assert "Jetzt zu zahlen" in shown
        assert "Was der Artikel offenlässt" in shown
        assert left_in_english(" ".join(shown.split()), "accounts opened up after visiting the URL") == set()

    def test_why(self) -> None:
        shown = run("why", EXAMPLE, "acct-kestrel-coffee", "--locale", "fr").stdout
        assert shown.startswith("Le compte acct-kestrel-coffee n\N{RIGHT SINGLE QUOTATION MARK}est attribué à aucun partenaire.")

    def test_rulebook(self, tmp_path: Path) -> None:
        assert run("rulebook", tmp_path, "--locale", "es_MX").exit_code == 0
        quotes = [clause.cite.quote for policy in POLICIES for clause in policy.clauses]
        for page in tmp_path.glob("*.md"):
            assert left_in_english(page.read_text(encoding="utf-8"), *quotes) == set(), page
        assert '<html lang="es">' in (tmp_path / "rulebook.html").read_text(encoding="utf-8")
        assert run("rulebook", tmp_path, "--check", "--locale", "es").exit_code == 0
        assert run("rulebook", tmp_path, "--check").exit_code == 1

    def test_its_errors_stay_english(self) -> None:
        assert "unknown locale" in run("why", EXAMPLE, "acct-kestrel-coffee", "--locale", "xx").stderr


class TestLaziness:
    """A catalog is read when its language is first spoken: not by an import, and never for English."""

    def modules_after(self, statement: str) -> set[str]:
        program = f"import sys; {statement}; print(*sys.modules)"
        done = subprocess.run([sys.executable, "-c", program], env=environment(), capture_output=True, text=True, check=True, timeout=60)
        return set(done.stdout.split())

    def test_english_loads_nothing_of_it(self) -> None:
        speak = "from partnerkit.text import say_in; say_in('en_GB')('value.yes', 'yes'); say_in('ja')('value.yes', 'yes')"
        assert "partnerkit.languages" not in self.modules_after("import partnerkit")
        assert {one for one in self.modules_after(speak) if one.startswith("babel.messages")} == set()

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_its_own_catalog_is_read_and_no_other(self, language: str) -> None:
        """And it is read once, for all the locales of its language."""
        program = (
            "import sys; opened = []; sys.addaudithook(lambda event, given: event == 'open' and opened.append(str(given[0]))); "
            f"from partnerkit.text import say_in; [say_in(one) for one in ('{language}', '{language}_{language.upper()}', 'en', 'ja')]; "
            "print(*(name for name in opened if name.endswith('.po')), sep='\\n')"
        )
        done = subprocess.run([sys.executable, "-c", program], env=environment(), capture_output=True, text=True, check=True, timeout=60)
        assert [Path(name) for name in done.stdout.split("\n") if name] == [path_of(language)]

    def test_the_catalogs_are_in_the_package(self) -> None:
        package = Path(sys.modules["partnerkit"].__file__ or "").parent
        assert package / "locale" == catalogs.LOCALE
