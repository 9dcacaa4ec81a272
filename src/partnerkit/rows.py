"""Records as rows: plain tuples of texts, whole numbers and days, for more charges and visits than anybody makes objects of.

Floor 5. May import: the standard library.

A row has been checked where it was read, and is only what the sums of a month need. Of a charge: its id, account, kind, item and reason,
the first day and the day after the last of its period, its amount in minor units and the code of its currency, the day it was charged
on, and whether it has a discount for prepayment. Of cash: its id, the id of its charge, its amount in minor units, the code of its
currency and its day. Of a payment, a disbursement or an entry: its id, partner, amount, currency and day, and the kind of an entry.
Of a visit and an opening: the fields of `Visit` and `AccountOpening`, with instants as whole microseconds since 1970-01-01 in UTC.
"""

from datetime import date

ChargeRow = tuple[str, str, str, str, str, date, date, int, str, date, bool]
"""id, account, kind, item, reason, starts on, ends before, minor units, currency, charged on, is prepaid."""

CashRow = tuple[str, str, int, str, date]
"""id, charge, minor units, currency, day: a receipt or a refund."""

PartnerRow = tuple[str, str, int, str, date, str]
"""id, partner, minor units, currency, day, and of an entry its kind, else an empty text."""

VisitRow = tuple[str, str, int, str | None, str, bool, bool, bool, bool, bool | None, bool]
"""id, visitor, at, name, source, is ambiguous, is of a bot, is prefetched, is at the top level, consent, Global Privacy Control."""

OpeningRow = tuple[str, str, str, int, int, str, str, bool]
"""id, account, visitor, at, microseconds its clock was ahead of UTC (they tell the civil day), email, coupon, account existed."""
