"""`partnerkit rulebook`, and sets of files that are written whole or not at all."""

import os
from pathlib import Path

import pytest

from commands import bytes_of, everything_below, run
from partnerkit import pages, writing
from partnerkit.languages import LANGUAGES
from partnerkit.pages import FIRST_PAGE, MARK, rulebook
from partnerkit.policies import POLICIES

HTML_PAGE = "rulebook.html"
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

    @pytest.mark.parametrize("name", [FIRST_PAGE, "contact.md", "rulebook.html"])
    def test_a_file_of_somebody_else_in_the_place_of_a_page_is_never_overwritten(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_text("# My own project\n", encoding="utf-8")
        result = run("rulebook", tmp_path)
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"{name}: Is no page of an earlier run, so none was written: give another directory" in result.stderr
        assert bytes_of(tmp_path) == {name: b"# My own project\n"}

    def test_an_empty_file_says_nothing_and_gives_way(self, tmp_path: Path) -> None:
        (tmp_path / FIRST_PAGE).touch()
        assert run("rulebook", tmp_path).exit_code == 0
        assert bytes_of(tmp_path) == PAGES

    def test_it_mends_what_is_stale_and_removes_what_is_not_made_any_more(self, book: Path) -> None:
        (book / "contact.md").write_text(f"{MARK}old", encoding="utf-8")
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

    def test_only_pages_that_begin_with_the_mark_are_removed_and_each_is_named(self, book: Path) -> None:
        kept = {
            "NOTES.txt": f"{MARK}is what its pages say -->\n",
            "about.md": f"# What `{MARK}` means\n",
            "mine.md": rulebook([POLICIES[0]])[FIRST_PAGE],
        }
        gone = {"of-yore.md": f"{MARK}of before -->\n", "old.html": f"<!doctype html>\n{MARK}of before -->\n"}
        for name, text in {**kept, **gone}.items():
            (book / name).write_text(text, encoding="utf-8", newline="\n")
        result = run("rulebook", book)
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout.splitlines()[:-1] == [f"Removed, since no rule makes it any more: {book / name}" for name in gone]
        assert everything_below(book) == sorted([*PAGES, *kept])

    @pytest.mark.parametrize("trouble", [OSError(28, "No space left on device", "disk"), KeyboardInterrupt(), RuntimeError("crash")])
    @pytest.mark.parametrize("files_before", [0, 3])
    def test_a_crash_in_the_middle_leaves_the_pages_of_before(
        self, book: Path, monkeypatch: pytest.MonkeyPatch, trouble: BaseException, files_before: int
    ) -> None:
        (book / "contact.md").write_text(f"{MARK}old", encoding="utf-8")
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

    def test_where_something_else_stands_in_the_place_of_a_page_none_is_written(self, book: Path) -> None:
        (book / "contact.md").write_text(f"{MARK}old", encoding="utf-8")
        (book / HTML_PAGE).unlink()
        before = bytes_of(book)
        (book / HTML_PAGE).mkdir()
        result = run("rulebook", book)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == f"error: {book / HTML_PAGE}: Is no regular file, so no page was written: move it away\n"
        (book / HTML_PAGE).rmdir()
        assert bytes_of(book) == before

    def test_a_page_that_cannot_take_its_place_is_named_by_it(self, book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(path: Path, target: Path) -> None:
            raise PermissionError(1, "Operation not permitted", str(path), None, str(target))

        monkeypatch.setattr(Path, "replace", fail)
        result = run("rulebook", book)
        assert (result.exit_code, result.stderr) == (2, f"error: {book / FIRST_PAGE}: Operation not permitted\n")


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

    def test_what_is_no_file_is_named_beside_the_other_faults(self, book: Path) -> None:
        (book / "contact.md").unlink()
        (book / "contact.md").mkdir()
        (book / "reward.md").unlink()
        result = run("rulebook", book, "--check")
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.splitlines()[:-1] == [
            f"{book / 'contact.md'}: is no regular file: move it away",
            f"{book / 'reward.md'}: is missing",
        ]

    @pytest.mark.skipif(os.name == "nt", reason="needs pipes, links and files with holes")
    def test_nothing_without_an_end_is_read(self, book: Path) -> None:
        for name in ("contact.md", "reward.md", "ownership.md", "duties.md"):
            (book / name).unlink()
        os.mkfifo(book / "contact.md")
        (book / "reward.md").symlink_to("/dev/zero")
        (book / "ownership.md").symlink_to("nowhere")
        os.mkfifo(book / "of-yore.md")
        with (book / "duties.md").open("wb") as huge:
            huge.truncate(1 << 40)
        result = run("rulebook", book, "--check")
        assert (result.exit_code, result.stdout) == (1, "")
        assert set(result.stderr.splitlines()[:-1]) == {
            *(f"{book / name}: is no regular file: move it away" for name in ("contact.md", "reward.md", "ownership.md")),
            f"{book / 'duties.md'}: is stale",
        }
