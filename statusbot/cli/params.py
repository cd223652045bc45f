"""Values of options that click does not know of itself."""

from __future__ import annotations

import click

from statusbot import duration
from statusbot.errors import StatusbotError


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


class Name(click.ParamType[str]):
    """A name that is not empty."""

    name = "name"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """The name without the white space around it."""
        text = str(value).strip()
        return text if text else self.fail("it is empty", param, ctx)
