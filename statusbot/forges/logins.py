"""Logins made of the keys of a Provider's Secret; each adapter says which keys it takes."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from statusbot.errors import StatusbotError
from statusbot.forges.base import Login


def first_of(secret: Mapping[str, str], *keys: str) -> str:
    """The value of the first key that has one, or ``""``.

    White space around it is dropped: a Secret made from a file ends in a newline.
    """
    return next((value for key in keys if (value := secret.get(key, "").strip())), "")


def token_login(secret: Mapping[str, str], prefix: str) -> Login:
    """``Authorization: <prefix> <token>`` from the keys ``token``, else ``password``, as in Flux."""
    token = first_of(secret, "token", "password")
    if not token:
        raise no_login("store one under the key token (or password)")
    return header_login(prefix, token)


def header_login(prefix: str, token: str) -> Login:
    """``Authorization: <prefix> <token>``."""
    if not token.isascii() or not token.isprintable() or " " in token:
        raise StatusbotError(
            "the token holds characters that no HTTP header can carry",
            todo="store the token alone in the Secret, without quotes, spaces or line breaks",
        )
    return Login((("Authorization", f"{prefix} {token}"),), (token,))


def basic_login(username: str, password: str) -> Login:
    """``Authorization: Basic`` (RFC 7617, in UTF-8); a user's name holds no colon."""
    try:
        login = f"{username}:{password}".encode()
    except UnicodeEncodeError:
        # What the environment held as bytes.
        todo = "store it in UTF-8"
        raise StatusbotError("the login holds what is no UTF-8 text", todo=todo) from None
    encoded = base64.b64encode(login).decode()
    return Login((("Authorization", f"Basic {encoded}"),), (encoded, password))


def no_login(todo: str) -> StatusbotError:
    """The Secret holds no key that this forge takes."""
    return StatusbotError("the Secret has no token", todo=todo)
