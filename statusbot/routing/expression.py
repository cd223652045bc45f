"""``spec.commitStatusExpr`` of a Provider: the name of a commit status as a CEL expression gives it.

What Flux v1.9.3 does is in notification-controller ``internal/server/provider_commit_status.go``:
the environment is that of fluxcd/pkg with the type string for the result (``:35-40``), and the
result is taken as it is (``:77-82``): not in lower case, not trimmed, of any length; the forge
decides. Only the empty one is refused, when the notifier is made (``internal/notifier/github.go:38``
and its like). An expression that fails means no status at all (``event_handlers.go:388-390``).

``event`` has its metadata merged and without prefixes (``:360``, ``:649-719``); ``alert`` and
``provider`` are the whole objects as the API server has them. A whole number is an int, although
the variables are declared as ``google.protobuf.Struct``: they are made by apimachinery's
``ToUnstructured``, which gives int64 (``pkg/runtime/converter.go:679-688``), and read as they are.

Where cel-cpp gives something else than cel-go: 32 levels of nesting are its limit, not 250; half a
second is ``0.500``, not ``0.5``, in ``string()`` of a duration or a timestamp; ``%s`` of 1e21 and
``string()`` of an infinite number differ; a constant that fails (``'%q'.format([1])``) fails only
where it is evaluated, and an argument too many of ``format`` does not. Flux v1.9.3 has no limits for time, memory and length; here they are those of
``statusbot.routing.cel.program`` and the two lengths.
"""

from __future__ import annotations

import atexit
import importlib.util
from collections.abc import Mapping
from typing import Any

from statusbot.errors import StatusbotError
from statusbot.routing.allowance import Allowance
from statusbot.routing.cel.process import Died, Process

LONGEST = 10_000  # characters; cel-cpp takes ten times as many

_process = Process()
atexit.register(_process.close)


class Expression:
    """One expression, compiled."""

    def __init__(
        self, text: str, process: Process = _process, allowance: Allowance | None = None
    ) -> None:
        """Compile it. A StatusbotError says why Flux would not, or what is missing here."""
        self._allowance = allowance or Allowance()
        self._text = text
        self._process = process
        self._fatal = ""
        if len(text) > LONGEST:
            raise StatusbotError(f"it has {len(text)} characters, and {LONGEST} are the limit here")
        if importlib.util.find_spec("cel_expr_python") is None:
            raise StatusbotError(
                "CEL is not installed",
                todo="pip install 'statusbot[cel]'; the container image has it, unless it was built without",
            )
        self._ask({"expression": text})

    def __call__(
        self, event: Mapping[str, Any], alert: Mapping[str, Any], provider: Mapping[str, Any]
    ) -> str:
        """The name of the status, never empty; all three as JSON. A StatusbotError: there is none.

        What took too much time or memory once is not tried again.
        """
        variables = {"event": event, "alert": alert, "provider": provider}
        return self._ask({"expression": self._text, "variables": variables})["result"]

    def _ask(self, request: dict[str, Any]) -> dict[str, str]:
        if self._fatal:
            raise StatusbotError(self._fatal)
        self._allowance.check()
        answer = self._answer(request)
        if "fatal" in answer:
            self._fatal = answer["what"]
        if "what" in answer:
            raise StatusbotError(answer["what"], todo=answer["todo"])
        return answer

    def _answer(self, request: dict[str, Any]) -> dict[str, str]:
        try:
            try:
                return self._process.ask(request, self._allowance.spend)
            except Died as error:
                if not error.again:
                    raise
                return self._process.ask(request, self._allowance.spend)
        except Died as error:
            self._fatal = error.what
            raise
