"""What ``--ledger`` names when all is known of where a run reads."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from statusbot.cluster.kubeconfig import find
from statusbot.cluster.setup import FLUX_NAMESPACE, Where
from statusbot.errors import UsageError

NAME = "statusbot"
# Where a pod finds the namespace that it is in.
NAMESPACE = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_USE = "use configmap, configmap:NAMESPACE/NAME, file:PATH or none"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ledger is in the cluster; its objects are called ``name``, or begin with it."""

    namespace: str
    name: str

    def __str__(self) -> str:
        """As an error's ``where``."""
        return f"configmap {self.namespace}/{self.name}"


def resolve(option: str | None, where: Where, environ: Mapping[str, str] = os.environ) -> str:
    """The option in full: ``configmap:NS/NAME``, ``file:PATH`` or ``none``.

    Without one a run in a pod keeps its ledger in the pod's namespace, and any other keeps none.
    Raises UsageError.
    """
    if option is None:
        option = "configmap" if _in_a_pod(where, environ) else "none"
    kind, _, rest = option.partition(":")
    if kind == "configmap" and where.files:
        todo = "leave out --from, or give --ledger file:PATH"
        raise UsageError("a configmap ledger needs a cluster", where="--ledger", todo=todo)
    if option == "configmap":
        return f"configmap:{_namespace(where, environ)}/{NAME}"
    if option == "none" or (kind == "file" and rest):
        return option
    if kind == "configmap" and (place := place_of(option)):
        return f"configmap:{place.namespace}/{place.name}"
    raise unknown(option)


def place_of(option: str, suffix: str = "") -> Place | None:
    """The place that ``configmap:NS/NAME`` is, of a shard with its ``suffix``; None for no such.

    The name is a label's value, too.
    """
    kind, _, rest = option.partition(":")
    namespace, _, name = rest.partition("/")
    name += suffix
    if kind != "configmap" or not (_LABEL.fullmatch(namespace) and _LABEL.fullmatch(name)):
        return None
    return Place(namespace, name)


def unknown(option: str) -> UsageError:
    """For an option that names no ledger."""
    what = f"there is no ledger {option!r}"
    if len(option.rpartition("/")[2]) > 63 - len("-shard-99-of-99"):
        what += ": a NAME, with -shard-I-of-N behind it, has 63 characters at most"
    return UsageError(what, where="--ledger", todo=_USE)


def _in_a_pod(where: Where, environ: Mapping[str, str]) -> bool:
    if where.files:
        return False
    try:
        return not find(where.kubeconfig, where.context, environ).paths
    except UsageError:
        return False  # the same is said when the cluster is opened


def _namespace(where: Where, environ: Mapping[str, str]) -> str:
    if not find(where.kubeconfig, where.context, environ).paths:
        try:
            mine = Path(NAMESPACE).read_text().strip()
        except (OSError, ValueError):  # ValueError: it is no text
            mine = ""
        return mine or FLUX_NAMESPACE
    # Imported here: the package behind it costs time.
    from statusbot.cluster.context import namespace_of

    return namespace_of(where.kubeconfig, where.context, environ) or FLUX_NAMESPACE
