"""Mailboxes and mail domains, by which a partner's credit for an account of its own is known.

Floor 2. May import: the standard library.
"""


def mailbox(email: str) -> tuple[str, str]:
    """Split an address into what tells mailboxes apart, without case and without the tag after a plus sign, and its domain.

    A name before the address, quotes around its first part and the dot at the end of its domain tell nothing apart. A text without
    an @ is all first part, and has an empty domain.

    >>> mailbox('Ann <"Ann+invites"@Kite.example.>')
    ('ann', 'kite.example')
    """
    address = email.strip().lower()
    if address.endswith(">"):
        address = address.removesuffix(">").rpartition("<")[-1].strip()
    local, at, domain = address.rpartition("@")
    plain = local.strip('"').partition("+")[0] or local
    return (plain, domain.rstrip(".")) if at else (domain, "")
