"""The token of a Provider's Secret."""

from __future__ import annotations

from collections.abc import Mapping

from statusbot.errors import StatusbotError
from statusbot.forges.base import Login

_APP_KEYS = ("githubAppID", "githubAppPrivateKey")


def token_login(secret: Mapping[str, str], prefix: str) -> Login:
    """``Authorization: <prefix> <token>`` from the keys ``token``, else ``password``, as in Flux.

    White space around a token is dropped: a Secret made from a file ends in a newline.
    """
    token = secret.get("token", "").strip() or secret.get("password", "").strip()
    if not token:
        raise _missing(secret)
    if not token.isascii() or not token.isprintable() or " " in token:
        raise StatusbotError(
            "the token holds characters that no HTTP header can carry",
            todo="store the token alone in the Secret, without quotes, spaces or line breaks",
        )
    return Login((("Authorization", f"{prefix} {token}"),), (token,))


def _missing(secret: Mapping[str, str]) -> StatusbotError:
    if any(key in secret for key in _APP_KEYS):
        return StatusbotError(
            "logins of GitHub Apps are not supported yet",
            todo="store an access token under the key token",
        )
    return StatusbotError(
        "the Secret has no token", todo="store one under the key token (or password)"
    )
