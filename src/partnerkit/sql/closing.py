"""The sums of a month as queries: every charge settled, its cash and refunds posted, its bonus found, all summed by partner and month.

Floor 10, above `sql.arithmetic` and `sql.rulings`. May import: money, clauses, terms, policies, charges, statements, sql.arithmetic,
sql.dialects, sql.rulings, attrs, sqlglot and the standard library.

A query reads tables named as here, or as the caller names them: `charges` (id, account, kind, item, reason, starts_on, ends_before, minor,
currency, charged_on, prepaid), `receipts` and `refunds` (id, charge, minor, currency, day), `payments`, `disbursements` and `entries` (id,
partner, minor, currency, day, kind), and those that `sql.tables` makes. Which reward a charge bears is asked of the compiled policies.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import StrEnum
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Any, Final, final

import attrs

from partnerkit.charges import ONE_AT_A_TIME, RECURRING
from partnerkit.clauses import Permission, Policy
from partnerkit.money import Rounding
from partnerkit.policies import EDITIONS, PREPAID_DISCOUNT, REWARD, RewardKind
from partnerkit.sql.arithmetic import rounded
from partnerkit.sql.dialects import POSTGRES, column, exp, parsed, sql_text, table, wide
from partnerkit.sql.rulings import CompiledPolicy
from partnerkit.statements import EntryKind
from partnerkit.terms import ChargeKind

SETTLED: Final = """
SELECT k.footing, k.kind, f.currency, f.is_due, f.takes_back, r.ruling,
    CASE r.outcome WHEN SHARE() THEN TRUE ELSE FALSE END AS is_share,
    CASE r.outcome WHEN SHARE() THEN k.share_numerator
        WHEN DISCOUNT() THEN k.discount_numerator END AS numerator,
    CASE r.outcome WHEN SHARE() THEN k.share_denominator
        WHEN DISCOUNT() THEN k.discount_denominator END AS denominator,
    CASE r.outcome WHEN SHARE() THEN k.share_rounding
        WHEN DISCOUNT() THEN k.discount_rounding END AS rounding,
    CASE r.outcome WHEN SHARE() THEN k.share_is_missing
        WHEN DISCOUNT() THEN k.discount_is_missing ELSE FALSE END AS lacks_reward,
    CASE WHEN r.outcome = DISCOUNT() THEN p.outcome = MAY() ELSE TRUE END AS with_prepaid,
    CASE WHEN k.kind = SUBSCRIPTION() THEN f.bonus END AS bonus,
    k.kind = SUBSCRIPTION() AND f.lacks_bonus AS lacks_bonus,
    COALESCE(f.lacks_bonus OR f.is_due IS NULL OR (r.outcome = DISCOUNT() AND p.outcome IS NULL) OR CASE r.outcome
        WHEN SHARE() THEN k.share_is_missing WHEN DISCOUNT() THEN k.discount_is_missing ELSE FALSE END, TRUE) AS lacks_any
FROM cuts AS k
JOIN footings AS f ON f.footing = k.footing
JOIN rewards AS r ON r.footing = k.footing
JOIN prepaids AS p ON p.footing = k.footing
"""
"""How charges are settled, by footing and kind."""

ALL_SETTLED: Final = "SELECT * FROM settled"
SETTLED_COLUMNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "footing": "bigint",
        **dict.fromkeys(("kind", "currency"), "text"),
        **dict.fromkeys(("is_due", "takes_back"), "boolean"),
        "ruling": "bigint",
        "is_share": "boolean",
        **dict.fromkeys(("numerator", "denominator"), "bigint"),
        "rounding": "text",
        **dict.fromkeys(("lacks_reward", "with_prepaid"), "boolean"),
        "bonus": "bigint",
        **dict.fromkeys(("lacks_bonus", "lacks_any"), "boolean"),
    }
)
"""The columns of `SETTLED`, for whoever loads what it gives as a table named so, and is not asked again by every query."""

LINES: Final = """
SELECT q.*,
    CASE WHEN q.is_share THEN q.reward ELSE 0 END AS share,
    CASE WHEN q.is_share THEN 0 ELSE q.reward END AS discount,
    CASE WHEN q.lacks_any THEN COALESCE(q.settled_currency <> q.currency OR q.lacks_reward
        OR (q.lacks_bonus AND q.minor <> 0) OR (q.prepaid AND q.numerator IS NOT NULL AND q.with_prepaid IS NULL)
        OR (q.is_due IS NULL AND ((q.is_share AND q.reward <> 0) OR q.bonus IS NOT NULL)), TRUE)
        ELSE COALESCE(q.settled_currency <> q.currency, TRUE) END AS is_doubtful
FROM (
    SELECT p.*, CASE WHEN p.over IS NULL OR (p.prepaid AND NOT COALESCE(p.with_prepaid, FALSE)) THEN 0
        ELSE ROUNDED(p.over, p.under, p.rounding) END AS reward
    FROM (
        SELECT c.id, c.account, c.currency, c.minor, c.charged_on, c.prepaid, s.payer, s.earner, z.footing, z.currency AS settled_currency,
            z.is_due, z.takes_back, z.ruling, z.rounding, z.numerator, z.lacks_reward, z.lacks_bonus, z.lacks_any,
            z.with_prepaid, COALESCE(z.is_share, FALSE) AS is_share, CASE WHEN c.minor <> 0 THEN z.bonus END AS bonus,
            LARGE(c.minor) * LARGE(z.numerator) AS over, LARGE(z.denominator) AS under
        FROM charges AS c
        LEFT JOIN stretches AS s ON s.account = c.account AND s.starts_on <= c.charged_on AND c.charged_on < s.ends_before
        LEFT JOIN settled AS z ON z.footing = s.footing AND z.kind = c.kind
        WHERE c.charged_on < UNTIL()
    ) AS p
) AS q
"""
"""Every charge with what it comes to; `is_doubtful` where something stands against it, which is seldom asked in full."""

LINES_WITH_RULINGS: Final = """
SELECT id AS charge, account, payer, earner, currency, charged_on, minor AS gross, discount, share, bonus, ruling FROM lines
"""
"""Every line as whoever asks for it gets it; `ruling` is the index of the ruling on its reward."""

CHARGED: Final = """
SELECT l.payer, l.earner, l.currency, MONTH_OF(l.charged_on) AS month, BILL_MONTH_OF(l.charged_on, b.billed_on, b.collects) AS bill_month,
    COUNT(*) AS lines, SUM(LARGE(l.minor)) AS gross, SUM(LARGE(l.discount)) AS discount,
    SUM(CASE WHEN l.is_due AND l.share <> 0 THEN 1 ELSE 0 END) AS shares,
    SUM(CASE WHEN l.is_due THEN LARGE(l.share) ELSE LARGE(0) END) AS share,
    SUM(CASE WHEN l.is_doubtful OR (l.payer IS NOT NULL AND l.charged_on = b.billed_on AND b.collects IS NULL) THEN 1 ELSE 0 END)
        AS doubtful
FROM lines AS l LEFT JOIN bill_days AS b ON b.partner = l.payer AND b.month = MONTH_OF(l.charged_on)
GROUP BY l.payer, l.earner, l.currency, MONTH_OF(l.charged_on), BILL_MONTH_OF(l.charged_on, b.billed_on, b.collects)
"""
"""What the charges come to, by payer and earner, the month of the statement and that of the bill."""

CASH: Final = """
SELECT 1 AS turn, id, charge, minor, currency, day FROM receipts WHERE day < UNTIL()
UNION ALL
SELECT 2 AS turn, id, charge, minor, currency, day FROM refunds WHERE day < UNTIL()
"""

RUNNING: Final = """
SELECT h.turn, h.id AS record, h.charge, h.minor AS amount, h.currency AS cash_currency, h.day,
    l.id, l.account, l.payer, l.earner, l.currency, l.minor, l.charged_on, l.is_due, l.takes_back, l.rounding,
    l.share, l.discount, l.bonus, l.is_doubtful,
    SUM(CASE WHEN h.turn = 1 THEN LARGE(h.minor) ELSE LARGE(0) END) OVER w AS received,
    SUM(CASE WHEN h.turn = 2 THEN LARGE(h.minor) ELSE LARGE(0) END) OVER w AS refunded
FROM cash AS h LEFT JOIN lines AS l ON l.id = h.charge
WINDOW w AS (PARTITION BY h.charge ORDER BY h.day, h.turn, BYTES(h.id) ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
"""
"""Receipts and refunds with their charges, and what was received and refunded of each by then."""

PARTS: Final = """
SELECT turn, record, charge, account, payer, earner, currency, day, amount, bonus, is_due,
    CASE WHEN share = 0 THEN 0 WHEN turn = 1 AND NOT is_due THEN part WHEN turn = 2 AND takes_back THEN 0 - part ELSE 0 END AS share,
    CASE WHEN turn = 2 AND discount <> 0 THEN 0 - part ELSE 0 END AS returned,
    COALESCE(id IS NULL OR is_doubtful OR amount <= 0 OR cash_currency <> currency OR day < charged_on
        OR (turn = 1 AND (payer IS NOT NULL OR received > minor)) OR (turn = 2 AND refunded > minor)
        OR (turn = 2 AND share <> 0 AND (takes_back IS NULL OR (NOT is_due AND refunded > received))), TRUE) AS is_doubtful
FROM (
    SELECT n.*, COALESCE(ROUNDED(n.over_after, n.under, n.rounding) - ROUNDED(n.over_before, n.under, n.rounding), 0) AS part
    FROM (
        SELECT r.*, LARGE(r.share + r.discount) * LARGE(LEAST(r.minor, CASE r.turn WHEN 1 THEN r.received ELSE r.refunded END))
                AS over_after,
            LARGE(r.share + r.discount) * LARGE(LEAST(r.minor, CASE r.turn WHEN 1 THEN r.received ELSE r.refunded END - r.amount))
                AS over_before,
            LARGE(NULLIF(r.minor, 0)) AS under
        FROM running AS r
    ) AS n
) AS q
"""
"""What each receipt earns, and what each refund takes back of discount and share; more cash than was charged is refused, not multiplied."""

POSTED: Final = """
SELECT p.payer, p.earner, p.currency, MONTH_OF(p.day) AS month, BILL_MONTH_OF(p.day, b.billed_on, b.collects) AS bill_month,
    SUM(CASE WHEN p.turn = 2 AND p.payer IS NOT NULL THEN 1 ELSE 0 END) AS refunds,
    SUM(CASE WHEN p.turn = 2 AND p.payer IS NOT NULL THEN LARGE(0 - p.amount) ELSE LARGE(0) END) AS refunded,
    SUM(LARGE(p.returned)) AS discount_returned,
    SUM(CASE WHEN p.turn = 1 AND p.share <> 0 THEN 1 ELSE 0 END) AS shares,
    SUM(CASE WHEN p.turn = 1 THEN LARGE(p.share) ELSE LARGE(0) END) AS share,
    SUM(CASE WHEN p.turn = 2 AND p.share <> 0 THEN 1 ELSE 0 END) AS clawbacks,
    SUM(CASE WHEN p.turn = 2 THEN LARGE(p.share) ELSE LARGE(0) END) AS clawed_back,
    SUM(CASE WHEN p.is_doubtful OR (p.turn = 2 AND p.payer IS NOT NULL AND p.day = b.billed_on AND b.collects IS NULL)
        THEN 1 ELSE 0 END) AS doubtful
FROM parts AS p LEFT JOIN bill_days AS b ON b.partner = p.payer AND b.month = MONTH_OF(p.day)
GROUP BY p.payer, p.earner, p.currency, MONTH_OF(p.day), BILL_MONTH_OF(p.day, b.billed_on, b.collects)
"""

BONUSES: Final = """
SELECT earner, currency, MONTH_OF(day) AS month, COUNT(*) AS bonuses, SUM(WIDE(bonus)) AS bonus
FROM (
    SELECT earner, currency, day, bonus, ROW_NUMBER() OVER (PARTITION BY account ORDER BY day, turn, BYTES(record)) AS place
    FROM (
        SELECT account, earner, currency, charged_on AS day, 0 AS turn, id AS record, bonus FROM lines WHERE is_due AND bonus IS NOT NULL
        UNION ALL
        SELECT account, earner, currency, day, turn, record, bonus FROM parts WHERE turn = 1 AND NOT is_due AND bonus IS NOT NULL
    ) AS due
) AS first
WHERE place = 1
GROUP BY earner, currency, MONTH_OF(day)
"""
"""The bonus of each account: that of its first charge or receipt that bears one."""

PAID: Final = """
SELECT p.partner, p.currency, MONTH_OF(p.day) + CASE WHEN p.day <= b.billed_on THEN 0 ELSE 1 END AS month,
    COUNT(*) AS payments, SUM(WIDE(p.minor)) AS paid
FROM payments AS p JOIN bill_days AS b ON b.partner = p.partner AND b.month = MONTH_OF(p.day)
WHERE p.day < UNTIL()
GROUP BY p.partner, p.currency, MONTH_OF(p.day) + CASE WHEN p.day <= b.billed_on THEN 0 ELSE 1 END
"""

ENTERED: Final = """
SELECT partner, currency, MONTH_OF(day) AS month, COUNT(*) AS entries,
    SUM(CASE WHEN kind = INCENTIVE() THEN WIDE(minor) ELSE WIDE(0) END) AS incentives,
    SUM(CASE WHEN kind = INCENTIVE() THEN WIDE(0) ELSE WIDE(minor) END) AS corrections
FROM entries WHERE day < UNTIL() GROUP BY partner, currency, MONTH_OF(day)
"""

DISBURSED: Final = """
SELECT partner, currency, MONTH_OF(day) AS month, COUNT(*) AS disbursements, SUM(WIDE(minor)) AS disbursed
FROM disbursements WHERE day < UNTIL() GROUP BY partner, currency, MONTH_OF(day)
"""

FIRST_DAY: Final = """
SELECT MIN(day) AS first, COALESCE(MAX(minor), 0) AS largest, SUM(some) AS records FROM (
    SELECT MIN(charged_on) AS day, MAX(minor) AS minor, COUNT(*) AS some FROM charges
    UNION ALL SELECT MIN(day) AS day, MAX(minor) AS minor, COUNT(*) AS some FROM receipts
    UNION ALL SELECT MIN(day) AS day, MAX(minor) AS minor, COUNT(*) AS some FROM refunds
    UNION ALL SELECT MIN(day) AS day, 0 AS minor, 0 AS some FROM payments
) AS days
"""
"""The first day of money that a bill could collect, the largest amount of a charge or of its cash, and how many there are of these."""

DOUBTFUL_ACCOUNTS: Final = """
SELECT DISTINCT q.account FROM (
    SELECT account, payer, charged_on AS day, is_doubtful FROM lines
    UNION ALL
    SELECT account, CASE turn WHEN 2 THEN payer END AS payer, day, is_doubtful FROM parts
) AS q LEFT JOIN bill_days AS b ON b.partner = q.payer AND b.billed_on = q.day AND b.collects IS NULL
WHERE NOT q.account IS NULL AND (q.is_doubtful OR NOT b.partner IS NULL) LIMIT 20
"""

DOUBTFUL_LINES: Final = "SELECT DISTINCT account FROM lines WHERE is_doubtful LIMIT 20"

CASH_OF_NOTHING: Final = """
SELECT r.turn, r.record, r.charge, r.day, c.charged_on
FROM running AS r LEFT JOIN charges AS c ON c.id = r.charge WHERE r.id IS NULL LIMIT 20
"""
"""Cash of no charge until then; the day of its charge where that is of a later month."""

SAME_ID: Final = "SELECT id FROM rows_of GROUP BY id HAVING COUNT(*) > 1 LIMIT 20"

BILLED_TWICE: Final = """
SELECT DISTINCT account FROM (
    SELECT account, starts_on, LAG(ends_before) OVER (PARTITION BY account, kind, item ORDER BY starts_on, ends_before, id) AS billed_until
    FROM charges WHERE charged_on < UNTIL() AND FOLLOW_ON(kind, reason)
) AS spans WHERE starts_on < billed_until LIMIT 20
"""
"""Days of a plan that are charged twice; in the order of their starts, the first that overlaps any overlaps the one before it."""

SAME_IDENTITY: Final = """
SELECT account FROM charges WHERE charged_on < UNTIL() AND NOT FOLLOW_ON(kind, reason)
GROUP BY account, kind, item, reason, starts_on, ends_before HAVING COUNT(*) > 1 LIMIT 20
"""
"""What is charged twice; of charges that follow on, `BILLED_TWICE` finds those too."""

NO_PARTNER: Final = """
SELECT r.id, r.partner FROM rows_of AS r LEFT JOIN partners AS p ON p.partner = r.partner
WHERE p.partner IS NULL AND r.day < UNTIL() LIMIT 20
"""


CHARGES_OF: Final = """
SELECT c.id, c.account, c.kind, c.item, c.reason, c.starts_on, c.ends_before, c.minor, c.currency, c.charged_on, c.prepaid
FROM charges AS c JOIN doubtful AS d ON d.account = c.account
ORDER BY BYTES(c.account), c.charged_on, BYTES(c.id)
"""

CASH_OF: Final = """
SELECT r.id, r.charge, r.minor, r.currency, r.day
FROM rows_of AS r JOIN charges AS c ON c.id = r.charge JOIN doubtful AS d ON d.account = c.account
ORDER BY BYTES(c.account), r.day, BYTES(r.id)
"""

STRETCHES_OF: Final = """
SELECT s.account, s.starts_on, s.ends_before, s.payer, s.earner, s.footing, s.refused
FROM stretches AS s JOIN doubtful AS d ON d.account = s.account ORDER BY BYTES(s.account), s.starts_on
"""


@final
@attrs.frozen(kw_only=True)
class ClosingQueries:
    """The queries of a close in one dialect, over tables by their names there, for all that is of a day before `until`.

    `is_narrow` says that charges and their cash are so small and few that products and sums of them fit 64 bits, which engines multiply
    several times faster; bonuses and what partners pay, are paid and are granted are always summed in more. `rounding` is the one that
    all rewards are rounded by, where there is only one.
    """

    dialect: str
    until: date
    names: tuple[tuple[str, str], ...] = ()
    is_narrow: bool = False
    rounding: Rounding | None = None

    def query(self, text: str, **names: str) -> exp.Query:
        """Give one of the queries above, with the steps before it that it reads; `names` are of further tables.

        >>> asked = ClosingQueries(dialect="duckdb", until=date(2025, 9, 1)).query(SAME_ID, rows_of="charges")
        >>> asked.sql("duckdb")
        'SELECT "id" FROM "charges" GROUP BY "id" HAVING COUNT(*) > 1 LIMIT 20'
        """
        asked = self._parsed(text, names)
        for name in self._needed(asked):
            asked = asked.with_(exp.to_identifier(name, quoted=True), as_=self._step(name), copy=False)
        return asked

    def text(self, text: str, **names: str) -> str:
        """Give the text of a query in the dialect; it is made once."""
        return _text_of(self, text, tuple(names.items()))

    def _needed(self, asked: exp.Expr) -> Iterable[str]:
        """Name the steps that a query reads, in the order of `STEPS`, in which each reads earlier ones only."""
        needed = {table.name for table in asked.find_all(exp.Table)}
        for name in reversed(tuple(STEPS)):
            if name in needed:
                needed |= {table.name for table in self._step(name).find_all(exp.Table)}
        return [name for name in STEPS if name in needed]

    def _step(self, name: str) -> exp.Query:
        match name:
            case "rewards":
                return self._ruled(REWARD, "reward_edition")
            case "prepaids":
                return self._ruled(PREPAID_DISCOUNT, "prepaid_edition")
            case _:
                return self._parsed(STEPS[name], {})

    def _ruled(self, policy: Policy[Any, Any], by: str) -> exp.Query:
        """Ask each edition of a policy about the footings that are judged by it, as their column `by` says."""
        footings = table(dict(self.names).get("footings", "footings"))
        asked: list[exp.Query] = []
        for edition in EDITIONS[policy.id]:
            compiled = CompiledPolicy(policy=edition.policy, dialect=self.dialect)
            judged = exp.select("*").from_(footings.copy()).where(column(by).eq(exp.Literal.string(edition.policy.fingerprint)))
            asked.append(compiled.query(judged.subquery("judged"), keep=["footing"]))
        return asked[0] if len(asked) == 1 else exp.union(*asked, distinct=False)

    def _parsed(self, text: str, names: Mapping[str, str]) -> exp.Query:
        functions: Mapping[str, Callable[..., exp.Expr]] = {
            **{name: partial(exp.Literal.string, value.value) for name, value in _VALUES.items()},
            "FOLLOW_ON": _follow_on,
            "UNTIL": lambda: exp.cast(exp.Literal.string(self.until.isoformat()), "DATE"),
            "LARGE": self._large,
            "WIDE": partial(wide, dialect=self.dialect),
            "ROUNDED": self._rounded,
            "MONTH_OF": _month_of,
            "BILL_MONTH_OF": _bill_month_of,
            "BYTES": self._bytes,
        }
        return parsed(text, functions, {**dict(self.names), **names})

    def _large(self, value: exp.Expr) -> exp.Expr:
        return exp.cast(value, "BIGINT") if self.is_narrow else wide(value, self.dialect)

    # Amounts of charges and of their cash are never below zero, which is checked before anything is asked, and rates are none either.
    def _rounded(self, over: exp.Expr, under: exp.Expr, rounding: exp.Expr) -> exp.Expr:
        return exp.paren(rounded(over, under, self.rounding or rounding, self.dialect, is_narrow=self.is_narrow, is_natural=True))

    def _bytes(self, value: exp.Expr) -> exp.Expr:
        """Give a text as it is to be ordered, by its code points; DuckDB and Spark order all texts so."""
        return exp.Collate(this=value, expression=exp.to_identifier("C", quoted=True)) if self.dialect == POSTGRES else value


# Building a query costs more than planning it, and a program asks the same ones every month.
@lru_cache(maxsize=256)
def _text_of(queries: ClosingQueries, text: str, names: tuple[tuple[str, str], ...]) -> str:
    return sql_text(queries.query(text, **dict(names)), queries.dialect)


def _follow_on(kind: exp.Expr, reason: exp.Expr) -> exp.Expr:
    """Tell whether a charge is of those that follow one another, one at a time."""
    kinds = [exp.Literal.string(one.value) for one in sorted(ONE_AT_A_TIME)]
    return exp.and_(kind.isin(*kinds), reason.isin(*(exp.Literal.string(one.value) for one in sorted(RECURRING))))


def _month_of(day: exp.Expr) -> exp.Expr:
    """Number the month of a day as `totals.month_number` does."""
    year, month = (exp.Extract(this=exp.var(part), expression=day.copy()) for part in ("YEAR", "MONTH"))
    return exp.cast(year * exp.Literal.number(12) + month - exp.Literal.number(1), "BIGINT")


def _bill_month_of(day: exp.Expr, billed_on: exp.Expr, collects: exp.Expr) -> exp.Expr:
    """Number the month whose bill collects a day, as `totals.bill_month` finds it."""
    is_collected = exp.or_(day < billed_on, exp.and_(day.eq(billed_on), collects))
    later = exp.Case().when(is_collected, exp.Literal.number(0)).else_(exp.Literal.number(1))
    return _month_of(day) + later


STEPS: Final[Mapping[str, str]] = {
    "rewards": "",
    "prepaids": "",
    "settled": SETTLED,
    "lines": LINES,
    "cash": CASH,
    "running": RUNNING,
    "parts": PARTS,
}
"""The steps that a query may read, each after those it reads itself."""

_VALUES: Final[Mapping[str, StrEnum]] = {
    "SHARE": RewardKind.REVENUE_SHARE,
    "DISCOUNT": RewardKind.UPFRONT_DISCOUNT,
    "MAY": Permission.MAY,
    "SUBSCRIPTION": ChargeKind.SUBSCRIPTION,
    "INCENTIVE": EntryKind.INCENTIVE,
}
"""What the queries call by a name in capitals, and which value it is."""
