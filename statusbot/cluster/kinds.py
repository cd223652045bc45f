"""The kinds of objects that statusbot reads, by the names that the Kubernetes API gives them."""

from __future__ import annotations

from dataclasses import dataclass

KUSTOMIZE_GROUP = "kustomize.toolkit.fluxcd.io"
SOURCE_GROUP = "source.toolkit.fluxcd.io"
NOTIFICATION_GROUP = "notification.toolkit.fluxcd.io"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of object; an empty ``group`` is the core API.

    An empty ``version`` means the version that the server prefers, as discovery tells it.
    """

    group: str
    plural: str
    kind: str
    version: str = ""

    @property
    def resource(self) -> str:
        """As ``kubectl`` and RBAC write it: ``alerts.notification.toolkit.fluxcd.io``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


KUSTOMIZATION = Kind(KUSTOMIZE_GROUP, "kustomizations", "Kustomization")
GIT_REPOSITORY = Kind(SOURCE_GROUP, "gitrepositories", "GitRepository")
OCI_REPOSITORY = Kind(SOURCE_GROUP, "ocirepositories", "OCIRepository")
BUCKET = Kind(SOURCE_GROUP, "buckets", "Bucket")
EXTERNAL_ARTIFACT = Kind(SOURCE_GROUP, "externalartifacts", "ExternalArtifact")
ALERT = Kind(NOTIFICATION_GROUP, "alerts", "Alert")
PROVIDER = Kind(NOTIFICATION_GROUP, "providers", "Provider")
SECRET = Kind("", "secrets", "Secret", "v1")
CONFIG_MAP = Kind("", "configmaps", "ConfigMap", "v1")
EVENT = Kind("", "events", "Event", "v1")

SOURCE_KINDS = (GIT_REPOSITORY, OCI_REPOSITORY, BUCKET, EXTERNAL_ARTIFACT)
KINDS = (KUSTOMIZATION, *SOURCE_KINDS, ALERT, PROVIDER, SECRET, CONFIG_MAP, EVENT)

_BY_NAME = {kind.kind: kind for kind in KINDS}


def by_name(kind: str) -> Kind | None:
    """The kind that objects and references call ``kind`` (``GitRepository``); None if unknown."""
    return _BY_NAME.get(kind)
