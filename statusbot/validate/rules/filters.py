"""An Alert's inclusionList and exclusionList: are they patterns, and do successes pass them."""

from __future__ import annotations

from collections.abc import Iterator

from statusbot.errors import StatusbotError
from statusbot.manifests.alert import Alert
from statusbot.routing.patterns import EXCLUSION, INCLUSION, Patterns
from statusbot.validate.routes import Routes
from statusbot.validate.rule import Hit, Item, error, warning

PATTERN = error("pattern", "a pattern is a regular expression of Go's")
SUCCESS_FILTERED = warning("success-filtered", "the patterns let successes pass")
RULES = (PATTERN, SUCCESS_FILTERED)

# Flux's message of a success, with durations of every shape that Go prints.
_TOOK = ("1.234567891s", "12.3s", "987.654321ms", "2m3.456789s", "1h2m3.4s")
_EVERY = ("1m0s", "5m0s", "10m0s", "30m0s", "1h0m0s", "24h0m0s")
_MESSAGES = tuple(
    f"Reconciliation finished in {took}, next run in {every}" for took in _TOOK for every in _EVERY
)


def check(routes: Routes) -> Iterator[Hit]:
    """Every Alert that has such a list."""
    for item, alert in routes.given.alerts:
        if not (alert.inclusion or alert.exclusion):
            continue
        faults = list(_faults(item, alert, routes))
        yield from faults
        if not faults and alert.severity == "info" and alert.provider_ref in routes.forges:
            yield from _successes(item, alert, routes)


def _faults(item: Item, alert: Alert, routes: Routes) -> Iterator[Hit]:
    allowance = routes.allowances(alert.namespace)
    for field, texts in ((INCLUSION, alert.inclusion), (EXCLUSION, alert.exclusion)):
        for index, text in enumerate(texts):
            try:
                Patterns((text,), (), allowance).check()
            except StatusbotError as error:
                path = f"$.spec.{field}[{index}]"
                yield PATTERN.at(item, path, f"{error.what}: the Alert sends nothing", error.todo)


def _successes(item: Item, alert: Alert, routes: Routes) -> Iterator[Hit]:
    """Only where no success whatever passes."""
    patterns = Patterns(alert.inclusion, alert.exclusion, routes.allowances(alert.namespace))
    kept = ""
    for message in _MESSAGES:
        try:
            kept = patterns(message)
        except StatusbotError:
            return  # no time is left for it
        if not kept:
            return
    field = EXCLUSION if kept.startswith(EXCLUSION) else INCLUSION
    what = (
        f"{kept} Flux's message of a success, such as '{_MESSAGES[0]}': a commit that succeeds gets "
        "no status"
    )
    yield SUCCESS_FILTERED.at(item, f"$.spec.{field}", _said(what), "let that message pass")


def _said(what: str) -> str:
    return what.replace(f"{EXCLUSION} has ", f"{EXCLUSION} keeps back, by ", 1)
