"""What a plain YAML word means to Kubernetes: sigs.k8s.io/yaml on goyaml.v2, not quite YAML 1.1.

It has YAML 1.1's booleans (yes, no, on, off, y, n) and octals (012 is 10), but no base 60: 1:30
is a text, and so are dates. Source: ``resolve`` in goyaml.v2/resolve.go of kubernetes-sigs/yaml.
"""

from __future__ import annotations

import base64
import math
import re

Scalar = str | int | float | bool | None

TAG = "tag:yaml.org,2002:"


def _cases(*words: str) -> tuple[str, ...]:
    return tuple(form for word in words for form in (word, word.capitalize(), word.upper()))


_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(_cases("true", "yes", "on", "y"), True),
    **dict.fromkeys(_cases("false", "no", "off", "n"), False),
    **dict.fromkeys((*_cases("null"), "~", ""), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
_TYPES = {"bool": bool, "int": int, "float": float, "null": type(None)}
_NUMBER_STARTS = frozenset("+-.0123456789")
_OCTAL = re.compile(r"[-+]?0[0-7]+", re.ASCII)
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*|0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+)", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)


def resolve(text: str) -> Scalar:
    """The value of an unquoted word without a tag."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    digits = text if text[0] == "." else text.replace("_", "")
    if _OCTAL.fullmatch(digits):
        return _integer(digits, 8)
    if _INTEGER.fullmatch(digits):
        return _integer(digits, 0)
    return _float(digits, text) if _FLOAT.fullmatch(digits) else text


def _integer(digits: str, base: int) -> int | float | str:
    # Python refuses to read thousands of digits;
    if len(digits) > 64:
        return _float(digits, digits) if _FLOAT.fullmatch(digits) else digits
    value = int(digits, base)
    # Beyond 64 bits JSON in Kubernetes is a float.
    return value if -(2**63) <= value < 2**64 else float(value)


def _float(digits: str, text: str) -> float | str:
    # What is too large stays a text, luckily: 04e5890 may be the beginning of a commit.
    value = float(digits)
    return value if math.isfinite(value) else text


def tagged(tag: str, text: str) -> Scalar:
    """The value of a word that has a tag; ``ValueError`` says that the two do not fit.

    A tag of somebody's own changes nothing: Kubernetes takes such a value as a text.
    """
    kind = tag.removeprefix(TAG)
    if kind == "binary":
        return base64.b64decode(text).decode()
    if kind not in _TYPES:
        return text
    value = resolve(text)
    if kind == "float" and type(value) is int:
        return float(value)
    if type(value) is not _TYPES[kind]:
        raise ValueError(kind)
    return value
