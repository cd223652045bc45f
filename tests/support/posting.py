"""News for forges, and a Post that delivers them to a forge in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from statusbot.cluster.clock import Deadline
from statusbot.errors import StatusbotError
from statusbot.forges import forge_of
from statusbot.forges.base import Login
from statusbot.ledger.memory import Ledger
from statusbot.ledger.posted import Posted
from statusbot.manifests.provider import Provider
from statusbot.plan import News, said_by
from statusbot.posting.access import Access
from statusbot.posting.outcome import Outcome
from statusbot.posting.post import Post
from statusbot.results.result import ObjectRef, Result
from statusbot.results.state import State
from statusbot.routing.status import CommitStatus, Destination, Routed, Way
from tests.support.chaos import Act, Call, FakeForge
from tests.support.objects import C1, NOW

HOST = "https://forge.example"
CONTEXT = "kustomization/apps/1"


def destination(
    *,
    path: str = "acme/fleet",
    type_: str = "github",
    host: str = HOST,
    provider: str = "forge",
    timeout: float = 15.0,
    secret: str | None = "token",
    username: str = "",
    namespace: str = "flux-system",
) -> Destination:
    """A Provider's repository."""
    made = Provider(
        "notification.toolkit.fluxcd.io/v1beta3",
        namespace,
        provider,
        "1-",
        type_,
        f"{host}/{path}",
        username=username,
        secret=secret,
        timeout=timedelta(seconds=timeout),
    )
    forge = forge_of(type_)
    return Destination(made, forge, forge.repository(made.address), "1")


def news(
    state: State = State.SUCCESS,
    *,
    commit: str = C1,
    name: str = "apps",
    reason: str = "",
    message: str = "all is well",
    when: float = NOW,
    arrived: float = NOW,
    current: bool = True,
    over_red: bool = False,
    mirror: bool = False,
    posted: Posted | None = None,
    to: Destination | None = None,
) -> News:
    """A status that the ledger does not hold."""
    green = state is State.SUCCESS
    reason = reason or ("ReconciliationSucceeded" if green else "HealthCheckFailed")
    object_ = ObjectRef("Kustomization", "flux-system", name, f"uid-{name}")
    result = Result(object_, commit, state, reason, message, when, arrived, current)
    way = Way(to or destination(), "flux-system/all", same_repository=not mirror)
    unasked = "its Alert asks for errors only" if over_red else ""
    status = CommitStatus(Routed(result, way, unasked), f"kustomization/{name}/1")
    return News(status, said_by(status), posted)


@dataclass
class Office:
    """A Post with all that it needs; ``logins`` by the name of a Provider, ``now`` is the cluster's."""

    now: float = NOW
    seconds: float | None = None
    logins: dict[str, str | StatusbotError] = field(default_factory=dict)
    refresh: Callable[[News], News] = lambda news: news
    ledger: Ledger = field(default_factory=Ledger)

    def __post_init__(self) -> None:
        self.forge = FakeForge(lambda: self.now)

    def access(self, there: Destination) -> Access:
        token = self.logins.get(there.provider.name, "token-of-all")
        if isinstance(token, StatusbotError):
            raise token
        return Access(Login((("Authorization", f"Bearer {token}"),), (token,)))

    def made(self, *, dry_run: bool = False) -> Post:
        """The Post; a new one for each run."""
        return Post(
            self.forge,
            self.access,
            self.ledger,
            Deadline(self.seconds),
            lambda: self.now,
            lambda item: self.refresh(item),
            dry_run,
        )

    def post(
        self,
        *items: News,
        act: Callable[[Call], Act | None] | None = None,
        dry_run: bool = False,
    ) -> list[Outcome]:
        """The outcomes, in the order of the news."""
        if act is not None:
            self.forge.act = act
        outcomes = self.made(dry_run=dry_run)(items)
        order = [item.status.key for item in items]
        return sorted(outcomes, key=lambda outcome: order.index(outcome.status.key))

    def remembered(self, item: News) -> Posted | None:
        """What the ledger holds of a status."""
        return self.ledger.posted(item.status.result.object, item.status.key)

    def states(self, commit: str = C1, context: str = CONTEXT) -> list[str]:
        """The states of the rows of a context, oldest first."""
        return [row.state for row in self.forge.shown(commit, context)]
