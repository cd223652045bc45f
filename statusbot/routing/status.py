"""The nouns that routing hands on: one status on one commit of one repository, or why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from statusbot.forges.base import Forge, Repository, Row
from statusbot.manifests.provider import Provider
from statusbot.results.result import Result
from statusbot.routing.expression import Expression
from statusbot.routing.hosts import ANYWHERE, Hosts
from statusbot.routing.patterns import Patterns
from statusbot.routing.templates import MESSAGE, PLAIN, Texts
from statusbot.routing.texts import description, title, words
from statusbot.routing.values import beginning_of, description_of, link_of


@dataclass(frozen=True, slots=True, eq=False)
class Destination:
    """A Provider whose address is understood. ``id`` is the last part of its contexts.

    ``expression`` names them in its place: the Provider's ``commitStatusExpr``. ``cluster`` is what
    the run calls the cluster, ``texts`` are its templates, ``hosts`` those that may be called.
    """

    provider: Provider = field(repr=False)
    forge: Forge
    repository: Repository
    id: str
    expression: Expression | None = None
    cluster: str = ""
    texts: Texts = PLAIN
    hosts: Hosts = ANYWHERE

    @property
    def names_contexts(self) -> bool:
        """Whether contexts are made in another way than Flux's, so that namesakes do not matter."""
        return self.expression is not None or self.texts.context is not None


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """From an object through an Alert to a destination.

    ``alert`` is ``namespace/name``, empty where there are no Alerts. ``errors_only`` is its
    ``eventSeverity``, ``patterns`` its inclusion and exclusion lists, ``event_metadata`` and
    ``alert_summary`` what it adds to every event, ``manifest`` the whole of it for an expression.
    ``same_repository``: the source and the Provider name the same repository, so that a commit
    unknown to the forge is an error there, and not just a mirror's affair. ``elsewhere``: they
    surely name different ones, and why that is; only a commit that somebody names goes there.
    """

    destination: Destination
    alert: str = ""
    errors_only: bool = False
    same_repository: bool = True
    elsewhere: str = ""
    alert_summary: str = ""
    event_metadata: Mapping[str, str] = field(default_factory=dict)
    patterns: Patterns | None = None
    manifest: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class NoWay:
    """Why an object's results do not go where an Alert would send them.

    ``error``: somebody has to mend an Alert or a Provider, and until then the results are owed.
    ``alone``: somebody has to mend something, and no entry of those tells of it, so each result does.
    ``at`` is the kind of what has to be mended, where that is known: ``Alert``, ``Provider``, or that
    of the object.
    """

    why: str
    alert: str = ""
    provider: str = ""
    error: bool = False
    alone: bool = False
    at: str = ""


@dataclass(frozen=True, slots=True)
class Routed:
    """A result and its way.

    ``unasked``: why the Alert does not ask for this success; empty where it does. ``context`` is
    what the Provider's expression made of it, else empty; ``summary`` is the event's.
    ``only_over_pending``: it is news only where it ends a pending that we posted.
    """

    result: Result
    way: Way
    unasked: str = ""
    context: str = ""
    summary: str = ""
    only_over_pending: bool = False

    @property
    def only_over_red(self) -> bool:
        """Whether it is news only where it ends a red: nobody asks for it otherwise."""
        return bool(self.unasked)


@dataclass(frozen=True, slots=True)
class CommitStatus:
    """What the commit should show. Its description is rendered when it is needed, not before."""

    routed: Routed
    context: str

    @property
    def genre(self) -> str:
        """What else identifies the context on this forge; empty on most."""
        return self.destination.forge.genre(self.routed.summary)

    @property
    def context_key(self) -> str:
        """The context as the forge compares it."""
        return self.destination.forge.context_key(self.context, self.genre)

    @property
    def row(self) -> Row:
        """The row that the forge is to show."""
        result = self.result
        return Row(
            self.context,
            result.state,
            self.description,
            self.url,
            genre=self.genre,
            name=title(result.object),
            words=words(result.reason),
        )

    @property
    def result(self) -> Result:
        """What happened."""
        return self.routed.result

    @property
    def destination(self) -> Destination:
        """Where it is shown."""
        return self.routed.way.destination

    @property
    def description(self) -> str:
        """What happened, as much of it as the forge takes."""
        template = self.destination.texts.description
        return self._plain if template is None else description_of(self.routed, template)

    @property
    def compared(self) -> str:
        """The words whose change is news; empty where it shows no message that could change.

        A new template is none: it would write every status again.
        """
        template = self.destination.texts.description
        return self._plain if template is None or MESSAGE in template.names else ""

    @property
    def beginning(self) -> str | None:
        """What a description of this result begins with under a template, whatever the message."""
        template = self.destination.texts.description
        return None if template is None else beginning_of(self.routed, template)

    @property
    def url(self) -> str:
        """Where the status leads to; empty: wherever the forge's adapter has it lead."""
        template = self.destination.texts.target_url
        return "" if template is None else link_of(self.routed, template)

    @property
    def _plain(self) -> str:
        forge = self.destination.forge
        return description(self.result, forge.description_limit, forge.length)

    @property
    def place(self) -> str:
        """One name for this repository, commit and context, however they are written."""
        return _digest(*self._place)

    @property
    def key(self) -> str:
        """The same, as far as the Providers of one namespace lead there.

        By its API's root, its proxy or its authorities one of another tenant may lead to a server
        of that tenant's, and what that shows says nothing of what the forge shows.
        """
        return _digest(*self._place, self.destination.provider.namespace)

    @property
    def precedence(self) -> tuple[bool, str, str]:
        """Who goes first where two namespaces lead to one place, the smallest.

        It is never who names a context himself, nor who came later: that may be on purpose.
        """
        provider = self.destination.provider
        created = provider.manifest.get("metadata", {}).get("creationTimestamp", "")
        return (bool(self.routed.context), str(created), provider.ref)

    @property
    def _place(self) -> tuple[str, ...]:
        return (self.destination.repository.key, self.result.commit, self.context_key)


def _digest(*parts: str) -> str:
    return blake2b("\n".join(parts).encode(), digest_size=12).hexdigest()
