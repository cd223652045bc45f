"""Texts of the user's own: ``--context-template`` and its like."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from string import Formatter
from urllib.parse import urlsplit

from statusbot.errors import UsageError
from statusbot.text import cut, one_line, redact

# What is the same for all results of an object in one place: a context made of anything else would
# be another one with the next result, and what it showed before would stay for ever.
LASTING = ("kind", "namespace", "name", "id", "cluster", "repository", "provider", "alert")
FIELDS = (
    *LASTING,
    "state",
    "reason",
    "message",
    "revision",
    "commit",
    "short_commit",
    "summary",
)
MESSAGE = "message"
# Where a link leads is for who runs statusbot to say, not for who names an object.
_OF_THE_RUN = ("cluster",)
_START = re.compile(r"https?://[^/?#]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Template:
    """Text with gaps: each part is what stands as it is, and the name of what follows, if any."""

    parts: tuple[tuple[str, str], ...]

    def __call__(self, value: Callable[[str], str]) -> str:
        """The text; ``value`` gives that of each name."""
        return "".join(text + (value(name) if name else "") for text, name in self.parts)

    def before(self, field: str) -> Template:
        """The part of it that stands before a name."""
        for number, (text, name) in enumerate(self.parts):
            if name == field:
                return Template((*self.parts[:number], (text, "")))
        return self

    @property
    def names(self) -> frozenset[str]:
        """What it shows."""
        return frozenset(name for _, name in self.parts if name)


@dataclass(frozen=True, slots=True)
class Texts:
    """The templates of a run; None: as Flux has it, or as statusbot has it of itself."""

    context: Template | None = None
    description: Template | None = None
    target_url: Template | None = None


PLAIN = Texts()


def texts_of(context: str | None, description: str | None, target_url: str | None) -> Texts:
    """The templates that the options hold. Raises UsageError, which names the option."""
    return Texts(
        parsed(context, LASTING, "--context-template") if context else None,
        parsed(description, FIELDS, "--description-template") if description else None,
        _link(target_url, "--target-url-template") if target_url else None,
    )


def parsed(text: str, fields: Collection[str], option: str) -> Template:
    """The template that ``text`` is, with these names. Raises UsageError."""
    if not text.strip() or not text.isprintable():
        raise UsageError("it must be one line of text", where=option)
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        raise _broken(option) from None
    template = Template(tuple((literal, name or "") for literal, name, _, _ in parts))
    for _, name, form, conversion in parts:
        if name is not None and name not in fields:
            raise _unknown(name, fields, option)
        if form or conversion:
            raise _broken(option)
    return template


def _link(text: str, option: str) -> Template:
    template = parsed(text, FIELDS, option)
    start = _START.match(text)
    try:
        parts = urlsplit(start.group() if start else "")
        sound = bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        sound = False
    if not sound:
        raise UsageError(
            "it is no http or https address without a login",
            where=option,
            todo="write it like https://ci.example.com/{name}?commit={commit}",
        )
    host = parsed(start.group() if start else "", FIELDS, option)
    others = sorted(host.names.difference(_OF_THE_RUN))
    if others:
        what = f"{{{others[0]}}} stands in the host, where only {{{_OF_THE_RUN[0]}}} may"
        raise UsageError(what, where=option, todo="write the host")
    return template


def _unknown(name: str, fields: Collection[str], option: str) -> UsageError:
    shown = cut(redact(one_line(name)), 40)
    if name in FIELDS:
        what = f"{{{shown}}} differs from result to result, and a context must not"
    else:
        what = f"there is no {{{shown}}}"
    there_are = ", ".join(f"{{{field}}}" for field in fields)
    return UsageError(what, where=option, todo=f"there are {there_are}")


def _broken(option: str) -> UsageError:
    return UsageError(
        "its braces do not match",
        where=option,
        todo="write {name} for a value, and {{ or }} for a brace",
    )
