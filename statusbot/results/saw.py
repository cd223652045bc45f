"""What a rule looked at, in a few words: for who asks why it held, or did not.

The words of an object come as they are in it: whoever shows them makes them safe.
"""

from __future__ import annotations

from statusbot.results.observation import Observation

_NO_READY = "no Ready condition"


def ready(seen: Observation) -> str:
    """``Ready=False BuildFailed``, which is what most rules are about."""
    found = seen.conditions.get("Ready")
    return f"Ready={found.status} {found.reason}".rstrip() if found else _NO_READY


def ready_message(seen: Observation) -> str:
    """The same with Flux's message."""
    found = seen.conditions.get("Ready")
    return f"{ready(seen)}: {found.message}" if found and found.message else ready(seen)


def deletion(seen: Observation) -> str:
    """Whether Kubernetes is taking it away."""
    return f"metadata.deletionTimestamp is {'set' if seen.deleting else 'not set'}"


def agreement(seen: Observation) -> str:
    """What must agree before a success is one."""
    return (
        f"{ready(seen)}, lastAppliedRevision {seen.applied or 'none'}, "
        f"lastAttemptedRevision {seen.attempted or 'none'}, "
        f"generation {seen.generation}, of which Flux saw {seen.observed_generation}"
    )


def attempted(seen: Observation) -> str:
    """What failed, and at which revision."""
    return f"{ready(seen)}, lastAttemptedRevision {seen.attempted or 'none'}"


def suspension(seen: Observation) -> str:
    """Whether Flux leaves it alone."""
    return f"spec.suspend is {'true' if seen.suspended else 'not true'}"


def work(seen: Observation) -> str:
    """How far Flux says it is."""
    found = seen.conditions.get("Reconciling")
    return f"{ready(seen)}: {found.message}" if found and found.message else ready(seen)
