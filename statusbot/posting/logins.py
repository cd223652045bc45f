"""From a Provider to the login on its forge. Secrets are read when something goes out, and once."""

from __future__ import annotations

from collections.abc import Mapping

from statusbot.cluster.base import Cluster
from statusbot.errors import StatusbotError
from statusbot.forges.base import Login
from statusbot.routing.status import Destination

# Keys that Flux takes from a Provider's Secret beside the login, and that change where it goes or
# through what: to pass over them would send a token somewhere else than its owner meant.
_NOT_YET = ("address", "proxy", "ca.crt", "tls.crt", "tls.key", "caFile", "certFile", "keyFile")
# Keys that a login can be made of (fluxcd/pkg runtime/secrets/secrets.go:29-73).
_LOGIN = (
    "token",
    "username",
    "password",
    "githubAppID",
    "githubAppInstallationID",
    "githubAppInstallationOwner",
    "githubAppPrivateKey",
    "githubAppBaseURL",
)


class Logins:
    """Logins by Provider; what is wrong with one is said for each of its statuses."""

    def __init__(self, cluster: Cluster, token: str | None = None) -> None:
        """``token`` is that of ``--provider-type``: then no Secret is read."""
        self._cluster = cluster
        self._token = token
        self._known: dict[str, Login | StatusbotError] = {}

    def __call__(self, destination: Destination) -> Login:
        """The login of a destination. Raises StatusbotError."""
        ref = destination.provider.ref
        if ref not in self._known:
            try:
                self._known[ref] = self._login(destination)
            except StatusbotError as error:
                self._known[ref] = error
        found = self._known[ref]
        if isinstance(found, StatusbotError):
            raise found
        return found

    def _login(self, destination: Destination) -> Login:
        provider = destination.provider
        secret = {"token": self._token} if self._token is not None else self._secret(destination)
        return destination.forge.authorization(secret, provider.username or None)

    def _secret(self, destination: Destination) -> Mapping[str, str]:
        provider = destination.provider
        if provider.secret is None:
            raise StatusbotError(
                "spec.secretRef is missing", todo="name a Secret with a token in its namespace"
            )
        where = f"Secret {provider.namespace}/{provider.secret}"
        values = self._cluster.secret(provider.namespace, provider.secret)
        if values is None:
            raise StatusbotError(
                "there is no such Secret",
                where=where,
                todo=f"kubectl -n {provider.namespace} create secret generic {provider.secret} "
                "--from-literal=token=<token>",
            )
        unsupported = next((key for key in _NOT_YET if key in values), None)
        if unsupported:
            raise StatusbotError(f"its key {unsupported} is not supported yet", where=where)
        return {key: _text(key, value, where) for key, value in values.items() if key in _LOGIN}


def _text(key: str, value: bytes, where: str) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise StatusbotError(f"its key {key} holds what is no UTF-8 text", where=where) from error
