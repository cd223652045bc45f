"""Which kinds an API server has, and in which version it prefers to give them."""

from __future__ import annotations

from statusbot.cluster.answer import Answer
from statusbot.cluster.connection import Connection
from statusbot.cluster.errors import Forbidden
from statusbot.cluster.kinds import Kind
from statusbot.errors import ClusterError, UsageError


class Discovery:
    """Asked once for each group, when it is needed, and remembered for the run."""

    def __init__(self, connection: Connection) -> None:
        """Nothing is asked yet."""
        self._connection = connection
        self._versions: dict[str, str] = {"": "v1"}
        self._resources: dict[tuple[str, str], frozenset[str]] = {}

    def version(self, kind: Kind) -> str:
        """The kind's own version, else the one the server prefers; empty without the group."""
        if kind.version:
            return kind.version
        if kind.group not in self._versions:
            self._versions[kind.group] = self._preferred(kind.group)
        return self._versions[kind.group]

    def serves(self, kind: Kind) -> bool:
        """Whether the server has the kind at that version."""
        version = self.version(kind)
        if not version:
            return False
        key = (kind.group, version)
        if key not in self._resources:
            self._resources[key] = self._names(*key)
        return kind.plural in self._resources[key]

    def _preferred(self, group: str) -> str:
        answer = self._connection.request("GET", f"/apis/{group}")
        if answer.status == 404:
            self._check_the_server(answer)
            return ""
        if answer.status != 200:
            raise answer.rejected()
        preferred = answer.json().get("preferredVersion")
        version = preferred.get("version") if isinstance(preferred, dict) else None
        # It becomes part of a path.
        if not isinstance(version, str) or not version.isalnum():
            raise ClusterError("the API server prefers no version of it", where=answer.url)
        return version

    def _check_the_server(self, unknown: Answer) -> None:
        """Raises UsageError where it knows no group because it is no Kubernetes API at all.

        kube-apiserver's 404 of a group is the plain text of any web server (http.NotFound), so it
        is asked for its version, which everybody may read (system:public-info-viewer).
        """
        if unknown.words("kind") == "Status":
            return
        try:
            answer = self._connection.request("GET", "/version")
        except Forbidden:
            return
        if not _is_version(answer):
            raise UsageError(
                f"this is no Kubernetes API: it answered {answer.status} when asked for its version",
                where=answer.url,
                todo="correct the server's address in the kubeconfig",
            )

    def _names(self, group: str, version: str) -> frozenset[str]:
        root = f"/apis/{group}/{version}" if group else f"/api/{version}"
        answer = self._connection.request("GET", root)
        if answer.status == 404:
            return frozenset()
        if answer.status != 200:
            raise answer.rejected()
        resources = answer.json().get("resources")
        entries = resources if isinstance(resources, list) else []
        names = (entry.get("name") for entry in entries if isinstance(entry, dict))
        return frozenset(name for name in names if isinstance(name, str))


def _is_version(answer: Answer) -> bool:
    try:
        return answer.status == 200 and isinstance(answer.json().get("gitVersion"), str)
    except ClusterError:
        return False
