"""How a Provider's forge is reached: which CA and client certificate, through which proxy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from statusbot.errors import StatusbotError
from statusbot.text import cut, one_line, redact

# fluxcd/pkg runtime/secrets: today's keys first, then the legacy ones.
_KEYS = {"ca": ("ca.crt", "caFile"), "cert": ("tls.crt", "certFile"), "key": ("tls.key", "keyFile")}
TLS_KEYS = tuple(key for keys in _KEYS.values() for key in keys)
_SCHEMES = ("http", "https", "socks5", "socks5h")


@dataclass(frozen=True)
class Way:
    """PEM texts and a proxy URL, each empty where there is none.

    ``ca`` takes the place of the usual authorities, as in Flux; ``proxy`` that of the environment's
    proxies, NO_PROXY included.
    """

    ca: str = ""
    certificate: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    proxy: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Refuse halves of a certificate and proxies that are no URL."""
        if bool(self.certificate) != bool(self.key):
            raise StatusbotError(
                "a client certificate needs both tls.crt and tls.key", todo="add the missing one"
            )
        if self.proxy:
            check_proxy(self.proxy)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What of it must never be shown."""
        password = urlsplit(self.proxy).password if self.proxy else None
        return (password, unquote(password)) if password else ()


DIRECT = Way()


def way_of(secret: Mapping[str, str], proxy: str = "") -> Way:
    """The way that a Secret's TLS keys and a proxy URL describe."""
    found = {
        name: next((secret[k] for k in keys if secret.get(k)), "") for name, keys in _KEYS.items()
    }
    return Way(found["ca"], found["cert"], found["key"], proxy.strip())


def check_proxy(proxy: str) -> None:
    """StatusbotError for what is no URL of a proxy; it shows nothing that could be a login."""
    try:
        parts = urlsplit(proxy)
        good = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or not proxy.isprintable():
        name = "the proxy" if "@" in proxy else f'the proxy "{cut(one_line(redact(proxy)), 100)}"'
        raise StatusbotError(
            f"{name} is no URL of a proxy", todo="write it like http://proxy.example:3128"
        )
