"""Keys of forges that identify a status by a short key instead of its context (both Bitbuckets)."""

from __future__ import annotations

import hashlib


def hashed_key(context: str) -> str:
    """SHA-1 of ``context`` in UTF-8, in hex: 40 characters, which is Bitbucket Cloud's limit.

    Flux makes its keys so; a status that it wrote is therefore the one that we replace.
    """
    return hashlib.sha1(context.encode(errors="surrogatepass"), usedforsecurity=False).hexdigest()
