"""The many addresses of one repository of Azure DevOps, and the one that they have in common.

That one is ``host[/base]/collection/project/_git/repo``: on Services the collection is the
organisation and the host ``dev.azure.com``. A short form leaves out the project, which then has the
repository's name. ``.git`` at the end belongs to the name: Azure gives ``x`` and ``x.git`` to
different repositories.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from statusbot.forges.address import Place
from statusbot.forges.base import Repository
from statusbot.forges.naming import root

SERVICES = "dev.azure.com"
_SSH_HOSTS = {"ssh.dev.azure.com", "vs-ssh.visualstudio.com"}
_OLD_SERVICES = ".visualstudio.com"
# The collection that every installation begins with, and the only one of an organisation.
_COLLECTION = "defaultcollection"
_MARKS = {"_git", "_ssh"}
# Clones of a part of the repository, under the same name.
_VARIANTS = {"_full", "_optimized"}
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LONGEST_NAME = 255


@dataclass(frozen=True)
class Named:
    """A repository with all of its names, decoded. ``base`` ends with the collection."""

    scheme: str
    host: str
    port: int | None
    base: tuple[str, ...]
    project: str
    repo: str

    @property
    def place(self) -> Place:
        """The form that all addresses of this repository have in common."""
        segments = (*self.base, self.project, "_git", self.repo)
        return Place(self.scheme, self.host, self.port, segments)

    @property
    def api(self) -> str:
        """The root of the collection's API, whose pages are below it, too."""
        return "/".join((root(self.place), *map(encoded, self.base)))

    @property
    def has_guid(self) -> bool:
        """Whether a name is the number that Azure gives it, so that others cannot be compared."""
        return any(_GUID.fullmatch(name) for name in (self.project, self.repo))


def encoded(name: str) -> str:
    """A name as one segment of a path."""
    return quote(name, safe="")


def git_api(repository: Repository) -> str:
    """The root of all calls about a repository."""
    project, _, repo = repository.path.partition("/_git/")
    return f"{repository.api}/{encoded(project)}/_apis/git/repositories/{encoded(repo)}"


def named(place: Place) -> Named | None:
    """What ``place`` names; None where that is no repository of Azure DevOps."""
    segments = _whole(place)
    if not all(_is_name(segment) for segment in segments):
        return None
    if place.host in _SSH_HOSTS:
        return _by_ssh(segments)
    found = _split(segments)
    if found is None:
        return None
    before, repo = found
    if place.host == SERVICES:
        return _on_services(before[:1], before[1:], repo)
    if place.host.endswith(_OLD_SERVICES):
        organisation = place.host.removesuffix(_OLD_SERVICES)
        inside = before[1:] if before[:1] and _is(before[0], _COLLECTION) else before
        return _on_services((organisation,), inside, repo)
    return _on_premises(place, before, repo)


def _whole(place: Place) -> tuple[str, ...]:
    """The segments with the ``.git`` that is no ending here."""
    if not place.dot_git or not place.segments:
        return place.segments
    return (*place.segments[:-1], f"{place.segments[-1]}.git")


def _is_name(segment: str) -> bool:
    if segment in (".", "..") or len(segment) > _LONGEST_NAME:
        return False
    # A percent-encoded slash would be another path; what was no UTF-8 is a replacement by now.
    return segment.isprintable() and not set(segment) & set('\\:*?"<>|\ufffd')


def _is(segment: str, name: str) -> bool:
    return segment.lower() == name


def _split(segments: tuple[str, ...]) -> tuple[tuple[str, ...], str] | None:
    """What stands before ``_git``, and the repository's name after it."""
    for index, segment in enumerate(segments):
        if segment.lower() in _MARKS:
            after = _without_variant(segments[index + 1 :])
            return (segments[:index], after[0]) if len(after) == 1 else None
    return None


def _without_variant(segments: tuple[str, ...]) -> tuple[str, ...]:
    if len(segments) > 1 and segments[-2].lower() in _VARIANTS:
        return (*segments[:-2], segments[-1])
    return segments


def _by_ssh(segments: tuple[str, ...]) -> Named | None:
    """``v3/organisation/project/repo``."""
    parts = _without_variant(segments)
    if len(parts) != 4 or not _is(parts[0], "v3"):
        return None
    return _on_services(parts[1:2], parts[2:3], parts[3])


def _on_services(organisation: tuple[str, ...], inside: tuple[str, ...], repo: str) -> Named | None:
    if len(organisation) != 1 or len(inside) > 1:
        return None
    return Named("https", SERVICES, None, organisation, inside[0] if inside else repo, repo)


def _on_premises(place: Place, before: tuple[str, ...], repo: str) -> Named | None:
    """``[base/]collection[/project]``; only well-known names tell ``base/collection`` from that."""
    if not before:
        return None
    collection = _is(before[-1], _COLLECTION) or (len(before) == 2 and _is(before[0], "tfs"))
    short = len(before) == 1 or collection
    base, project = (before, repo) if short else (before[:-1], before[-1])
    return Named(place.scheme, place.host, place.port, base, project, repo)


def api_root(found: Named, api: Place) -> str:
    """The collection's root on the host of ``api``, from as much of it as somebody wrote down.

    Whatever follows from ``_apis`` on is cut off. An address that ends before the collection gets
    the rest from the repository's own: no collection is a whole host, but on ``visualstudio.com``.
    """
    lower = [segment.lower() for segment in api.segments]
    told = api.segments[: lower.index("_apis")] if "_apis" in lower else api.segments
    known = [segment.lower() for segment in found.base]
    if lower[: len(told)] == known[: len(told)] and not api.host.endswith(_OLD_SERVICES):
        told = found.base
    return "/".join((root(api), *map(encoded, told)))
