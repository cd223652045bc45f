"""The process that evaluates expressions: a request in a line, an answer in a line, till the end.

``{"expression": …, "variables": {…}}`` gives ``{"result": "…"}``; without variables the expression
is only compiled, which gives ``{}``. ``took`` in it is the processor's time. What is wrong comes as ``{"what": "…", "todo": "…"}``. Who
takes more time or memory than there is ends the process, or gets an answer with ``"fatal"`` in it.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from contextlib import suppress
from typing import Any

from statusbot.errors import StatusbotError
from statusbot.text import cut, one_line

# What the documentation's examples take is 0.001 seconds and nothing that could be measured.
SECONDS = 2.0
MEGABYTES = 64
_TOO_MUCH = f"it takes more than {MEGABYTES} MB of memory"


def main() -> None:
    """Answer until standard input ends."""
    _limit_memory()
    for line in sys.stdin.buffer:
        _limit_time(SECONDS)
        began = time.process_time()
        answer = answered(line)
        answer["took"] = f"{time.process_time() - began:.6f}"
        _limit_time(0)
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


def answered(line: bytes) -> dict[str, str]:
    """The answer to one request; whatever happens is one."""
    try:
        return _answer(json.loads(line))
    except StatusbotError as error:
        return {"what": error.what, "todo": error.todo}
    except MemoryError:
        return {"what": _TOO_MUCH, "todo": "", "fatal": "memory"}
    except ImportError as error:
        return _fault("cel-expr-python cannot be loaded", error)
    except Exception as error:  # of the library's binding, which has no class of its own for any
        return _fault("it cannot be evaluated", error)


def _answer(request: dict[str, Any]) -> dict[str, str]:
    from statusbot.routing.cel.evaluation import compile_, evaluate

    if "variables" in request:
        return {"result": evaluate(request["expression"], request["variables"])}
    compile_(request["expression"])
    return {}


def _fault(what: str, error: Exception) -> dict[str, str]:
    return {"what": f"{what}: {cut(one_line(str(error)), 300)}", "todo": ""}


def _limit_memory() -> None:
    """Of what may be written to; where the system has no such limit, the clock is what is left."""
    with suppress(ImportError, AttributeError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_DATA, (MEGABYTES << 20, MEGABYTES << 20))


def _limit_time(seconds: float) -> None:
    """SIGPROF ends the process after so much time of the processor; 0 takes the limit away."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_PROF, seconds)
