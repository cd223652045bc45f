"""Outputs of a step on GitHub: names and values that later steps read."""

from __future__ import annotations

import secrets
from collections.abc import Mapping


def pairs(values: Mapping[str, str | int | bool]) -> str:
    """What is added to the file of ``GITHUB_OUTPUT``; of two values of a name the last one counts.

    Each value stands between delimiters that nobody can foresee, so none can end itself and begin
    another output.
    """
    return "".join(_pair(name, _text(value)) for name, value in values.items())


def _pair(name: str, value: str) -> str:
    end = f"end_{secrets.token_hex(16)}"
    return f"{name}<<{end}\n{value}\n{end}\n"


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
