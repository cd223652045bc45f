"""What a forge says in its own words, safe to show."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from statusbot.forges.base import Answer
from statusbot.text import cut, one_line, redact

LONGEST = 200
_LONGEST_MESSAGE = 120


def sentence(text: str) -> str:
    """``text`` as it may stand in a report: one line, at most 200 code points."""
    return cut(redact(one_line(text)), LONGEST)


def said(answer: Answer) -> str:
    """The forge's own message, cut short; empty where the answer holds none (a page, say)."""
    value = answer.json()
    if isinstance(value, dict):
        # Hidden here, where JSON's escapes are gone.
        messages = (redact(text, answer.secrets) for text in _messages(value))
        text = "; ".join(dict.fromkeys(one_line(message) for message in messages))
    elif answer.headers.get("content-type", "").lower().startswith("text/plain"):
        text = redact(answer.body[:1000].decode(errors="replace"), answer.secrets)
    else:
        text = ""
    return cut(redact(one_line(text)), _LONGEST_MESSAGE)


def _messages(value: dict[str, Any]) -> list[str]:
    """GitHub explains itself in ``errors`` of objects, Gitea in ``errors`` of strings.

    GitLab's ``message`` may be an object of lists, by field; OAuth adds an ``error_description``.
    """
    error = value.get("error")
    texts = [
        *_by_field(value.get("message")),
        *(_explained(error) if isinstance(error, dict) else (error,)),
        value.get("error_description"),
    ]
    errors = value.get("errors")
    for error in errors if isinstance(errors, list) else []:
        if isinstance(error, dict):
            texts.append(error.get("message") or _field(error))
        else:
            texts.append(error)
    return [text for text in texts if isinstance(text, str) and one_line(text)]


def _explained(error: dict[str, Any]) -> list[Any]:
    """Bitbucket Cloud's ``error`` is an object: a message, a detail, and reasons by field."""
    fields = error.get("fields")
    # The message often is the reason of the first field, with its name before it.
    reasons = [
        f"{name}: {reason}"
        for name, told in (fields.items() if isinstance(fields, dict) else ())
        for reason in (told if isinstance(told, list) else (told,))
        if isinstance(reason, str)
    ]
    return [error.get("message"), error.get("detail"), *reasons]


def _by_field(message: Any) -> list[Any]:
    """``{"name": ["is taken"]}`` as ``["name is taken"]``; anything else as it is."""
    if not isinstance(message, dict):
        return message if isinstance(message, list) else [message]
    return [
        f"{field} {text}"
        for field, texts in message.items()
        for text in (texts if isinstance(texts, list) else [texts])
        if isinstance(text, str)
    ]


def _field(error: dict[str, Any]) -> str:
    return " ".join(str(error[key]) for key in ("resource", "field", "code") if key in error)


def what_came(answer: Answer) -> str:
    """Status code and kind of an answer that is not what the API promises."""
    told = redact(answer.headers.get("content-type", ""), answer.secrets)
    kind = one_line(told).partition(";")[0].strip().lower()
    return f"{answer.status} with {cut(kind, 40) or 'nothing'}"


def whither(answer: Answer) -> str:
    """Where a redirect points to, without user, query and fragment."""
    try:
        parts = urlsplit(answer.headers.get("location", "").strip())
    except ValueError:
        return "an unreadable address"
    host = parts.netloc.rpartition("@")[2]
    start = f"{parts.scheme}://{host}" if parts.scheme and host else host
    return cut(redact(one_line(start + parts.path), answer.secrets), 100) or "nowhere"
