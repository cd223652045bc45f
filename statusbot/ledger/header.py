"""What a ledger in parts says of itself, beside its objects."""

from __future__ import annotations

from dataclasses import dataclass, field

from statusbot.ledger.buckets import LARGEST, MOST, squeeze, unsqueezed
from statusbot.ledger.codec import Unreadable, head, line, read_head, read_line, readable, whole
from statusbot.ledger.memory import Ledger


@dataclass(slots=True)
class Header:
    """``there`` has the numbers of the buckets, and of the saves that wrote them.

    ``save`` is the number of the last save, ``wrote`` that of the one that wrote a ConfigMap,
    ``name`` the ledger's.
    """

    of: int = 1
    save: int = 0
    there: dict[int, int] = field(default_factory=dict)
    wrote: dict[str, int] = field(default_factory=dict)
    name: str = ""  # those of version 1 did not say so at first

    def line(self, ledger: Ledger, save: int, *, paces: bool = True) -> bytes:
        """All of it in a line."""
        there = {str(number): save for number, save in self.there.items()}
        more = {"of": self.of, "save": save, "buckets": there, "ledger": self.name}
        return line(head(ledger) | more | ({} if paces else {"paces": {}}))


def packed(header: Header, ledger: Ledger) -> bytes:
    """Compressed. Where so many logins have their pace that it is too large, they lose it."""
    data = squeeze([header.line(ledger, header.save)])
    if len(data) > LARGEST:
        data = squeeze([header.line(ledger, header.save, paces=False)])
    return data


def unpacked(data: bytes, ledger: Ledger) -> Header:
    """The header of :func:`packed`, the rest into the ledger. Raises Unreadable only."""
    with readable():
        item = read_line(unsqueezed(data))
        there = {whole(number): whole(save) for number, save in item["buckets"].items()}
        header = Header(whole(item["of"]), whole(item["save"]), there)
        header.name = str(item.get("ledger", ""))
        if not 0 < header.of <= MOST:
            raise Unreadable("it is damaged")
        read_head(item, ledger)
    return header
