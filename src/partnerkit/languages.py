"""Words in the language of a locale: the catalogs of the package, read when they are first needed, with English beneath them.

Floor 9, above formats and below text. May import: clauses, errors, formats, babel and the standard library.

A catalog is the file that a translator edits, ``locale/<language>/LC_MESSAGES/partnerkit.po``; the context of an entry is its
message id. It is read as it is, in milliseconds, so no compiled file beside it can be stale. As gettext does, an entry is found
by its id and its English together: what lacks a translation, or has one of an older English, is said in English. So is what has
other names in braces than its English, which could not be filled in: a catalog of a stranger says words and reaches nothing else.
"""

import string
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from babel import Locale

from partnerkit.clauses.views import FRAMES, Say, english
from partnerkit.errors import InvalidValue
from partnerkit.formats import format_words, locale_named

ENGLISH: Final = "en"
"""The language that everything is written in, and that stands in for every language without a catalog."""

LANGUAGES: Final = ("de", "es", "fr")
"""The languages with a catalog."""

LISTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {"list.and": ("standard", "end"), "list.or": ("or", "end"), "list.comma": ("standard", "middle")}
)
"""The messages that join a list, each with the style and the part of CLDR's list patterns that says it: no catalog holds them."""

_Words = Mapping[tuple[str, str], str]
_MOST_LOCALES = 64
_MOST_PLURALS = 6
_BYTE_ORDER_MARK = "\ufeff"


def language_of(locale: str) -> str:
    """Give the language in whose words a locale is spoken to: its own, or English where there is no catalog.

    >>> language_of("de_AT"), language_of("en_GB"), language_of("ja")
    ('de', 'en', 'en')
    """
    language = locale_named(locale).language
    return language if language in LANGUAGES else ENGLISH


def say_in(locale: str = ENGLISH) -> Say:
    """Give the words of a locale for messages, for every view and explanation that takes `say`.

    English is what is written in the code, and costs nothing. Lists are joined as the locale does it.

    >>> from partnerkit.clauses.views import prose
    >>> from partnerkit.policies import OWNERSHIP
    >>> prose(OWNERSHIP, say=say_in("en")) == prose(OWNERSHIP)
    True
    >>> say_in("fr")("list.or", "{first} or {last}")
    '{first} ou {last}'
    """
    return _say_in(locale_named(locale))


def say_from(po: str) -> Say:
    r"""Take the words from the text of a PO file whose contexts are message ids: a catalog of your own.

    What it lacks, marks as fuzzy, or gives other names in braces than its English, is said in English. Lists are joined by its own
    entries `list.and`, `list.or` and `list.comma`. A text that is no PO file raises `InvalidValue`.

    >>> say = say_from('msgctxt "value.yes"\nmsgid "yes"\nmsgstr "oui"')
    >>> say("value.yes", "yes"), say("value.no", "no")
    ('oui', 'no')
    """
    return _saying(_words_of(po))


def listed(items: Iterable[str], locale: str = ENGLISH) -> str:
    """Join words of a locale's language into a list as the locale does; English words as English does.

    >>> listed(["one", "two", "three"]), listed(["one", "two", "three"], "ja"), listed(["eins", "zwei", "drei"], "de")
    ('one, two, and three', 'one, two, and three', 'eins, zwei und drei')
    """
    return format_words(items, spoken(locale))


def spoken(locale: str) -> str:
    """Give the locale whose grammar the words follow: the locale itself, or English where its language has no catalog.

    >>> spoken("de_AT"), spoken("en_GB"), spoken("ja")
    ('de_AT', 'en_GB', 'en')
    """
    return locale if locale_named(locale).language in {ENGLISH, *LANGUAGES} else ENGLISH


@lru_cache(maxsize=_MOST_LOCALES)
def _say_in(locale: Locale) -> Say:
    return _saying({**_catalog(locale.language), **_joints(locale)}) if locale.language in LANGUAGES else english


def _saying(words: _Words) -> Say:
    def say(message_id: str, text: str) -> str:
        return words.get((message_id, text), text)

    return say


def _joints(locale: Locale) -> _Words:
    """Give the frames of lists as CLDR has them: its patterns number what the frames name."""
    patterns = {message: locale.list_patterns[style][part] for message, (style, part) in LISTS.items()}
    return {(message, FRAMES[message]): pattern.format("{first}", "{last}") for message, pattern in patterns.items()}


@cache
def _catalog(language: str) -> _Words:
    return _words_of(files("partnerkit").joinpath("locale", language, "LC_MESSAGES", "partnerkit.po").read_text(encoding="utf-8"))


def _words_of(po: str) -> _Words:
    # Here and not above: English needs no catalog, and nothing to read one with.
    from babel.messages.catalog import Catalog  # noqa: PLC0415
    from babel.messages.pofile import PoFileError, PoFileParser  # noqa: PLC0415

    class Entries(Catalog):
        """All but the header, which says nothing here and is often left as a template has it, in forms that Babel refuses."""

        num_plurals = property(lambda _: _MOST_PLURALS)

        def __setitem__(self, text: Any, message: Any) -> None:
            if text:
                super().__setitem__(text, message)

    catalog = Entries()
    try:
        PoFileParser(catalog, abort_invalid=True).parse(po.removeprefix(_BYTE_ORDER_MARK).split("\n" if "\n" in po else "\r"))
    except (PoFileError, ValueError) as fault:
        raise InvalidValue(f"not the text of a PO file: {fault}") from None
    translated = ((entry.context, entry.id, entry.string) for entry in catalog if not entry.fuzzy)
    return {
        (context, text): words
        for context, text, words in translated
        if isinstance(context, str) and isinstance(text, str) and isinstance(words, str) and words and _gaps(words) == _gaps(text)
    }


def _gaps(frame: str) -> list[tuple[str, str, str]] | None:
    """Give the names in braces of a frame, each with what is to be done to it; of a text that is no frame there are none to give."""
    try:
        return sorted((name, form or "", change or "") for _, name, form, change in string.Formatter().parse(frame) if name is not None)
    except ValueError:
        return None
