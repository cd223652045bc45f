"""The same as a cluster, from manifest files and ``kubectl get -o yaml|json`` dumps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from statusbot.cluster.base import SECONDS
from statusbot.cluster.dumps import BUNDLED, documents
from statusbot.cluster.dumps import STDIN as STDIN
from statusbot.cluster.dumps import SUFFIXES as SUFFIXES
from statusbot.cluster.kinds import EVENT, SECRET, Kind, by_name
from statusbot.cluster.objects import accept
from statusbot.cluster.secrets import secret_values
from statusbot.manifests.invalid import Invalid

if TYPE_CHECKING:
    from statusbot.manifests.document import Document


class Files:
    """``Cluster`` over documents. Of two objects of one name the later holds, as with ``apply``.

    Documents of kinds that statusbot does not read are left out; broken ones are ``problems``.
    """

    name = "files"
    live = False

    def __init__(self, documents: Iterable[Document | Invalid], namespace: str = "default") -> None:
        """``namespace`` is where objects live that name none."""
        self.problems: list[Invalid] = []
        self._objects: dict[Kind, dict[tuple[str, str], dict[str, Any]]] = {}
        self._sources: dict[tuple[Kind, str, str], str] = {}
        for document in documents:
            if isinstance(document, Invalid):
                self.problems.append(document)
            else:
                self._add(document, namespace)

    @classmethod
    def read(cls, paths: Iterable[str], namespace: str = "default") -> Self:
        """Files, folders and archives (all YAML and JSON files in them), ``-`` for standard input.

        ``UsageError`` for what cannot be read.
        """
        return cls((item for path in paths for item in documents(path)), namespace)

    def _add(self, document: Document, namespace: str) -> None:
        group, _, version = str(document.data.get("apiVersion") or "").rpartition("/")
        kind = by_name(document.kind)
        if kind is None or kind.group != group:
            return
        found = accept(dict(document.data), kind, version, self.problems, document.source)
        if found is None:
            return
        metadata = found["metadata"]
        namespace = metadata.get("namespace") or namespace
        found = found | {"metadata": {**metadata, "namespace": namespace}}
        key = (namespace, metadata["name"])
        before = self._objects.setdefault(kind, {}).get(key)
        source = self._sources.get((kind, *key), "")
        self._sources[kind, *key] = document.source
        if before is not None and before != found and not _twins(source, document.source):
            self.problems.append(
                Invalid(document.source, kind.kind, *key, "$", "is there twice; this one holds")
            )
        self._objects[kind][key] = found

    def now(self) -> datetime:
        """The local clock: files have none."""
        return datetime.now(UTC)

    def serves(self, kind: Kind) -> bool:
        """Files may hold anything."""
        return True

    def list(self, kind: Kind, namespaces: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
        """In the order of the files."""
        for (namespace, _), found in self._objects.get(kind, {}).items():
            if not namespaces or namespace in namespaces:
                yield found

    def feeds(
        self, kind: Kind, namespaces: Sequence[str] = (), seconds: float = SECONDS
    ) -> Sequence[StillFeed]:
        """What ``list`` has; files are read once, so nothing of it changes."""
        return [StillFeed(lambda: self.list(kind, namespaces))]

    def afresh(self) -> None:
        """Files are read once."""

    def get(self, kind: Kind, namespace: str, name: str) -> dict[str, Any] | None:
        """The object, None when no file has it."""
        return self._objects.get(kind, {}).get((namespace, name))

    def secret(self, namespace: str, name: str) -> Mapping[str, bytes] | None:
        """``data`` decoded and ``stringData``; None when no file has it."""
        item = self.get(SECRET, namespace, name)
        return None if item is None else secret_values(item, f"Secret {namespace}/{name}")

    def events(self, namespace: str, uid: str) -> Sequence[dict[str, Any]]:
        """Those that the files have."""
        listed = self.list(EVENT, (namespace,))
        return [event for event in listed if (event.get("involvedObject") or {}).get("uid") == uid]


class StillFeed:
    """``Feed`` of objects that stay as they are."""

    def __init__(self, objects: Callable[[], Iterator[dict[str, Any]]]) -> None:
        """``objects`` lists them."""
        self._objects = objects

    def initial(self) -> Iterator[dict[str, Any]]:
        """All of them."""
        return self._objects()

    def changes(self) -> Iterator[dict[str, Any]]:
        """Nothing, at once."""
        return iter(())

    def close(self) -> None:
        """Nothing is open."""


def _twins(one: str, other: str) -> bool:
    """Whether a bundle has these as YAML and as JSON: it may hide more in one of them."""
    name = one.rpartition(".")[0]
    return one != other and BUNDLED in name and name == other.rpartition(".")[0]
