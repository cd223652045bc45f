"""Text that is safe to show: cut at a word, free of secrets and of control characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

ELLIPSIS = "…"
HIDDEN = "***"

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

_COMMAND = re.compile(r"##(?=\w*\[)")


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """``text`` without the given secrets, without URL credentials and without known token forms."""
    # The longest first: a secret that contains another must go as a whole.
    for secret in sorted((s for s in secrets if len(s) >= 4), key=len, reverse=True):
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


def _shown(character: str) -> str:
    # Cc controls, Cf direction marks and zero widths, Cs lone surrogates, Co and Cn undefined.
    return " " if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn"} else character


def cut(text: str, limit: int) -> str:
    """``text`` in at most ``limit`` code points, cut at a word where one is near, with an ellipsis.

    Never through a character: a combining mark stays with the letter that it stands on.
    """
    if len(text) <= limit:
        return text
    if limit <= 1:
        return ELLIPSIS[:limit]
    head = text[: limit - 1]
    if text[limit - 1] != " ":
        space = head.rfind(" ")
        head = head[:space] if space >= limit // 2 else _whole_characters(text, limit - 1)
    return head.rstrip(" ,;:") + ELLIPSIS


def _whole_characters(text: str, end: int) -> str:
    # Vowel signs and enclosing marks have the combining class 0, but M as their category.
    while end > 0 and unicodedata.category(text[end]).startswith("M"):
        end -= 1
    return text[:end]
