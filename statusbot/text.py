"""Text that is safe to show: cut at a word, free of secrets and of control characters."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable

ELLIPSIS = "…"
HIDDEN = "***"
# What is shorter would spoil every text, and is no secret.
SHORTEST_SECRET = 4

# To the last @ before the path: a password may hold one.
_USERINFO = re.compile(r"(?<=://)[^/\s]+(?=@)")
# A credential has a digit somewhere; "basic authentication" is none.
_AUTHORIZATION = re.compile(
    r"(?i)\b(bearer|basic|token|private-token:?)(\s+)(?=\S*\d)[A-Za-z0-9._~+/=-]{8,}"
)
# GitHub, GitLab and Bitbucket mark their tokens; JWTs begin with the same letters everywhere.
_KNOWN_TOKENS = re.compile(
    r"\b(?:gh[opsur]_[A-Za-z0-9_.-]{16,}|github_pat_\w{20,}|gl(?:pat|cbt|dt|oas|rt)-[\w.-]{16,}"
    r"|ATB?[AC]TT[A-Za-z0-9_=-]{16,}|eyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*)"
)

_SKIN_TONES = frozenset("\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
_COMMAND = re.compile(r"##(?=\w*\[)")


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """``text`` without the given secrets, without URL credentials and without known token forms."""
    # The longest first: a secret that contains another must go as a whole.
    long = (secret for secret in secrets if len(secret) >= SHORTEST_SECRET)
    for secret in sorted(long, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    text = _USERINFO.sub(HIDDEN, text)
    text = _AUTHORIZATION.sub(rf"\1\2{HIDDEN}", text)
    return _KNOWN_TOKENS.sub(HIDDEN, text)


def one_line(text: str) -> str:
    """The first line that says something, white space folded, nothing unprintable in it."""
    for line in text.splitlines():
        folded = " ".join(printable(line).split())
        if folded:
            return folded
    return ""


def printable(text: str) -> str:
    """``text`` without what moves a terminal's cursor, changes its colour or its direction."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def loggable(text: str) -> str:
    """``printable`` text that no CI system takes for a command of its own.

    GitHub's runner looks for ``##[`` anywhere in a line (``ActionCommand.TryParse``), the agent of
    Azure Pipelines for ``##vso[``; what must stand at the start of a line never does in ours.
    """
    return _COMMAND.sub("# #", printable(text))


def loggable_json(document: bytes) -> bytes:
    """A JSON document of the same meaning, in which no CI system finds a command of its own."""
    # Two of these are only ever in a text.
    return document.replace(b"##", b"#\\u0023")


def number(count: int, noun: str) -> str:
    """``1 read``, ``2 reads``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def first_few(names: Iterable[str], most: int) -> str:
    """``a, b and 3 more``: the first ``most`` names, and how many others there are."""
    every = list(names)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more


def _shown(character: str) -> str:
    # Cc controls, Cf direction marks and zero widths, Cs lone surrogates, Co and Cn undefined.
    return " " if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn"} else character


def utf16_length(text: str) -> int:
    """How long Java and .NET count a text to be: an emoji is two."""
    return len(text) + sum(character > "\uffff" for character in text)


def cut(text: str, limit: int, length: Callable[[str], int] = len) -> str:
    """``text`` no longer than ``limit``, cut at a word where one is near, with an ellipsis.

    ``length`` counts in code points unless told otherwise. Never through a character: a combining
    mark stays with the letter that it stands on.
    """
    if length(text) <= limit:
        return text
    if limit <= 1:
        return ELLIPSIS[:limit]
    prefixes = range(len(text) + 1)
    end = bisect_right(prefixes, limit - 1, key=lambda size: length(text[:size])) - 1
    head = text[:end]
    if text[end] != " ":
        space = head.rfind(" ")
        head = head[:space] if space >= (end + 1) // 2 else _whole_characters(text, end)
    return head.rstrip(" ,;:") + ELLIPSIS


def _whole_characters(text: str, end: int) -> str:
    # Vowel signs and enclosing marks have the combining class 0, but M as their category. Skin
    # tones are symbols of their own, but never meant so.
    while end > 0 and (unicodedata.category(text[end])[0] == "M" or text[end] in _SKIN_TONES):
        end -= 1
    return text[:end]
