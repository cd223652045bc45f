"""The many addresses of one repository of Bitbucket Data Center, and what they have in common.

``https://host[:port][/context]/scm/KEY/slug.git`` to clone, ``…/projects/KEY/repos/slug[/browse…]``
and ``…/users/name/repos/slug`` in a browser, ``ssh://git@host:7999/KEY/slug.git`` by SSH, which tells
neither the port nor the context path of the pages. A person's repositories have the key ``~name``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from statusbot.errors import StatusbotError
from statusbot.forges.address import Place, api_root, below, parse
from statusbot.forges.base import Repository
from statusbot.forges.naming import bad_address, place_of, root, web_host

EXAMPLE = "https://bitbucket.example/scm/KEY/slug.git"
_CLOUD = "bitbucket.org"
_KEY = re.compile(r"(?!\.{1,2}$)~?[A-Za-z0-9._-]{1,255}")
_SLUG = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,255}")
# Not the host: one may be called "rest".
_API_END = re.compile(r"(?<!/)/rest(?:/api(?:/(?:latest|[0-9.]+))?)?$")


@dataclass(frozen=True)
class Named:
    """A repository: the context path before it, its project's key, its own slug."""

    context: tuple[str, ...]
    key: str
    slug: str

    @property
    def pages(self) -> str:
        """The path of its pages below the context path, without slashes around it."""
        if self.key.startswith("~"):
            return f"users/{self.key[1:]}/repos/{self.slug}"
        return f"projects/{self.key}/repos/{self.slug}"


def named(place: Place) -> Named | None:
    """What ``place`` names; None where that is no repository of Bitbucket Data Center."""
    segments = place.segments
    found = _browsed(segments) or _cloned(segments)
    if found is None and place.scheme == "ssh" and len(segments) == 2:
        found = Named((), *segments)
    valid = found and _KEY.fullmatch(found.key) and _SLUG.fullmatch(found.slug)
    return found if valid else None


def _browsed(segments: tuple[str, ...]) -> Named | None:
    for at in range(len(segments) - 3):
        kind, owner, repos, slug = segments[at : at + 4]
        if repos == "repos" and kind in ("projects", "users"):
            key = owner if kind == "projects" else "~" + owner.removeprefix("~")
            context = "/".join(("", *segments[:at]))
            return Named(tuple(_API_END.sub("", context).split("/")[1:]), key, slug)
    return None


def _cloned(segments: tuple[str, ...]) -> Named | None:
    # Counted from the end: a context path, a project and a repository may be called scm as well.
    if len(segments) < 3 or segments[-3] != "scm":
        return None
    return Named(segments[:-3], *segments[-2:])


def read(address: str) -> tuple[Place, Named]:
    """``address`` taken apart; StatusbotError names the form that works."""
    place = place_of(address, EXAMPLE)
    if place.host == _CLOUD:
        raise StatusbotError(f"{_CLOUD} is Bitbucket Cloud", todo="use the type bitbucket")
    found = named(place)
    if found is None:
        raise bad_address(address, _missing(place), EXAMPLE)
    return place, found


def _missing(place: Place) -> str:
    if place.scheme == "ssh":
        return "names no KEY/slug"
    return "names no /scm/KEY/slug and no /projects/KEY/repos/slug"


def base_of(api_url: str) -> str:
    """The base URL of a server, from that or from any root of its REST API."""
    return _API_END.sub("", api_root(api_url))


def repository_api(repository: Repository) -> str:
    """The root of all calls about a repository."""
    key, _, slug = repository.path.partition("/")
    return f"{repository.api}/projects/{key}/repos/{slug}"


def people_see(place: Place, found: Named, base: str | None) -> tuple[str, str]:
    """``host[:port][/context]`` to compare sources with, and the base URL of the pages.

    ``base`` is what the Provider names as the server's; only an address by SSH needs it for this.
    """
    if place.scheme != "ssh" or base is None:
        return web_host(place, found.context), below(root(place), found.context)
    there = parse(base)
    if there is None or there.host != place.host:
        return place.netloc, base
    return web_host(there, there.segments), base
