"""What the commands of the pages meet beside the usual, by the name of their block."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.support.docs_site import PARENT, Object, alert, changed, commit_of, green, provider
from tests.support.objects import git, not_ready, progressing, reconciling

APPLY = "kubectl apply -k deploy"
RUN = "statusbot run --ledger"
FORGET_FORGE = "kubectl -n flux-system delete provider,alert --all"
FORGET = "kubectl -n flux-system delete secret github-token"
SPOIL = "sed -i s,my-org/my-repo,my-org, clusters/production/forge.yaml"
Change = Callable[[list[Object]], list[Object]]


@dataclass(frozen=True)
class Scene:
    """What is there before a block is run, and what becomes of it.

    ``before`` is shell, ``change`` gives objects made of the usual ones, ``then`` the same after so
    many lines were printed. ``code`` is the exit code.
    """

    before: str = ""
    change: Change = lambda usual: []
    then: Mapping[int, Change] = field(default_factory=dict)
    code: int = 0


def _apps_is_red(usual: list[Object]) -> list[Object]:
    why = (
        "kustomize build failed: accumulating resources: open "
        "/tmp/kustomization-3141592/deploy/web.yaml: no such file or directory"
    )
    return changed(
        usual, "Kustomization", "apps", status={"conditions": [not_ready("BuildFailed", why)]}
    )


def _others_commit(usual: list[Object]) -> list[Object]:
    """apps is still at the commit before, infra on its way, and tools of another repository."""
    elsewhere = {"kind": "GitRepository", "name": "other"}
    at_work = green(PARENT) | {
        "conditions": [progressing(), reconciling("Building manifests")],
        "lastAttemptedRevision": git(commit_of(usual)),
    }
    return [
        *changed(usual, "Kustomization", "apps", status=green(PARENT)),
        *changed(usual, "Kustomization", "infra", status=at_work),
        *changed(usual, "Kustomization", "tools", spec={"sourceRef": elsewhere}),
    ]


def _then(name: str) -> Change:
    return lambda usual: changed(usual, "Kustomization", name, status=green(commit_of(usual)))


def _beside_slack(usual: list[Object]) -> list[Object]:
    sources = [{"kind": "Kustomization", "name": "web"}]
    slack = alert("slack", providerRef={"name": "slack"}, eventSources=sources)
    return [*_suspended(usual), slack]


def _suspended(usual: list[Object]) -> list[Object]:
    return changed(usual, "Alert", "github-status", spec={"suspend": True})


def _gitlab(usual: list[Object]) -> list[Object]:
    address = "https://git.example.com/gitlab/my-org/my-repo"
    return [provider("gitlab-status", type="gitlab", address=address)]


SCENES: dict[str, Scene] = {
    "README.md#statusbot-1": Scene(change=_apps_is_red),
    "README.md#in-the-cluster-a-cronjob-2": Scene(before=f"{FORGET}; {FORGET_FORGE}"),
    "README.md#three-more-verbs-3": Scene(change=_suspended, code=1),
    "docs/deploying.md#install-3": Scene(before=APPLY),
    "docs/deploying.md#which-one-2": Scene(before=APPLY),
    "docs/deploying.md#running-it-1": Scene(before=APPLY),
    "docs/deploying.md#running-it-2": Scene(before=APPLY),
    "docs/deploying.md#running-it-3": Scene(before="kubectl apply -k deploy/overlays/follow"),
    "docs/deploying.md#running-it-4": Scene(before=APPLY),
    "docs/deploying.md#the-ledger-1": Scene(before=f"{APPLY}; {RUN} configmap:statusbot/statusbot"),
    "docs/deploying.md#the-ledger-2": Scene(before=f"{APPLY}; {RUN} configmap:statusbot/statusbot"),
    "docs/explain.md#why-has-it-a-status-or-none-1": Scene(change=_beside_slack, code=1),
    "docs/new.md#in-configmaps-1": Scene(before=f"{RUN} configmap:flux-system/statusbot"),
    "docs/providers.md#the-address-1": Scene(change=_gitlab),
    "docs/providers.md#github-githubcom-and-enterprise-server-github-1": Scene(before=FORGET),
    "docs/validating.md#manifests-before-they-are-applied-1": Scene(before=SPOIL, code=1),
    "docs/waiting.md#waiting-for-a-commit-1": Scene(
        change=_others_commit, then={2: _then("infra"), 3: _then("apps")}
    ),
    "docs/waiting.md#by-the-forge-alone-1": Scene(before="statusbot run"),
}
