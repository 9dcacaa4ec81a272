"""The form of every enum here: a text whose `repr` can be evaluated, as that of every other value can.

Floor 0, below errors. May import: the standard library.
"""

from enum import StrEnum


class Named(StrEnum):
    """An enum of texts that shows itself as it is written in a program.

    >>> class Size(Named):
    ...     BIG = "big"
    >>> Size.BIG, str(Size.BIG)
    (Size.BIG, 'big')
    """

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self.name}"
