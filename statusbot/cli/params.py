"""Values of options that click does not know of itself."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, ClassVar

import click

from statusbot import duration
from statusbot.cluster.selector import Selector
from statusbot.errors import StatusbotError, UsageError
from statusbot.selection import Shard

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class Seconds(click.ParamType[float]):
    """A duration as Flux writes it (``90s``, ``1h30m``), in seconds."""

    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Seconds; a usage error for what is no duration."""
        if isinstance(value, float):
            return value
        try:
            return duration.parse(str(value)).total_seconds()
        except StatusbotError as error:
            self.fail(str(error), param, ctx)


class HowLong(Seconds):
    """A duration, or ``forever``; in seconds."""

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Seconds, infinitely many for ``forever``; a usage error for what is neither."""
        return math.inf if value == "forever" else super().convert(value, param, ctx)


class WriteLimits(click.ParamType[tuple[tuple[int, float], ...]]):
    """How many writes in how long: ``80/m,500/h``, or ``none``; in numbers and seconds."""

    name = "limits"
    _UNITS: ClassVar = {"s": 1.0, "m": 60.0, "h": 3600.0}

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[tuple[int, float], ...]:
        """Pairs of a number and seconds; a usage error for what is none."""
        if isinstance(value, tuple):
            return value
        text = str(value).strip()
        limits = []
        for part in [] if text == "none" else text.split(","):
            found = re.fullmatch(r"([1-9][0-9]{0,8})/([smh])", part.strip())
            if found is None:
                self.fail(f"{part.strip()!r} is no limit: write 80/m,500/h, or none", param, ctx)
            limits.append((int(found[1]), self._UNITS[found[2]]))
        return tuple(limits)


class Labels(click.ParamType[Selector]):
    """A label selector as kubectl's ``-l`` takes it."""

    name = "selector"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Selector:
        """The selector; a usage error for what is none."""
        try:
            return value if isinstance(value, Selector) else Selector.parse(str(value))
        except UsageError as error:
            self.fail(str(error), param, ctx)


class Part(click.ParamType[Shard]):
    """A shard: ``I/N``."""

    name = "shard"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Shard:
        """The shard; a usage error for what is none."""
        try:
            return value if isinstance(value, Shard) else Shard.parse(str(value))
        except UsageError as error:
            self.fail(str(error), param, ctx)


class Name(click.ParamType[str]):
    """A name that is not empty."""

    name = "name"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """The name without the white space around it."""
        text = str(value).strip()
        return text if text else self.fail("it is empty", param, ctx)


def files(
    context: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Leaves the completion of a path to the shell."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def check_api_url(url: str | None) -> None:
    """Raises UsageError for a ``--api-url`` that is no root of an API."""
    # Imported here: not every verb that has options knows forges.
    from statusbot.forges.address import api_root

    if url:
        try:
            api_root(url)
        except StatusbotError as error:
            raise UsageError(error.what, where="--api-url", todo=error.todo) from None
