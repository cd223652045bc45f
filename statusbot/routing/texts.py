"""The words of a status: Flux's context, and what happened in one line."""

from __future__ import annotations

import re
from collections.abc import Callable

from statusbot.results.result import ObjectRef, Result
from statusbot.results.sameness import settled_text
from statusbot.results.state import State
from statusbot.text import cut, one_line, printable, redact

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+|[^A-Za-z0-9\s]+")


def context(object_: ObjectRef, id_: str, *, with_namespace: bool = False) -> str:
    """``kustomization/<name>/<id>`` in lower case, Flux's ``server/provider_commit_status.go:44-48``.

    Flux leaves the namespace out, so two objects of one name overwrite each other's status;
    ``with_namespace`` is for those.
    """
    middle = object_.path if with_namespace else object_.name
    return f"{object_.kind}/{middle}/{id_}".lower()


def provider_id(uid: str) -> str:
    """The part of the Provider's uid before its first dash, which is all that Flux shows of it."""
    return uid.split("-", 1)[0]


def words(reason: str) -> str:
    """``ReconciliationSucceeded`` as ``reconciliation succeeded``, as Flux writes it.

    ``InvalidCELExpression`` gives ``invalid cel expression`` (``internal/notifier/util.go:50-101``).
    """
    return " ".join(_WORD.findall(printable(reason))).lower()


def title(object_: ObjectRef) -> str:
    """``kustomization/<name>``, the name that Flux gives to builds on Bitbucket."""
    return f"{object_.kind}/{object_.name}".lower()


def message_line(result: Result) -> str:
    """The first line of the message, without what varies from try to try."""
    line = redact(one_line(result.message))
    # A success says which revision it is about and nothing else: there is nothing to settle.
    return line if result.state is State.SUCCESS else settled_text(line)


def description(result: Result, limit: int, length: Callable[[str], int] = len) -> str:
    """``<reason in words>: <first line of the message>``, no longer than ``limit`` by ``length``.

    A message that begins with the reason (``health check failed after …``) goes on from there.
    """
    line = message_line(result)
    start = words(result.reason)
    rest = line[len(start) :]
    if start and line.lower().startswith(start) and not rest[:1].isalnum():
        return cut(start + rest, limit, length)
    return cut(f"{start}: {line}" if line else start, limit, length)
