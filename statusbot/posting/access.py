"""From a Provider to how its forge is called: with which login, and by which way.

What wins is what wins in Flux (``server/event_handlers.go:401-574``), but that half of a pair of
username and password beside a token does no harm, and that white space around values is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from statusbot.errors import StatusbotError
from statusbot.forges.address import shown
from statusbot.forges.base import App, Credential
from statusbot.manifests.provider import Provider
from statusbot.routing.status import Destination
from statusbot.secret import Secret, Secrets
from statusbot.transport import DIRECT, TLS_KEYS, Way, way_of

# Keys that a login can be made of (fluxcd/pkg runtime/secrets/secrets.go:29-73).
_LOGIN = (
    "token",
    "username",
    "password",
    "bearerToken",
    "githubAppID",
    "githubAppInstallationID",
    "githubAppInstallationOwner",
    "githubAppPrivateKey",
    "githubAppBaseURL",
)
_MAKE_TOKEN = "--from-literal=token=<token>"
_MAKE_TLS = "--from-file=ca.crt=<file>"
_MAKE_PROXY = "--from-literal=address=http://<host>:<port>"


@dataclass(frozen=True, slots=True)
class Access:
    """Who we are to a forge, and how it is reached. Equal ones share connections and limits."""

    credential: Credential
    way: Way = DIRECT


class Accesses:
    """Accesses by Provider; what is wrong with one is said for each of its statuses."""

    def __init__(
        self,
        secrets: Secrets,
        token: str | None = None,
        prepare: Callable[[Way | Credential], None] = lambda what: None,
    ) -> None:
        """``token`` is that of ``--provider-type``: then no Secret is read.

        ``prepare`` raises StatusbotError for certificates, and for the private key of a GitHub
        App, that cannot be used.
        """
        self._secrets = secrets
        self._token = token
        self._prepare = prepare
        self._known: dict[str, Access | StatusbotError] = {}

    def __call__(self, destination: Destination) -> Access:
        """The access of a destination. Raises StatusbotError."""
        ref = destination.provider.ref
        if ref not in self._known:
            try:
                self._known[ref] = self._access(destination)
            except StatusbotError as error:
                self._known[ref] = error
        found = self._known[ref]
        if isinstance(found, StatusbotError):
            raise found
        return found

    def _access(self, there: Destination) -> Access:
        provider, api = there.provider, there.repository.api
        if self._token is not None:
            keys = {"token": self._token}
            return Access(there.forge.authorization(keys, provider.username, api))
        if provider.secret is None:
            raise StatusbotError(
                "spec.secretRef is missing", todo="name a Secret with a token in its namespace"
            )
        secret = self._secrets(provider.namespace, provider.secret, _MAKE_TOKEN)
        _check_address(there, secret)
        try:
            keys = secret.texts(_LOGIN)
            credential = there.forge.authorization(keys, provider.username.strip(), api)
            if isinstance(credential, App) and credential.api != api:
                there.hosts.check(urlsplit(credential.api).netloc)
            self._prepare(credential)
        except StatusbotError as error:
            raise _at(error, secret.where) from None
        return Access(credential, self._way(provider, secret))

    def _way(self, provider: Provider, secret: Secret) -> Way:
        proxy, where = self._proxy(provider, secret)
        try:
            through = way_of({}, proxy)
        except StatusbotError as error:
            raise _at(error, where) from None
        tls = secret
        if provider.cert_secret is not None:
            tls = self._secrets(provider.namespace, provider.cert_secret, _MAKE_TLS)
        keys = {key: text for key, text in tls.texts(TLS_KEYS).items() if text.strip()}
        if provider.cert_secret is not None and not keys:
            raise StatusbotError(
                "it holds neither ca.crt nor tls.crt and tls.key",
                where=tls.where,
                todo="store PEM certificates under these keys",
            )
        if not keys:
            return through
        try:
            way = way_of(keys, through.proxy)
            self._prepare(way)
        except StatusbotError as error:
            raise _at(error, tls.where) from None
        return way

    def _proxy(self, provider: Provider, secret: Secret) -> tuple[str, str]:
        """The URL of the proxy, with its login, and where it is written; empty where there is none."""
        if provider.proxy_secret is None:
            inside = secret.text("proxy").strip()
            return (inside, secret.where) if inside else (provider.proxy.strip(), "spec.proxy")
        proxy = self._secrets(provider.namespace, provider.proxy_secret, _MAKE_PROXY)
        address = proxy.text("address").strip()
        if not address:
            what, todo = "it has no key address", "store the proxy's URL there"
            raise StatusbotError(what, where=proxy.where, todo=todo)
        return _with_login(address, proxy), proxy.where


def _with_login(address: str, proxy: Secret) -> str:
    username, password = proxy.text("username").strip(), proxy.text("password").strip()
    if not username and not password:
        return address
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{quote(username, safe='')}:{quote(password, safe='')}@{rest.rpartition('@')[2]}"


def _check_address(there: Destination, secret: Secret) -> None:
    """Flux lets the Secret's address win; here it was not known when the status was routed."""
    address = secret.text("address").strip()
    written = there.provider.address.strip()
    if not address or not written or address == written or _same(there, address):
        return
    raise StatusbotError(
        f'its key address names "{shown(address)}", and spec.address another repository',
        where=secret.where,
        todo="remove spec.address (Flux lets the Secret win), or the key",
    )


def _same(there: Destination, address: str) -> bool:
    try:
        return there.forge.repository(address).key == there.repository.key
    except StatusbotError:
        return False


def _at(error: StatusbotError, where: str) -> StatusbotError:
    return error if error.where else StatusbotError(error.what, where=where, todo=error.todo)
