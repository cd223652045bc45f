"""Flux's Provider: which forge, which repository, which login."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from statusbot import duration
from statusbot.errors import StatusbotError
from statusbot.manifests.invalid import Invalid
from statusbot.manifests.validation import as_flux_reads, checked, invalid

# The Provider types that write commit statuses; the others are chats, queues and comments.
GIT_TYPES = ("github", "gitlab", "gitea", "bitbucket", "bitbucketserver", "azuredevops")

# GetTimeout in Flux's api/v1beta3/provider_types.go.
DEFAULT_TIMEOUT = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Provider:
    """A Provider of any served version, with Flux's defaults filled in.

    ``secret``, ``cert_secret`` and ``proxy_secret`` are names of Secrets in the Provider's own
    namespace. ``uid`` is empty when it comes from a file. ``timeout`` is for one call to the
    forge. Addresses and proxies may carry credentials, so they are in no repr; neither is
    ``manifest``, the whole object as Flux reads it, for expressions.
    """

    api_version: str
    namespace: str
    name: str
    uid: str
    type: str
    address: str = field(default="", repr=False)
    username: str = field(default="", repr=False)
    secret: str | None = None
    cert_secret: str | None = None
    proxy_secret: str | None = None
    proxy: str = field(default="", repr=False)
    timeout: timedelta = DEFAULT_TIMEOUT
    suspend: bool = False
    commit_status_expr: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    manifest: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def ref(self) -> str:
        """``namespace/name``."""
        return f"{self.namespace}/{self.name}"


def parse(
    obj: Mapping[str, Any], default_namespace: str = "", source: str = ""
) -> Provider | Invalid:
    """``obj`` as a Provider, or the first thing that is wrong with it."""
    admitted = checked(obj, "Provider", default_namespace, source)
    if isinstance(admitted, Invalid):
        return admitted
    metadata, spec = admitted["metadata"], admitted["spec"]
    try:
        timeout = duration.parse(spec["timeout"]) if "timeout" in spec else DEFAULT_TIMEOUT
    except StatusbotError as error:
        return invalid(obj, default_namespace, source, "$.spec.timeout", str(error))
    return Provider(
        api_version=admitted["apiVersion"],
        namespace=metadata.get("namespace") or default_namespace,
        name=metadata["name"],
        uid=metadata.get("uid", ""),
        type=spec["type"],
        address=spec.get("address", ""),
        username=spec.get("username", ""),
        secret=_reference(spec, "secretRef"),
        cert_secret=_reference(spec, "certSecretRef"),
        proxy_secret=_reference(spec, "proxySecretRef"),
        proxy=spec.get("proxy", ""),
        timeout=timeout,
        suspend=spec.get("suspend", False),
        commit_status_expr=spec.get("commitStatusExpr", ""),
        annotations=metadata.get("annotations", {}),
        manifest=as_flux_reads(admitted),
    )


def _reference(spec: Mapping[str, Any], key: str) -> str | None:
    name: str | None = spec[key]["name"] if key in spec else None
    return name
