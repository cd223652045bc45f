"""A ledger in ConfigMaps: one header and some buckets of objects, of which only news are written.

A save writes buckets first, the header last, and takes away what it no longer names. So whatever
is left of a save that broke off is newer than the header, and is believed.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from types import TracebackType

from statusbot.cluster.answer import said
from statusbot.cluster.api import Api
from statusbot.errors import Stopped
from statusbot.ledger.buckets import (
    MOST,
    Bucket,
    TooLarge,
    digest,
    grouped,
    how_many,
    lines_of,
    newest_last,
    pack,
    unpack,
)
from statusbot.ledger.codec import Unreadable
from statusbot.ledger.config_maps import ConfigMaps
from statusbot.ledger.header import Header, packed, unpacked
from statusbot.ledger.lease import Lease
from statusbot.ledger.memory import Ledger, Memory
from statusbot.ledger.place import Place
from statusbot.text import first_few

log = logging.getLogger(__name__)

_BUCKET = re.compile(r"-(?P<of>[1-9]\d{0,3})-(?P<number>\d{1,4})")


class ConfigMapLedger:
    """``--ledger configmap:NS/NAME``. A context manager: it has the Lease from enter to exit.

    ``on_lost`` is called in another thread when the Lease is lost, since the run must stop then;
    what is saved after that, and the end of the context, raise Lost.
    """

    def __init__(
        self, api: Api, place: Place, *, on_lost: Callable[[], None] = lambda: None
    ) -> None:
        """Nothing is asked yet."""
        self.ledger = Ledger()
        self._place = place
        self._lease = Lease(api, place, on_lost=on_lost)
        self._maps = ConfigMaps(api, place, self._is_ours)
        self._header = Header()
        self._known: dict[str, bytes] = {}  # what each ConfigMap says, as a digest
        self._told: set[str] = set()

    def __enter__(self) -> ConfigMapLedger:
        """Take the Lease, and read. Raises Busy, UsageError and ClusterError."""
        try:
            self._lease.take()
            self.ledger = self._read() or Ledger()
        except BaseException:
            self._lease.give_back()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Let the next run in. Raises Lost where another is in already, and nothing else is wrong."""
        self._lease.give_back()
        if self._lease.lost is not None and (kind is None or issubclass(kind, Stopped)):
            raise self._lease.lost

    def peek(self) -> Ledger | None:
        """What it holds now, without the Lease; None where no run has made it yet."""
        return self._read()

    def save(self) -> None:
        """Write what changed. Raises Lost, UsageError and ClusterError."""
        self._lease.check()
        # A thread that reads an object again may add one meanwhile.
        objects = list(self.ledger.objects.values())
        of = how_many(len(objects), self._header.of)
        while True:
            try:
                there = self._write_buckets(objects, of)
            except TooLarge:
                if of >= MOST:
                    raise
                of *= 2
            else:
                break
        self._write_header(Header(of, self._header.save, there, name=self._place.name))
        for name in [name for name in self._maps.versions if self._is_left_over(name)]:
            self._maps.delete(name)
            self._known.pop(name, None)

    # -- writing ------------------------------------------------------------------------------

    def _write_buckets(self, objects: list[Memory], of: int) -> dict[int, int]:
        """The numbers of those that are not empty, and of the saves that wrote them."""
        there: dict[int, int] = {}
        save = self._header.save + 1
        for number, group in enumerate(grouped(objects, of)):
            if not group:
                continue
            lines, short = lines_of(group, of)
            self._tell(short)
            name, says = self._name(of, number), digest(lines)
            if self._known.get(name) != says:
                self._maps.write(name, pack(number, of, save, lines, self._place.name))
                self._known[name] = says
                self._header.wrote[name] = self._header.save = save
            there[number] = self._header.wrote[name]
        return there

    def _write_header(self, header: Header) -> None:
        name, says = self._place.name, digest([header.line(self.ledger, 0)])
        header.wrote = self._header.wrote
        if self._known.get(name) != says:
            header.save = max(header.save, self._header.save)
            self._maps.write(name, packed(header, self.ledger))
            self._known[name] = says
        self._header = header

    def _tell(self, short: list[Memory]) -> None:
        for memory in short:
            if memory.object.key not in self._told:
                self._told.add(memory.object.key)
                what = "what could not be posted is too long to be remembered whole"
                log.warning("%s: %s", memory.object.path, what)

    def _is_left_over(self, name: str) -> bool:
        """Whether it is a bucket that the header does not name."""
        place = self._bucket(name)
        if place is None:
            return False
        of, number = place
        return of != self._header.of or number not in self._header.there

    def _is_ours(self, sure: bool) -> None:
        if sure:
            self._lease.confirm()
        else:
            self._lease.check()

    # -- reading ------------------------------------------------------------------------------

    def _read(self) -> Ledger | None:
        ledger, wrong = Ledger(), dict[str, str]()
        header, buckets = self._parts(ledger, wrong)
        if not self._maps.versions:
            return None
        self._header = header or Header(of=max((one.of for one in buckets), default=1))
        self._header.wrote = {self._name(one.of, one.number): one.save for one in buckets}
        self._header.save = max([self._header.save, *(one.save for one in buckets)])
        older = dict(self._missing(header, wrong))
        for bucket in newest_last(buckets):
            if self._name(bucket.of, bucket.number) in older:
                _doubt(bucket)
            ledger.objects.update((memory.object.key, memory) for memory in bucket.memories)
        self._complain(ledger, wrong | older)
        return ledger

    def _parts(self, ledger: Ledger, wrong: dict[str, str]) -> tuple[Header | None, list[Bucket]]:
        """All that is there; what the header says goes into the ledger, what is wrong by name."""
        header, buckets = None, list[Bucket]()
        for name, data in self._maps.read():
            if name != self._place.name and self._bucket(name) is None:
                del self._maps.versions[name]  # somebody's copy
                continue
            try:
                if isinstance(data, Unreadable):
                    raise data
                if name == self._place.name:
                    header = self._read_header(data, ledger)
                    self._known[name] = digest([header.line(ledger, 0)])
                else:
                    buckets.append(self._took(name, unpack(data)))
            except Unreadable as unreadable:
                wrong[name] = str(unreadable)
        return header, buckets

    def _read_header(self, data: bytes, ledger: Ledger) -> Header:
        """What it says goes into the ledger, unless it is another's."""
        read = Ledger()
        header = unpacked(data, read)
        self._check_mine(header.name)
        ledger.polls, ledger.paces = read.polls, read.paces
        return header

    def _check_mine(self, name: str) -> None:
        if name not in ("", self._place.name):
            raise Unreadable(f"it is a copy of the ledger {said(name)}'s")

    def _took(self, name: str, bucket: Bucket) -> Bucket:
        self._check_mine(bucket.ledger)
        if name != self._name(bucket.of, bucket.number):
            raise Unreadable("it is a copy of another")
        self._known[name] = bucket.digest
        return bucket

    def _missing(self, header: Header | None, wrong: dict[str, str]) -> Iterator[tuple[str, str]]:
        """What should be there and is not, or is an older copy."""
        if header is None:
            if self._place.name not in wrong:
                yield self._place.name, "it is missing"
            return
        for number, save in header.there.items():
            name = self._name(header.of, number)
            if name in wrong:
                continue
            if name not in header.wrote:
                yield name, "it is missing"
            elif header.wrote[name] < save:
                yield name, "it is an older copy"

    def _complain(self, ledger: Ledger, wrong: dict[str, str]) -> None:
        """Nobody knows what was lost, so the past is told again as to a ledger that is new."""
        if not wrong:
            return
        ledger.polls.clear()
        for why in dict.fromkeys(wrong.values()):
            names = first_few((name for name, because in wrong.items() if because == why), 5)
            where = f"ledger {self._place}: ConfigMap {names}"
            log.warning("%s: %s; the forge is asked instead", where, why)

    def _name(self, of: int, number: int) -> str:
        return f"{self._place.name}-{of}-{number}"

    def _bucket(self, name: str) -> tuple[int, int] | None:
        """Of how many it is which, if it is a bucket's name."""
        if not name.startswith(self._place.name):
            return None
        found = _BUCKET.fullmatch(name, len(self._place.name))
        return (int(found["of"]), int(found["number"])) if found else None


def _doubt(bucket: Bucket) -> None:
    """Of an older copy only that is believed of which the forge knows nothing."""
    for memory in bucket.memories:
        memory.posted = {
            key: posted for key, posted in memory.posted.items() if posted.pledge is not None
        }
