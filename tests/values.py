"""What tests do with values of any kind."""

from typing import Any

import attrs


def but(value: Any, **changes: Any) -> Any:
    """Give a value with some fields changed."""
    fields = {field.name: getattr(value, field.name) for field in attrs.fields(type(value)) if field.init}
    return type(value)(**fields | changes)
