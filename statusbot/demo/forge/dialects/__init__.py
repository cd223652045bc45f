"""The forges' ways to speak: one small module each, and the table that finds it by its paths."""

from __future__ import annotations

from statusbot.demo.forge.dialects import (
    azuredevops,
    bitbucket,
    bitbucketserver,
    gitea,
    github,
    gitlab,
)
from statusbot.demo.forge.dialects.base import Dialect

# The first whose paths match answers: GitHub's bare ``/repos/...`` comes last of all.
DIALECTS: tuple[Dialect, ...] = (
    azuredevops.AzureDevOps(),
    bitbucket.Bitbucket(),
    bitbucketserver.BitbucketServer(),
    gitlab.GitLab(),
    gitea.Gitea(),
    github.GitHub(),
)
