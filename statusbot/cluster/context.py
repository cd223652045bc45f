"""The namespace that a kubeconfig's context names, where kubectl and helm look first."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from statusbot.cluster.kubeconfig import find, translated


def namespace_of(
    kubeconfig: str | None, context: str | None, environ: Mapping[str, str] = os.environ
) -> str:
    """Empty where the context names none, and in a pod. Raises UsageError as the connection would.

    A pod's own namespace is left out: no Flux object lives where statusbot does.
    """
    place = find(kubeconfig, context, environ)
    if not place.paths:
        return ""
    from kubernetes.config.kube_config import KubeConfigMerger

    with translated(str(place)):
        config = KubeConfigMerger(os.pathsep.join(place.paths)).config.value
        wanted = place.context or config.get("current-context")
        entries = [_value(node) for node in config.get("contexts") or ()]
        contexts = [_value(entry.get("context")) for entry in entries if entry["name"] == wanted]
        return _text(contexts[0].get("namespace")) if contexts else ""


def _value(node: Any) -> Mapping[str, Any]:
    value = getattr(node, "value", node)
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
