"""The commands of a block of shell, told apart well enough to say which programs it calls."""

from __future__ import annotations

import re
import shlex

_ENDS = {"|", "||", "&&", ";", "&", "<(", ")"}
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_INSIDE = re.compile(r"\$\(([^()]*)\)")


def lines(text: str) -> list[str]:
    """One for each command line: a backslash or a pipe at its end goes on in the next."""
    joined = re.sub(r" *\\\n\s*|(?<=\|)\n\s*", " ", text)
    return [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]


def commands(line: str) -> list[list[str]]:
    """The words of each command, those inside ``$( )`` too, without variables before them."""
    found: list[list[str]] = [[]]
    lexer = shlex.shlex(_INSIDE.sub("$", line), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    for word in lexer:
        if word in _ENDS:
            found.append([])
        elif found[-1] or not _ASSIGNMENT.match(word):
            found[-1].append(word)
    inside = [shlex.split(text) for text in _INSIDE.findall(line)]
    return [words for words in [*found, *inside] if words]
