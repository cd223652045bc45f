"""Which Kustomizations a run is about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b

from statusbot.cluster.selector import Selector
from statusbot.errors import UsageError
from statusbot.results.observation import Observation
from statusbot.results.result import ObjectRef


@dataclass(frozen=True, slots=True)
class Shard:
    """One of ``count`` parts of all objects, by a hash that never changes; the first is 0."""

    index: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """``I/N``; UsageError for what is none."""
        found = re.fullmatch(r"([0-9]{1,5})/([0-9]{1,5})", text.strip())
        if found is None:
            raise UsageError(f"{text!r} is no shard", todo="write 0/4 for the first of four")
        shard = cls(int(found[1]), int(found[2]))
        if shard.index >= shard.count:
            raise UsageError(
                f"there is no shard {text}",
                todo=f"the last one of {shard.count} has the number "
                f"{max(shard.count - 1, 0)}: shards are counted from 0, as an Indexed Job does",
            )
        return shard

    def __str__(self) -> str:
        """As it is written."""
        return f"{self.index}/{self.count}"

    def has(self, object_: ObjectRef) -> bool:
        """Whether an object is in it: one of a name is in the same one whatever becomes of it."""
        digest = blake2b(object_.path.encode("utf-8", "replace"), digest_size=8).digest()
        return int.from_bytes(digest, "big") % self.count == self.index


@dataclass(frozen=True, slots=True)
class Selection:
    """What is not selected is read all the same: it may be a namesake of what is."""

    namespaces: tuple[str, ...] = ()
    selector: Selector | None = None
    shard: Shard | None = None

    def takes(self, seen: Observation) -> bool:
        """Whether the run is about an object."""
        if self.namespaces and seen.object.namespace not in self.namespaces:
            return False
        if self.selector is not None and not self.selector.matches(seen.labels):
            return False
        return self.shard is None or self.shard.has(seen.object)

    def may_take(self, object_: ObjectRef) -> bool:
        """The same of an object that is not there any more, whose labels nobody knows."""
        if self.namespaces and object_.namespace not in self.namespaces:
            return False
        return self.shard is None or self.shard.has(object_)

    def __str__(self) -> str:
        """One text for one selection; empty for that of everything but namespaces."""
        selector = f"-l {self.selector.text}" if self.selector else ""
        shard = f"--shard {self.shard}" if self.shard else ""
        return " ".join(filter(None, (selector, shard)))


EVERYTHING = Selection()
