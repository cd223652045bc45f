"""Situations that `statusbot explain` is asked about, each with the answer that is true of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from statusbot.demo.forge import faults
from statusbot.demo.forge.calls import Kind
from statusbot.ledger.file import FileLedger
from tests.support.objects import (
    C1,
    C2,
    C3,
    DIGEST,
    EARLIER,
    Object,
    alert,
    entry,
    git,
    git_repository,
    green,
    kustomization,
    not_ready,
    progressing,
    provider,
    source_object,
    stamp,
)
from tests.support.world import REPOSITORY, World, secret

Setup = Callable[[World], "tuple[str, ...] | None"]
OTHER = "9" * 40  # no forge knows it
VIA = "(Alert flux-system/all, Provider flux-system/forge)"
FLUX = "`flux {} -n flux-system`"
NO_COMMIT = (
    f"the forge does not know this commit: not found; object does not exist [id: {OTHER}, "
    "rel_path: ] (404)"
)
NO_ROW = "no poll has come to it yet, and the forge shows no status of this context"


@dataclass(frozen=True)
class Situation:
    """``setup`` makes it, and gives the options that it is asked with. ``because`` is empty where
    the status is posted; ``to_do`` where nothing can be done."""

    setup: Setup
    because: str = ""
    to_do: str = ""

    @property
    def code(self) -> int:
        return 1 if self.because else 0

    def sentence(self, here: World) -> str:
        if not self.because:
            return "the status is posted"
        host = here.forge.url.partition("://")[2]
        todo = f"; to change that: {self.to_do}" if self.to_do else ""
        told = f"nothing is posted because {self.because}{todo}"
        return told.replace("<repository>", f"{host}/acme/fleet").replace("<host>", host)


def failed(reason: str = "BuildFailed", message: str = "it is broken") -> Object:
    return green(conditions=[not_ready(reason, message)])


def base(here: World, *instead: Object, without: str = "") -> None:
    """`apps` is green at C1; ``instead`` replaces objects of the same kind and name."""
    objects = [
        git_repository(url=here.url),
        kustomization(),
        alert(),
        provider(type="gitea", address=here.url),
        secret(),
        *instead,
    ]
    here.add(*(obj for obj in objects if obj["kind"] != without))


def _world(*instead: Object, without: str = "") -> Setup:
    def setup(here: World) -> None:
        base(here, *instead, without=without)

    return setup


def posted(here: World) -> None:
    base(here)
    here.run()


def posted_and_at_work(here: World) -> None:
    """As at every interval: Flux looks again at what it applied."""
    posted(here)
    status = green(conditions=[progressing()], history=[entry(git(C1))])
    here.add(kustomization(status))


def address(url: str) -> Setup:
    def setup(here: World) -> None:
        base(here, provider(type="gitea", address=url.replace("<url>", here.forge.url)))

    return setup


def pattern(here: World) -> None:
    base(here, kustomization(failed()), alert(exclusionList=["broken"]))


def wrong_token(here: World) -> None:
    base(here, secret(token="not-the-token"))


def unknown_commit(here: World) -> None:
    status = green(git(OTHER))
    base(here, git_repository(OTHER, url=here.url), kustomization(status))


def ledger(here: World) -> str:
    return f"file:{here.folder / 'ledger'}"


def refused_before(here: World) -> tuple[str, ...]:
    unknown_commit(here)
    here.run("--ledger", ledger(here))
    return ("--ledger", ledger(here))


def in_the_ledger(here: World) -> tuple[str, ...]:
    base(here)
    here.run("--ledger", ledger(here))
    return ("--ledger", ledger(here))


def gone_from_the_forge(here: World) -> tuple[str, ...]:
    options = in_the_ledger(here)
    for repo in here.forge.store.repos.values():
        repo.rows.clear()
    return options


def known_to_the_ledger_alone(here: World) -> tuple[str, ...]:
    options = in_the_ledger(here)
    here.add(git_repository(C2, url=here.url), kustomization(green(git(C2))))
    return (*options, "--commit", C1)


def forge_down(here: World) -> None:
    base(here)
    here.forge.faults.always(fault=faults.answer(503, "down"))


def limited(here: World) -> None:
    base(here)
    here.forge.faults.always(fault=faults.too_many(retry_after=3600), on=Kind.READ)


def overwritten(here: World) -> tuple[str, ...]:
    """Somebody wrote over ours, was corrected once, and wrote again."""
    options = in_the_ledger(here)
    with FileLedger(here.folder / "ledger") as store:
        for memory in store.ledger.objects.values():
            for key, status in memory.posted.items():
                memory.posted[key] = replace(status, corrected=True)
        store.save()
    _write_over(here)
    return options


def _write_over(here: World) -> None:
    store = here.forge.store
    repository = store.find(REPOSITORY)
    assert repository is not None
    context = here.forge.rows(REPOSITORY, C1)[-1].context
    store.insert(repository, C1, context=context, state="failure", description="no", url="")


def too_old(here: World) -> tuple[str, ...]:
    status = green(git(C2), history=[entry(git(C2)), entry(git(C1), last=EARLIER - 7 * 86400)])
    base(here, git_repository(C2, url=here.url), kustomization(status))
    here.run()
    return ("--commit", C1[:7])


def in_the_history(here: World) -> tuple[str, ...]:
    posted(here)
    status = green(git(C2), history=[entry(git(C2)), entry(git(C1))])
    here.add(git_repository(C2, url=here.url), kustomization(status))
    return ("--commit", C1[:12])


def not_yet(here: World) -> tuple[str, ...]:
    base(here, git_repository(C2, url=here.url))
    return ("--commit", C2)


def later_in_the_ledger(here: World) -> tuple[str, ...]:
    """The history remembers a failure, after which the commit succeeded and was posted so."""
    options = in_the_ledger(here)
    past = [entry(git(C2)), entry(git(C1), "BuildFailed")]
    here.add(git_repository(C2, url=here.url), kustomization(green(git(C2), history=past)))
    return (*options, "--commit", C1)


def no_repository(here: World) -> None:
    gone = f"{here.forge.url}/acme/gone"
    base(here, git_repository(url=gone), provider(type="gitea", address=gone))


def no_alert_and_two_providers(here: World) -> None:
    """The first by name leads to another repository."""
    base(here, provider("a-first", type="gitea", address=f"{here.forge.url}/acme/other"))
    here.kube.delete("Alert", "flux-system", "all")


def owed(here: World) -> tuple[str, ...]:
    """A failure that could not be posted, and that nothing but the ledger knows of today."""
    base(here, kustomization(failed()), without="Secret")
    here.run("--ledger", ledger(here))
    here.add(git_repository(C2, url=here.url), kustomization(green(git(C2))))
    return ("--ledger", ledger(here), "--commit", C1)


def single(here: World) -> tuple[str, ...]:
    base(here)
    options = ("--provider-type", "gitea", "--address", here.url)
    here.run(*options, env={"STATUSBOT_TOKEN": "forge-token-of-the-tests"})
    return options


def single_elsewhere(here: World) -> tuple[str, ...]:
    base(here)
    return ("--provider-type", "gitea", "--address", f"{here.forge.url}/acme/other")


def namesake(here: World) -> None:
    """Two objects of one context, and the other one has failed."""
    expression = "'everything'"
    base(
        here,
        provider(type="gitea", address=here.url, commitStatusExpr=expression),
        kustomization(failed(), name="other"),
    )


def asked_of(*options: str, setup: Setup) -> Setup:
    def asking(here: World) -> tuple[str, ...]:
        setup(here)
        return options

    return asking


def _named(expression: str) -> Setup:
    def setup(here: World) -> None:
        base(here, provider(type="gitea", address=here.url, commitStatusExpr=expression))

    return setup


def _api(url: str) -> Setup:
    def setup(here: World) -> None:
        led = provider(type="gitea", address=here.url)
        led["metadata"]["annotations"] = {"statusbot/api-url": url}
        base(here, led)

    return setup


OCI = {"kind": "OCIRepository", "name": "fleet"}
OCI_REVISION = f"latest@sha256:{DIGEST}"

SITUATIONS: dict[str, Situation] = {
    "posted": Situation(posted),
    "posted, and Flux at work again": Situation(posted_and_at_work),
    "in the ledger and on the forge": Situation(in_the_ledger),
    "known to the ledger alone": Situation(known_to_the_ledger_alone),
    "an older commit of the history": Situation(in_the_history),
    "without Alerts and Providers": Situation(single),
    "no poll came yet": Situation(
        _world(), f"{NO_ROW} {VIA}", "`statusbot run`, or wait for the next poll"
    ),
    "the Alert is suspended": Situation(
        _world(alert(suspend=True)),
        "the Alert is suspended (Alert flux-system/all)",
        FLUX.format("resume alert all"),
    ),
    "no Alert, and a Provider for another repository": Situation(
        no_alert_and_two_providers,
        "no Alert asks for it",
        "`flux create alert commit-status -n flux-system --event-severity info --event-source "
        "Kustomization/apps --provider-ref forge`",
    ),
    "the repository is not there": Situation(
        no_repository,
        f"no such commit or repository for this login: <any> (404) {VIA}",
        "push the commit to <host>/acme/gone, or give Secret flux-system/token the right to read "
        "that repository",
    ),
    "a later result is posted": Situation(later_in_the_ledger),
    "no Alert at all": Situation(
        _world(without="Alert"),
        "no Alert asks for it",
        "`flux create alert commit-status -n flux-system --event-severity info --event-source "
        "Kustomization/apps --provider-ref forge`",
    ),
    "no Alert and no Provider": Situation(
        lambda here: here.add(git_repository(url=here.url), kustomization()),
        "no Alert asks for it",
        "make a Provider (docs/providers.md), then `flux create alert commit-status -n "
        "flux-system --event-severity info --event-source Kustomization/apps --provider-ref "
        "<provider>`",
    ),
    "labels are lacking": Situation(
        _world(
            alert(
                eventSources=[
                    {"kind": "Kustomization", "name": "*", "matchLabels": {"team": "a", "b": "c"}}
                ]
            )
        ),
        "no entry of its eventSources takes the object (Alert flux-system/all)",
        "`kubectl -n flux-system label kustomization apps b=c team=a`",
    ),
    "the Provider is not there": Situation(
        _world(without="Provider"),
        f"there is no such Provider {VIA}",
        "make the Provider flux-system/forge (docs/providers.md), or name another in the Alert",
    ),
    "the Provider is a chat": Situation(
        _world(provider(type="slack", address="https://slack.example")),
        f"a Provider of type slack shows no commit status {VIA}",
        "make an Alert with a Provider of a Git forge: github, gitlab, gitea, bitbucket, "
        "bitbucketserver, azuredevops",
    ),
    "the Provider has no Secret": Situation(
        _world(without="Secret"),
        f"Secret flux-system/token: there is no such Secret {VIA}",
        "kubectl -n flux-system create secret generic token --from-literal=token=<token>",
    ),
    "the source is another repository": Situation(
        address("<url>/acme/other"),
        f"its source is another repository than <host>/acme/other {VIA}",
        "name the Provider of that repository in an Alert, or correct the spec.address of "
        "Provider flux-system/forge",
    ),
    "the object is suspended": Situation(
        _world(kustomization(green(conditions=[progressing()]), suspend=True)),
        "it is suspended, and Flux had not finished",
        FLUX.format("resume kustomization apps"),
    ),
    "Flux is at work": Situation(
        _world(kustomization(green(conditions=[progressing()], lastAppliedRevision=""))),
        "Flux is at work on it",
        "wait: Flux goes on by itself",
    ),
    "it is being deleted": Situation(
        _world(kustomization(metadata={"deletionTimestamp": stamp(EARLIER), "finalizers": ["a"]})),
        "it is being deleted; what was posted stays",
    ),
    "a dependency is not ready": Situation(
        _world(kustomization(failed("DependencyNotReady", "dependency 'x/y' is not ready"))),
        "it waits for a dependency: dependency 'x/y' is not ready, but this commit was applied "
        "before",
        "wait until what spec.dependsOn names is ready, or mend that",
    ),
    "another tenant's source": Situation(
        _world(kustomization(failed("AccessDenied"))),
        "Flux may not read its source GitRepository flux-system/fleet: AccessDenied",
        "move the source to the object's own namespace, or let Flux's controllers run without "
        "--no-cross-namespace-refs",
    ),
    "no Ready condition": Situation(
        _world(kustomization({})),
        "Flux has not written a Ready condition yet",
        FLUX.format("reconcile kustomization apps"),
    ),
    "an OCI artifact that names no commit": Situation(
        _world(
            source_object("OCIRepository", {"revision": OCI_REVISION}),
            kustomization(green(OCI_REVISION), source=OCI),
        ),
        f"revision {OCI_REVISION} names no commit, since the artifact carries no origin "
        "revision: push it with `flux push artifact --revision <branch>@sha1:<commit>`",
    ),
    "the source is not there": Situation(
        _world(kustomization(failed("ArtifactFailed")), without="GitRepository"),
        "Flux tries again: ArtifactFailed, and its source GitRepository flux-system/fleet is not there",
        "see that the source can be fetched; what lasts past --failure-age is a failure",
    ),
    "the token is refused": Situation(
        wrong_token,
        f"the forge does not accept the login: invalid username, password or token (401) {VIA}",
        "put a login that the forge accepts into Secret flux-system/token",
    ),
    "the forge does not know the commit": Situation(
        unknown_commit,
        f"{NO_COMMIT} {VIA}",
        "push the commit to <repository>, or name another Provider in the Alert",
    ),
    "the ledger says refused": Situation(
        refused_before,
        f"{NO_COMMIT} {VIA}",
        "mend that, then `statusbot run --ledger none`, which asks the forge again",
    ),
    "posted, and gone from the forge": Situation(
        gone_from_the_forge,
        f"the ledger holds it as posted, but the forge shows no status of this context {VIA}",
        "`statusbot run --recheck 0s`, which compares all that the ledger holds with the forges",
    ),
    "the Alert asks for errors only": Situation(
        _world(alert(eventSeverity="error")),
        f"its Alert asks for errors only {VIA}",
        "change its eventSeverity to info: `kubectl -n flux-system edit alert all`",
    ),
    "a pattern leaves it out": Situation(
        pattern,
        f'exclusionList has "broken" {VIA}',
        "change its inclusionList or exclusionList: `kubectl -n flux-system edit alert all`",
    ),
    "a pattern leaves a failure out that the Alert asks for": Situation(
        _world(kustomization(failed()), alert(exclusionList=["broken"], eventSeverity="error")),
        f'exclusionList has "broken" {VIA}',
        "change its inclusionList or exclusionList: `kubectl -n flux-system edit alert all`",
    ),
    "a pattern is none": Situation(
        _world(alert(inclusionList=["("])),
        f'spec.inclusionList: "(" cannot be used as a regular expression: missing ): ( {VIA}',
        "`kubectl -n flux-system edit alert all`",
    ),
    "the expression fails": Situation(
        _named("string(event.metadata.none)"),
        f"spec.commitStatusExpr: it cannot be evaluated: no such key: none: <any> {VIA}",
        "`kubectl -n flux-system edit provider forge`",
    ),
    "an annotation names no commit": Situation(
        _world(kustomization(metadata={"annotations": {"event.toolkit.fluxcd.io/commit": "main"}})),
        "the annotation event.toolkit.fluxcd.io/commit of the object names no commit: write its 40 "
        f"digits there {VIA}",
        "`kubectl -n flux-system edit kustomization apps`",
    ),
    "the Alert names no commit": Situation(
        _world(alert(eventMetadata={"commit": "main"})),
        f"spec.eventMetadata.commit of the Alert names no commit: write its 40 digits there {VIA}",
        "`kubectl -n flux-system edit alert all`",
    ),
    "the address is never a forge's": Situation(
        _api("http://169.254.169.254/"),
        f"169.254.169.254: this is a link-local or metadata address, never a forge: <any> {VIA}",
        "correct the address; the next poll tries again",
    ),
    "the forge is down": Situation(
        forge_down,
        f"the forge failed: down (503) {VIA}",
        "see that the forge is up and can be reached from here; the next poll tries again",
    ),
    "the forge asks for a pause": Situation(
        limited,
        f"the forge limits our calls: Retry later (429) {VIA}",
        "wait for a later poll",
    ),
    "it was before what is told": Situation(too_old, "<any>", "<any>"),
    "Flux has not come to it": Situation(
        not_yet,
        "its source holds the commit, and Flux has not come to the object since",
        FLUX.format("reconcile kustomization apps"),
    ),
    "nothing is known of it": Situation(
        asked_of("--commit", C3, setup=_world()),
        f"nothing is known of {C3}: the object's status and its history, of which Flux keeps five "
        "entries, do not name it, and there is no ledger (--ledger none)",
        "ask with the --ledger of the polls, if they keep one",
    ),
    "owed since an earlier poll": Situation(
        owed,
        f"Secret flux-system/token: there is no such Secret {VIA}",
        "kubectl -n flux-system create secret generic token --from-literal=token=<token>",
    ),
    "somebody else writes over it": Situation(
        overwritten,
        f"somebody else writes failure over it; it was corrected once {VIA}",
        "let nobody else write this context; the next result is posted again",
    ),
    "another object has its context": Situation(
        namesake,
        f"flux-system/other has the same context, and of the two the worse is shown: failure {VIA}",
        "give one of them another name, or let the Provider's commitStatusExpr tell them apart",
    ),
    "another repository than --address": Situation(
        single_elsewhere,
        "its source is another repository than <host>/acme/other",
        "give the repository of its source as --address",
    ),
}
