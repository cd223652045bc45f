"""What templates show of a result on its way. All of it may be hostile text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

from statusbot.routing.templates import Template
from statusbot.routing.texts import context, message_line, words
from statusbot.text import cut, one_line, redact

if TYPE_CHECKING:
    from statusbot.routing.status import Routed

# As many digits as Flux and the report show of a commit.
SHORT = 8
# No forge publishes as much; a link cannot be cut, so what is longer is none.
LONGEST_LINK = 2048

_VALUES: dict[str, Callable[[Routed], str]] = {
    "kind": lambda it: it.result.object.kind.lower(),  # as in Flux's contexts
    "namespace": lambda it: it.result.object.namespace,
    "name": lambda it: it.result.object.name,
    "id": lambda it: it.way.destination.id,
    "cluster": lambda it: it.way.destination.cluster,
    "repository": lambda it: it.way.destination.repository.path,
    "provider": lambda it: it.way.destination.provider.ref if it.way.alert else "",
    "alert": lambda it: it.way.alert,
    "state": lambda it: it.result.state.value,
    "reason": lambda it: words(it.result.reason),
    "message": lambda it: message_line(it.result),
    "revision": lambda it: it.result.event.revision,
    "commit": lambda it: it.result.commit,
    "short_commit": lambda it: it.result.commit[:SHORT],
    "summary": lambda it: it.summary,
}


def value(routed: Routed, name: str) -> str:
    """What a template shows for a name, in one line."""
    return redact(one_line(_VALUES[name](routed)))


def context_of(routed: Routed, template: Template) -> str:
    """The context, as much of it as the forge takes; Flux's own where it would show nothing."""
    there = routed.way.destination
    text = one_line(template(lambda name: value(routed, name)))
    return cut(text, there.forge.context_limit, there.forge.length) or context(
        routed.result.object, there.id
    )


def description_of(routed: Routed, template: Template) -> str:
    """The description, as much of it as the forge takes; the reason where it would be empty."""
    forge = routed.way.destination.forge
    text = _described(routed, template)
    if not routed.result.message:
        # Nothing follows what was to lead to the message.
        text = text.rstrip(" :,;-")
    shown = text.strip() or words(routed.result.reason)
    return cut(shown, forge.description_limit, forge.length)


def beginning_of(routed: Routed, template: Template) -> str:
    """What the description begins with, whatever the message is."""
    return _described(routed, template.before("message")).strip()


def link_of(routed: Routed, template: Template) -> str:
    """The address, in which no value can be more than a value; empty where it is too long."""
    link = template(lambda name: quote(value(routed, name), safe=""))
    return link if len(link) <= LONGEST_LINK else ""


def _described(routed: Routed, template: Template) -> str:
    return redact(one_line(template(lambda name: value(routed, name))))
