"""Terms and their values in words: the question a term settles, and what it says, in the form of a locale.

Floor 9, below rulings_text. May import: lower floors, formats, languages, words, attrs and the standard library.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Final, final

import attrs

from partnerkit.clauses.views import value_words
from partnerkit.formats import (
    format_date,
    format_money,
    format_rate,
    format_whole,
    is_one,
)
from partnerkit.languages import listed, say_in, spoken
from partnerkit.money import Money, Rate
from partnerkit.periods import Window, WindowUnit
from partnerkit.terms import SECTIONS, Terms
from partnerkit.words import MESSAGES, term_question


@final
@attrs.frozen(kw_only=True)
class OpenQuestion:
    """A question of the contract, the key of the term that settles it, and its value in words.

    `public` names the official page that answers it, empty where none does and the terms alone decide.
    """

    key: str
    about: str
    value: str
    public: str = ""


def open_questions(terms: Terms, locale: str = "en") -> tuple[OpenQuestion, ...]:
    """Give the questions that these terms settle, in the order of the program file; terms not stated settle nothing.

    >>> from partnerkit.terms import ContactTerms
    >>> terms = Terms(starts_on=date(2025, 1, 1), source="example, invented", contact=ContactTerms(reply=True))
    >>> [(question.key, question.value) for question in open_questions(terms)]
    [('contact.reply', 'yes')]
    """
    return tuple(_settled(terms, locale))


def value_text(value: object, locale: str = "en") -> str:
    """Say the value of a term in words.

    >>> from partnerkit.terms import NOT_AGREED
    >>> value_text(Rate.percent("15")), value_text(NOT_AGREED), value_text(frozenset({"b.example", "a.example"}))
    ('15%', 'not agreed', 'a.example and b.example')
    """
    match value:
        case Rate():
            return format_rate(value, locale)
        case Money():
            return format_money(value, locale)
        case date():
            return format_date(value, locale)
        case frozenset():
            return listed(sorted(value_text(item, locale) for item in value), locale) or say(locale, "value.empty")
        case tuple():
            return listed((value_text(item, locale) for item in value), locale) or say(locale, "value.empty")
        case bool():
            return value_words(value, say_in(locale))
        case int():
            return format_whole(value, locale)
        case Window():
            return _window(value, locale)
        case StrEnum():
            return value_words(value, say_in(locale))
        case _:
            return str(value)


def say(locale: str, message_id: str, **values: str) -> str:
    """Say a sentence of an explanation in the language of a locale."""
    return say_in(locale)(message_id, MESSAGES[message_id]).format(**values)


def _window(window: Window, locale: str) -> str:
    if window.unit is WindowUnit.UNLIMITED:
        return say(locale, "window.unlimited")
    units = _ONE if is_one(window.count, spoken(locale)) else _SEVERAL
    said = say(locale, units[window.unit], count=str(window.count))
    if window.zone:
        said = say(locale, "window.in_zone", window=said, zone=window.zone)
    return said if window.inclusive else say(locale, "window.exclusive", window=said)


_ONE: Final = {WindowUnit.DAYS: "window.day", WindowUnit.HOURS: "window.hour", WindowUnit.CALENDAR_DAYS: "window.calendar_day"}


_SEVERAL: Final = {WindowUnit.DAYS: "window.days", WindowUnit.HOURS: "window.hours", WindowUnit.CALENDAR_DAYS: "window.calendar_days"}


def _settled(terms: Terms, locale: str) -> Iterator[OpenQuestion]:
    for key, section in SECTIONS.items():
        given = getattr(terms, key).given()
        for name, term in _declared(section).items():
            if name in given:
                value = value_text(given[name], locale)
                about = term_question(f"{key}.{name}", say_in(locale))
                yield OpenQuestion(key=f"{key}.{name}", about=about, value=value, public=term["public"])


def _declared(section: Any) -> Mapping[str, Mapping[str, str]]:
    return {field.name: field.metadata for field in attrs.fields(section)}


def stated(terms: Terms | None, key: str) -> object:
    """Give the value of a term by its key, None where these terms do not state it."""
    section, _, name = key.partition(".")
    return getattr(terms, section).given().get(name) if terms is not None and section in SECTIONS else None
