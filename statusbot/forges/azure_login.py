"""How one logs in to Azure DevOps: a personal access token, a token of Entra ID, or a user.

A personal access token goes out as the password of a Basic login, whose user's name does not count;
a token of Entra ID, which is a JWT, as Bearer.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping

from statusbot.forges.base import Login
from statusbot.forges.logins import basic_login, first_of, header_login, no_login


def login(secret: Mapping[str, str], username: str) -> Login:
    """The first of ``token``, ``bearerToken`` and ``password`` that has a value.

    ``token`` is the one key that Flux reads for Azure DevOps, so a Secret that works there means
    the same here. A ``password`` comes last: it is a user's, and a token may do less.
    """
    if token := first_of(secret, "token"):
        return _token_login(token)
    if bearer := first_of(secret, "bearerToken"):
        return header_login("Bearer", bearer)
    password = first_of(secret, "password")
    if not password:
        raise no_login("store a personal access token under the key token")
    user = first_of(secret, "username") or username.strip()
    return basic_login(user, password) if user else _token_login(password)


def _token_login(token: str) -> Login:
    return header_login("Bearer", token) if is_jwt(token) else basic_login("", token)


def is_jwt(token: str) -> bool:
    """Whether ``token`` is a signed JSON Web Token (RFC 7515), as those of Entra ID are."""
    head, *rest = token.split(".")
    if len(rest) != 2 or not all(rest):
        return False
    try:
        padded = head + "=" * (-len(head) % 4)
        value = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return False
    return isinstance(value, dict) and "alg" in value
