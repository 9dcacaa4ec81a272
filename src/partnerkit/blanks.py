"""The blank program file: every term of a contract, asked for or proposed, with what it settles and how it is written.

Floor 10. May import: every lower floor, attrs, jinja2 and the standard library.
"""

from typing import Any, cast

import attrs
from jinja2 import Environment, PackageLoader, StrictUndefined

from partnerkit.program import wanted
from partnerkit.terms import SECTIONS


def blank_program() -> str:
    """Write a commented program file that asks for every term or proposes a value.

    >>> "# ? rate =" in blank_program().splitlines()
    True
    """
    environment = Environment(
        loader=PackageLoader("partnerkit", "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  (TOML, not HTML)
    )
    return environment.get_template("program.toml.jinja").render(sections=_asked())


def _asked() -> list[dict[str, Any]]:
    """Give every section with its terms: what each settles, what is wanted, and what may be proposed."""
    return [
        {
            "key": key,
            "about": " ".join((section.__doc__ or "").partition("\n\n")[0].split()),
            "terms": [
                {
                    "name": field.name,
                    "about": field.metadata["about"],
                    "init": field.metadata["init"],
                    "public": field.metadata["public"],
                    "wanted": wanted(section, field.name),
                }
                for field in attrs.fields(cast("Any", section))
            ],
        }
        for key, section in SECTIONS.items()
    ]
