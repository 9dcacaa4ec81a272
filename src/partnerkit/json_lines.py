"""Plain data as one line of JSON and back: the same bytes everywhere, and in words what is no JSON or none of a record.

Floor 9, below codec. May import: errors, scalars and the standard library.
"""

import json
import re
from collections import Counter
from typing import Any, NoReturn

from partnerkit.errors import Fault, InvalidRecords
from partnerkit.scalars import LARGEST_WHOLE, shown_name

# Lines as other languages (and str.splitlines) see them end at these too, so they are escaped like the newline is.
_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}
_WHERE = re.compile("( starting)? at$")  # with which some of json's messages end, since its own place would follow


def line_of_data(data: dict[str, Any]) -> str:
    r"""Write plain data as one line, without the newline at its end.

    >>> line_of_data({"code": "a\u2028b"})
    '{"code": "a\\u2028b"}'
    """
    line = json.dumps(data, ensure_ascii=False, separators=(", ", ": "))
    return line if line.isascii() else line.translate(_LINE_ENDS)


def data_of_line(line: str) -> Any:
    """Read plain data from one line of JSON; what is none, or names a field twice, raises `InvalidRecords`.

    >>> data_of_line('{"code": "a", "code": "b"}')
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidRecords: code: stands there twice: wanted each field once
    """
    try:
        return json.loads(line, object_pairs_hook=_no_repeats, parse_constant=_no_constant)
    except InvalidRecords:
        raise
    except RecursionError:
        raise InvalidRecords((Fault(message="is nested too deeply to be a record"),)) from None
    except json.JSONDecodeError as fault:
        raise InvalidRecords((Fault(message=_why_no_json(fault)),)) from None
    except ValueError:  # Python refuses to read numbers of thousands of digits.
        raise InvalidRecords((Fault(message=f"holds a number that is too long: wanted at most {LARGEST_WHOLE}"),)) from None


def _no_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = sorted({shown_name(name) for name, count in counts.items() if count > 1})
        raise InvalidRecords(tuple(Fault(path=name, message="stands there twice: wanted each field once") for name in twice))
    return found


def _no_constant(name: str) -> NoReturn:
    raise InvalidRecords((Fault(message=f"holds {name}, which is no JSON and no number of a record"),))


def _why_no_json(fault: json.JSONDecodeError) -> str:
    line = fault.doc.strip()
    if line.startswith("\ufeff"):
        return "begins with a byte order mark, which is no JSON: save the file as UTF-8 without one"
    is_cut = line.startswith("{") and fault.msg != "Extra data" and (fault.pos >= len(line) or not line.endswith("}"))
    what = f"is not JSON: {_WHERE.sub('', fault.msg)} at character {fault.pos + 1}"
    return f"{what}; the line seems to be cut off" if is_cut else what
