"""`partnerkit rulebook`, and sets of files that are written whole or not at all."""

import os
from pathlib import Path

import pytest

from commands import bytes_of, everything_below, run
from partnerkit import pages, writing
from partnerkit.languages import LANGUAGES
from partnerkit.pages import FIRST_PAGE, MARK, rulebook

TEXTS = rulebook()
PAGES = {name: text.encode("utf-8") for name, text in TEXTS.items()}


@pytest.fixture(autouse=True)
def made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare every run of the command the making of the pages, which `test_pages` tries."""
    monkeypatch.setattr(pages, "rulebook", lambda **_: TEXTS)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Give a directory with the rulebook of today."""
    directory = tmp_path / "rulebook"
    assert run("rulebook", directory).exit_code == 0
    return directory


class TestWriting:
    """The pages are written whole, over those of before, and nothing of anybody else is touched."""

    def test_it_writes_every_page_and_says_where_to_begin(self, tmp_path: Path) -> None:
        directory = tmp_path / "made" / "for" / "it"
        result = run("rulebook", directory)
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout == f"Written to {directory}: {len(PAGES)} pages. Begin with {directory / FIRST_PAGE}\n"
        assert bytes_of(directory) == PAGES

    def test_it_writes_into_docs_where_no_place_is_given(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        assert run("rulebook").exit_code == 0
        assert bytes_of(tmp_path / "docs" / "rulebook") == PAGES
        assert everything_below(tmp_path / "docs" / "explanation") == ["silences.md"]
        assert run("rulebook", "--check").exit_code == 0

    def test_a_rulebook_leaves_the_page_of_silences_beside_it_alone(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        run("rulebook")
        before = (tmp_path / "docs" / "explanation" / "silences.md").read_bytes()
        assert run("rulebook", "docs/explanation").exit_code == 0
        assert bytes_of(tmp_path / "docs" / "explanation") == {**PAGES, "silences.md": before}
        assert run("rulebook", "docs/explanation", "--check").exit_code == 0

    @pytest.mark.skipif(os.name == "nt", reason="needs files with holes")
    def test_only_the_head_of_somebody_elses_file_is_read(self, book: Path) -> None:
        with (book / "backup.img").open("wb") as huge:
            huge.truncate(1 << 40)
        assert run("rulebook", book).exit_code == 0
        assert (book / "backup.img").exists()

    def test_a_language_without_a_catalog_is_refused(self, tmp_path: Path) -> None:
        result = run("rulebook", tmp_path / "book", "--locale", "ja")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "there is no catalog for 'ja'" in result.stderr
        assert all(language in result.stderr for language in ("en", *LANGUAGES))
        assert everything_below(tmp_path) == []

    def test_our_own_documentation_is_not_written_in_another_language(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        result = run("rulebook", "--locale", "de")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == "error: docs/rulebook is in English: give a DIRECTORY of its own for pages in another language\n"
        assert everything_below(tmp_path) == []
        assert run("rulebook", "--locale", "en_GB").exit_code == 0

    def test_the_help_says_where_it_writes_and_in_which_languages(self) -> None:
        shown = " ".join(run("rulebook", "--help").stdout.split())
        assert "below the current directory" in shown
        assert all(f" {language}" in shown.partition("--locale")[2] for language in ("en", *LANGUAGES))

    def test_the_directory_one_is_in_will_do(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        assert run("rulebook", ".").exit_code == 0
        assert bytes_of(tmp_path) == PAGES

    def test_it_mends_what_is_stale_and_removes_what_is_not_made_any_more(self, book: Path) -> None:
        (book / "contact.md").write_text("old", encoding="utf-8")
        (book / "reward.md").unlink()
        (book / "of-yore.md").write_text(f"{MARK} of before -->\n# Of yore\n", encoding="utf-8")
        assert run("rulebook", book).exit_code == 0
        assert bytes_of(book) == PAGES

    def test_files_of_somebody_else_stay(self, book: Path) -> None:
        (book / "notes.md").write_text("# Notes of an auditor\n\nMade with partnerkit rulebook.\n", encoding="utf-8")
        (book / "more").mkdir()
        assert run("rulebook", book).exit_code == 0
        assert run("rulebook", book, "--check").exit_code == 0
        assert everything_below(book) == sorted([*PAGES, "more", "notes.md"])

    @pytest.mark.parametrize("trouble", [OSError(28, "No space left on device", "disk"), KeyboardInterrupt(), RuntimeError("crash")])
    @pytest.mark.parametrize("files_before", [0, 3])
    def test_a_crash_in_the_middle_leaves_the_pages_of_before(
        self, book: Path, monkeypatch: pytest.MonkeyPatch, trouble: BaseException, files_before: int
    ) -> None:
        (book / "contact.md").write_text("old", encoding="utf-8")
        before = bytes_of(book)
        written: list[Path] = []

        def writer(path: Path, text: str) -> None:
            if len(written) == files_before:
                path.write_text(text[: len(text) // 2], encoding="utf-8")
                raise trouble
            path.write_text(text, encoding="utf-8")
            written.append(path)

        monkeypatch.setattr(writing, "write_whole", writer)
        assert run("rulebook", book).exit_code != 0
        assert bytes_of(book) == before

    def test_a_crash_leaves_no_directory_behind(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(path: Path, text: str) -> None:
            raise OSError(28, "No space left on device", str(path))

        monkeypatch.setattr(writing, "write_whole", fail)
        result = run("rulebook", tmp_path / "made" / "for" / "it")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "No space left on device" in result.stderr
        assert everything_below(tmp_path) == []

    def test_a_directory_where_a_page_should_be_is_reported(self, book: Path) -> None:
        (book / "contact.md").unlink()
        (book / "contact.md").mkdir()
        result = run("rulebook", book)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("error: ")
        assert "contact.md" in result.stderr


class TestChecking:
    """`--check` writes nothing, and names every page that is not as the rules are."""

    def test_pages_of_today_pass(self, book: Path) -> None:
        result = run("rulebook", book, "--check")
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout == f"{book}: {len(PAGES)} pages, all as the rules are.\n"

    def test_every_page_that_is_stale_missing_or_superfluous_is_named(self, book: Path) -> None:
        (book / "contact.md").write_bytes((book / "contact.md").read_bytes() + b"\n")
        (book / "reward.md").unlink()
        (book / "of-yore.md").write_text(f"{MARK} of before -->\n", encoding="utf-8")
        before = bytes_of(book)
        result = run("rulebook", book, "--check")
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.splitlines() == [
            f"{book / 'contact.md'}: is stale",
            f"{book / 'reward.md'}: is missing",
            f"{book / 'of-yore.md'}: is superfluous",
            f"3 pages not as the rules are: run `partnerkit rulebook {book} --locale en`, or check in the --locale they were written in.",
        ]
        assert bytes_of(book) == before

    def test_the_advice_repeats_what_was_asked(self, book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (book / "my rules").mkdir()
        result = run("rulebook", book / "my rules", "--check", "--locale", "de_AT")
        assert f"run `partnerkit rulebook '{book / 'my rules'}' --locale de_AT`, or" in result.stderr
        (book / "docs" / "rulebook").mkdir(parents=True)
        monkeypatch.chdir(book)
        assert run("rulebook", "--check").stderr.endswith(" not as the rules are: run `partnerkit rulebook`.\n")

    def test_outside_a_checkout_there_is_nothing_to_check(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        result = run("rulebook", "--check")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("error: docs/rulebook is not here: run it in a checkout of partnerkit, or give the DIRECTORY")

    def test_a_place_without_pages_lacks_them_all(self, tmp_path: Path) -> None:
        result = run("rulebook", tmp_path / "nowhere", "--check")
        assert result.exit_code == 1
        assert result.stderr.count(": is missing\n") == len(PAGES)
        assert everything_below(tmp_path) == []

    def test_a_place_that_cannot_be_read_is_reported(self, book: Path) -> None:
        (book / "contact.md").unlink()
        (book / "contact.md").mkdir()
        result = run("rulebook", book, "--check")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "contact.md: Is a directory" in result.stderr
