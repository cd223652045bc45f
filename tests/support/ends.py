"""How a reconciliation ends, in kustomize-controller's words, and what is true of a commit then.

Line numbers are those of v1.9.4 ``internal/controller/kustomization_controller.go``.
"""

from __future__ import annotations

from dataclasses import dataclass

ORIGIN = "org.opencontainers.image.revision"
OK = "ReconciliationSucceeded"
BUILD, APPLY, PRUNE = "BuildFailed", "ReconciliationFailed", "PruneFailed"
HEALTH, PATH, DEPENDENCY = "HealthCheckFailed", "path not found", "DependencyNotReady"
# The tarball is not there (:271), a newer commit came during the health checks (:279-293), an
# expression of the spec is none (:191-197), the source is another tenant's (:223-227).
FETCH, CANCELED = "ArtifactFailed", "HealthCheckCanceled"
STALLED, DENIED = "InvalidCELExpression", "AccessDenied"

# Of these the commit that Flux tried has its end; of the others it has none yet.
FAILURES = frozenset({BUILD, APPLY, PRUNE, HEALTH, PATH})
# What the second patch adds to status.history.
REMEMBERED = frozenset({OK, APPLY, PRUNE, HEALTH})


@dataclass(frozen=True)
class End:
    """What one commit came to in one object. ``number`` counts the ends of a cluster.

    ``whole`` is false where the controller died before it wrote which commit it was.
    """

    number: int
    path: str  # namespace/name
    uid: str
    commit: str
    state: str
    reason: str
    repository: str  # the URL of the source
    at: float
    whole: bool = True

    def __str__(self) -> str:
        return f"#{self.number} {self.path} {self.commit[:4]} {self.state} ({self.reason})"


def state_of(outcome: str) -> str:
    """The state of the commit that Flux tried; "" where this is no end."""
    states = {OK: "success", STALLED: "error"} | dict.fromkeys(FAILURES, "failure")
    return states.get(outcome, "")


def message(outcome: str, tries: int, revision: str) -> str:
    """Of the Ready condition. Some texts hold a folder that is another one at each try."""
    folder = f"/tmp/kustomization-{1234567 + tries}"
    texts = {
        OK: f"Applied revision: {revision}",
        BUILD: f"kustomize build failed: accumulating resources: stat {folder}/apps: no file",
        PATH: f"kustomization path not found: stat {folder}/apps: no such file or directory",
        HEALTH: f"health check failed after 30.{tries:06}s: timeout waiting for: "
        "[Deployment/apps/web status: 'InProgress']",
        FETCH: "artifact not found: retrying in 30s",
        CANCELED: "New reconciliation triggered by GitRepository/flux-system/fleet",
        STALLED: "failed to parse health check expression: undeclared reference to 'statu'",
        DENIED: "can't access 'GitRepository/other/fleet', cross-namespace references have been "
        "blocked",
        DEPENDENCY: "dependency 'flux-system/base' revision is not up to date",
    }
    return texts.get(outcome, f"{outcome}: Deployment/apps/web is invalid: field is immutable")
