"""The JSON Schemas say what the reader reads: never more strictly, the same fields as the page, and the same text as is published."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from commands import ROOT, bytes_of, run, started
from golden_values import GOLDEN
from partnerkit.codec import RECORDS, from_data, from_line, to_data
from partnerkit.errors import InvalidRecords, InvalidValue, PartnerkitError
from partnerkit.money import Money
from partnerkit.recorded import IN_A_UNION, MAY_HAVE_BASIS
from partnerkit.scalars import PATTERNS, TEXTS
from partnerkit.schemas import MARK, schema_files, schema_of, schema_text
from record_values import ALL
from test_codec import damaged, junk

PAGE = (ROOT / "docs" / "reference" / "records.md").read_text(encoding="utf-8")
EXAMPLES = [line for line in PAGE.splitlines() if line.startswith('{"record": ')]
PUBLISHED = ROOT / "docs" / "reference" / "schemas"
SCHEMAS = {name: schema_of(kind) for name, kind in RECORDS.items()}
VALIDATORS = {name: Draft202012Validator(schema) for name, schema in SCHEMAS.items()}

every_record = pytest.mark.parametrize("name", sorted(RECORDS))


def is_refused(data: object, kind: type[Any]) -> bool:
    try:
        from_data(data, kind)
    except InvalidRecords:
        return True
    return False


class TestTheSchemas:
    """Each is a JSON Schema of its own, by the draft it names."""

    @every_record
    def test_it_is_a_schema_of_the_draft_it_names(self, name: str) -> None:
        Draft202012Validator.check_schema(SCHEMAS[name])
        assert SCHEMAS[name]["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
        assert schema_text(name).startswith(MARK)
        assert json.loads(schema_text(name)) == SCHEMAS[name]

    def test_each_has_an_id_of_its_own_and_says_what_it_is(self) -> None:
        assert len({schema["$id"] for schema in SCHEMAS.values()}) == len(RECORDS)
        assert all(schema["title"] == name and schema["description"].endswith(".") for name, schema in SCHEMAS.items())

    @every_record
    def test_every_object_in_it_is_closed_and_every_reference_leads_somewhere(self, name: str) -> None:
        defs = SCHEMAS[name].get("$defs", {})
        asked = set()
        for one in nodes(SCHEMAS[name]):
            if "properties" in one:
                assert one["additionalProperties"] is False
                assert {*one["required"]} <= one["properties"].keys()
            if "$ref" in one:
                asked.add(one["$ref"].removeprefix("#/$defs/"))
        assert asked == defs.keys()

    @pytest.mark.parametrize("kind", [int, "usage", None])
    def test_a_type_that_is_no_record_has_none(self, kind: Any) -> None:
        with pytest.raises(InvalidValue, match=r"is no record: wanted one of the types in codec\.RECORDS"):
            schema_of(kind)


def nodes(schema: Any) -> list[dict[str, Any]]:
    """Give every schema within a schema."""
    if isinstance(schema, list):
        return [one for inner in schema for one in nodes(inner)]
    if not isinstance(schema, dict):
        return []
    inner = [one for key, item in schema.items() if key != "default" for one in nodes(item)]
    return [schema, *inner] if {"type", "$ref", "anyOf", "const"} & schema.keys() and isinstance(schema.get("type", ""), str) else inner


class TestWhatIsWrittenPasses:
    """Every record that the library writes is one by its schema."""

    @every_record
    def test_every_value(self, name: str) -> None:
        @settings(max_examples=15)
        @given(ALL[name])
        def law(value: Any) -> None:
            assert [error.message for error in VALIDATORS[name].iter_errors(to_data(value))] == []

        law()

    @every_record
    def test_every_golden_value(self, name: str) -> None:
        for value in GOLDEN[name]:
            assert [error.message for error in VALIDATORS[name].iter_errors(to_data(value))] == []

    @pytest.mark.parametrize("line", EXAMPLES)
    def test_every_example_of_the_page(self, line: str) -> None:
        data = json.loads(line)
        assert [error.message for error in VALIDATORS[data["record"]].iter_errors(data)] == []

    @pytest.mark.parametrize("name", sorted(name for name, kind in RECORDS.items() if kind in MAY_HAVE_BASIS))
    def test_a_basis(self, name: str) -> None:
        assert VALIDATORS[name].is_valid(to_data(GOLDEN[name][0], basis="0" * 64))
        assert not VALIDATORS[name].is_valid({**to_data(GOLDEN[name][0]), "basis": "0" * 63})


class TestWhatItRefusesTheReaderRefuses:
    """A schema is never stricter than the reader; it is laxer where a rule is about several fields or the sense of a text."""

    @every_record
    def test_damaged_records(self, name: str) -> None:
        @settings(max_examples=25)
        @given(damaged(ALL[name]) | junk)
        def law(data: Any) -> None:
            if not VALIDATORS[name].is_valid(data):
                assert is_refused(data, RECORDS[name])

        law()

    @pytest.mark.parametrize("kind", PATTERNS, ids=lambda kind: kind.__name__)
    def test_texts(self, kind: type[Any]) -> None:
        fits = st.from_regex(f"({PATTERNS[kind]})", fullmatch=True)
        wrong = st.text("+-/.% 0aZ\n\u0663", max_size=2)
        near = st.tuples(fits, st.integers(0, 40), wrong).map(lambda cut: cut[0][: cut[1]] + cut[2] + cut[0][cut[1] + 1 :])

        @given(fits | near | st.text(max_size=12))
        def law(text: str) -> None:
            try:
                TEXTS[kind](text)
            except (PartnerkitError, ValueError):
                return
            assert re.search(f"^(?:{PATTERNS[kind]})$", text), text

        law()

    def test_every_text_that_is_read_has_a_pattern(self) -> None:
        assert PATTERNS.keys() == TEXTS.keys()

    @pytest.mark.parametrize(
        ("name", "change"),
        [
            ("money", {"value": "12.505 USD"}),
            ("money", {"value": "12.50 XXX"}),
            ("usage", {"starts_on": "2025-02-30"}),
            ("usage", {"plan": " "}),
            ("statement_totals", {"closing": "99.000 KWD"}),
            ("ruling", {"outcome": "nobody"}),
            ("payout", {"amount": "1.00 USD", "reason": "not_yet"}),
        ],
    )
    def test_where_it_is_laxer(self, name: str, change: dict[str, Any]) -> None:
        data = {**to_data(GOLDEN[name][0]), **change}
        assert VALIDATORS[name].is_valid(data)
        assert is_refused(data, RECORDS[name])


class TestItRefuses:
    """A schema is no formality: what is plainly wrong does not pass."""

    @every_record
    def test_a_missing_field_an_unknown_one_and_another_version(self, name: str) -> None:
        data = to_data(GOLDEN[name][0])
        required = SCHEMAS[name]["required"]
        wrong: list[object] = [
            *({key: item for key, item in data.items() if key != field} for field in required),
            {**data, "color": "red"},
            {**data, "version": 2},
            {**data, "record": "color"},
            [data],
        ]
        assert [one for one in wrong if VALIDATORS[name].is_valid(one)] == []
        assert [one for one in wrong if not is_refused(one, RECORDS[name])] == []

    @every_record
    def test_each_field_of_a_type_that_no_field_has(self, name: str) -> None:
        data = to_data(GOLDEN[name][-1])
        fields = [field for field in data if (name, field) != ("decision", "facts")]
        assert [field for field in fields if VALIDATORS[name].is_valid({**data, field: {"color": 1.5}})] == []


def tables_of(section: str) -> list[tuple[list[str], str, str]]:
    """Give the rows of the first table of a section: the fields each is about, its type and its meaning."""
    table = re.search(r"^\| field \| type \| meaning \|\n\|---\|---\|---\|\n((?:\|.*\n)+)", section, re.MULTILINE)
    assert table is not None
    rows = [re.split(r" \| ", row.strip("| "), maxsplit=2) for row in table[1].splitlines()]
    return [(re.findall(r"`(\w+)`", names), kind, meaning) for names, kind, meaning in rows]


KNOWN_DEFAULTS: dict[str, list[Any]] = {
    "null": [None],
    "empty": ["", []],
    "false": [False],
    "true": [True],
    "nothing stated": [{}],
    "0": [0],
    "1": [1],
}


class TestThePage:
    """docs/reference/records.md has the fields of the schemas, all of them and no other, and the same ones may be left out."""

    def section(self, name: str) -> str:
        return PAGE.split(f"\n### `{name}`\n", 1)[1].split("\n### ", 1)[0].split("\n## ", 1)[0]

    @every_record
    def test_it_has_the_fields_and_says_which_may_be_left_out(self, name: str) -> None:
        rows = tables_of(self.section(name))
        said = {field: "*optional*" in kind for fields, kind, _ in rows for field in fields}
        properties = {*SCHEMAS[name]["properties"]} - {"record", "version"}
        assert said == {field: field not in SCHEMAS[name]["required"] for field in properties}

    @every_record
    def test_what_a_field_means_that_is_left_out(self, name: str) -> None:
        for fields, kind, _ in tables_of(self.section(name)):
            said = re.search(r"\*optional\*: (null|empty|false|true|nothing stated|[01]|`\w+`)", kind)
            for field in fields if said else ():
                default = SCHEMAS[name]["properties"][field]["default"]
                assert said is not None
                assert default in KNOWN_DEFAULTS.get(said[1], [said[1].strip("`")]), field

    def test_no_section_is_about_a_record_that_is_none(self) -> None:
        named = re.findall(r"^### `(\w+)`$", PAGE, re.MULTILINE)
        assert sorted(named) == sorted(RECORDS)

    @pytest.mark.parametrize("line", EXAMPLES)
    def test_every_example_is_read(self, line: str) -> None:
        from_line(line, RECORDS[json.loads(line)["record"]])

    def test_the_choices_that_a_row_lists_are_those_of_the_schema(self) -> None:
        """Wherever a row lists choices in full, they are all of them, in whatever order."""
        checked = 0
        for name in RECORDS:
            for fields, kind, _ in tables_of(self.section(name)):
                listed = re.fullmatch(r"((?:`[\w -]+`(?:, | or ))+`[\w -]+`)(?: or null)?(?:, \*optional\*.*)?", kind)
                for field in fields if listed else ():
                    assert listed is not None
                    said, choices = {*re.findall(r"`([\w -]+)`", listed[1])}, {*choices_of(name, field)}
                    assert said < choices if (name, field) in FEWER else said == choices, (name, field)
                    checked += 1
        assert checked > 30


FEWER = {("credit", "reason")}
"""Choices of which a record takes fewer than its type has: the shared ones are those of a participation."""


def choices_of(name: str, field: str) -> list[str]:
    form = SCHEMAS[name]["properties"][field]
    forms = form.get("anyOf", [form])
    for one in forms:
        if "$ref" in one:
            found: list[str] = SCHEMAS[name]["$defs"][one["$ref"].removeprefix("#/$defs/")].get("enum", [])
            return found
    return []


class TestPublished:
    """The schemas below docs/ are those that the command writes."""

    def test_they_are_current(self) -> None:
        assert bytes_of(PUBLISHED) == {name: text.encode() for name, text in schema_files().items()}

    def test_a_named_value_has_one_field_of_its_name(self) -> None:
        one_of = [one for schema in SCHEMAS.values() for node in nodes(schema) for one in node.get("anyOf", ()) if "properties" in one]
        names = {name for one in one_of for name in one["properties"]}
        assert all(len(one["properties"]) == 1 for one in one_of)
        assert names == {name for name, kind in RECORDS.items() if kind in IN_A_UNION}

    def test_money_is_the_same_everywhere(self) -> None:
        assert SCHEMAS["money"]["properties"]["value"] == {"$ref": "#/$defs/money"}
        forms = {json.dumps(schema["$defs"]["money"]) for schema in SCHEMAS.values() if "money" in schema.get("$defs", {})}
        assert len(forms) == 1
        assert Money.parse("12.50 USD") == from_data({"record": "money", "version": 1, "value": "12.50 USD"}, Money)


class TestTheCommand:
    """`partnerkit schema` shows one schema or writes them all, and says which files are not current."""

    def test_it_shows_one(self) -> None:
        shown = run("schema", "charge")
        assert (shown.exit_code, shown.stdout) == (0, schema_text("charge"))

    def test_without_a_record_it_names_them_all(self) -> None:
        assert run("schema").stdout.splitlines() == [*RECORDS]

    @pytest.mark.parametrize(
        ("record", "message"),
        [
            ("chrage", "error: 'chrage' is no record: did you mean 'charge'?\n"),
            ("Charge", "error: 'Charge' is no record: did you mean 'charge'?\n"),
            ("charges.jsonl", "error: 'charges.jsonl' is no record: did you mean 'charge'?\n"),
            ("zzz", f"error: 'zzz' is no record: wanted one of {', '.join(RECORDS)}\n"),
            ("\x1b[31m", "error: '\\x1b[31m' is no record: wanted one of "),
        ],
    )
    def test_an_unknown_record_is_refused_with_a_near_one(self, record: str, message: str, tmp_path: Path) -> None:
        for options in ([], ["--out", tmp_path / "schemas"]):
            refused = run("schema", record, *options)
            assert (refused.exit_code, refused.stdout) == (2, "")
            assert refused.stderr.startswith(message)
        assert not (tmp_path / "schemas").exists()

    def test_it_writes_all_and_finds_them_current(self, tmp_path: Path) -> None:
        place = tmp_path / "deep" / "schemas"
        written = run("schema", "--out", place, columns=200)
        assert (written.exit_code, written.stdout) == (0, f"Written to {place}: {len(RECORDS)} schemas.\n")
        assert bytes_of(place) == bytes_of(PUBLISHED)
        checked = run("schema", "--check", "--out", place)
        assert (checked.exit_code, checked.stdout) == (0, f"{place}: {len(RECORDS)} schemas, all as the records are.\n")

    def test_it_writes_one(self, tmp_path: Path) -> None:
        assert run("schema", "usage", "--out", tmp_path).stdout == f"Written to {tmp_path}: 1 schema.\n"
        assert [*bytes_of(tmp_path)] == ["usage.v1.schema.json"]

    def test_a_stale_and_a_missing_one_are_named(self, tmp_path: Path) -> None:
        run("schema", "--out", tmp_path)
        (tmp_path / "usage.v1.schema.json").write_text("{}", encoding="utf-8")
        (tmp_path / "visit.v1.schema.json").unlink()
        checked = run("schema", "--check", "--out", tmp_path)
        assert (checked.exit_code, checked.stdout) == (1, "")
        assert checked.stderr == (
            f"{tmp_path}/usage.v1.schema.json: is stale\n{tmp_path}/visit.v1.schema.json: is missing\n"
            f"2 schemas not as the records are: run `partnerkit schema --out {tmp_path}`.\n"
        )
        assert run("schema", "charge", "--check", "--out", tmp_path).exit_code == 0

    def test_a_file_of_somebody_else_is_not_written_over(self, tmp_path: Path) -> None:
        (tmp_path / "usage.v1.schema.json").write_text('{"mine": true}', encoding="utf-8")
        refused = run("schema", "--out", tmp_path)
        assert refused.exit_code == 2
        assert "usage.v1.schema.json" in refused.stderr
        assert [*bytes_of(tmp_path)] == ["usage.v1.schema.json"]

    def test_check_alone_is_about_a_checkout(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(ROOT)
        assert run("schema", "--check").exit_code == 0
        monkeypatch.chdir(tmp_path)
        refused = run("schema", "--check")
        assert (refused.exit_code, refused.stderr) == (
            2,
            "error: docs/reference/schemas is not here: run it in a checkout of partnerkit, or give the --out of your schemas\n",
        )

    def test_it_runs_as_a_process(self) -> None:
        shown = started("schema", "window")
        assert (shown.returncode, shown.stdout, shown.stderr) == (0, schema_text("window"), "")
