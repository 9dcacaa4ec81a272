"""The catalogs of the languages: which messages there are, and the command that brings every catalog up to date.

    python3 run.py python tests/catalogs.py
    python3 run.py python tests/catalogs.py de

Run it after a change of any English that people read. A new message gets an empty translation, what is no longer said goes, and
a translation of an older English stays, marked as fuzzy, until somebody has looked at it: until then English is said.
With the name of a locale it also reads the inputs of the policies aloud with every value, to hear whether they agree.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

import partnerkit.captions
import partnerkit.pages
import partnerkit.words
from partnerkit.clauses.conditions import Is
from partnerkit.clauses.views import FRAMES, describe, messages
from partnerkit.languages import LANGUAGES, LISTS, say_in
from partnerkit.policies import EDITIONS, POLICIES

LOCALE = Path(__file__).resolve().parents[1] / "src" / "partnerkit" / "locale"
TEMPLATE = LOCALE / "partnerkit.pot"
FIRST = 10

SOURCES: tuple[Mapping[str, str], ...] = (
    FRAMES,
    *(messages(edition.policy) for editions in EDITIONS.values() for edition in editions),
    partnerkit.words.messages(),
    partnerkit.captions.MESSAGES,
    partnerkit.pages.MESSAGES,
    partnerkit.pages.MONTH_MESSAGES,
    partnerkit.pages.EVENT_MESSAGES,
)
"""Every mapping of message ids to their English that people are shown, in the order of the catalogs: a new one is entered here."""

HEADER = """\
msgid ""
msgstr ""
"Project-Id-Version: partnerkit\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def path_of(language: str) -> Path:
    """Give the file of a language's catalog."""
    return LOCALE / language / "LC_MESSAGES" / "partnerkit.po"


def all_messages() -> tuple[tuple[str, str], ...]:
    """Give every message that a catalog holds, once: its id and its English."""
    pairs = (pair for source in SOURCES for pair in source.items())
    return tuple(dict.fromkeys((message, english) for message, english in pairs if message not in LISTS))


def entries(text: str) -> Iterator[Message]:
    """Give the entries of a catalog, without its header."""
    return (entry for entry in read_po(text.split("\n"), abort_invalid=True) if entry.id)


def template() -> str:
    """Give the text of the template: every message, translated to nothing."""
    return _written("", (Message(english, context=message) for message, english in all_messages()))


def updated(language: str, text: str) -> str:
    """Give the text of a catalog with exactly the messages there are now, and all of its translations that still fit one."""
    known = {(entry.context, entry.id): entry for entry in entries(text)}
    before = {entry.context: entry for entry in entries(text)}
    return _written(language, (known.get((one, english)) or _new(one, english, before.get(one)) for one, english in all_messages()))


def _new(message: str, english: str, before: Message | None) -> Message:
    if before is None or not before.string:
        return Message(english, context=message)
    return Message(english, before.string, context=message, flags=("fuzzy",), user_comments=before.user_comments)


def _written(language: str, wanted: Iterator[Message]) -> str:
    catalog = Catalog()
    for one in wanted:
        catalog.add(one.id, one.string, context=one.context, flags=one.flags, user_comments=one.user_comments)
    body = BytesIO()
    write_po(body, catalog, width=0, omit_header=True)
    return HEADER.format(language=language) + body.getvalue().decode("utf-8")


def readings(locale: str) -> tuple[str, ...]:
    """Read every input of the policies aloud with each of its values."""
    inputs = {item.name: item for policy in POLICIES for item in policy.inputs}
    return tuple(describe(Is(item, (value,)), say=say_in(locale)) for item in inputs.values() for value in item.values)


def main(locales: Sequence[str]) -> list[str]:
    """Write the template and every catalog anew; give what is left to translate, and the sentences of some locales read aloud."""
    LOCALE.mkdir(exist_ok=True)
    TEMPLATE.write_text(template(), encoding="utf-8", newline="\n")
    left = [f"{path_of(language)}: {left_in(_brought_up_to_date(language))}" for language in LANGUAGES]
    return [*left, *(reading for locale in locales for reading in readings(locale))]


def _brought_up_to_date(language: str) -> str:
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = updated(language, path.read_text(encoding="utf-8") if path.exists() else "")
    path.write_text(text, encoding="utf-8", newline="\n")
    return text


def left_in(text: str) -> str:
    """Say how many messages of a catalog are left to translate, and name the first of them."""
    empty = [str(entry.context) for entry in entries(text) if not entry.string]
    fuzzy = [str(entry.context) for entry in entries(text) if entry.fuzzy]
    left = [*empty, *fuzzy]
    named = f": {', '.join(left[:FIRST])}" if left else ""
    more = f" and {len(left) - FIRST} more" if len(left) > FIRST else ""
    return f"{len(empty)} to translate, {len(fuzzy)} to look at again{named}{more}"


if __name__ == "__main__":
    try:
        print(*main(sys.argv[1:]), sep="\n", flush=True)  # noqa: T201  (it is a command)
    except BrokenPipeError:
        # Whoever reads has left, as `| head` does; everything is written by then. The end of the process would break the pipe again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
