"""Where the list price of a month's lines goes, step by step: a waterfall for each currency that adds up by construction.

Floor 10, above `pages.whys`. May import: every lower floor, pages.whys, attrs and the standard library.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import final

import attrs

from partnerkit.billing import Adjustment, Line
from partnerkit.enums import Named
from partnerkit.errors import InvalidValue
from partnerkit.money import Currency, Money, total
from partnerkit.pages.whys import Figure, Part, Whys
from partnerkit.statements import Earning


@final
class StepKind(Named):
    """What a step is: a whole from zero, a move from the step before, what is left for the vendor, what goes to a partner.

    >>> StepKind("whole")
    StepKind.WHOLE
    """

    WHOLE = "whole"
    MOVE = "move"
    VENDOR = "vendor"
    PARTNER = "partner"


@final
@attrs.frozen(kw_only=True)
class Step:
    """One bar of a waterfall: from the level before it to the level after it, which lie its amount apart, or it raises `InvalidValue`.

    >>> one = Money.of("1", "USD")
    >>> Step(anchor="step-1", kind=StepKind.MOVE, label="Discount", figure=Figure(amount=-one, why="why-1"), before=one, after=one)
    Traceback (most recent call last):
        ...
    partnerkit.errors.InvalidValue: the step Discount of -1.00 USD leads from 1.00 USD to 1.00 USD
    """

    anchor: str
    kind: StepKind
    label: str
    figure: Figure
    before: Money
    after: Money

    def __attrs_post_init__(self) -> None:
        if self.before + self.figure.amount != self.after:
            raise InvalidValue(f"the step {self.label} of {self.figure.amount} leads from {self.before} to {self.after}")


@final
@attrs.frozen(kw_only=True)
class Flow:
    """The waterfall of a currency: no steps where nothing was charged.

    A step that does not begin where the one before ends, or for a whole at zero, raises `InvalidValue`, and so does a whole that does
    not end where the step before does.
    """

    currency: Currency
    steps: tuple[Step, ...]

    def __attrs_post_init__(self) -> None:
        level = Money.zero(self.currency)
        for place, step in enumerate(self.steps):
            whole = step.kind in {StepKind.WHOLE, StepKind.VENDOR}
            if step.before != (Money.zero(self.currency) if whole else level) or (whole and place and step.after != level):
                raise InvalidValue(f"the step {step.label} does not go on from {level}: it leads from {step.before} to {step.after}")
            level = step.after

    @property
    def vendor(self) -> Figure | None:
        """What is left for the vendor, None where nothing was charged."""
        return next((step.figure for step in self.steps if step.kind == StepKind.VENDOR), None)


def flow_of(currency: Currency, whys: Whys) -> Flow:
    """Give the waterfall of a currency."""
    lines = [line for line in whys.lines if line.gross.currency == currency]
    ids = {line.charge.id for line in lines}
    bonuses = [one for one in _bonuses(whys) if one.line.charge.id in ids]
    changes = [one for one in whys.adjustments if one.line.charge.id in ids]
    steps = _Steps(currency, whys)
    if lines:
        steps.go_down(lines, bonuses, changes)
        steps.go_up(lines, bonuses, changes)
    return Flow(currency=currency, steps=tuple(steps.made))


def _bonuses(whys: Whys) -> Iterator[Earning]:
    return (bonus for statement in whys.close.statements for bonus in statement.bonuses)


class _Steps:
    """The steps of one waterfall while they are made."""

    def __init__(self, currency: Currency, whys: Whys) -> None:
        self.currency = currency
        self.whys = whys
        self.level = Money.zero(currency)
        self.made: list[Step] = []

    def go_down(self, lines: Sequence[Line], bonuses: Sequence[Earning], changes: Sequence[Adjustment]) -> None:
        """Go from the list price down to what is left for the vendor."""
        part = self.whys.part
        self._whole("flow.list", [part(line, line.gross) for line in lines])
        self._move("flow.discount", [part(line, -line.discount) for line in lines])
        self._move("report.share", [part(line, -line.share) for line in lines])
        if bonuses:
            self._move("report.bonus", [self._bonus(one, -one.amount) for one in bonuses])
        if changes:
            self._move("flow.refunded", [self._change(one, one.net) for one in changes])
            self._move("adjustments.share", [self._change(one, -one.share) for one in changes])
        self._sum_of_steps("flow.vendor", StepKind.VENDOR, self.made)

    def go_up(self, lines: Sequence[Line], bonuses: Sequence[Earning], changes: Sequence[Adjustment]) -> None:
        """Go from what is left for the vendor up by what goes to each partner: to the list price, less what was refunded."""
        vendor = len(self.made) - 1
        for partner, parts in sorted(self._by_partner(lines, bonuses, changes).items(), key=lambda one: self.whys.name(one[0])):
            self._add(StepKind.PARTNER, self.whys.words("flow.partner", partner=self.whys.name(partner)), parts)
        self._sum_of_steps("flow.together_less" if changes else "flow.together", StepKind.WHOLE, self.made[vendor:])

    def _by_partner(self, lines: Sequence[Line], bonuses: Sequence[Earning], changes: Sequence[Adjustment]) -> Mapping[str, Sequence[Part]]:
        """Give what goes to each partner of the lines, by its id: the discount where it pays, else what it earns."""
        found: dict[str, list[Part]] = defaultdict(list)
        for line in lines:
            if line.reward is not None:
                found[line.payer or line.earner or ""].append(self.whys.part(line, line.discount + line.share))
        for bonus in bonuses:
            found[bonus.line.earner or ""].append(self._bonus(bonus, bonus.amount))
        for one in changes:
            if one.line.reward is not None:
                found[one.line.payer or one.line.earner or ""].append(self._change(one, one.discount + one.share))
        return found

    def _bonus(self, bonus: Earning, amount: Money) -> Part:
        return Part(label=self.whys.label(bonus.line), figure=self.whys.bonus(bonus, amount), day=bonus.earned_on)

    def _change(self, adjustment: Adjustment, amount: Money) -> Part:
        whys = self.whys
        return Part(label=whys.label(adjustment.line), figure=whys.adjustment(adjustment, amount), day=adjustment.refund.refunded_on)

    def _whole(self, message: str, parts: Sequence[Part]) -> None:
        self._add(StepKind.WHOLE, self.whys.words(message), parts)

    def _move(self, message: str, parts: Sequence[Part]) -> None:
        self._add(StepKind.MOVE, self.whys.words(message), parts)

    def _sum_of_steps(self, message: str, kind: StepKind, steps: Iterable[Step]) -> None:
        self._add(kind, self.whys.words(message), [Part(label=step.label, figure=step.figure) for step in steps])

    def _add(self, kind: StepKind, label: str, parts: Sequence[Part]) -> None:
        """Add a step that adds up some parts."""
        amount = total((part.figure.amount for part in parts), self.currency)
        figure = self.whys.sum(self.whys.words("why.of", what=self.currency.code, which=label), parts, amount)
        before = Money.zero(self.currency) if kind in {StepKind.WHOLE, StepKind.VENDOR} else self.level
        self.level = before + amount
        anchor = f"step-{self.currency.code}-{len(self.made) + 1}"
        self.made.append(Step(anchor=anchor, kind=kind, label=label, figure=figure, before=before, after=self.level))
