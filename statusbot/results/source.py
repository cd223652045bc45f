"""The source of a Kustomization: which repository, and which revision it holds now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from statusbot.results.instant import epoch
from statusbot.results.loose import mapping, text
from statusbot.revision import commit_of

# The key of OCI's annotation specification; Flux keeps it in the artifact's metadata of any kind
# of source (kustomize-controller internal/controller/constants.go:20).
ORIGIN_REVISION = "org.opencontainers.image.revision"


@dataclass(frozen=True, slots=True)
class SourceRef:
    """``spec.sourceRef`` with its namespace filled in."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """As kubectl and flux write it."""
        return f"{self.kind} {self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class Source:
    """What a result needs of a source; ``revision`` is empty as long as it has no artifact."""

    kind: str
    url: str
    revision: str = ""
    origin: str = ""
    updated: float = 0.0  # artifact.lastUpdateTime

    def commit(self) -> str | None:
        """The commit that the artifact was made of; None where that is not known."""
        if self.origin:
            return commit_of(self.origin, from_git=True)
        return commit_of(self.revision, from_git=self.kind == "GitRepository")


def source_of(obj: Mapping[str, Any]) -> Source:
    """A source object, compact; whatever is missing or of the wrong type counts as empty."""
    artifact = mapping(mapping(obj.get("status")).get("artifact"))
    return Source(
        kind=text(obj.get("kind")),
        url=text(mapping(obj.get("spec")).get("url")),
        revision=text(artifact.get("revision")),
        origin=text(mapping(artifact.get("metadata")).get(ORIGIN_REVISION)),
        updated=epoch(artifact.get("lastUpdateTime")) or 0.0,
    )
