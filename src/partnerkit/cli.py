"""The `partnerkit` command: it has files opened, asks the library, and shows or has written what it says.

Floor 11, with `directories` and `writing` the only input and output in the package. May import: every lower floor, its neighbors
`directories`, `lookup`, `inputs`, `by_engine` and `writing`, attrs, click, rich and the standard library.

Exit codes: 0 done, 1 what was to be checked is not so, 2 something given is wrong (every fault is printed, nothing is written).
"""

import os
import shlex
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import date
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NamedTuple, cast

import attrs
import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from partnerkit import pages
from partnerkit.attribution import Visit
from partnerkit.blanks import blank_program
from partnerkit.books import Books
from partnerkit.by_engine import STEPS, EngineName, Step, check_installed, close_by, is_quiet, reader_of
from partnerkit.crosschecks import off_the_list
from partnerkit.directories import (
    Places,
    Track,
    close_through,
    inputs_of,
    open_books,
    read_text,
    refuse_place,
    written_before,
)
from partnerkit.errors import Fault, InvalidRecords, InvalidValue, PartnerkitError, shown
from partnerkit.formats import locale_named, visible
from partnerkit.inputs import read_inputs
from partnerkit.languages import ENGLISH, LANGUAGES, language_of, say_in
from partnerkit.links import add_partner, cobrand, link_hints, replace_partner
from partnerkit.lookup import why_in_output, why_in_program
from partnerkit.output import LINES_FILE, MANIFEST_FILE, Source, output_files, totals_files
from partnerkit.periods import Month
from partnerkit.program import Program
from partnerkit.recorded import RECORDS
from partnerkit.records import FILES, PROGRAM_FILE
from partnerkit.report import report, totals_report
from partnerkit.schemas import MARK, schema_files, schema_text
from partnerkit.terms import SECTIONS
from partnerkit.text import credit_phrase, open_questions
from partnerkit.verification import altered, differences, is_in_sums, month_of, other_inputs
from partnerkit.writing import faults_of, new_file, write_new, write_over, write_whole

_MANY_LINES = 20_000
_NAMED = 10
_HANGING = "  "


def _month(_: click.Context, __: click.Parameter, text: str) -> Month:
    try:
        return Month.parse(text)
    except PartnerkitError as fault:
        raise click.BadParameter(str(fault)) from None


_DIRECTORY = click.Path(exists=True, file_okay=False, path_type=Path)
_LOCALE = click.option(
    "--locale",
    default=ENGLISH,
    show_default=True,
    help=f"Language, and form of amounts and dates: {', '.join((ENGLISH, 'en_GB', *LANGUAGES))}.",
)
_SPOKEN = f"{', '.join((ENGLISH, *LANGUAGES[:-1]))} or {LANGUAGES[-1]}"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="partnerkit")
def main() -> None:
    """The executable rulebook of a partner program: who is credited, who owns the client, who pays and who earns what."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # an old terminal shows a mark for what it cannot, instead of nothing at all


@main.command()
@click.argument("directory", type=_DIRECTORY)
@click.option("--month", callback=_month, required=True, metavar="YYYY-MM", help="The month to close, such as 2025-08.")
@click.option("--out", type=click.Path(path_type=Path), help="Write lines, bills, statements and the manifest here as JSON Lines.")
@click.option(
    "--engine",
    type=click.Choice([*map(str, EngineName)]),
    help="Close in sums, without lines, for programs of any size: by Python, DuckDB or Spark, which give the same bytes.",
)
@click.option("--html", type=click.Path(path_type=Path), help="Write the month as one HTML page here: every amount leads to its reason.")
@_LOCALE
def close(  # noqa: PLR0913, PLR0917  (click passes options by name)
    directory: Path, month: Month, out: Path | None, html: Path | None, locale: str, engine: str | None
) -> None:
    """Close a month of the program in DIRECTORY and show each partner's Single Bill and statement.

    An --out or --html that holds this close already stays as it is; what other records made is refused, with the first difference of
    each file.
    """
    if engine is not None:
        _close_in_sums(directory, month, out, html, locale, EngineName(engine))
        return
    with _teaching(_NOTHING_WRITTEN):
        places = Places.of(out, html)
        books, sources = _open(directory)
        closed = close_through(books, month)
        console = Console()
        page = report(books, closed, locale=locale, width=console.width)
        with console.capture() as screen:
            console.print(page)
        files = output_files(books, closed, sources) if out is not None else {}
        text = pages.month_page(books, closed, sources, locale=locale) if html is not None else ""
        places.check(files, text)
    is_new_page = html is not None and not places.is_page_there
    with _teaching(_NOTHING_WRITTEN), new_file(html, text) if html is not None and is_new_page else nullcontext():
        if out is not None and not places.close_before:
            write_new(out, files)
    click.echo("\n".join(line.rstrip() for line in screen.get().split("\n")), nl=False)
    _note_no_money_yet(max(books.money_days(), default=None), month)
    _say_written(out, files, is_there=bool(places.close_before))
    if html is not None:
        click.echo()
        _say(f"Written: {html}" if is_new_page else f"{html} is this page already, byte for byte.")


def _close_in_sums(  # noqa: PLR0913, PLR0917  (the options of close)
    directory: Path, month: Month, out: Path | None, html: Path | None, locale: str, engine: EngineName
) -> None:
    with _teaching(_NOTHING_WRITTEN):
        if html is not None:
            raise InvalidValue("--html shows every line, and --engine keeps none: give one of them")
        check_installed(engine)
        places = Places.of(out, None)
        inputs = read_inputs(directory)
        with _steps(STEPS[engine]) as on_step:
            totals = close_by(engine, inputs, month, on_step=on_step)
        console = Console()
        with console.capture() as screen:
            console.print(totals_report(totals, inputs.books.program, locale=locale))
        days = inputs.days if is_quiet(totals) else None
        files = totals_files(inputs.books.program, totals, inputs.digests()) if out is not None else {}
        places.check(files, "")
        if out is not None and not places.close_before:
            write_new(out, files)
    click.echo("\n".join(line.rstrip() for line in screen.get().split("\n")), nl=False)
    if not (totals.bills or totals.statements):
        _say(f"note: no partner has a bill or a statement of {month}", err=True)
    if is_quiet(totals):
        _note_no_money_yet(None if days is None else days[1], month)
    _say_written(out, files, is_there=bool(places.close_before))


def _say_written(out: Path | None, files: Mapping[str, str], *, is_there: bool) -> None:
    if out is not None:
        click.echo()
        _say(f"{out} holds this close already, byte for byte." if is_there else f"Written to {out}: {', '.join(sorted(files))}")


@contextmanager
def _steps(count: int) -> Iterator[Step]:
    """Show on a terminal which step a long close has come to."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=count)

        def on_step(name: str) -> None:
            progress.update(task, advance=1, description=name)

        yield on_step


@main.command()
@click.argument("place", type=_DIRECTORY)
@click.argument("line")
@_LOCALE
def why(place: Path, line: str, locale: str) -> None:
    """Explain a LINE (a charge id) in full, or the credit of an account (its id), from PLACE.

    PLACE is what `close --out` wrote, which has the credits of the accounts opened in its month, or a program directory.
    """
    with _teaching():
        explanation = (
            why_in_program(_open(place)[0], place, line, locale) if (place / PROGRAM_FILE).exists() else why_in_output(place, line, locale)
        )
    console = Console()
    width = console.width if console.is_terminal else 0
    click.echo("\n".join(_wrapped(visible(sentence), width) for sentence in explanation.split("\n")))


@main.command()
@click.argument("out", type=_DIRECTORY)
@click.argument("directory", type=_DIRECTORY)
def verify(out: Path, directory: Path) -> None:
    """Close the month of OUT again from the records in DIRECTORY, and say where what was written differs first, or that it does not.

    OUT is what `close --out` wrote. Exit code 1 says that it is not what the records make of it now.
    """
    with _teaching():
        written = written_before(out)
        if not written:
            refuse_place(out, f"is not what `close --out` wrote: it has no {MANIFEST_FILE}")
        month = month_of(written[MANIFEST_FILE])
        made, inputs, counted = _closed_again(directory, month, in_sums=is_in_sums(written[MANIFEST_FILE]))
        found = differences(written, made)
    if not found:
        _say(f"{out} is byte for byte what {directory} makes of {month}: {counted}.")
        return
    for difference in found:
        _say(f"{difference}", err=True)
    for name in altered(written):
        _say(f"note: {out / name} is not the file its manifest was written for", err=True)
    for name in other_inputs(written, inputs):
        _say(f"note: {directory / name} is not the file it was made from", err=True)
    _say(f"{out} is not what {directory} makes of {month}.", err=True)
    sys.exit(1)


def _closed_again(directory: Path, month: Month, *, in_sums: bool) -> tuple[Mapping[str, str], Mapping[str, str], str]:
    """Make the files of a close again, with the SHA-256 of what they are made from, and say what is in them."""
    if in_sums:
        inputs = read_inputs(directory)
        reader = reader_of(inputs)
        check_installed(reader)
        totals = close_by(reader, inputs, month, on_step=lambda _: None)
        counted = f"{_counted(len(totals.bills), 'bill')} and {_counted(len(totals.statements), 'statement')}, in sums"
        digests = inputs.digests()
        return totals_files(inputs.books.program, totals, digests), digests, counted
    books, sources = _open(directory)
    files = output_files(books, close_through(books, month, MANIFEST_FILE), sources)
    counted = f"{_counted(files[LINES_FILE].count(chr(10)), 'line')}, all bills, statements and credits"
    return files, inputs_of(sources), counted


@main.command()
@click.argument("directory", type=_DIRECTORY)
@click.option("--strict", is_flag=True, help="Refuse prices that fall as contacts grow, which are only noted otherwise.")
def check(directory: Path, strict: bool) -> None:  # noqa: FBT001  (click passes options by name)
    """Read everything in DIRECTORY and say all that is wrong with it."""
    with _teaching():
        books, _ = _open(directory)
        if strict and books.program.prices.findings:
            raise InvalidRecords(tuple(Fault(source=PROGRAM_FILE, path="prices", message=one) for one in books.program.prices.findings))
        if books.last_month is not None:
            close_through(books, books.last_month)
        odd = [*off_the_list(books)]
        unstated = _unstated(books.program)
    sizes = {"partner": len(books.partners), "account": len(books.accounts), "opening": len(books.openings), "charge": len(books.charges)}
    counts = ", ".join(_counted(size, kind) for kind, size in sizes.items())
    _say(f"{directory}: {counts}: nothing is wrong.")
    for finding in books.program.prices.findings:
        _say(f"note: {finding}")
    if odd:
        named = ", ".join(f"{charge.id} ({charge.amount})" for charge in odd[:_NAMED])
        _say(f"note: {_counted(len(odd), 'charge')} for a whole cycle at an amount that no tier of the item has: {named}")
    for name in sorted(path.name for path in directory.glob("*.jsonl") if path.name not in FILES):
        _say(f"note: {name} is no record file of partnerkit, and nothing of it was read")
    for note in _uncredited(books):
        _say(f"note: {note}")
    if unstated:
        _say(f"note: not stated in {PROGRAM_FILE}, and refused when needed: {', '.join(unstated)}")


@main.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), default=Path())
def init(directory: Path) -> None:
    """Write a commented program file into DIRECTORY that asks for every term or proposes a value."""
    target = directory / PROGRAM_FILE
    with _teaching(_NOTHING_WRITTEN):
        if os.path.lexists(target):
            raise InvalidRecords((Fault(source=str(target), message="exists already: move it away, or give another directory"),))
        directory.mkdir(parents=True, exist_ok=True)
        try:
            write_whole(target, blank_program())
        except BaseException:
            target.unlink(missing_ok=True)
            raise
    _say(f"Written: {target}. State the terms it asks for, check those it proposes, then run: partnerkit check {directory}")


@main.command()
@click.argument("url")
@click.argument("name")
@click.option(
    "--program",
    "program_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A program file, whose sites the URL must be one of.",
)
@click.option("--replace", is_flag=True, help="Name the partner whoever the URL names now, as replace_partner does.")
def link(url: str, name: str, program_file: Path | None, replace: bool) -> None:  # noqa: FBT001  (click passes options by name)
    """Put the partner NAME on a URL: with --program a vendor link on https, else any URL as it is."""
    with _teaching():
        hints = link_hints(url)
        named = replace_partner(url, name) if replace else url
        if program_file is None:
            made = add_partner(named, name)
        else:
            made = cobrand(named, name, Program.parse(read_text(program_file), program_file.name).sites)
    for hint in hints:
        _say(f"note: {hint}", err=True)
    _say(made)


@main.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), required=False)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; name every page that is not current, and exit with 1.")
@click.option("--locale", default=ENGLISH, show_default=True, help=f"The language of the pages: {_SPOKEN}.")
def rulebook(directory: Path | None, only_check: bool, locale: str) -> None:  # noqa: FBT001  (click passes options by name)
    """Write every rule with what it rests on into DIRECTORY: Markdown pages, and one HTML page that answers for any facts.

    Without DIRECTORY the documentation of partnerkit itself is written, in English and below the current directory, which is to be a
    checkout of it: docs/rulebook, and docs/explanation/silences.md with what the article leaves open. A page that is there is written
    anew, one that is no longer made is removed and named; files of somebody else stay. Pages of policies of your own belong into another
    directory: those that every rulebook has, such as README.md, would be written over.
    """
    with _teaching():
        language = _language_with_pages(locale)
        if directory is None:
            _check_own_documentation(language, only_check=only_check)
        books = [_Book(directory or _RULEBOOK, pages.rulebook(say=say_in(locale), lang=language), pages.MARK)]
        if directory is None:
            books.append(_Book(_SILENCES.parent, {_SILENCES.name: pages.silences()}, pages.SILENCES_MARK))
        if only_check:
            _check_current(books, "`partnerkit rulebook`" if directory is None else _rewriting(directory, locale))
            return
        for place, files, mark, *_ in books:
            for name in write_over(place, files, mark):
                _say(f"Removed, since no rule makes it any more: {place / name}")
            _say(f"Written to {place}: {_counted(len(files), 'page')}. Begin with {place / next(iter(files))}")


@main.command()
@click.argument("record", required=False)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write it into this directory as RECORD.v1.schema.json, or without RECORD the schemas of all records.",
)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; name every file that is not current, and exit with 1.")
def schema(record: str | None, out: Path | None, only_check: bool) -> None:  # noqa: FBT001  (click passes options by name)
    """Show the form of a RECORD, such as charge, as JSON Schema (2020-12), for programs in other languages.

    Without RECORD the names of all records are listed, one on each line. --check without --out is about docs/reference/schemas below the
    current directory, which is to be a checkout of partnerkit.
    """
    with _teaching():
        if not only_check and out is None:
            click.echo("\n".join(RECORDS) if record is None else schema_text(record), nl=record is None)
            return
        if out is None and not _SCHEMAS.is_dir():
            raise InvalidValue(f"{_SCHEMAS} is not here: run it in a checkout of partnerkit, or give the --out of your schemas")
        book = _Book(out or _SCHEMAS, schema_files(RECORDS if record is None else [record]), MARK, "schema", "the records")
        if only_check:
            command = ["partnerkit", "schema", *([] if record is None else [record]), "--out", str(book.place)]
            _check_current([book], f"`{shlex.join(command)}`")
            return
        write_over(book.place, book.files, book.mark)
        _say(f"Written to {book.place}: {_counted(len(book.files), book.noun)}.")


class _Book(NamedTuple):
    """Files with the directory they are written to, the mark they know each other by, what each is, and what they are made of."""

    place: Path
    files: Mapping[str, str]
    mark: str
    noun: str = "page"
    origin: str = "the rules"


def _language_with_pages(locale: str) -> str:
    """Give the language of a locale in which pages can be written; here English does not stand in for another."""
    language = language_of(locale)
    if language == ENGLISH and locale_named(locale).language != ENGLISH:
        raise InvalidValue(f"there is no catalog for {shown(locale)}: pages can be written in {_SPOKEN}, so give one of these as --locale")
    return language


def _check_own_documentation(language: str, *, only_check: bool) -> None:
    if language != ENGLISH:
        raise InvalidValue(f"{_RULEBOOK} is in English: give a DIRECTORY of its own for pages in another language")
    if only_check and not _RULEBOOK.is_dir():
        raise InvalidValue(f"{_RULEBOOK} is not here: run it in a checkout of partnerkit, or give the DIRECTORY of your pages")


def _rewriting(directory: Path, locale: str) -> str:
    command = shlex.join(["partnerkit", "rulebook", str(directory), "--locale", locale])
    return f"`{command}`, or check in the --locale they were written in"


_RULEBOOK = Path("docs/rulebook")
_SCHEMAS = Path("docs/reference/schemas")
_SILENCES = Path("docs/explanation/silences.md")
_NOTHING_WRITTEN = "; nothing was written"


def _say(text: str, *, err: bool = False) -> None:
    """Print one line, whatever strangers wrote into it."""
    click.echo(visible(text), err=err)


@contextmanager
def _teaching(consequence: str = "") -> Iterator[None]:
    """Turn what the library refuses into messages and exit code 2; the consequence stands behind the count of faults."""
    try:
        yield
    except InvalidRecords as invalid:
        for fault in invalid.faults:
            _say(f"error: {fault}", err=True)
        count = _counted(len(invalid.faults), "fault")
        click.echo(f"the first {count}, there may be more{consequence}." if invalid.is_cut else f"{count}{consequence}.", err=True)
        sys.exit(2)
    except PartnerkitError as refused:
        _say(f"error: {refused}", err=True)
        sys.exit(2)
    except OSError as trouble:
        # Where a name is taken in one step, the place it was meant for stands second: the first is a scratch file that is gone.
        _say(f"error: {trouble.filename2 or trouble.filename or 'the output'}: {trouble.strerror}", err=True)
        sys.exit(2)


def _note_no_money_yet(last: date | None, month: Month) -> None:
    """Say that the last record of money there is comes before a month that was closed."""
    if last is None:
        click.echo("note: there is no record of money at all", err=True)
    elif Month.of(last) < month:
        _say(f"note: the last record of money is of {last}", err=True)


def _open(directory: Path) -> tuple[Books, dict[str, Source]]:
    with _progress() as track:
        return open_books(directory, track)


@contextmanager
def _progress() -> Iterator[Track]:
    """Show how far the reading of long files is, on a terminal only."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:

        def track(name: str, lines: list[str]) -> Iterable[str]:
            return progress.track(lines, description=name) if len(lines) >= _MANY_LINES else lines

        yield track


def _uncredited(books: Books) -> Iterator[str]:
    """Say what credits nobody and why, so that a misspelled partner name or a forgotten consent is noticed."""
    nobody = Counter(credit_phrase(credit) for credit in books.credits.values() if credit.partner is None)
    if nobody:
        reasons = "; ".join(f"{reason} ({count:,})" for reason, count in nobody.most_common())
        yield f"{_counted(nobody.total(), 'opening')} credited to nobody: {reasons}"
    unknown = Counter(str(visit.name) for visit in _dropped(books, "CREDIT-UNKNOWN"))
    if unknown:
        names = ", ".join(f"{shown(name)} ({count:,})" for name, count in unknown.most_common(_NAMED))
        yield f"{_counted(unknown.total(), 'visit')} under a name that no partner has at the time: {names}"
    silent = [visit.consent is None for visit in _dropped(books, "CREDIT-CONSENT")]
    if silent:
        yield f"{_counted(len(silent), 'visit')} left out for want of consent, {sum(silent):,} of which state no `consent` at all"


def _dropped(books: Books, clause_id: str) -> Iterable[Visit]:
    """Give the visits that a clause keeps from crediting an account, each once."""
    considered = (one for credit in books.credits.values() for one in credit.considered)
    return {one.visit.id: one.visit for one in considered if clause_id in one.ruling.because}.values()


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun if count == 1 else f'{noun}s'}"


def _wrapped(sentence: str, width: int) -> str:
    """Wrap a long sentence with a hanging indent; a width of 0 leaves it as it is."""
    if not width:
        return sentence
    indent = sentence[: len(sentence) - len(sentence.lstrip())] + _HANGING
    return textwrap.fill(sentence, width, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False)


def _unstated(program: Program) -> list[str]:
    latest = program.terms.entries[-1]
    stated = {question.key for question in open_questions(latest)}
    keys = [f"{key}.{field.name}" for key, section in SECTIONS.items() for field in attrs.fields(cast("Any", section))]
    return [key for key in keys if key not in stated]


def _check_current(books: Sequence[_Book], advice: str) -> None:
    faults = [(one.place / name, fault) for one in books for name, fault in faults_of(one.place, one.files, one.mark)]
    for path, fault in faults:
        _say(f"{path}: {fault}", err=True)
    if faults:
        _say(f"{_counted(len(faults), books[0].noun)} not as {books[0].origin} are: run {advice}.", err=True)
        sys.exit(1)
    for one in books:
        _say(f"{one.place}: {_counted(len(one.files), one.noun)}, all as {one.origin} are.")
