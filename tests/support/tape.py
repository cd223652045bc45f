"""A cluster in memory that shows a story as far as it was played.

A small Flux writes ahead; whoever polls chooses how much of it is there when, also in the middle of
a poll. Each patch of a Kustomization comes with what it tells, as the story knows it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import floor

from statusbot.cluster.kinds import KUSTOMIZATION, Kind
from statusbot.manifests.invalid import Invalid
from tests.support.app import App
from tests.support.ends import End
from tests.support.objects import NAMESPACE, NOW, Object, copied

Key = tuple[str, str, str]  # kind, namespace, name


@dataclass(frozen=True)
class View:
    """What one Kustomization tells: of now, of its past, and of what Flux tries in vain."""

    path: str
    uid: str
    standing: End | None
    past: tuple[End, ...]
    waiting: bool  # Flux tries again, and has come to nothing
    settled: bool  # nobody changed the spec since Flux came to it
    source: str  # its name


@dataclass(frozen=True)
class Change:
    """What a watch would tell; ``object`` is None where it is gone."""

    at: float
    key: Key
    object: Object | None
    view: View | None = None


@dataclass
class Tape:
    """``before`` is called before each read of a poll: the story may go on then.

    ``on_read`` is called in the instant in which a poll gets all of a kind.
    """

    name: str = "https://cluster.example:6443"
    live: bool = True
    problems: Sequence[Invalid] = ()
    at: float = NOW
    ahead: Callable[[], float] = lambda: NOW  # the story's own time
    before: Callable[[str], None] = lambda what: None
    on_read: Callable[[str], None] = lambda kind: None
    changes: deque[Change] = field(default_factory=deque)
    shown: dict[Key, Object] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)

    # -- the story ----------------------------------------------------------------------------

    def apply(self, object_: Object) -> None:
        """The object is so, once that is played."""
        metadata = object_["metadata"]
        key = (object_["kind"], metadata["namespace"], metadata["name"])
        self.changes.append(Change(self.ahead(), key, copied(object_)))

    def delete(self, kind: str, namespace: str, name: str) -> None:
        """The object is gone, once that is played."""
        self.changes.append(Change(self.ahead(), (kind, namespace, name), None))

    def patched(self, app: App) -> None:
        """What the last patch tells."""
        last, metadata = self.changes.pop(), app.object["metadata"]
        settled = app.status.get("observedGeneration") == metadata["generation"]
        spec = app.object["spec"]
        view = View(
            app.path,
            app.uid,
            app.standing,
            app.past(),
            app.waiting,
            settled,
            spec["sourceRef"]["name"],
        )
        self.changes.append(Change(last.at, last.key, last.object, view))

    # -- time ---------------------------------------------------------------------------------

    def play(self, count: int = 1) -> None:
        """The next changes come, each at its time."""
        for _ in range(min(count, len(self.changes))):
            change = self.changes.popleft()
            self.at = max(self.at, change.at)
            self._show(change)
        if not self.changes:
            self.at = max(self.at, self.ahead())

    def pass_by(self, seconds: float) -> None:
        """Time goes by, and what comes in it."""
        until = self.at + seconds
        while self.changes and self.changes[0].at <= until:
            self.play()
        self.at = max(self.at, until)

    def _show(self, change: Change) -> None:
        kind, namespace, name = change.key
        path = f"{namespace}/{name}"
        if change.object is not None:
            self.shown[change.key] = change.object
        else:
            self.shown.pop(change.key, None)
            if kind == KUSTOMIZATION.kind:
                self.views.pop(path, None)
        if change.view is not None:
            self.views[path] = change.view

    # -- the sources, as they are now ----------------------------------------------------------

    def url(self, source: str) -> str:
        """Of its repository; "" where there is no such source."""
        return str(self._source(source).get("spec", {}).get("url", ""))

    def urls(self) -> dict[str, str]:
        """Of all that are there, by name."""
        return {key[2]: self.url(key[2]) for key in self.shown if key[0] == "GitRepository"}

    def artifact(self, source: str) -> Object:
        """Empty where there is none."""
        artifact: Object = self._source(source).get("status", {}).get("artifact") or {}
        return artifact

    def revision(self, source: str) -> str:
        """Of the artifact, if there is one."""
        return str(self.artifact(source).get("revision", ""))

    def _source(self, name: str) -> Object:
        return self.shown.get(("GitRepository", NAMESPACE, name), {})

    # -- statusbot's side -----------------------------------------------------------------------

    def now(self) -> datetime:
        """As the ``Date`` header has it: whole seconds."""
        return datetime.fromtimestamp(floor(self.at), UTC)

    def serves(self, kind: Kind) -> bool:
        """Everything is served."""
        return True

    def list(self, kind: Kind, namespaces: Sequence[str] = ()) -> Iterator[Object]:
        """As it is when the list begins."""
        self.before(kind.kind)
        self.on_read(kind.kind)
        return iter([obj for key, obj in self.shown.items() if key[0] == kind.kind])

    def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """As it is now."""
        self.before(f"one {kind.kind}")
        return self.shown.get((kind.kind, namespace, name))

    def secret(self, namespace: str, name: str) -> Mapping[str, bytes] | None:
        """The Providers' one."""
        return {"token": b"forge-token"}

    def events(self, namespace: str, uid: str) -> Sequence[Object]:
        """None were kept."""
        return []
