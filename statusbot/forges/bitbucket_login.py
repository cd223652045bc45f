"""Logins of Bitbucket Cloud.

An API token is the account's, and goes with its email as the password of Basic; a repository's,
project's or workspace's access token is an account of its own, and goes alone as Bearer. Flux
takes ``user:password`` under ``token`` only (``internal/notifier/bitbucket.go``); that comes first.
Atlassian marks what it gives out: ``ATATT`` API tokens, ``ATCTT`` access tokens, ``ATBB`` the app
passwords, which ended on 2026-07-28.
"""

from __future__ import annotations

from collections.abc import Mapping

from statusbot.errors import StatusbotError
from statusbot.forges.base import Login
from statusbot.forges.logins import basic_login, first_of, header_login, no_login

_ACCESS_TOKEN = "ATCTT"
_OF_AN_ACCOUNT = ("ATATT", "ATBB")
# What Git takes for a user beside a token; the API does not.
_FOR_GIT = ("x-token-auth", "x-bitbucket-api-token-auth")
_EMAIL = "store it under the key token as email:token, with the email of its account"


def login(secret: Mapping[str, str], username: str) -> Login:
    """The login of a Secret, ``username`` being the Provider's; StatusbotError names the keys."""
    token, password = first_of(secret, "token"), first_of(secret, "password")
    users = (secret.get("username", "").strip(), username.strip())
    user = next((name for name in users if name and name not in _FOR_GIT), "")
    if not token and password and user:
        return _of(user, password)
    if not token and not password:
        raise no_login("store email:token or an access token under the key token")
    before, colon, after = (token or password).partition(":")
    if not colon or before.startswith(_ACCESS_TOKEN):
        return _of(user, token or password)
    if not before or not after:
        raise StatusbotError("the token is not of the form email:token", todo=_EMAIL)
    return _of("" if before in _FOR_GIT else before, after)


def _of(user: str, secret: str) -> Login:
    # An access token marks itself, whatever user Git has beside it.
    if secret.startswith(_ACCESS_TOKEN) or (not user and not secret.startswith(_OF_AN_ACCOUNT)):
        return header_login("Bearer", secret)
    if not user:
        raise StatusbotError("an API token without its account's email is no login", todo=_EMAIL)
    if ":" in user:
        raise StatusbotError("a username holds no colon", todo=_EMAIL)
    return basic_login(user, secret)
