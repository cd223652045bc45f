"""``${{ … }}`` as far as an action.yml needs it: contexts, texts in quotes, ``||`` and ``&&``."""

from __future__ import annotations

import re
from collections.abc import Mapping

_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)


def resolved(text: str, contexts: Mapping[str, Mapping[str, str]]) -> str:
    """``text`` with its expressions evaluated; ValueError for a context that is not there.

    A context's value that is not there is empty, as on GitHub.
    """
    return _EXPRESSION.sub(lambda match: _any(match[1].strip(), contexts), text)


def _any(expression: str, contexts: Mapping[str, Mapping[str, str]]) -> str:
    value = ""
    for part in expression.split("||"):
        value = _all(part, contexts)
        if value:
            break
    return value


def _all(expression: str, contexts: Mapping[str, Mapping[str, str]]) -> str:
    value = ""
    for part in expression.split("&&"):
        value = _value(part.strip(), contexts)
        if not value:
            break
    return value


def _value(term: str, contexts: Mapping[str, Mapping[str, str]]) -> str:
    if re.fullmatch(r"'[^']*'", term):
        return term[1:-1]
    context, dot, name = term.partition(".")
    if not dot or context not in contexts or not re.fullmatch(r"[A-Za-z_][\w-]*", name):
        raise ValueError(f"cannot evaluate {term!r} here: it knows {', '.join(contexts)}")
    return contexts[context].get(name, "")
