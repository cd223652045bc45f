"""Under which context a result is shown: Flux's, a template's or an expression's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from statusbot.ledger.memory import Ledger
from statusbot.results.result import ObjectRef
from statusbot.routing.status import CommitStatus, Destination, Routed
from statusbot.routing.texts import context
from statusbot.routing.values import context_of


class Namesakes:
    """Objects of one name whose results go to one repository under one id.

    Flux's context has no namespace, so they would overwrite each other. There are as many names as
    objects, and hardly ever two of a kind: a set is only made for those.
    """

    def __init__(self) -> None:
        """Nobody is known yet."""
        self._there: dict[tuple[Destination, str], dict[str, str | set[str]]] = {}
        self._places: dict[tuple[str, str, str], dict[str, str | set[str]]] = {}

    def meet(self, object_: ObjectRef, there: Destination) -> None:
        """Note that the results of an object go there, unless their contexts are not Flux's."""
        if there.names_contexts:
            return
        names = self._names(there, object_.kind)
        known = names.setdefault(object_.name, object_.namespace)
        if isinstance(known, set):
            known.add(object_.namespace)
        elif known != object_.namespace:
            names[object_.name] = {known, object_.namespace}

    def context(self, object_: ObjectRef, there: Destination) -> str:
        """The object's context there, with its namespace if it needs that."""
        known = self._names(there, object_.kind).get(object_.name, object_.namespace)
        return context(object_, there.id, with_namespace=known != object_.namespace)

    def warnings(self) -> Iterable[str]:
        """A sentence for each name that is shared."""
        for (repository, id_, kind), names in self._places.items():
            for name, namespaces in names.items():
                if isinstance(namespaces, set):
                    yield (
                        f"{kind} {name} is in the namespaces "
                        f"{', '.join(sorted(namespaces))}, all for {repository}: their contexts "
                        f"are {kind.lower()}/<namespace>/{name}/{id_}"
                    )

    def _names(self, there: Destination, kind: str) -> dict[str, str | set[str]]:
        names = self._there.get((there, kind))
        if names is None:
            place = (there.repository.key, there.id, kind)
            names = self._there[there, kind] = self._places.setdefault(place, {})
        return names


def status_of(routed: Routed, namesakes: Namesakes, ledger: Ledger) -> CommitStatus:
    """What a routed result shows, under the context that is its own."""
    if routed.context:
        return CommitStatus(routed, routed.context)
    template = routed.way.destination.texts.context
    if template is not None:
        return CommitStatus(routed, context_of(routed, template))
    context_ = namesakes.context(routed.result.object, routed.way.destination)
    return _kept(CommitStatus(routed, context_), ledger)


def _kept(status: CommitStatus, ledger: Ledger) -> CommitStatus:
    """The status under the context that the commit has of this object already.

    Namesakes come and go. What an earlier context shows would be nobody's then, red for ever.
    """
    object_, id_ = status.result.object, status.destination.id
    if object_.key not in ledger.objects or ledger.posted(object_, status.key) is not None:
        return status
    for with_namespace in (False, True):
        before = replace(status, context=context(object_, id_, with_namespace=with_namespace))
        if before.context != status.context and ledger.posted(object_, before.key) is not None:
            return before
    return status
