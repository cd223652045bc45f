"""Addresses that are never a forge.

Whoever may write a Provider would otherwise let statusbot talk to the cloud's metadata service or
to the Kubernetes API for them. Names are checked again at the connection, by the address that they
really led to.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from statusbot.transport.errors import NotAllowed

_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in (
        "169.254.0.0/16",  # link-local; the metadata of AWS, Azure, Google, ECS tasks
        "fe80::/10",  # link-local
        "fd00:ec2::/32",  # AWS: metadata, DNS and time by IPv6
        "fd20:ce::/64",  # Google: metadata by IPv6
        "100.100.100.200/32",  # Alibaba: metadata
        "168.63.129.16/32",  # Azure: the host's wire server
        "192.0.0.192/32",  # Oracle: metadata
    )
)
# Where a proxy resolves the name, no connection of ours shows what it leads to.
_METADATA_NAMES = {"metadata.google.internal", "metadata.goog", "instance-data.ec2.internal"}
_NUMBERS = re.compile(r"[0-9a-fx.]+", re.IGNORECASE)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_API_SERVER_NAMES = {
    f"kubernetes{suffix}" for suffix in (".default", ".default.svc", ".default.svc.cluster.local")
} | {"kubernetes"}
_PORTS = {"http": 80, "https": 443}


class Guard:
    """The rules of one run; ``api_servers`` are (host, port) of the clusters that it reads."""

    def __init__(self, api_servers: Iterable[tuple[str, int]] = ()) -> None:
        """Hosts compare without case and without the brackets of an IPv6 address."""
        self._api_servers = {(_host(host), port) for host, port in api_servers}

    def check_url(self, url: str) -> None:
        """NotAllowed when the host of ``url`` is, as written, one that is never a forge."""
        parts = urlsplit(url)
        host = _host(parts.hostname or "")
        port = parts.port or _PORTS.get(parts.scheme, 0)
        if host in _API_SERVER_NAMES:
            raise _not_allowed("the Kubernetes API", parts.netloc)
        self.check_peer(host, port, parts.netloc)

    def check_peer(self, host: str, port: int, name: str) -> None:
        """NotAllowed when a connection to ``name`` led to such an address."""
        if _is_internal(host):
            raise _not_allowed("a link-local or metadata address", name)
        if (_host(host), port) in self._api_servers:
            raise _not_allowed("the Kubernetes API", name)


def is_loopback(url: str) -> bool:
    """Whether the host of ``url`` is, as written, this machine."""
    host = urlsplit(url).hostname or ""
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _not_allowed(what: str, name: str) -> NotAllowed:
    return NotAllowed(f"this is {what}, never a forge", where=name, todo="correct the address")


def _host(host: str) -> str:
    address = _address(host)
    return str(address) if address else host.lower().rstrip(".")


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return _short_address(host.rstrip("."))
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _short_address(host: str) -> ipaddress.IPv4Address | None:
    """What resolvers take for an address as well: ``2852039166``, ``0xa9fea9fe``, ``169.254.1``."""
    if not _NUMBERS.fullmatch(host):
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _is_internal(host: str) -> bool:
    if host.lower().rstrip(".") in _METADATA_NAMES:
        return True
    address = _address(host)
    return address is not None and any(address in network for network in _NETWORKS)
