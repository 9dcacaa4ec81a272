"""What all sections of the terms share: a term that is absent raises `TermMissing` when it is read, and no other type passes.

Floor 2, below terms. May import: errors, choices (for what is not agreed), attrs and the standard library.
"""

import typing
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType, UnionType
from typing import Any, cast

import attrs

from partnerkit.choices import NOT_AGREED, NotAgreed
from partnerkit.errors import InvalidValue, TermMissing, shown

_ABSENT: Any = object()


def term(about: str, *, init: str | None = None, public: str = "", least: int | None = None, part: bool = False) -> Any:
    """Declare one term: the question it settles, and the TOML value `partnerkit init` proposes (None: it can only ask).

    `public` names the official page that gives the proposed value, where there is one. A stated number is at least `least`, and a rate
    that is a part of a charge at most the whole of it. Where a contract may say that nothing is agreed, `NotAgreed` is in the type.
    """
    return attrs.field(default=_ABSENT, metadata={"about": about, "init": init, "public": public, "least": least, "part": part})


class Section:
    """What all sections of the terms share: an absent term raises `TermMissing` when it is read.

    A stated value of a wrong type or one that cannot be raises `InvalidValue`. Sections are equal when they state the same
    terms with the same values.

    >>> from partnerkit.terms import ContactTerms
    >>> ContactTerms(reply=True).reply
    True
    >>> ContactTerms(reply=True).security_notice
    Traceback (most recent call last):
        ...
    partnerkit.errors.TermMissing: the term contact.security_notice is needed and not given: ...
    """

    __slots__ = ()

    key: str

    def __attrs_post_init__(self) -> None:
        for name in term_types(type(self)):
            if object.__getattribute__(self, name) is _ABSENT:
                object.__delattr__(self, name)
        self._check_kinds()
        self._check_bounds()
        self._check()

    def __getattr__(self, name: str) -> Any:
        # Only reached where the slot is empty, so a stated term costs nothing extra.
        if name in term_types(type(self)):
            raise TermMissing(f"{self.key}.{name}", grants=NotAgreed in typing.get_args(term_types(type(self))[name]))
        raise AttributeError(name)

    def _check(self) -> None:
        """Refuse what no bound of a single value can tell."""

    def _check_kinds(self) -> None:
        kinds = term_types(type(self))
        for name, value in self.given().items():
            if not _is_a(value, kinds[name]):
                raise InvalidValue(f"{self.key}.{name} is {shown(value)}: wanted {_named(kinds[name])}")

    def _check_bounds(self) -> None:
        given = self.given()
        for name, (least, part) in _bounds(cast("Any", type(self))).items():
            value = given.get(name, NOT_AGREED)
            if value is NOT_AGREED:
                continue
            if least is not None and value < least:
                raise InvalidValue(f"{self.key}.{name} is {shown(value)}: wanted a whole number, at least {least}")
            if part and value.value > 1:
                raise InvalidValue(f"{self.key}.{name} is {value}, more than the whole charge: wanted at most 100%")

    def given(self) -> dict[str, Any]:
        """Give the stated terms by name, in the order of the section.

        >>> from partnerkit.terms import ContactTerms
        >>> ContactTerms(security_notice=False, reply=True).given()
        {'reply': True, 'security_notice': False}
        """
        return {name: getattr(self, name) for name in term_types(type(self)) if _has(self, name)}

    def __canonical__(self) -> dict[str, Any]:
        return self.given()

    def __eq__(self, other: object) -> bool:
        return self.given() == other.given() if isinstance(other, Section) and type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), tuple(self.given().items())))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.given().items())})"

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:  # noqa: FBT001  (called by position)
        """Show a section in IPython and in a report of Hypothesis, which would read the terms that are absent too."""
        printer.text(repr(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.given()))


def term_types(section: type[Section]) -> Mapping[str, Any]:
    """Give the type of every term of a section, by its key.

    >>> from partnerkit.terms import ContactTerms
    >>> term_types(ContactTerms)["reply"]
    <class 'bool'>
    """
    return _term_types(cast("Any", section))


@cache
def _term_types(section: Any) -> Mapping[str, Any]:
    hints = typing.get_type_hints(section)
    return MappingProxyType({field.name: hints[field.name] for field in attrs.fields(section)})


@cache
def _bounds(section: Any) -> Mapping[str, tuple[int | None, bool]]:
    found = {field.name: (field.metadata["least"], field.metadata["part"]) for field in attrs.fields(section)}
    return MappingProxyType({name: bounds for name, bounds in found.items() if bounds != (None, False)})


def _is_a(value: object, kind: Any) -> bool:
    if isinstance(kind, UnionType):
        return any(_is_a(value, one) for one in kind.__args__)
    if typing.get_origin(kind) in {tuple, frozenset}:
        return type(value) is typing.get_origin(kind) and all(_is_a(item, kind.__args__[0]) for item in cast("Iterable[Any]", value))
    return type(value) is kind


def _named(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) and typing.get_origin(kind) is None else str(kind).replace("partnerkit.", "")


def _rebuild(section: type[Section], given: Mapping[str, Any]) -> Section:
    return section(**given)


def _has(section: Section, name: str) -> bool:
    try:
        object.__getattribute__(section, name)
    except AttributeError:
        return False
    return True
