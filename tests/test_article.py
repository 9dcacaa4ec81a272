"""The article, sentence by sentence: every quote is in it, and every clause that claims its words quotes them."""

import inspect
import re
from collections.abc import Iterator
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import attrs
import pytest

import test_sentences
from partnerkit.article import ARTICLE, ELLIPSIS, SENTENCES, Became, Sentence, contains, normalize
from partnerkit.clauses import Basis, Clause
from partnerkit.errors import InvalidValue
from partnerkit.invariants import INVARIANTS
from partnerkit.partners import STANDING_LAWS
from partnerkit.policies import POLICIES
from partnerkit.terms import SECTIONS

TEXT = Path(__file__).resolve().parents[1].parent / "shared" / "source" / "article-000044214.txt"
CLAUSES = {clause.id: clause for policy in POLICIES for clause in policy.clauses}
LAWS = {law.id: law for law in STANDING_LAWS}
QUOTING = [clause for clause in CLAUSES.values() if clause.cite.quote]
TERMS = {f"{key}.{field.name}" for key, section in SECTIONS.items() for field in attrs.fields_dict(cast("Any", section)).values()}
LONGEST_QUOTE = 16
PAGE = re.compile(r"(?:article 0000\d{5}|vendor API description [\d.]+), (?:harvested )?(?:[A-Z][a-z]{2} \d{1,2} )?20\d\d")
FACT_ID = re.compile(r"\((?:[KBL]-\d\d|B1)(?:, (?:[KBL]-\d\d))*\)")
NORMATIVE = [sentence for sentence in SENTENCES.values() if sentence.became is not Became.NOT_NORMATIVE]


@pytest.fixture(scope="module")
def text() -> str:
    if not TEXT.exists():
        pytest.skip(f"the text of the article is not redistributed and is not at {TEXT}: quotes cannot be compared")
    return normalize(TEXT.read_text(encoding="utf-8"))


def places() -> Iterator[tuple[Sentence, str]]:
    for sentence in SENTENCES.values():
        for where in sentence.where:
            yield sentence, where


class TestTheText:
    """The quotes are the article's own words, and the fingerprint is that of the text they were taken from."""

    def test_fingerprint(self, text: str) -> None:
        assert sha256(text.encode()).hexdigest() == ARTICLE.fingerprint

    def test_number_title_and_date(self, text: str) -> None:
        updated = f"{ARTICLE.updated:%B} {ARTICLE.updated.day}, {ARTICLE.updated.year}"
        assert contains(text, f"{ARTICLE.title} Article: {ARTICLE.number} Updated: {updated}")

    @pytest.mark.parametrize("sentence", SENTENCES.values(), ids=SENTENCES)
    def test_every_sentence_is_in_the_article_below_its_heading(self, sentence: Sentence, text: str) -> None:
        assert contains(text, sentence.quote)
        assert contains(text, f"{sentence.heading} {ELLIPSIS} {sentence.quote}" if sentence.heading else sentence.quote)

    @pytest.mark.parametrize("clause", QUOTING, ids=lambda clause: clause.id)
    def test_every_clause_quotes_the_article(self, clause: Clause, text: str) -> None:
        assert contains(text, clause.cite.quote)

    @pytest.mark.parametrize("clause", QUOTING, ids=lambda clause: clause.id)
    def test_a_clause_quotes_the_sentence_it_names(self, clause: Clause, text: str) -> None:
        """The words of the clause and of the sentence lie in one stretch of the article, not further apart than a paragraph."""
        words, sentence = clause.cite.quote, SENTENCES[clause.cite.sentence].quote.partition(ELLIPSIS)[0].strip()
        start, end = sorted((text.index(words), text.index(sentence)))
        between = text[start:end]
        assert ". " not in between.removeprefix(words).removeprefix(sentence)


class TestTheSentences:
    """All 41 sentences are here, and each says what it became and where."""

    def test_the_keys(self) -> None:
        numbered = [f"S-{number:02}" for number in range(1, 40)]
        expected = [key for number in numbered for key in ([f"{number}{letter}" for letter in "abc"] if number == "S-30" else [number])]
        assert list(SENTENCES) == expected
        assert len(expected) == 41

    @pytest.mark.parametrize("sentence", SENTENCES.values(), ids=SENTENCES)
    def test_a_quote_is_short(self, sentence: Sentence) -> None:
        assert SENTENCES[sentence.id] is sentence
        assert len(sentence.quote.replace(ELLIPSIS, "").split()) <= LONGEST_QUOTE
        assert normalize(sentence.quote) == sentence.quote
        assert sentence.note

    def test_the_rewards_are_an_invariant(self) -> None:
        assert {SENTENCES["S-05"].became, SENTENCES["S-36"].became} == {Became.INVARIANT}

    def test_every_kind_is_used(self) -> None:
        assert {sentence.became for sentence in SENTENCES.values()} == set(Became)

    @pytest.mark.parametrize(("sentence", "where"), list(places()), ids=lambda value: value if isinstance(value, str) else value.id)
    def test_every_place_exists_and_cites_the_sentence(self, sentence: Sentence, where: str) -> None:
        if where in CLAUSES:
            assert CLAUSES[where].cite.sentence == sentence.id
        elif where in LAWS:
            assert f"({sentence.id})" in LAWS[where].sentence
        elif where in INVARIANTS:
            assert sentence.id in INVARIANTS[where].sentences
        elif "." in where:
            assert where in TERMS
        else:
            assert find_spec(f"partnerkit.{where}") is not None, f"{where} is no clause, law, term or module"

    @pytest.mark.parametrize("clause", QUOTING, ids=lambda clause: clause.id)
    def test_every_cited_sentence_knows_its_clause(self, clause: Clause) -> None:
        assert clause.id in SENTENCES[clause.cite.sentence].where

    @pytest.mark.parametrize("sentence", SENTENCES.values(), ids=SENTENCES)
    def test_what_it_became_is_where_it_lives(self, sentence: Sentence) -> None:
        named = [CLAUSES[where] for where in sentence.where if where in CLAUSES]
        assert bool(named) is (sentence.became in {Became.CLAUSE, Became.DUTY})
        assert bool(sentence.where) or sentence.became in {Became.PROCEDURE, Became.NOT_NORMATIVE}

    def test_no_sentence_changes_behind_ones_back(self) -> None:
        with pytest.raises(TypeError):
            SENTENCES["S-40"] = SENTENCES["S-39"]  # type: ignore[index]

    def test_a_sentence_without_words_is_refused(self) -> None:
        with pytest.raises(InvalidValue, match="S-40 has no quote"):
            Sentence(id="S-40", heading="", quote=" ", became=Became.CLAUSE, where=(), note="")


class TestTheTestsOfSentences:
    """Every sentence that says something has a test class of its own, with the sentence as its docstring."""

    @pytest.mark.parametrize(
        "sentence", [one for one in SENTENCES.values() if one.became is not Became.NOT_NORMATIVE], ids=lambda one: one.id
    )
    def test_a_sentence_has_its_class(self, sentence: Sentence) -> None:
        found = getattr(test_sentences, f"TestS{sentence.id.removeprefix('S-')}")
        assert contains(normalize(found.__doc__).casefold(), sentence.quote.casefold())
        assert [name for name in vars(found) if name.startswith("test_")]

    @pytest.mark.parametrize("sentence", NORMATIVE, ids=lambda one: one.id)
    def test_its_class_names_each_of_its_clauses(self, sentence: Sentence) -> None:
        source = inspect.getsource(getattr(test_sentences, f"TestS{sentence.id.removeprefix('S-')}"))
        assert [where for where in sentence.where if where in CLAUSES and f'"{where}"' not in source] == []

    @pytest.mark.parametrize("sentence", NORMATIVE, ids=lambda one: one.id)
    def test_its_docstring_is_the_articles_own_words(self, sentence: Sentence, text: str) -> None:
        found = getattr(test_sentences, f"TestS{sentence.id.removeprefix('S-')}")
        assert contains(text.casefold(), normalize(found.__doc__).casefold().rstrip("."))

    def test_no_class_is_of_a_sentence_that_says_nothing(self) -> None:
        classes = [name for name in vars(test_sentences) if name.startswith("TestS")]
        assert {f"S-{name.removeprefix('TestS')}" for name in classes} - {"S-30"} == {one.id for one in NORMATIVE}


class TestBases:
    """STATED only with the article's own words; whatever else a clause rests on, it says so."""

    @pytest.mark.parametrize("clause", CLAUSES.values(), ids=CLAUSES)
    def test_quotes_go_with_stated_and_implied(self, clause: Clause) -> None:
        assert bool(clause.cite.quote) is (clause.cite.basis in {Basis.STATED, Basis.IMPLIED})

    @pytest.mark.parametrize("clause", CLAUSES.values(), ids=CLAUSES)
    def test_a_term_that_decides_exists(self, clause: Clause) -> None:
        assert not clause.cite.term or clause.cite.term in TERMS

    @pytest.mark.parametrize("clause", [one for one in CLAUSES.values() if one.cite.basis is Basis.ELSEWHERE], ids=lambda one: one.id)
    def test_another_page_is_cited_by_number_and_date_and_never_quoted(self, clause: Clause) -> None:
        assert PAGE.search(clause.cite.source), clause.cite.source
        assert FACT_ID.search(clause.cite.source), clause.cite.source
        assert '"' not in clause.cite.reason


class TestLookingUpQuotes:
    """Quotes are found whatever way the text was saved, and only in their order."""

    def test_white_space_and_quotation_marks_fold(self) -> None:
        typed = "\N{LEFT DOUBLE QUOTATION MARK}buy\n\tnow\N{RIGHT DOUBLE QUOTATION MARK}\N{NO-BREAK SPACE}"
        assert normalize(typed) == '"buy now"'
        assert normalize(" it\N{RIGHT SINGLE QUOTATION MARK}s  there ") == "it's there"

    @pytest.mark.parametrize(
        ("quote", "found"),
        [
            ("one two", True),
            ("one … four", True),
            ("one…two … four", True),
            ("four … one", False),
            ("two … two", False),
            ("One", False),
        ],
    )
    def test_an_ellipsis_joins_quotes_in_their_order(self, quote: str, found: bool) -> None:
        assert contains("one two three four", quote) is found
