"""The forges: what an address, a status and an answer mean to each of them. No I/O."""

from __future__ import annotations

from statusbot.errors import StatusbotError
from statusbot.forges.azuredevops import AzureDevOps
from statusbot.forges.base import Forge
from statusbot.forges.bitbucket import Bitbucket
from statusbot.forges.bitbucketserver import BitbucketServer
from statusbot.forges.gitea import Gitea
from statusbot.forges.github import GitHub
from statusbot.forges.gitlab import GitLab
from statusbot.text import cut, one_line

_ADAPTERS: tuple[Forge, ...] = (
    GitHub(),
    GitLab(),
    Gitea(),
    AzureDevOps(),
    BitbucketServer(),
    Bitbucket(),
)

FORGES: dict[str, Forge] = {adapter.type: adapter for adapter in _ADAPTERS}


def forge_of(provider_type: str) -> Forge:
    """The adapter for a Provider's ``spec.type``; StatusbotError for every other type."""
    if adapter := FORGES.get(provider_type):
        return adapter
    known = ", ".join(FORGES)
    shown = cut(one_line(provider_type), 40)
    raise StatusbotError(f'the type "{shown}" has no commit statuses', todo=f"use one of {known}")
