"""The end of a wait as one document, for programs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from statusbot.text import loggable, redact
from statusbot.wait.as_lines import AsLines
from statusbot.wait.verdict import Verdict
from statusbot.wait.wait import Outcome

VERSION = 1


@dataclass(slots=True)
class AsJson(AsLines):
    """``Show``: progress goes out as lines, ``document`` takes the one document at the end.

    ``by_context``: the names are contexts of a forge, not Kustomizations.
    """

    document: Callable[[bytes], None] = lambda data: None
    by_context: bool = False

    def end(self, outcome: Outcome) -> None:
        """The document."""
        data = {
            "version": VERSION,
            "sha": outcome.sha,
            "result": str(outcome.ending),
            "seconds": round(outcome.seconds, 3),
            "kustomizations": [self._entry(verdict) for verdict in outcome.verdicts],
        }
        self.document(orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))

    def _entry(self, verdict: Verdict) -> dict[str, Any]:
        namespace, _, name = verdict.name.rpartition("/")
        if self.by_context:
            namespace, name = "", verdict.name
        return {
            "name": loggable(name),
            "namespace": loggable(namespace) or None,
            "context": loggable(verdict.name) if self.by_context else None,
            "state": str(verdict.standing),
            "commit": loggable(verdict.commit) or None,
            "reason": loggable(verdict.reason) or None,
            "message": loggable(redact(verdict.message)) or None,
            "url": loggable(redact(verdict.url)) or None,
        }
