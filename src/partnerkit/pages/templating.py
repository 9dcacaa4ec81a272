"""The templates of the pages: the only importer of jinja2 among them, and the one place that makes data safe for a page.

Floor 10, above `pages.words`. May import: jinja2, markupsafe and the standard library.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

_LOADER = PackageLoader("partnerkit.pages")
_IN_MARKDOWN = str.maketrans({**{sign: f"\\{sign}" for sign in "\\`*_[]|~"}, "&": "&amp;", "<": "&lt;", ">": "&gt;", "\n": " "})
_IN_CODE = str.maketrans({"`": "'", "|": "\\|", "\n": " "})
_IN_SCRIPT = str.maketrans({sign: f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"})


def render(template: str, values: Mapping[str, Any]) -> str:
    """Fill a template; what ends in ``.html.jinja`` escapes everything that is put into it."""
    return _environment().get_template(template).render(values)


def source(name: str) -> str:
    """Give a file beside the templates as it is: the style, the script."""
    text, _, _ = _LOADER.get_source(_environment(), name)
    return text


def inline(text: str) -> Markup:
    """Let one of our own files stand in an HTML page as it is."""
    return Markup(text)  # noqa: S704  (a file of this package, and no data)


def as_json(data: object) -> Markup:
    r"""Write data as JSON that can stand in an HTML page: nothing in it can end the element it stands in.

    >>> print(as_json({"a": "</script>"}))
    {"a":"\u003c/script\u003e"}
    """
    return Markup(json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_IN_SCRIPT))  # noqa: S704  (escaped here)


def content_hash(text: str) -> str:
    """Name a script or a style for a Content-Security-Policy by its SHA-256.

    >>> content_hash("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    return f"'sha256-{b64encode(sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


def in_markdown(text: str) -> str:
    r"""Write a text so that Markdown shows it as it is, in a table too.

    >>> in_markdown("a *b* | <c>")
    'a \\*b\\* \\| &lt;c&gt;'
    """
    return text.translate(_IN_MARKDOWN)


def as_code(text: str) -> str:
    """Write a key as Markdown shows keys, in a table too.

    >>> as_code("contact.reply")
    '`contact.reply`'
    """
    return f"`{text.translate(_IN_CODE)}`"


def as_sentence(text: str) -> str:
    """Let a clause of a sentence stand alone: with a capital and a full stop.

    >>> as_sentence("nobody likes to be wet")
    'Nobody likes to be wet.'
    """
    return f"{text[:1].upper()}{text[1:]}."


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=_LOADER,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=lambda name: name is not None and name.endswith(".html.jinja"),  # noqa: S701  (in Markdown the filter md escapes)
    )
    environment.filters |= {"md": in_markdown, "code": as_code, "sentence": as_sentence}
    return environment
