"""From a Flux revision to a commit.

Flux writes ``main@sha1:<40 hex>``, ``refs/pull/1/head@sha1:<40 hex>``, ``sha1:<40 hex>``, the older
``main/<40 hex>`` and, for OCI artifacts, ``tag@sha256:<64 hex>``, which is no commit. The rules are
those of fluxcd/pkg ``git/utils.go:64-135`` and of the notification-controller's
``internal/notifier/util.go:103-109``; unlike those, the digits are checked.
"""

from __future__ import annotations

import re
from sys import intern

FULL = (40, 64)  # hex digits of a commit's whole name, by SHA-1 and by SHA-256
_SHA1 = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def commit_of(revision: str, *, from_git: bool) -> str | None:
    """The commit that ``revision`` names, in lower case, or None.

    64 digits are a commit only where Git wrote the revision (``from_git``: a GitRepository or an
    origin revision); anywhere else they are the digest of an artifact.
    """
    if ":" in revision:
        digits = revision.rsplit(":", 1)[1]
    else:
        digits = revision.rsplit("/", 1)[-1]
    digits = digits.lower()
    if _SHA1.fullmatch(digits) or (from_git and _SHA256.fullmatch(digits)):
        return intern(digits)
    return None
