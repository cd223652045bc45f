"""From the addresses that people write to hosts and paths.

Providers and GitRepositories name a repository as ``https://host[:port]/path``,
``ssh://git@host[:port]/path`` or ``git@host:path``, with or without ``.git``, user, trailing slash.
The port of SSH says nothing about the API's, so it is dropped; so is every user and password.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from urllib.parse import quote, unquote, urlsplit

from statusbot.errors import StatusbotError
from statusbot.forges.base import Repository
from statusbot.text import HIDDEN, cut, one_line, redact

# Names that serve the same repositories as the second one (SSH over port 443, and www).
_SAME_HOST = {
    "www.github.com": "github.com",
    "ssh.github.com": "github.com",
    "altssh.gitlab.com": "gitlab.com",
    "altssh.bitbucket.org": "bitbucket.org",
    "www.bitbucket.org": "bitbucket.org",
}
_SSH_SCHEMES = {"ssh", "git+ssh", "ssh+git"}
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SCP_LIKE = re.compile(r"(?:[^@/:\s]+@)?(\[[0-9a-fA-F:.]+\]|[^@/:\s\[\]]+):(\S+)")
# What RFC 3986 lets a segment hold as it is.
_PLAIN = "!$&'()*+,;=:@"
_HOST_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_-]+)*")


@dataclass(frozen=True)
class Place:
    """A host and the path on it: ``scheme`` is http, https or ssh, ``port`` only where it counts.

    ``segments`` are decoded. ``dot_git``: the path ended in ``.git``, which they are without.
    """

    scheme: str
    host: str
    port: int | None
    segments: tuple[str, ...]
    dot_git: bool = False

    @property
    def netloc(self) -> str:
        """``host[:port]``, with the brackets that an IPv6 address needs."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    @property
    def key(self) -> str:
        """``host[:port]/path`` in lower case, to compare with ``Repository.key``."""
        return "/".join((self.netloc, *self.segments)).lower()


# Hosts that everybody knows, and the types of Providers for them.
WELL_KNOWN = {
    "github.com": "github",
    "gitlab.com": "gitlab",
    "codeberg.org": "gitea",
    "bitbucket.org": "bitbucket",
    "dev.azure.com": "azuredevops",
    "ssh.dev.azure.com": "azuredevops",
    "vs-ssh.visualstudio.com": "azuredevops",
}
OLD_AZURE = ".visualstudio.com"


class Relation(StrEnum):
    """How the repository of a source and the repository of a Provider stand to each other.

    ``UNTOLD``: they are on one host, and the Provider names its repository by a number.
    """

    SAME = "same"
    OTHER_PATH = "other path"
    ELSEWHERE = "elsewhere"
    UNTOLD = "untold"


def source_key(url: str) -> str | None:
    """The ``Repository.key`` that a GitRepository's ``spec.url`` stands for; None if unreadable.

    A source by SSH names neither the port nor the sub-path of the forge's pages: where keys
    differ, ``relation`` knows more.
    """
    place = parse(url)
    return place.key if place and place.segments else None


def relation(
    repository: Repository, url: str, canonical: Callable[[Place], Place] = lambda place: place
) -> Relation:
    """How a source's ``url`` stands to a repository; ``canonical`` is that of the forge's adapter."""
    place = parse(url)
    if place is None or not place.segments:
        return Relation.ELSEWHERE
    place = canonical(place)
    if place.key == repository.key:
        return Relation.SAME
    netloc, _, path = repository.key.partition("/")
    by_ssh = place.scheme == "ssh"
    source, there = (place.host, _host_of(netloc)) if by_ssh else (place.netloc, netloc)
    if source != there:
        return Relation.ELSEWHERE
    if not repository.named:
        return Relation.UNTOLD
    source_path = "/".join(place.segments).lower()
    below = by_ssh and not is_well_known(place) and path.endswith(f"/{source_path}")
    same = path == source_path or below
    return Relation.SAME if same else Relation.OTHER_PATH


def is_well_known(place: Place) -> bool:
    """Whether it is on a host that everybody knows, the pages of which have no sub-path."""
    return place.host in WELL_KNOWN or place.host.endswith(OLD_AZURE)


def _host_of(netloc: str) -> str:
    return urlsplit(f"//{netloc}").hostname or ""


@lru_cache(maxsize=1024)
def parse(address: str) -> Place | None:
    """``address`` taken apart, or None where it is none of the forms above."""
    address = address.strip()
    # What urlsplit would silently drop from inside an address must not pass.
    if not address.isprintable() or " " in address:
        return None
    if "://" not in address:
        return _scp_like(address)
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme in _SSH_SCHEMES:
        return _place("ssh", host, None, parts.path)
    if scheme in _DEFAULT_PORTS:
        return _place(scheme, host, None if port == _DEFAULT_PORTS[scheme] else port, parts.path)
    return None


def _scp_like(address: str) -> Place | None:
    found = _SCP_LIKE.fullmatch(address)
    # "user:password@host/path" lacks its scheme: no user is a host, no password a path.
    if found is None or ("@" in found[2] and "@" not in address[: found.start(1)]):
        return None
    return _place("ssh", found[1].strip("[]"), None, found[2])


def _place(scheme: str, host: str | None, port: int | None, path: str) -> Place | None:
    host = (host or "").lower().removesuffix(".")
    if not _is_host(host):
        return None
    path = unquote(path).strip("/")
    bare = path.removesuffix(".git").rstrip("/")
    segments = tuple(segment for segment in bare.split("/") if segment)
    return Place(scheme, _SAME_HOST.get(host, host), port, segments, bare != path)


def _is_host(host: str) -> bool:
    if ":" in host:
        try:
            return bool(ipaddress.IPv6Address(host.partition("%")[0]))
        except ValueError:
            return False
    return bool(_HOST_NAME.fullmatch(host))


def api_root(api_url: str) -> str:
    """``api_url`` as a root without a trailing slash; StatusbotError where it is no http(s) URL."""
    place = parse(api_url)
    if place is None or place.scheme == "ssh":
        raise StatusbotError(
            f'the API address "{shown(api_url)}" is no http or https URL',
            todo="write it like https://forge.example/api/v1",
        )
    return below(f"{place.scheme}://{place.netloc}", place.segments)


def below(root: str, segments: Iterable[str]) -> str:
    """The address of a path under ``root``; ``segments`` are decoded."""
    return "/".join((root, *(quote(segment, safe=_PLAIN) for segment in segments)))


def shown(address: str) -> str:
    """``address`` without user and password, safe to print.

    It may be shown because it could not be understood, so the password may stand anywhere in it
    and hold anything: all before the last ``@`` is taken for one where it has a colon.
    """
    text = one_line(address)
    before, _, after = text.rpartition("@")
    scheme, slashes, login = before.partition("://")
    if slashes and scheme.isalpha() and ":" in login:
        text = f"{scheme}://{HIDDEN}@{after}"
    elif not (slashes and scheme.isalpha()) and ":" in before:
        text = f"{HIDDEN}@{after}"
    return cut(redact(text), 200)
